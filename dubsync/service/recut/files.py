"""The files that a recut changes in a project's folder, and how it is undone.

recut/v001/    dubsync.toml, faces.toml, renderers.toml, actors.json, tweaks.json: as they were
               before; report.json, changes.html; `unfinished` until the project is changed;
               `undone` after an undo
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dubsync.core.documents import read_json
from dubsync.core.errors import SettingsError
from dubsync.core.tweak.tweak_json import from_plain
from dubsync.editorial.probe import probe_cut, probe_format
from dubsync.service.reel.actor_cache import (
    KeptActor,
    actors_text,
    keep_actors,
    kept_actors,
    read_actors,
)
from dubsync.service.settings.answers import FACES_FILE, RENDERERS_FILE
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.settings.project_text import points_text, renderers_text
from dubsync.service.settings.shot_tables import Points
from dubsync.service.settings.toml_fields import FILE_NAME
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
    """The user's answers and tweaks for the old cut's shots, under the new cut's names.

    points     shot -> character -> points on their face
    renderers  language ("": every language) -> shot -> renderer
    tweaks     language -> shot -> tweaks; for every shot whose tweaks change
    holdouts   shot -> the artist's matte of what stands in front of its faces
    """

    points: Points
    renderers: Mapping[str, Mapping[str, str]]
    tweaks: Mapping[str, Mapping[str, Tweaks]]
    holdouts: Mapping[str, Path] = field(default_factory=dict)


def on_new_cut(before: ProjectFile, cut: Path, timeline: str = "") -> ProjectFile:
    """The project on a new cut, with its dub still conformed to the old one; writes nothing.

    Args:
        timeline: name of the timeline, in a file that holds several; "": the only one, or the
            one with the name of the old cut's.

    Raises:
        MissingMedia, TurnoverError: as `probe_cut`.
    """
    if not probe_format(cut).states_rate:
        timeline = ""  # an EDL holds one timeline
    elif not timeline and before.timeline:
        names = {one.name for one in probe_cut(cut).timelines}
        timeline = before.timeline if before.timeline in names else ""
    dub = (before.dub_cut, before.dub_timeline)
    dub_cut, dub_timeline = dub if before.dub_cut else (before.cut, before.timeline)
    after = replace(before, cut=cut, timeline=timeline, faces={})
    if dub_cut is None or (dub_cut.resolve(), dub_timeline) == (cut, timeline):
        return replace(after, dub_cut=None, dub_timeline="")  # back on the dub's own cut
    return replace(after, dub_cut=dub_cut, dub_timeline=dub_timeline)


def keep_before(version: Path, project: ProjectFile, store: Store, layouts: list[Layout]) -> None:
    """Copy everything that the recut will change to `version`, and mark it as unfinished."""
    write_whole(version / UNFINISHED, "")
    for name in _ANSWERS:
        if (project.folder / name).is_file():
            write_whole(version / name, (project.folder / name).read_bytes())
    actors = kept_actors(store)
    if actors is not None:
        write_whole(version / ACTORS, actors_text(actors))
    tweaks_by_language = {
        layout.language: {
            shot: tweaks_plain(tweaks)
            for shot, tweaks in TweakStore(project.folder, layout).all().items()
        }
        for layout in layouts
    }
    write_whole(version / TWEAKS, json.dumps(tweaks_by_language, indent=1) + "\n")


def change_files(
    project: ProjectFile,
    store: Store,
    layouts: list[Layout],
    *,
    carried: Carried,
    actors: Mapping[str, KeptActor],
) -> None:
    """Change the files of the project to those of `project` on its new cut.

    dubsync.toml comes last, so that an interrupted recut can be undone.

    Raises:
        SettingsError: dubsync.toml cannot be edited.
    """
    text = recut_text(project, carried.holdouts)
    if carried.points or (project.folder / FACES_FILE).exists():
        write_whole(project.folder / FACES_FILE, points_text(carried.points))
    if any(carried.renderers.values()) or (project.folder / RENDERERS_FILE).exists():
        write_whole(project.folder / RENDERERS_FILE, renderers_text(carried.renderers))
    for layout in layouts:
        tweak_store = TweakStore(project.folder, layout)
        for shot, tweaks in carried.tweaks.get(layout.language, {}).items():
            tweak_store.change(shot, tweaks, ["recut"])
    keep_actors(store, actors)
    write_whole(project.folder / FILE_NAME, text)


def recut_text(project: ProjectFile, holdouts: Mapping[str, Path]) -> str:
    """dubsync.toml with the cuts of `project`; comments and all else are unchanged.

    Only [faces] is removed: it names the old cut's shots, and its points go to faces.toml; and
    [shots] is written anew, with the mattes of `holdouts` under the new cut's names.

    Raises:
        SettingsError: it cannot be edited.
    """
    path = project.folder / FILE_NAME
    try:
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        head: Any = document["project"]
        head["cut"] = project.shown(project.cut)
        dub_cut = project.shown(project.dub_cut) if project.dub_cut else ""
        for name, value in (("timeline", project.timeline), ("dub_cut", dub_cut),
                            ("dub_timeline", project.dub_timeline)):  # fmt: skip
            if value:
                head[name] = value
            else:
                head.pop(name, None)
        document.pop("faces", None)
        document.pop("shots", None)
        if holdouts:
            document["shots"] = {
                shot: {"holdout": project.shown(path)} for shot, path in holdouts.items()
            }
    except (OSError, UnicodeDecodeError, TOMLKitError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{path} cannot be edited: {error}", hint="correct the file, then recut again"
        ) from error
    return tomlkit.dumps(document)


@contextmanager
def changing(
    version: Path, project: ProjectFile, store: Store, layouts: list[Layout]
) -> Iterator[None]:
    """A block that changes the project completely or not at all.

    If it fails, everything is restored from `version`, and the version is deleted.  A process that
    is killed leaves its version unfinished.
    """
    with ExitStack() as failed:
        failed.callback(_roll_back, version, project, store, layouts)
        yield
        (version / UNFINISHED).unlink()
        failed.pop_all()


def _roll_back(version: Path, project: ProjectFile, store: Store, layouts: list[Layout]) -> None:
    _put_back(version, project, store, layouts)
    shutil.rmtree(version)


def refuse_unfinished(project: ProjectFile, store: Store) -> None:
    """Refuse to go on after a recut that was interrupted.

    Raises:
        SettingsError: the last recut was interrupted.
    """
    version = _last(store)
    if version is not None and (version / UNFINISHED).exists():
        raise SettingsError(
            f"the last recut of {project.folder} was interrupted",
            hint=f"undo it with: dubsync recut {project.folder} --undo; then recut again",
        )


def undo_files(project: ProjectFile, store: Store, layouts: list[Layout]) -> Path:
    """Restore what the last recut changed.

    Returns:
        Its version folder.

    Raises:
        SettingsError: there is no recut to undo, or its saved files are damaged.
    """
    version = _last(store)
    if version is None:
        raise SettingsError(
            f"{project.folder} has no recut to undo", hint="each recut can be undone once"
        )
    now = (project.folder / FILE_NAME).read_bytes()
    _put_back(version, project, store, layouts)
    if kept_actors(store) is None:
        keep_actors(store, {})  # so that frames from before and after the recut are still reused
    write_whole(version / f"after_{FILE_NAME}", now)
    write_whole(version / UNDONE, "")
    return version


def _last(store: Store) -> Path | None:
    """The newest version that is complete and was not undone."""
    for version in store.versions(FOLDER):
        if not all((version / name).is_file() for name in (FILE_NAME, TWEAKS)):
            _log.warning("%s is skipped: it is not a complete copy from before a recut", version)
        elif not (version / UNDONE).exists():
            return version
    return None


def _put_back(version: Path, project: ProjectFile, store: Store, layouts: list[Layout]) -> None:
    """Restore cut, answers, tweaks and actors from `version`.

    Raises:
        SettingsError: its files are damaged.
    """
    try:
        tweaks = read_json(version / TWEAKS)
        kept = (version / ACTORS).read_text(encoding="utf-8") if (version / ACTORS).exists() else ""
        actors = read_actors(kept) if kept else None
        before = (version / FILE_NAME).read_bytes()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError(f"{version} is damaged: {error}",
                            hint=f"restore {FILE_NAME} by hand") from error  # fmt: skip
    for layout in layouts:
        _put_tweaks_back(TweakStore(project.folder, layout), tweaks.get(layout.language, {}))
    for name in _ANSWERS[1:]:
        if (version / name).is_file():
            write_whole(project.folder / name, (version / name).read_bytes())
        else:
            (project.folder / name).unlink(missing_ok=True)
    keep_actors(store, actors)
    write_whole(project.folder / FILE_NAME, before)


def _put_tweaks_back(store: TweakStore, before: Mapping[str, Mapping[str, Any]]) -> None:
    for shot in {*before, *store.all()}:
        tweaks = {name: from_plain(tweak) for name, tweak in before.get(shot, {}).items()}
        store.change(shot, tweaks, ["recut undone"])
