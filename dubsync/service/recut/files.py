"""What a recut changes in a project's folder, and how it is taken back.

recut/v001/    dubsync.toml, faces.toml, renderers.toml, actors.json, tweaks.json: as they were
               before; report.json, changes.html; `unfinished` until the project is changed;
               `undone` once it was taken back
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dubsync.core.errors import SettingsError
from dubsync.core.tweak import from_plain
from dubsync.editorial.probe import probe_cut, probe_format
from dubsync.service.reel.actor_cache import (
    KeptActor,
    actors_text,
    keep_actors,
    kept_actors,
    read_actors,
)
from dubsync.service.settings.answers import FACES_FILE, RENDERERS_FILE, Points
from dubsync.service.settings.project_file import FILE_NAME, ProjectFile
from dubsync.service.settings.project_text import points_text, renderers_text
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Layout, Store
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore, tweaks_plain

_log = logging.getLogger(__name__)

FOLDER = "recut"  #: in the project's folder
ACTORS, TWEAKS, UNDONE = "actors.json", "tweaks.json", "undone"
UNFINISHED = "unfinished"  #: in a version while the project is being changed
_ANSWERS = (FILE_NAME, FACES_FILE, RENDERERS_FILE)


@dataclass(frozen=True, slots=True)
class Carried:
    """What people said of the old cut's shots, as the new cut's.

    points     shot -> character -> a point on their face
    renderers  language ("": every one) -> shot -> what draws it
    tweaks     language -> shot -> what artists say; of every shot whose tweaks change
    """

    points: Points
    renderers: Mapping[str, Mapping[str, str]]
    tweaks: Mapping[str, Mapping[str, Tweaks]]


def gone_over(before: ProjectFile, cut: Path, timeline: str = "") -> ProjectFile:
    """The project on a new cut, hearing its dub where that was laid; nothing is written.

    Args:
        timeline: which, of a file that holds several; "": the only one, or the one called as
            the old cut's.

    Raises:
        MissingMedia, TurnoverError: as `probe_cut`.
    """
    if not probe_format(cut).states_rate:
        timeline = ""  # a list holds one
    elif not timeline and before.timeline:
        names = {one.name for one in probe_cut(cut).timelines}
        timeline = before.timeline if before.timeline in names else ""
    laid = (before.dub_cut, before.dub_timeline)
    dub_cut, dub_timeline = laid if before.dub_cut else (before.cut, before.timeline)
    after = replace(before, cut=cut, timeline=timeline, faces={})
    if dub_cut is None or (dub_cut.resolve(), dub_timeline) == (cut, timeline):
        return replace(after, dub_cut=None, dub_timeline="")  # back where the dub was laid
    return replace(after, dub_cut=dub_cut, dub_timeline=dub_timeline)


def keep_before(version: Path, project: ProjectFile, store: Store, layouts: list[Layout]) -> None:
    """Keep in `version` all that the recut is about to change; it is unfinished from then on."""
    write_whole(version / UNFINISHED, "")
    for name in _ANSWERS:
        if (project.folder / name).is_file():
            write_whole(version / name, (project.folder / name).read_bytes())
    actors = kept_actors(store)
    if actors is not None:
        write_whole(version / ACTORS, actors_text(actors))
    said = {
        layout.language: {
            shot: tweaks_plain(tweaks)
            for shot, tweaks in TweakStore(project.folder, layout).all().items()
        }
        for layout in layouts
    }
    write_whole(version / TWEAKS, json.dumps(said, indent=1) + "\n")


def change_files(
    project: ProjectFile,
    store: Store,
    layouts: list[Layout],
    *,
    carried: Carried,
    actors: Mapping[str, KeptActor],
) -> None:
    """Make the project in that folder `project`; dubsync.toml last, so that what is cut off is
    undone by undoing it.

    Raises:
        SettingsError: dubsync.toml cannot be edited.
    """
    text = recut_text(project)
    if carried.points or (project.folder / FACES_FILE).exists():
        write_whole(project.folder / FACES_FILE, points_text(carried.points))
    if any(carried.renderers.values()) or (project.folder / RENDERERS_FILE).exists():
        write_whole(project.folder / RENDERERS_FILE, renderers_text(carried.renderers))
    for layout in layouts:
        shelf = TweakStore(project.folder, layout)
        for shot, tweaks in carried.tweaks.get(layout.language, {}).items():
            shelf.change(shot, tweaks, ["recut"])
    keep_actors(store, actors)
    write_whole(project.folder / FILE_NAME, text)


def recut_text(project: ProjectFile) -> str:
    """dubsync.toml with the cuts of `project`; comments and all else as it was, but [faces], which
    were said of the old cut's shots and are carried to faces.toml.

    Raises:
        SettingsError: it cannot be edited.
    """
    path = project.folder / FILE_NAME
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        head: Any = document["project"]
        head["cut"] = project.shown(project.cut)
        dub_cut = project.shown(project.dub_cut) if project.dub_cut else ""
        for name, said in (("timeline", project.timeline), ("dub_cut", dub_cut),
                           ("dub_timeline", project.dub_timeline)):  # fmt: skip
            if said:
                head[name] = said
            else:
                head.pop(name, None)
        document.pop("faces", None)
    except (OSError, UnicodeDecodeError, TOMLKitError, KeyError, TypeError) as error:
        raise SettingsError(f"{path} cannot be edited: {error}", hint="mend it") from error
    return tomlkit.dumps(document)


@contextmanager
def changing(
    version: Path, project: ProjectFile, store: Store, layouts: list[Layout]
) -> Iterator[None]:
    """The project is changed in this block, or is as `version` kept it: where the block fails all
    is put back and the version goes.  One that is killed leaves its version unfinished."""
    with ExitStack() as failed:
        failed.callback(_taken_back, version, project, store, layouts)
        yield
        (version / UNFINISHED).unlink()
        failed.pop_all()


def _taken_back(version: Path, project: ProjectFile, store: Store, layouts: list[Layout]) -> None:
    _put_back(version, project, store, layouts)
    shutil.rmtree(version)


def refuse_unfinished(project: ProjectFile, store: Store) -> None:
    """A recut that was killed half-way is taken back before anything else is built on it.

    Raises:
        SettingsError: there is one.
    """
    version = _last(store)
    if version is not None and (version / UNFINISHED).exists():
        raise SettingsError(
            f"the last recut of {project.folder} was killed half-way",
            hint=f"dubsync recut {project.folder} --undo puts it back; then recut again",
        )


def undo_files(project: ProjectFile, store: Store, layouts: list[Layout]) -> Path:
    """Put back what the last recut changed; its version folder.

    Raises:
        SettingsError: there is no recut to undo, or what it kept is damaged.
    """
    version = _last(store)
    if version is None:
        raise SettingsError(f"{project.folder} was not recut: there is nothing to undo")
    now = (project.folder / FILE_NAME).read_bytes()
    _put_back(version, project, store, layouts)
    if kept_actors(store) is None:
        keep_actors(store, {})  # frames may still be taken over: from before, and from between
    write_whole(version / f"after_{FILE_NAME}", now)
    write_whole(version / UNDONE, "")
    return version


def _last(store: Store) -> Path | None:
    """The newest version that is whole and was not taken back."""
    for version in store.versions(FOLDER):
        if not all((version / name).is_file() for name in (FILE_NAME, TWEAKS)):
            _log.warning("%s is passed over: it does not hold what was before a recut", version)
        elif not (version / UNDONE).exists():
            return version
    return None


def _put_back(version: Path, project: ProjectFile, store: Store, layouts: list[Layout]) -> None:
    """Cut, answers, tweaks and actors as `version` kept them.

    Raises:
        SettingsError: what it kept is damaged.
    """
    try:
        tweaks = json.loads((version / TWEAKS).read_text(encoding="utf-8"))
        kept = (version / ACTORS).read_text(encoding="utf-8") if (version / ACTORS).exists() else ""
        actors = read_actors(kept) if kept else None
        before = (version / FILE_NAME).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{version} is damaged: {error}",
                            hint=f"put {FILE_NAME} back by hand") from error  # fmt: skip
    for layout in layouts:
        _put_tweaks_back(TweakStore(project.folder, layout), tweaks.get(layout.language, {}))
    for name in _ANSWERS[1:]:
        if (version / name).is_file():
            write_whole(project.folder / name, (version / name).read_bytes())
        else:
            (project.folder / name).unlink(missing_ok=True)
    keep_actors(store, actors)
    write_whole(project.folder / FILE_NAME, before)


def _put_tweaks_back(shelf: TweakStore, said: Mapping[str, Mapping[str, Any]]) -> None:
    for shot in {*said, *shelf.all()}:
        tweaks = {who: from_plain(tweak) for who, tweak in said.get(shot, {}).items()}
        shelf.change(shot, tweaks, ["recut undone"])
