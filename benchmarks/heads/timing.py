"""What a frame of a whole head costs one core, step by step, and what learning one costs.

CPU time of the process, not the clock's: the machine is shared.  The profiler itself adds a few per
cent to the steps; `ms` is measured without it.
"""

from __future__ import annotations

import cProfile
import pstats
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.heads.clips import FACE_PX, SHARED, prepared
from benchmarks.heads.trial import EXEMPLARS, WIDEST_PX, refined
from dubsync.core.face import MotionTrack
from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.engine import actor as actors
from dubsync.engine.clean_plate.clean_plate import clean_plate
from dubsync.engine.head.head_crop import head_regions
from dubsync.engine.head.learn_head import learn_head
from dubsync.engine.head_draw.everybody import Everybody
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.prepare_head import Sources, prepare_head
from dubsync.engine.motion.fit import fit

#: name -> clip, height of the face from chin to forehead (0: as filmed), goal in ms a frame
SIZES = {
    "head of 155 px": ("woman_braids_720p_24s.mp4", FACE_PX, 60.0),
    "head of 200 px": ("woman_braids_720p_24s.mp4", 200.0, 60.0),
    "720p, as filmed": ("woman_braids_720p_24s.mp4", 0.0, 150.0),
}
#: Frames read of the clip, and drawn; degrees that the head is turned.
READ, DRAWN, TURN = 150, 24, 8.0
#: Steps of `HeadRenderer.draw`: a function, the file that it is in, and who calls it ("": anybody).
STEPS = {
    "own frame": ("own", "shelf", ""),
    "- person's matte": ("__call__", "person_matte", "own"),
    "- other people": ("__call__", "other_faces", ""),
    "- corrected mouth": ("mouth_patch", "shelf", "own"),
    "own frame cut out": ("cut_own", "shelf", ""),
    "keys cut out": ("_key", "shelf", ""),
    "field": ("_field", "head_renderer", "draw"),
    "small sampling": ("_at_working_size", "head_renderer", "draw"),
    "neighbours at cuts": ("_low_change", "head_renderer", "draw"),
    "patch's share, place": ("_patch_share", "head_renderer", ""),
    "enlarging": ("at_pixels", "affine_warp", "draw"),
    "full sampling": ("sample", "affine_warp", "draw"),
    "clean plate": ("behind", "shelf", ""),
    "blending": ("laid", "head_renderer", ""),
    "mouth and eyes": ("lay_inset", "insets", ""),
    "gaze": ("lay_gaze", "lay_gaze", ""),
    "background judged": ("frame_background", "background", ""),
}


def timed(name: str, kept: Path) -> Iterator[Mapping[str, Any]]:
    """Milliseconds a frame, whole and of each step; seconds of learning; of one size of head.

    Two rows: a turn drawn from what a shot offers (its own frames, at TURN degrees), and from keys.
    """
    file, face_px, goal = SIZES[name]
    clip = prepared(SHARED / "footage" / file, kept, READ, face_px)
    seconds: dict[str, float] = {}
    with _Clock(seconds, "learn the actor, s"):
        actor = actors.learn(
            name, [clip.footage()], most=EXEMPLARS, widest_px=WIDEST_PX, progress=silent
        )
    with _Clock(seconds, "learn the head, s"):
        head = learn_head(actor, [clip.footage()], progress=silent)
    track = refined(clip, actor, 0, DRAWN)
    region = _region(clip.landmarks, clip.frame(0))
    eye_px = 50 * head.keys[0].scale
    with _Clock(seconds, "clean plate, ms a frame", 1000 / DRAWN):
        plate = clean_plate(
            clip.read, range(DRAWN), Everybody(region, eye_px), region,
            eye_px=eye_px, shot=name, progress=silent,
        )  # fmt: skip
    motion = fit(track, actor.model)

    frames = [clip.frame(n) for n in range(DRAWN)]
    for way, sources in (("own frames", Sources()), ("keys", Sources(own=False))):

        def renderer(sources: Sources = sources) -> HeadRenderer:
            return prepare_head(
                actor, head, plate, track, motion, turned(motion, TURN),
                np.ones(DRAWN, np.float32), plate_name=clip.name, sources=sources,
            )  # fmt: skip

        made, drawn = renderer(), dict[str, float]()
        made.draw(frames[0])
        with _Clock(drawn, "ms", 1000 / (DRAWN - 1)):
            for frame in frames[1:]:
                made.draw(frame)
        profile, made = cProfile.Profile(time.process_time), renderer()
        made.draw(frames[0])
        for frame in frames[1:]:
            profile.runcall(made.draw, frame)
        yield {
            "clip": f"{name} ({region.width} x {region.height})", "row": way, "goal": goal,
            **seconds, **drawn, **_steps(profile, DRAWN - 1),
        }  # fmt: skip


def turned(motion: MotionTrack, degrees: float) -> MotionTrack:
    """The motion with its head turned to the side."""
    head = np.array(motion.head)
    head[:, 1] += np.radians(degrees)
    return replace(motion, head=head)


class _Clock:
    """Adds the CPU seconds of a block, times `scale`, to `into`."""

    def __init__(self, into: dict[str, float], name: str, scale: float = 1.0) -> None:
        self._into, self._name, self._scale = into, name, scale

    def __enter__(self) -> None:
        self._began = time.process_time()

    def __exit__(self, *_: object) -> None:
        self._into[self._name] = (time.process_time() - self._began) * self._scale


def _region(landmarks: Any, frame: Any) -> Region:
    parts = [one for one in head_regions(landmarks[:DRAWN], frame.format) if one is not None]
    return Region(
        min(one.left for one in parts), min(one.top for one in parts),
        max(one.right for one in parts), max(one.bottom for one in parts),
    )  # fmt: skip


def _steps(profile: cProfile.Profile, frames: int) -> dict[str, float]:
    """Milliseconds a frame of each of STEPS."""
    found: dict[str, float] = {}
    stats: Any = pstats.Stats(profile)
    for step, (function, file, caller) in STEPS.items():
        spent = 0.0
        for (path, _, name), (_, _, _, whole, callers) in stats.stats.items():
            if name == function and Path(path).stem == file:
                spent += whole if not caller else _called_by(callers, caller)
        found[step] = 1000 * spent / frames
    return found


def _called_by(callers: Mapping[Any, Any], name: str) -> float:
    return float(sum(spent[3] for (_, _, who), spent in callers.items() if who == name))
