"""How far beyond its footage a head may turn: yaws that the bank was made to lack, truth known.

Frames near the ends of a clip's yaw are re-made from a head that was learnt without any frame
nearer to them than a gap: keys, outline and ridge know nothing of the poses between.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.clips import SHARED, Clip, prepared
from benchmarks.heads.judge import Judge, Parts
from benchmarks.heads.rows import OURS, drawn_by
from benchmarks.heads.trial import EXEMPLARS, TRIALS, WIDEST_PX, plate_of, refined
from dubsync.core.face import FaceTrack
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.actor import LearntActor
from dubsync.engine.clean_plate.clean_plate import CleanPlate
from dubsync.engine.geometry.pose import to_vectors
from dubsync.engine.head.follow import keyed
from dubsync.engine.head.head_crop import working_picture
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_model import HeadModel
from dubsync.engine.head.join_keys import joined
from dubsync.engine.head.learn_head import learn_head
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.head.read_keys import Look
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.prepare_head import prepare_head
from dubsync.engine.head_shell.far_turn import yaw_beyond
from dubsync.engine.motion.fit import fit, head_pose

Row = dict[str, Any]

#: Degrees of yaw between a frame and the nearest one that is learnt from.
GAPS = (0, 6, 9, 12, 16, 20, 25)
CLIPS = ("katiehill", "obama_address", "man_black_sweater", "woman_braids")
#: Frames re-made at each end of the yaw, the percentile of the yaws that they are nearest to, and
#: the frames apart that they are at least.
AN_END, END, APART = 5, 97.0, 4
#: A head is learnt from at least so many keys; with fewer the gap is left out.
LEAST_KEYS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """A clip whose ends of yaw are re-made.

    head    learnt from all of it
    yaws    (T,) of its frames, degrees
    wanted  frames to be re-made, by the sign of the end
    """

    clip: Clip
    actor: LearntActor
    head: HeadModel
    yaws: NDArray[np.float64]
    wanted: Mapping[int, list[int]]
    plate: CleanPlate


def gaps_of(name: str, kept: Path) -> Gaps:
    """The ends of one clip's yaw, and what is learnt of it."""
    clip = prepared(SHARED / "footage" / TRIALS[name][0], kept)
    footage = [clip.footage()]
    actor = actors.learn(name, footage, most=EXEMPLARS, widest_px=WIDEST_PX, progress=silent)
    head = learn_head(actor, footage, progress=silent)
    yaws = np.degrees(to_vectors(head_pose(clip.track(), actor.model).rotation)[:, 1])
    wanted = {sign: _end(sign * yaws) for sign in (-1, 1)}
    judged = sorted({n for numbers in wanted.values() for n in numbers})
    others = [n for n in range(len(clip)) if n not in judged]
    return Gaps(clip, actor, head, yaws, wanted, plate_of(clip, others, judged))


def without(gaps: Gaps, sign: int, degrees: float) -> HeadModel | None:
    """The head learnt anew from what is `degrees` of yaw away from one end; None: too little is."""
    limit = min(sign * gaps.yaws[gaps.wanted[sign]]) - degrees
    own = set(gaps.wanted[sign])
    keys = [
        key for key in gaps.head.keys
        if sign * gaps.yaws[key.frame] <= limit and key.frame not in own
    ] if degrees else [key for key in gaps.head.keys if key.frame not in own]  # fmt: skip
    if len(keys) < LEAST_KEYS:
        return None
    head = gaps.head
    return joined(
        [_look(key) for key in keys], head.character, head.rest, head.middle_turn, head.range,
        actor=head.actor,
    )  # fmt: skip


def gap_rows(gaps: Gaps, degrees: float) -> Iterator[Row]:
    """Both ends re-made across one gap: by the warp alone, and by the shell where it takes over."""
    judges, person = {"warp": Judge(), "shell": Judge()}, PersonMatte()
    beyond: list[float] = []
    for sign, numbers in gaps.wanted.items():
        head = without(gaps, sign, degrees)
        if head is None:
            continue
        for n in numbers:
            track = refined(gaps.clip, gaps.actor, n, n + 1)
            made = _renderer(gaps, head, track)
            beyond.append(float(yaw_beyond(made.plan.rests.rotation, head.turns)[0]))
            truth = np.asarray(gaps.clip.frames[n], np.float32) / np.float32(255)
            parts = Parts.of(track.landmarks[0], person(truth, track.landmarks[0]))
            for way, judge in judges.items():
                plan = made.plan if way == "shell" else replace(made.plan, far=None)
                began = time.thread_time()
                drawn = drawn_by(made.with_plan(plan))(gaps.clip.frame(n))
                # These frames do not follow each other: there is no flicker to judge.
                judge.before = None
                judge.add(drawn, truth, parts, time.thread_time() - began)
    for way, judge in judges.items():
        if judge.lpips:
            yield {
                "clip": gaps.actor.character, "row": f"{degrees:g} degrees, {way}",
                **judge.figures(), "beyond": float(np.mean(beyond)), "frames": len(beyond),
            }  # fmt: skip


def _renderer(gaps: Gaps, head: HeadModel, track: FaceTrack) -> HeadRenderer:
    motion = fit(track, gaps.actor.model)
    return prepare_head(
        gaps.actor, head, gaps.plate, track, motion, motion, np.ones(1, np.float32),
        plate_name=gaps.clip.name, sources=OURS,
    )  # fmt: skip


def _look(key: HeadKey) -> Look:
    small = working_picture(key.picture.astype(np.float32), key.scale)
    return Look(
        key.plate, key.frame, key.picture, key.origin, key.scale, key.landmarks, key.matte,
        key.path, key.features, key.cut, False, keyed(small, key.matte, key.landmarks), key.speed,
    )  # fmt: skip


def _end(yaws: NDArray[np.float64]) -> list[int]:
    """Frames about END of the yaws, some apart."""
    found: list[int] = []
    for n in np.argsort(np.abs(yaws - np.percentile(yaws, END))):
        if all(abs(int(n) - other) >= APART for other in found) and len(found) < AN_END:
            found.append(int(n))
    return sorted(found)
