"""`dubsync recut`: a project goes over to a new cut, and keeps all that still holds.

Shots go on from the old cut's by media and source frames (editorial/cutdiff).  What was said of
them goes along; actors are kept as learnt; face tracks are cut to the new frames; and `sync` then
takes over every frame whose key (frame_keys.py) is what it was, and draws the rest.
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
    gone_over,
    keep_before,
    refuse_unfinished,
    undo_files,
)
from dubsync.service.recut.report import Recut, ShotRecut, Told, as_done, planned, recut_json
from dubsync.service.reel.actor_cache import KeptActor
from dubsync.service.reel.frame_keys import keep_keys, kept_keys
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.render.provenance import read_record
from dubsync.service.render.sync import finished, stays_plate
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
    """Take the project in `folder` over to `new_cut`, and render what is new.

    Args:
        timeline: which, of a new cut's file that holds several; "": the only one, or the one
            called as the old cut's.
        dry_run: only say what would be done.
        render: False leaves the rendering to `dubsync sync`.
        relearn: actors are learnt again, from what the new cut shows; every frame is then anew.

    Raises:
        SettingsError: the project cannot be read, `new_cut` is its cut already, or the last recut
            was killed half-way.
        MissingMedia: there is no new cut.
        TurnoverError: a cut cannot be read, or the two run at different rates.
    """
    before = read_project_file(folder)
    after = _gone_over(before, new_cut, timeline)
    olds = Project(before).into_each()
    refuse_unfinished(before, olds[0].store)
    for old in olds:
        _keep_frame_keys(old.reel, progress)
    news = Project(after).into_each()
    cuts = olds[0].turnover().cut, news[0].turnover().cut
    goes_on = origins(*cuts)
    carried = _carried(before, [p.store.layout for p in olds], cuts, goes_on)
    actors = {} if relearn else _actors(olds, progress)
    version = ""
    if not dry_run:
        version = _write(before, after, olds, carried, actors)
    _as_carried(news, carried, actors, before)
    for old, new in zip(olds, news, strict=True):
        _carry_tracks(old.reel, new.reel, progress)
    listed = _listed(before, after)
    told = Told(cuts, goes_on, listed)
    shots, results = _followed(news, told, render and not dry_run, progress)
    result = Recut(version, str(before.cut), str(after.cut), str(after.dub_cut or ""),
                  told.changes, tuple(shots), told.gone, tuple(results))  # fmt: skip
    if version:
        write_whole(Path(version) / "report.json", json.dumps(recut_json(result), indent=1) + "\n")
        if listed is not None:
            write_list(listed, csv_path=None, html_path=Path(version) / "changes.html")
    return result


def _gone_over(before: ProjectFile, new_cut: Path, timeline: str) -> ProjectFile:
    if not new_cut.is_file():
        raise MissingMedia(f"the new cut {new_cut} is not there", hint="check its path")
    path = new_cut.resolve()
    after = gone_over(before, path, timeline)
    if (path, after.timeline) == (before.cut.resolve(), before.timeline):
        raise SettingsError(f"{new_cut} is the project's cut already",
                            hint="save the new cut under a name of its own")  # fmt: skip
    return after


def _followed(
    news: Sequence[Project], told: Told, render: bool, progress: Progress
) -> tuple[list[ShotRecut], list[ShotResult]]:
    """What becomes of every shot in every language, and what rendering them came to."""
    shots: list[ShotRecut] = []
    results: list[ShotResult] = []
    for new in news:
        predicted = planned(new.reel, told, progress)
        if render:
            done = new.sync([shot.shot for shot in predicted if shot.fate != "skipped"],
                            progress=progress)  # fmt: skip
            results += done
            predicted = as_done(predicted, done)
        shots += predicted
    return shots, results


def _listed(before: ProjectFile, after: ProjectFile) -> ChangeList | None:
    """The change list as `dubsync cutdiff` draws it: of all that is seen, not of shots alone."""
    try:
        timelines = (before.timeline, after.timeline)
        return cut_difference(before.cut, after.cut, rate=before.rate, timelines=timelines)
    except DubsyncError as error:
        _log.warning("the changes are told by what turnover reads alone: %s", error)
        return None


def undo(folder: Path) -> Path:
    """Take the last recut back: cut, answers and tweaks are as before; renders stay.

    Raises:
        SettingsError: there is none, or what it kept is damaged.
    """
    file = read_project_file(folder)
    projects = Project(file).into_each()
    return undo_files(file, projects[0].store, [project.store.layout for project in projects])


# -- what is carried over -----------------------------------------------------------------------


def _keep_frame_keys(reel: Reel, progress: Progress) -> None:
    """Work out what the frames of each render that holds today hang on, where that is not kept."""
    for shot in reel.turnover.shots:
        if stays_plate(reel, shot) or reel.refusal(shot):
            continue
        folder = finished(reel, shot)
        try:
            if folder is None:
                continue
            plan = reel.look(progress).plan(shot)
            if read_record(folder)["key"] != plan.render_key:
                continue
            if kept_keys(reel.store, plan.render_key) is None:
                keep_keys(reel.store, plan.render_key, plan.frame_keys)
        except DubsyncError:
            _log.info("the frames of %s cannot be taken over", shot.name, exc_info=True)


def _carried(
    project: ProjectFile, layouts: Sequence[Layout], cuts: tuple[Cut, Cut], goes_on: dict[str, str]
) -> Carried:
    """What was said of the old cut's shots, under the new cut's names."""
    points = answers.face_points(project)
    drawn = answers.every_renderer(project.folder)
    tweaks: dict[str, dict[str, Tweaks]] = {}
    names = [event.name for event in cuts[1].events]
    for layout in layouts:
        said = TweakStore(project.folder, layout).all()
        tweaks[layout.language] = {name: said.get(goes_on.get(name, ""), {}) for name in names}
    return Carried(
        {name: points[was] for name, was in goes_on.items() if was in points},
        {tag: {name: shots[was] for name, was in goes_on.items() if was in shots}
         for tag, shots in drawn.items()},
        tweaks,
    )  # fmt: skip


def _actors(olds: Sequence[Project], progress: Progress) -> dict[str, KeptActor]:
    """Every actor that the old cut's reels draw with today."""
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


def _as_carried(
    news: Sequence[Project], carried: Carried, actors: Mapping[str, KeptActor], before: ProjectFile
) -> None:
    """The new reels as they are once all is written; a dry run writes nothing."""
    reels: dict[str, Reel] = {}
    for new in news:  # in the project's order: each knows the languages before it
        reel, tag = new.reel, new.language
        new.reel = reels[tag] = replace(
            reel,
            pointed=carried.points,
            kept=actors,
            renderers={**carried.renderers.get("", {}), **carried.renderers.get(tag, {})},
            tweaks=carried.tweaks.get(tag, {}),
            earlier=tuple(reels[one.language] for one in reel.earlier),
        )
    assert all(new.whole.folder == before.folder for new in news)


def _carry_tracks(old: Reel, new: Reel, progress: Progress) -> None:
    """Faces that were followed through more frames than a shot now has need not be looked for."""
    for shot in new.turnover.shots:
        if new.refusal(shot):
            continue
        held = next((s for s in old.turnover.shots if s.plate.path == shot.plate.path
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
