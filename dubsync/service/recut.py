"""`dubsync recut`: a project goes over to a new cut, and keeps all that still holds.

Shots go on from the old cut's by media and source frames (editorial/cutdiff).  What was said of
them goes along; actors are kept as learnt; face tracks are cut to the new frames; and `sync` then
takes over every frame whose key (frame_keys.py) is what it was, and draws the rest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from dubsync.core.change import Change
from dubsync.core.change_rows import data
from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut, Shot
from dubsync.core.timecode import FrameRange
from dubsync.editorial.cutdiff_events import event_changes, origins
from dubsync.service import answers
from dubsync.service.atomic import write_whole
from dubsync.service.cutdiffing import cut_difference, write_list
from dubsync.service.earlier_frames import Shelf
from dubsync.service.frame_keys import frame_keys, keep_keys, kept_keys
from dubsync.service.intake import checked_file
from dubsync.service.kept_actors import KeptActor
from dubsync.service.project import Project
from dubsync.service.project_file import ProjectFile, read_project_file
from dubsync.service.provenance import read_record
from dubsync.service.recut_files import (
    FOLDER,
    Carried,
    change_files,
    gone_over,
    keep_before,
    undo_files,
)
from dubsync.service.reel import Reel, ShotResult
from dubsync.service.store import Layout, NewVersion
from dubsync.service.syncing import finished, stays_plate
from dubsync.service.tweak_shelf import Tweaks, TweakShelf

_log = logging.getLogger(__name__)

Fate = Literal["kept", "partly", "anew", "left alone", "blocked", "failed"]


@dataclass(frozen=True, slots=True)
class ShotRecut:
    """What becomes of one shot of the new cut, in one language.

    was       the old cut's shot that it goes on from; "" for none
    change    the change in an assistant editor's words
    fate      kept: every frame is taken over; partly; anew: every frame is drawn
    kept      frames taken over as they are; faded: over which they fade into new ones;
              rendered: frames that no earlier render has
    """

    shot: str
    language: str
    was: str
    change: str
    fate: Fate
    kept: int = 0
    faded: int = 0
    rendered: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recut:
    """All that a recut did, or would do.

    version  where the old dubsync.toml and the report lie; "" of a dry run
    changes  of the two cuts, as turnover reads them
    gone     shots of the old cut that the new one has not
    """

    version: str
    old: str
    new: str
    changes: tuple[Change, ...]
    shots: tuple[ShotRecut, ...]
    gone: tuple[str, ...]
    results: tuple[ShotResult, ...] = ()

    def frames(self) -> dict[str, int]:
        """Frames kept, faded and rendered, over all shots."""
        return {name: sum(getattr(shot, name) for shot in self.shots)
                for name in ("kept", "faded", "rendered")}  # fmt: skip


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
        SettingsError: the project cannot be read, or `new_cut` is its cut already.
        TurnoverError: a cut cannot be read, or the two run at different rates.
    """
    before = read_project_file(folder)
    path = checked_file(new_cut, "new cut").resolve()
    after = gone_over(before, path, timeline)
    if (path, after.timeline) == (before.cut.resolve(), before.timeline):
        raise SettingsError(f"{new_cut} is the project's cut already",
                            hint="save the new cut under a name of its own")  # fmt: skip
    olds = Project(before).into_each()
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
    told = _Told(cuts, goes_on)
    shots: list[ShotRecut] = []
    results: list[ShotResult] = []
    for new in news:
        planned = _planned(new.reel, told, progress)
        if render and not dry_run:
            done = new.sync([shot.shot for shot in planned if shot.fate != "left alone"],
                            progress=progress)  # fmt: skip
            results += done
            planned = _as_done(planned, done)
        shots += planned
    found = Recut(version, str(before.cut), str(path), told.changes, tuple(shots), told.gone,
                  tuple(results))  # fmt: skip
    if version:
        write_whole(Path(version) / "report.json", json.dumps(recut_json(found), indent=1) + "\n")
        _write_page(Path(version), before, after)
    return found


def _write_page(version: Path, before: ProjectFile, after: ProjectFile) -> None:
    """The change list as `dubsync cutdiff` draws it: of all that is seen, not of shots alone."""
    try:
        timelines = (before.timeline, after.timeline)
        listed = cut_difference(before.cut, after.cut, rate=before.rate, timelines=timelines)
        write_list(listed, csv_path=None, html_path=version / "changes.html")
    except DubsyncError as error:
        _log.warning("no page of the changes: %s", error)


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
            if folder is None or read_record(folder)["key"] != reel.render_key(shot, progress):
                continue
            key = str(read_record(folder)["key"])
            if kept_keys(reel.store, key) is None:
                keep_keys(reel.store, key, frame_keys(reel, shot, progress))
        except DubsyncError:
            _log.info("the frames of %s cannot be taken over", shot.name, exc_info=True)


def _carried(
    project: ProjectFile, layouts: Sequence[Layout], cuts: tuple[Cut, Cut], goes_on: dict[str, str]
) -> Carried:
    """What was said of the old cut's shots, under the new cut's names."""
    points = answers.pointed(project)
    drawn = answers.every_renderer(project.folder)
    tweaks: dict[str, dict[str, Tweaks]] = {}
    names = [event.name for event in cuts[1].events]
    for layout in layouts:
        said = TweakShelf(project.folder, layout).all()
        tweaks[layout.language] = {name: said.get(goes_on.get(name, ""), {}) for name in names}
    return Carried(
        {name: points[was] for name, was in goes_on.items() if was in points},
        {tag: {name: shots[was] for name, was in goes_on.items() if was in shots}
         for tag, shots in drawn.items()},
        tweaks,
    )  # fmt: skip


def _actors(olds: Sequence[Project], progress: Progress) -> dict[str, KeptActor]:
    """Every actor that the old cut's reels draw with today."""
    found: dict[str, KeptActor] = {}
    for old in olds:
        reel = old.reel
        for character in dict.fromkeys(w for shot in reel.turnover.shots for w in shot.characters):
            if character not in found and reel.seen(character, progress):
                now = reel.actor_now(character, progress)
                found[character] = replace(now, key=reel.actor_key(character, progress))
    return found


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
    change_files(after, store, layouts, carried=carried, actors=actors)
    return str(version.final)


def _as_carried(
    news: Sequence[Project], carried: Carried, actors: Mapping[str, KeptActor], before: ProjectFile
) -> None:
    """The new reels as they are once all is written; a dry run writes nothing."""
    for new in news:
        reel, tag = new.reel, new.language
        reel.pointed, reel.kept = carried.points, actors
        reel.renderers = {**carried.renderers.get("", {}), **carried.renderers.get(tag, {})}
        reel.tweaks = carried.tweaks.get(tag, {})
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
        tracks = old.eye.in_shot(held, progress=progress)
        inside = tuple(part for track in tracks if (part := _within(track, shot.render)))
        key = new.eye.key(shot.plate, shot.render)
        new.store.tracks(key, lambda found=inside: found)  # type: ignore[misc]


def _within(track: FaceTrack, frames: FrameRange) -> FaceTrack | None:
    span = track.frames.overlap(frames)
    if span is None:
        return None
    rows = slice(span.start - track.frames.start, span.stop - track.frames.start)
    return replace(
        track, frames=span, landmarks=track.landmarks[rows], blendshapes=track.blendshapes[rows],
        confidence=track.confidence[rows],
    )  # fmt: skip


# -- what is told -------------------------------------------------------------------------------


class _Told:
    """What the change list says of each shot, by the new cut's names."""

    def __init__(self, cuts: tuple[Cut, Cut], goes_on: Mapping[str, str]) -> None:
        self.changes = event_changes(*cuts)
        self.goes_on = goes_on
        self.words = {cuts[1].events[c.new.event].name: c.words
                      for c in self.changes if c.new is not None}  # fmt: skip
        self.gone = tuple(cuts[0].events[c.old.event].name
                          for c in self.changes if c.new is None and c.old)  # fmt: skip

    def shot(self, name: str, language: str, fate: Fate, **frames: Any) -> ShotRecut:
        was = self.goes_on.get(name, "")
        return ShotRecut(name, language, was, self.words.get(name, ""), fate, **frames)


def _planned(reel: Reel, told: _Told, progress: Progress) -> list[ShotRecut]:
    """What sync will do to each shot of the new cut."""
    shelf = Shelf.of(reel.store)
    found = []
    for shot in reel.turnover.shots:
        refused = stays_plate(reel, shot) or reel.refusal(shot)
        if refused is not None:
            fate: Fate = "blocked" if refused.status == "blocked" else "left alone"
            found.append(told.shot(shot.name, reel.language, fate, reason=refused.reason))
            continue
        try:
            found.append(_plan(reel, shot, shelf, told, progress))
        except DubsyncError as error:
            found.append(told.shot(shot.name, reel.language, "failed", reason=str(error)))
    for event, reason in reel.turnover.left_alone:
        found.append(told.shot(event.name, reel.language, "left alone", reason=reason))
    return found


def _plan(reel: Reel, shot: Shot, shelf: Shelf, told: _Told, progress: Progress) -> ShotRecut:
    keys = frame_keys(reel, shot, progress)
    if not keys.faces:
        _, doubts = reel.faces(shot, progress)
        why = "; ".join(doubt.message for doubt in doubts) or "nobody dubbed here is seen"
        return told.shot(shot.name, reel.language, "left alone", reason=why)
    plan = shelf.plan(keys, shot.plate.name, reel.engine.reach)
    fate: Fate = "partly" if plan.new and plan.kept else "anew" if plan.new else "kept"
    return told.shot(
        shot.name, reel.language, fate, kept=len(plan.kept) - len(plan.fades),
        faded=len(plan.fades), rendered=len(plan.new),
    )  # fmt: skip


def _as_done(planned: Sequence[ShotRecut], results: Sequence[ShotResult]) -> list[ShotRecut]:
    """What was planned, with what came of it where that is something else."""
    ended = {result.name: result for result in results}
    found = []
    for shot in planned:
        result = ended.get(shot.shot)
        if result is not None and result.status in ("blocked", "failed", "left alone"):
            ended_so: Fate = result.status
            shot = replace(shot, fate=ended_so, kept=0, faded=0, rendered=0, reason=result.reason)
        found.append(shot)
    return found


def recut_json(found: Recut) -> dict[str, Any]:
    """The body of `dubsync.recut/1`."""
    return {
        "version": found.version or None,
        "old_cut": found.old,
        "new_cut": found.new,
        "frames": found.frames(),
        "shots": [asdict(shot) for shot in found.shots],
        "gone": list(found.gone),
        "changes": [data(change) for change in found.changes],
    }
