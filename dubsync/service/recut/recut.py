"""`dubsync recut`: updates a project to a new cut, and keeps everything that is still valid.

Shots are matched with the old cut's by media and source frames (editorial/changes).  Answers and
tweaks follow their shots; actors are kept; face tracks are cut to the new frames; and `sync` then
reuses every frame whose key (render/frame_keys.py) is unchanged, and renders the rest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from dubsync.core.errors import DubsyncError, MissingMedia, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut
from dubsync.core.timeline.change import ChangeList
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.changes.events import origins
from dubsync.service.project import Project
from dubsync.service.recut.cutdiff import cut_difference, write_list
from dubsync.service.recut.files import (
    FOLDER,
    Carried,
    change_files,
    changing,
    keep_before,
    on_new_cut,
    refuse_unfinished,
    undo_files,
)
from dubsync.service.recut.report import Recut, ShotChanges, ShotRecut, as_done, planned, recut_json
from dubsync.service.reel.actor_cache import KeptActor
from dubsync.service.reel.frame_keys import keep_keys, kept_keys
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.sync import newest, stays_plate
from dubsync.service.settings import answers
from dubsync.service.settings.project_file import ProjectFile, read_project_file
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Layout, NewVersion
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore

_log = logging.getLogger(__name__)


def recut(
    folder: Path,
    new_cut: Path,
    *,
    timeline: str = "",
    dry_run: bool = False,
    render: bool = True,
    relearn: bool = False,
    progress: Progress = silent,
) -> Recut:
    """Update the project in `folder` to `new_cut`, and render the frames that are new.

    Args:
        timeline: name of the timeline, in a new cut's file that holds several; "": the only one,
            or the one with the name of the old cut's.
        dry_run: change nothing; report what would be done.
        render: False leaves the rendering to `dubsync sync`.
        relearn: learn the actors again from the new cut's footage; every frame is then rendered.

    Raises:
        SettingsError: the project cannot be read, `new_cut` is its cut already, or the last recut
            was interrupted.
        MissingMedia: there is no file `new_cut`.
        TurnoverError: a cut cannot be read, or the two have different rates.
    """
    before = read_project_file(folder)
    after = _on_new_cut(before, new_cut, timeline)
    olds = Project(before).into_each()
    refuse_unfinished(before, olds[0].store)
    for old in olds:
        _keep_frame_keys(old.reel, progress)
    news = Project(after).into_each()
    cuts = olds[0].turnover().cut, news[0].turnover().cut
    old_names = origins(*cuts)
    carried = _carried(before, [p.store.layout for p in olds], cuts, old_names)
    actors = {} if relearn else _actors(olds, progress)
    version = ""
    if not dry_run:
        version = _write(before, after, olds, carried, actors)
    _apply_carried(news, carried, actors, before)
    for old, new in zip(olds, news, strict=True):
        _carry_tracks(old.reel, new.reel, progress)
    listed = _listed(before, after)
    changes = ShotChanges(cuts, old_names, listed)
    shots, results = _updated(news, changes, render and not dry_run, progress)
    result = Recut(version, str(before.cut), str(after.cut), str(after.dub_cut or ""),
                   changes.all, tuple(shots), changes.removed, tuple(results))  # fmt: skip
    if version:
        write_whole(Path(version) / "report.json", json.dumps(recut_json(result), indent=1) + "\n")
        if listed is not None:
            write_list(listed, csv_path=None, html_path=Path(version) / "changes.html")
    return result


def _on_new_cut(before: ProjectFile, new_cut: Path, timeline: str) -> ProjectFile:
    if not new_cut.is_file():
        raise MissingMedia(f"the new cut was not found: {new_cut}", hint="check its path")
    path = new_cut.resolve()
    after = on_new_cut(before, path, timeline)
    if (path, after.timeline) == (before.cut.resolve(), before.timeline):
        raise SettingsError(f"{new_cut} is already the project's cut",
                            hint="save the new cut under another name")  # fmt: skip
    return after


def _updated(
    news: Sequence[Project], changes: ShotChanges, render: bool, progress: Progress
) -> tuple[list[ShotRecut], list[ShotResult]]:
    """Every shot's update in every language, and the results of rendering."""
    shots: list[ShotRecut] = []
    results: list[ShotResult] = []
    for new in news:
        plan = planned(new.reel, changes, progress)
        if render:
            done = new.sync([shot.shot for shot in plan if shot.status != "skipped"],
                            progress=progress)  # fmt: skip
            results += done
            plan = as_done(plan, done)
        shots += plan
    return shots, results


def _listed(before: ProjectFile, after: ProjectFile) -> ChangeList | None:
    """The change list of `dubsync cutdiff`: of everything in the cuts, not only of shots."""
    try:
        timelines = (before.timeline, after.timeline)
        return cut_difference(before.cut, after.cut, rate=before.rate, timelines=timelines)
    except DubsyncError as error:
        _log.warning("the change list covers only the shots that turnover reads: %s", error)
        return None


def undo(folder: Path) -> Path:
    """Undo the last recut: cut, answers and tweaks are restored; renders stay.

    Returns:
        The version folder of that recut.

    Raises:
        SettingsError: there is none, or its saved files are damaged.
    """
    file = read_project_file(folder)
    projects = Project(file).into_each()
    return undo_files(file, projects[0].store, [project.store.layout for project in projects])


# -- what is carried over -----------------------------------------------------------------------


def _keep_frame_keys(reel: Reel, progress: Progress) -> None:
    """Store the frame keys of each render that is up to date, where they are not stored yet."""
    for shot in reel.turnover.shots:
        if stays_plate(reel, shot) or reel.refusal(shot):
            continue
        folder = newest(reel, shot)
        try:
            if folder is None:
                continue
            plan = reel.look(progress).plan(shot)
            if whole_record(folder)["key"] != plan.render_key:
                continue
            if kept_keys(reel.store, plan.render_key) is None:
                keep_keys(reel.store, plan.render_key, plan.frame_keys)
        except DubsyncError:
            _log.info("the frames of %s cannot be reused", shot.name, exc_info=True)


def _carried(
    project: ProjectFile,
    layouts: Sequence[Layout],
    cuts: tuple[Cut, Cut],
    old_names: dict[str, str],
) -> Carried:
    """Answers and tweaks for the old cut's shots, under the new cut's names."""
    points = answers.face_points(project)
    renderers, mattes = answers.every_renderer(project.folder), project.holdouts
    tweaks: dict[str, dict[str, Tweaks]] = {}
    names = [event.name for event in cuts[1].events]
    for layout in layouts:
        before = TweakStore(project.folder, layout).all()
        tweaks[layout.language] = {name: before.get(old_names.get(name, ""), {}) for name in names}
    return Carried(
        {name: points[old] for name, old in old_names.items() if old in points},
        {tag: {name: shots[old] for name, old in old_names.items() if old in shots}
         for tag, shots in renderers.items()},
        tweaks,
        {name: mattes[old] for name, old in old_names.items() if old in mattes},
    )  # fmt: skip


def _actors(olds: Sequence[Project], progress: Progress) -> dict[str, KeptActor]:
    """Every actor that the old cut's reels use now."""
    result: dict[str, KeptActor] = {}
    for old in olds:
        shots, actors = old.reel.turnover.shots, old.reel.look(progress).actors
        for character in dict.fromkeys(c for shot in shots for c in shot.characters):
            if character not in result and actors.seen(character):
                now = actors.actor_now(character)
                result[character] = replace(now, key=actors.actor_key(character))
    return result


def _write(
    before: ProjectFile,
    after: ProjectFile,
    olds: Sequence[Project],
    carried: Carried,
    actors: Mapping[str, KeptActor],
) -> str:
    store, layouts = olds[0].store, [old.store.layout for old in olds]
    with NewVersion(store, FOLDER) as version:
        keep_before(version.folder, before, store, layouts)
    with changing(version.final, before, store, layouts):
        change_files(after, store, layouts, carried=carried, actors=actors)
    return str(version.final)


def _apply_carried(
    news: Sequence[Project], carried: Carried, actors: Mapping[str, KeptActor], before: ProjectFile
) -> None:
    """Set the new reels as they are after everything is written; a dry run writes nothing."""
    reels: dict[str, Reel] = {}
    for new in news:  # in the project's order: each knows the languages before it
        reel, tag = new.reel, new.language
        new.reel = reels[tag] = replace(
            reel,
            pointed=carried.points,
            holdouts=carried.holdouts,
            kept=actors,
            renderers={**carried.renderers.get("", {}), **carried.renderers.get(tag, {})},
            tweaks=carried.tweaks.get(tag, {}),
            earlier=tuple(reels[one.language] for one in reel.earlier),
        )
    assert all(new.whole.folder == before.folder for new in news)


def _carry_tracks(old: Reel, new: Reel, progress: Progress) -> None:
    """Reuse the face tracks of an old shot that holds all frames of a new one."""
    for shot in new.turnover.shots:
        if new.refusal(shot):
            continue
        held = next((s for s in old.turnover.shots if s.plate.path == shot.plate.path
                     and s.plate.shown is None and shot.plate.shown is None
                     and s.render.holds(shot.render) and not old.refusal(s)), None)  # fmt: skip
        if held is None or held.render == shot.render:
            continue
        tracks = old.face_tracks.in_shot(held, progress=progress)
        inside = tuple(part for track in tracks if (part := _within(track, shot.render)))
        key = new.face_tracks.key(shot.plate, shot.render)
        new.store.tracks(key, lambda result=inside: result)  # type: ignore[misc]


def _within(track: FaceTrack, frames: FrameRange) -> FaceTrack | None:
    span = track.frames.overlap(frames)
    if span is None:
        return None
    return track.part(span.start - track.frames.start, span.stop - track.frames.start)
