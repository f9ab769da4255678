"""Judges, frame by frame, whether a head can be drawn anew over a shot's clean plate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.learning.background import FrameBackground, Verdict
from dubsync.core.picture import PictureFormat, Region
from dubsync.engine.clean_plate.clean_plate import DOUBTFUL, INPAINTED, CleanPlate
from dubsync.engine.geometry.mesh import FACE_OVAL

#: A reason, and how bad it is.
Reason = tuple[Verdict, str]

#: Share of the uncovered background from which it is said that it is inpainted, or doubtful.
TOLD = 0.1
#: Parts of the background that move further apart than this show a seam, plate pixels.
DEEP_PX = 3.0
#: A head reaches beyond the face's oval: upwards by so many oval heights, sideways by widths.
HAIR, EARS = 0.4, 0.2
#: Share of a head that another one's box may cover before it hides it.
CROSSED = 0.15

UNREGISTERED = "the camera's motion cannot be followed: "
DEEP = "parts of the background move apart, as it has depth"
FILLED = "part of what the head uncovers is seen in no frame of the shot, and inpainted"
UNSURE = "part of what the head uncovers is seen in a frame or two only, or moves"
COVERED = "something stands before the face"
CROSSES = "another person's head covers this one, or is covered by it"
TOUCHES = "another person's head touches this one"
AT_EDGE = "the head touches the frame's edge, and what comes in was never filmed"


def frame_background(
    plate: CleanPlate, frame_number: int, part: Region, uncovered: NDArray[np.bool_]
) -> FrameBackground:
    """How the background that a new head uncovers in one frame is known.

    Args:
        part: where the head was drawn, square pixels of the plate, within the plate's region.
        uncovered: (h, w) over `part`: the old head hid it, the new one does not.
    """
    known = _known(plate, frame_number, part, uncovered)
    count = len(known)
    doubt, filled = (float((known == level).mean()) if count else 0.0
                     for level in (DOUBTFUL, INPAINTED))  # fmt: skip
    reasons = _camera_reasons(plate, frame_number)
    lost = any(clause.startswith(UNREGISTERED) for _, clause in reasons)
    if filled > TOLD:
        reasons.append(("doubtful", FILLED))
    if doubt > TOLD and not lost:
        reasons.append(("doubtful", UNSURE))
    clear = FrameBackground(frame_number, count, 1 - doubt - filled, doubt, filled, "clean")
    return hindered(clear, reasons)


def _known(
    plate: CleanPlate, frame_number: int, part: Region, uncovered: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """(n,) how well the plate is known where `uncovered`; only the part round it is looked at."""
    rows, columns = (np.flatnonzero(uncovered.any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return np.zeros(0, np.uint8)
    top, bottom, left, right = (int(v) for v in (rows[0], rows[-1], columns[0], columns[-1]))
    near = Region(part.left + left, part.top + top, part.left + right + 1, part.top + bottom + 1)
    return plate.known(frame_number, near)[uncovered[top : bottom + 1, left : right + 1]]


def hindered(behind: FrameBackground, reasons: Sequence[Reason]) -> FrameBackground:
    """`behind`, judged by further reasons too."""
    verdicts: set[Verdict] = {behind.verdict, *(verdict for verdict, _ in reasons)}
    worst: Verdict = next(v for v in ("not possible", "doubtful", "clean") if v in verdicts)
    clauses = tuple(clause for _, clause in reasons)
    return replace(behind, verdict=worst, because=(*behind.because, *clauses))


def hindrances(
    track: FaceTrack, others: Sequence[FaceTrack], form: PictureFormat
) -> Mapping[int, tuple[Reason, ...]]:
    """What stands in the way of drawing a tracked person's head anew, by frame number.

    Args:
        others: the other faces of the shot.
        form: of the plate in square pixels.
    """
    found = {}
    for row, frame in enumerate(range(track.frames.start, track.frames.stop)):
        if not track.confidence[row] > 0:
            continue
        head = head_box(track.landmarks[row])
        reasons: list[Reason] = []
        if track.holdout is not None and track.holdout.covered[row]:
            reasons.append(("not possible", COVERED))
        crossed = max((_crossed(head, other, frame) for other in others), default=0.0)
        if crossed > 0:
            grave = crossed > CROSSED
            reasons.append(("not possible", CROSSES) if grave else ("doubtful", TOUCHES))
        if head.left < 0 or head.top < 0 or head.right > form.width or head.bottom > form.height:
            reasons.append(("doubtful", AT_EDGE))
        if reasons:
            found[frame] = tuple(reasons)
    return found


def head_box(landmarks: Array) -> Region:
    """About the rectangle of a head with its hair, of landmarks (478, 2 or 3)."""
    oval = landmarks[FACE_OVAL, :2]
    low, high = oval.min(axis=0), oval.max(axis=0)
    wide, tall = high - low
    return Region(
        int(np.floor(low[0] - EARS * wide)), int(np.floor(low[1] - HAIR * tall)),
        int(np.ceil(high[0] + EARS * wide)), int(np.ceil(high[1])),
    )  # fmt: skip


def _crossed(head: Region, other: FaceTrack, frame: int) -> float:
    """Share of a head's box that another's covers in a frame."""
    row = frame - other.frames.start
    if not 0 <= row < len(other.frames) or not other.confidence[row] > 0:
        return 0.0
    theirs = head_box(other.landmarks[row])
    across = min(head.right, theirs.right) - max(head.left, theirs.left)
    down = min(head.bottom, theirs.bottom) - max(head.top, theirs.top)
    return max(across, 0) * max(down, 0) / max(head.width * head.height, 1)


def _camera_reasons(plate: CleanPlate, frame_number: int) -> list[Reason]:
    if plate.canvas.still:
        return []
    one = plate.camera[plate.numbers.index(frame_number)]
    if one.because:
        return [("doubtful" if one.plain else "not possible", UNREGISTERED + one.because)]
    return [("doubtful", DEEP)] if one.parallax_px > DEEP_PX else []
