"""What is known at every moment of a plate, at its frames: by the first moment that each shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.face import FaceTrack, MotionTrack, Performance, Stretch
from dubsync.core.holdout import Holdout
from dubsync.core.reading.moments import Moments
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.take_lane import TakeLane

Rows = NDArray[np.intp]
#: Fields of a MotionTrack, and of a Performance, with a row for each frame.
_OF_MOTION = ("mouth", "upper", "head", "gaze", "blendshapes", "face_shape", "lids")
_OF_PERFORMANCE = ("mouth", "weight", "brows", "blinks", "gaze", "head", "lids", "by_hand")


def rows_of(frames: FrameRange, span: FrameRange, moments: Moments) -> Rows:
    """(T,) the row in `span`, a range of moments, of each of `frames`."""
    return moments.numbers(frames) - span.start


def track_by_frame(track: FaceTrack, moments: Moments) -> FaceTrack | None:
    """A face track of moments at frames; None where it is in the first moment of none."""
    frames = moments.frames_with(track.frames)
    if frames is None:
        return None
    rows = rows_of(frames, track.frames, moments)
    return replace(
        track,
        frames=frames,
        landmarks=track.landmarks[rows],
        blendshapes=track.blendshapes[rows],
        confidence=track.confidence[rows],
        holdout=track.holdout and _holdout(track.holdout, frames, rows),
    )


def motion_by_frame(motion: MotionTrack, frames: FrameRange, rows: Rows) -> MotionTrack:
    """A motion of moments at `frames`, by the rows that `rows_of` gives."""
    values = {name: getattr(motion, name) for name in _OF_MOTION}
    kept: dict[str, Any] = {n: None if one is None else one[rows] for n, one in values.items()}
    return MotionTrack(frames, motion.basis, **kept)


def performance_by_frame(
    performance: Performance, frames: FrameRange, rows: Rows, moments: Moments
) -> Performance:
    """A performance of moments at `frames`, by the rows that `rows_of` gives."""
    values = {name: getattr(performance, name) for name in _OF_PERFORMANCE}
    kept: dict[str, Any] = {n: None if one is None else one[rows] for n, one in values.items()}
    lanes = (TakeLane(a.name, a.there[rows], a.trust[rows], a.still[rows])
             for a in performance.lanes)  # fmt: skip
    return replace(
        performance, frames=frames, **kept, lanes=tuple(lanes),
        stretches=tuple(_stretches(performance.stretches, frames, moments)),
    )  # fmt: skip


def _stretches(
    stretches: Iterable[Stretch], frames: FrameRange, moments: Moments
) -> Iterator[Stretch]:
    """Stretches of moments as those of frames; one that is in no frame's first moment is left."""
    for one in stretches:
        span = FrameRange(one.first, one.last + 1, moments.span.rate)
        there = moments.frames_with(span)
        there = there and there.overlap(frames)
        if there is not None:
            yield replace(one, first=there.start, last=there.stop - 1)


def _holdout(holdout: Holdout, frames: FrameRange, rows: Rows) -> Holdout:
    return Holdout(
        frames,
        tuple(holdout.regions[row] for row in rows),
        tuple(holdout.packed[row] for row in rows),
        holdout.lower[rows],
        holdout.lips[rows],
        holdout.origin,
    )
