"""Writes a new version of a shot without drawing, if earlier renders have all its frames."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from dubsync.core.face import Stretch
from dubsync.core.progress import Progress, Step
from dubsync.core.result import Pick
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.frame_digests import digests_of
from dubsync.media.plate import PlateState, plate_state, refuse_changed
from dubsync.media.stills.sequence import still_path
from dubsync.media.write import ShotWriter
from dubsync.service.reel.shot_plan import ShotPlan
from dubsync.service.render.behind_heads import reused_rows
from dubsync.service.render.frame_cache import EarlierRender, FrameReuse, frames_made
from dubsync.service.render.lent_mouths import LentMouths
from dubsync.service.render.marked_frames import mark_entry
from dubsync.service.render.provenance import (
    DrawnFaces,
    mouths_in,
    record_of,
    redrawn_from,
)
from dubsync.service.render.records.finished import write_finished
from dubsync.service.render.records.lineage import taken_lineage
from dubsync.service.render.render_facts import render_facts, written_proof
from dubsync.service.render.verify_render import keep_proof, proof_of
from dubsync.service.store.atomic_write import sync_file, unwritable
from dubsync.service.store.folder import NewVersion

ROLES = ("picture", "matte", "layer")


def write_reused(
    plan: ShotPlan, reused: FrameReuse, before: PlateState, progress: Progress
) -> Path:
    """Write the shot's next version from earlier renders.

    A render that holds exactly the shot is hard-linked, file for file.  Otherwise the frames are
    copied: lossless pictures and mattes sample for sample, layers and ProRes pictures as coded.
    `before` is the plate's state when the run began.

    Raises:
        DeliveryError: the folder cannot be written.
        MediaError: an earlier render cannot be read, or the plate has changed.
    """
    reel, shot = plan.reel, plan.shot
    with NewVersion(reel.store, "renders", shot.name) as version:
        name = reel.store.layout.named(shot.name, version.name)
        sound = Path(shot.plate.path) if shot.plate.has_sound else None
        writer = ShotWriter(
            version.folder, name, shot.plate, shot.render, reel.settings.delivery, sound=sound
        )
        outputs = dict(zip(ROLES, (writer.picture, writer.matte, writer.layer), strict=True))
        if reused.whole is not None:
            _link(reused.whole, outputs, shot)
            proof = proof_of(reel, shot, reused.whole.folder, reused.whole.record, progress)
            digests = _digests_again(reused.whole, shot)
        else:
            coded = reel.settings.delivery.picture != "lossless"
            frames_changed = 0
            with writer:
                for made in frames_made(reused, iter(()), coded=coded):
                    writer.add(made)
                    frames_changed += made.changed
            progress(Step("verify", shot.name, 0, 1))
            proof = written_proof(reel, shot, writer, frames_changed)
            digests = writer.frame_digests
            progress(Step("verify", shot.name, 1, 1))
        refuse_changed(shot.plate, plate_state(shot.plate, shot.render), before)
        earlier = [one.record for one in reused.sources]
        lent = LentMouths()
        lent.taken_over(reused)
        faces = DrawnFaces(
            {character: sha for one in reversed(earlier)
             for character, sha in one["actors"].items()},
            {character: Pick(**pick) for one in reversed(earlier)
             for character, pick in one["renderers"].items()},
            _mouths(reused),
            lent.within(
                {character: redrawn_from(one) for record in reversed(earlier)
                 for character, one in record.get("redrawn", {}).items()}
            ),
        )  # fmt: skip
        facts = render_facts(plan, taken_lineage(reused))
        record = record_of(shot, version.number, facts, faces, proof, outputs, None, digests)
        if behind := reused_rows(reused):
            record["background"] = behind
        record |= mark_entry(reel, reused, None)
        record["taken_over"] = reused.described()
        write_finished(version.folder, name, record, reel.settings.proof)
        keep_proof(reel, shot, record)
    return version.final


def _digests_again(render: EarlierRender, shot: Shot) -> Sequence[str]:
    """The digests of an earlier render's frames; read from its picture if it is an older record."""
    if "frame_digests" in render.record:
        return tuple(render.record["frame_digests"])
    lossless = render.record["settings"]["delivery"]["picture"] == "lossless"
    picture, rate = render.path("picture"), shot.render.rate
    return tuple(digests_of(picture, "samples" if lossless else "coded", rate=rate))


def _mouths(reused: FrameReuse) -> Mapping[str, Sequence[Stretch]]:
    """Character -> the sources of their mouth's motion, over the frames reused from each render."""
    result: dict[str, list[Stretch]] = {}
    for render in reused.sources:
        used = {frame for frame, one in reused.kept.items() if one is render}
        span = FrameRange(min(used), max(used) + 1, reused.frames.rate)
        for character, stretches in mouths_in(render.record).items():
            result.setdefault(character, []).extend(_within(stretches, span))
    return {name: sorted(stretches, key=_first) for name, stretches in result.items()}


def _first(stretch: Stretch) -> int:
    return stretch.first


def _within(stretches: Sequence[Stretch], span: FrameRange) -> list[Stretch]:
    inside = (s for s in stretches if s.first < span.stop and s.last >= span.start)
    return [
        replace(s, first=max(s.first, span.start), last=min(s.last, span.stop - 1)) for s in inside
    ]


def _link(earlier: EarlierRender, outputs: Mapping[str, Path], shot: Shot) -> None:
    for role, path in outputs.items():
        was = earlier.path(role)
        pairs = [(was, path)] if "%" not in path.name else _stills(was, path, shot)
        for source, target in pairs:
            try:
                with suppress(OSError):  # another file system, or one without links
                    os.link(source, target)
                    continue
                shutil.copyfile(source, target)
                sync_file(target)
            except OSError as error:
                raise unwritable(target, error) from error


def _stills(was: Path, path: Path, shot: Shot) -> list[tuple[Path, Path]]:
    begin = shot.plate.rendered_number(shot.render.start)
    numbers = range(begin, begin + len(shot.render))
    return [(still_path(was, n), still_path(path, n)) for n in numbers]
