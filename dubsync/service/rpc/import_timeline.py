"""Makes a reel of a timeline that a host exported, or updates the reel that is there to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from dubsync.core.digest import file_digest
from dubsync.core.errors import MissingMedia, SettingsError
from dubsync.core.progress import Progress
from dubsync.core.timeline.timecode import parse_rate
from dubsync.editorial.probe import probe_cut, probe_format
from dubsync.editorial.read_cut import read_cut
from dubsync.service.new_project import Dubs, new_project
from dubsync.service.recut.recut import recut
from dubsync.service.rpc.asked import ImportTimeline
from dubsync.service.rpc.own_renders import without_renders
from dubsync.service.settings.project_file import ProjectFile, read_project_file
from dubsync.service.settings.toml_fields import FILE_NAME
from dubsync.service.store.atomic_write import write_whole

RENDERS = "renders"  #: in the project's folder
CUTS = "cuts"  #: in the project's folder: the timelines as the host exported them
_LANGUAGE = re.compile(r"[-_. ]([A-Za-z]{2,3}(?:[-_][A-Z]{2})?)$")


def import_timeline(said: ImportTimeline, progress: Progress) -> list[str]:
    """Make or update the reel in `said.folder`; returns what else the user must know.

    The timeline is copied into the reel, so that the host may delete its file.  A reel that is
    there already is updated when the timeline is another one, and kept as it is otherwise.

    Raises:
        MissingMedia: a file is missing.
        SettingsError: no dub, no language, or the folder holds something else.
        TurnoverError: the timeline cannot be read, or its rate is another than the reel's.
    """
    folder, timeline = Path(said.folder).resolve(), Path(said.timeline)
    if not timeline.is_file():
        raise MissingMedia(f"the timeline was not found: {timeline}", hint="export it again")
    if (folder / FILE_NAME).exists():
        with TemporaryDirectory(prefix="dubsync_") as aside:
            cleaned = Path(aside) / timeline.name
            cleaned.write_bytes(_cleaned(folder, timeline))
            return _updated(folder, cleaned, said, progress)
    if folder.is_dir() and any(folder.iterdir()):
        raise SettingsError(
            f"{folder} is not empty, and no dubsync project", hint="choose another folder"
        )
    if not said.language:
        raise SettingsError("the language of the dub is not stated",
                            hint="choose it, as fr-FR")  # fmt: skip
    stems = stems_of(said.dub)
    notes: list[str] = []
    kept = _kept(folder, timeline)
    new_project(
        folder, cut=kept,
        media=_folders(said.media_roots),
        dubs=[Dubs(said.language, stems, _folders(said.takes),
                   Path(said.script) if said.script else None)],
        performers=said.performers,
        consent=[Path(path) for path in said.consent],
        rate=parse_rate(said.rate) if said.rate and not probe_format(kept).states_rate else None,
        timeline=_named(kept, said.name),
        progress=progress, noted=notes.append,
    )  # fmt: skip
    return notes


def stems_of(dub: Sequence[str]) -> dict[str, Path]:
    """Character -> stem, of PATH or CHARACTER=PATH; ELISE_it.wav is ELISE's.

    Raises:
        SettingsError: two files are of one character.
    """
    stems: dict[str, Path] = {}
    for text in dub:
        name, equals, rest = text.partition("=")
        path = Path(rest if equals and not Path(text).is_file() else text)
        if path.name == Path(text).name and path == Path(text):
            found = _LANGUAGE.search(path.stem)
            name = (path.stem[: found.start()] if found else path.stem).upper()
        if name in stems:
            raise SettingsError(
                f"{path.name} and {stems[name].name} are both the dub of {name}",
                hint="give each character one file, as ELISE=PATH",
            )
        stems[name] = path
    return stems


def _updated(folder: Path, timeline: Path, said: ImportTimeline, progress: Progress) -> list[str]:
    """Recut the reel, unless its cut shows the same as this timeline."""
    now = read_project_file(folder)
    if now.cut.is_file() and (
        file_digest(now.cut) == file_digest(timeline) or _shows_the_same(now, timeline, said.name)
    ):
        return []
    kept = _kept(folder, timeline)
    made = recut(folder, kept, timeline=_named(kept, said.name), render=False, progress=progress)
    changed = [shot.shot for shot in made.shots if shot.change != "unchanged"]
    return [f"The timeline changed since it was sent last: {len(changed)} shots are others."]


def _cleaned(folder: Path, timeline: Path) -> bytes:
    """The timeline without the renders that were laid into it."""
    content, suffix = timeline.read_bytes(), timeline.suffix
    return without_renders(content, suffix, timeline.parent, [folder / RENDERS])


def _shows_the_same(now: ProjectFile, timeline: Path, name: str) -> bool:
    """Whether a timeline has the events of the reel's cut.

    Hosts write times and ids into what they export, so no two exports have the same bytes.
    """
    ours = read_cut(now.cut, rate=now.rate, timeline=now.timeline)
    theirs = read_cut(timeline, rate=now.rate, timeline=_named(timeline, name))
    events = [[replace(event, where="") for event in cut.events] for cut in (ours, theirs)]
    return ours.rate == theirs.rate and events[0] == events[1]


def _kept(folder: Path, timeline: Path) -> Path:
    """The timeline's copy in the reel: a new version, or one that has the same bytes."""
    home, stem = folder / CUTS, timeline.stem
    for number in range(1, 10_000):
        path = home / f"{stem}_v{number:03d}{timeline.suffix.lower()}"
        if not path.exists():
            write_whole(path, timeline.read_bytes())
            return path
        if file_digest(path) == file_digest(timeline):
            return path
    raise SettingsError(f"{home} holds too many timelines", hint="delete those not needed")


def _named(cut: Path, name: str) -> str:
    """The timeline's name, if the file holds several; "" if it needs none."""
    if not name or not probe_format(cut).states_rate:
        return ""
    names = [one.name for one in probe_cut(cut).timelines]
    return name if len(names) > 1 and name in names else ""


def _folders(paths: Sequence[str]) -> list[Path]:
    """The folders that paths name: a file stands for its folder."""
    found = [path if path.is_dir() else path.parent for path in map(Path, paths)]
    return list(dict.fromkeys(found))
