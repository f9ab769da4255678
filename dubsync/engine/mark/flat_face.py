"""The flat face that the mark is laid out on: an affine of the skull, so only the head moves it.

128 x 128 cells over the lower face, in eye distances: the same cell is the same spot of the skull
in every frame, whatever the picture's size, crop or speed.  Lips and jaw slide across it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import LUMA_WEIGHTS
from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame, PictureFormat
from dubsync.engine.geometry.mesh import EYE_CORNERS, skull_weights
from dubsync.engine.track.landmarker import canonical_face

#: Cells along a side of the flat face, whatever the face's size in the picture.
CELLS = 128
#: The flat face's borders, eye distances from the point between the eyes; x right, y down.
LEFT, TOP, SIDE = -1.05, 0.1, 2.1
#: Landmarks that move less with the skull than this are not asked where it is.
LEAST_STEADY = 0.3
#: A flat face seen narrower or flatter than this share of the other way is not marked or read.
LEAST_ASPECT = 0.35
#: From this many pixels a cell, the picture is smoothed before it is sampled, by so much a cell.
FINER, SMOOTHED = 1.3, 0.35
#: Scene-linear light is seen with about this exponent.
GAMMA = 1 / 2.2

Affine = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class FlatFaces:
    """One face, flat, over T frames.

    frames  (T,) their numbers, ascending
    luma    (T, 128, 128) uint8, display luma
    """

    frames: NDArray[np.int64]
    luma: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.luma.shape != (len(self.frames), CELLS, CELLS) or self.luma.dtype != np.uint8:
            raise ShapeError(f"flat faces are (T, {CELLS}, {CELLS}) bytes, not {self.luma.shape}")


@cache
def _skull() -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Numbers of the landmarks asked, and the (3, n) matrix from their places to the affine."""
    canonical = canonical_face()
    points = canonical.points[:, :2].astype(np.float64)
    right, left = (points[list(pair)].mean(axis=0) for pair in EYE_CORNERS)
    unit = (points - (right + left) / 2) / np.hypot(*(left - right))
    weights = skull_weights(canonical)
    chosen = np.flatnonzero(weights > LEAST_STEADY)
    cells = (unit[chosen] - (LEFT, TOP)) / SIDE * CELLS - 0.5
    known = np.column_stack([cells, np.ones(len(chosen))])
    root = np.sqrt(weights[chosen])
    # Rounded: the last bits may depend on the machine's linear algebra, and the mark's must not.
    return chosen, np.round(np.linalg.pinv(known * root[:, None]) * root, 9)


def affine(landmarks: Array, form: PictureFormat | None = None) -> Affine | None:
    """(2, 3) from cell numbers to luma sample numbers; None where the face is turned too far.

    landmarks  (478, 2 or 3) of one frame, square pixels, upright, pixel centres at .5
    form       of the samples; None: square and upright too
    """
    chosen, solve = _skull()
    there = landmarks[chosen, :2].astype(np.float64)
    if form is not None:
        there = form.stored_places(there)
    # Summed in order, not by a matrix product: the same bits whatever the threads.
    result = (solve[:, :, None] * (there - 0.5)[None]).sum(axis=1).T
    small, large = _extent(result)
    return result if small > LEAST_ASPECT * large and large > 0 else None


def _extent(matrix: Affine) -> tuple[float, float]:
    """Least and greatest size of one cell in the picture, pixels."""
    a, b, c, d = matrix[0, 0], matrix[0, 1], matrix[1, 0], matrix[1, 1]
    half, turn = (a * a + b * b + c * c + d * d) / 2, abs(a * d - b * c)
    root = np.sqrt(max(half * half - turn * turn, 0.0))
    return float(np.sqrt(max(half - root, 0.0))), float(np.sqrt(half + root))


def bounds(matrix: Affine, height: int, width: int, margin: int) -> tuple[slice, slice]:
    """Rows and columns of the picture that the flat face covers, and a margin."""
    corners = matrix @ np.array([[-0.5, CELLS, -0.5, CELLS], [-0.5, -0.5, CELLS, CELLS], [1.0] * 4])
    low = np.floor(corners.min(axis=1)).astype(int) - margin
    high = np.ceil(corners.max(axis=1)).astype(int) + margin + 1
    left, right = (int(np.clip(v, 0, width)) for v in (low[0], high[0]))
    top, bottom = (int(np.clip(v, 0, height)) for v in (low[1], high[1]))
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def moved(matrix: Affine, rows: slice, columns: slice) -> Affine:
    """`matrix` into the part of the picture at `rows` and `columns`."""
    result = matrix.copy()
    result[:, 2] -= (columns.start, rows.start)
    return result


def display_luma(frame: Frame, rows: slice, columns: slice) -> Array:
    """Luma of a part of a frame as it is about seen, float32, in 8-bit levels (0..255).

    Integer samples are taken as they are stored; scene-linear light as a power of it.
    """
    form = frame.format
    parts = [plane[rows, columns].astype(np.float32) for plane in frame.planes[:3]]
    if form.model == "rgb":
        red, blue = LUMA_WEIGHTS["bt709"]
        luma = parts[0] * red + parts[1] * (1 - red - blue) + parts[2] * blue
    else:
        luma = parts[0]
    if form.floating:
        return np.asarray(255 * np.power(np.maximum(luma, 0), GAMMA), np.float32)
    return np.asarray(luma * np.float32(255 / ((256 << form.bits - 8) - 1)), np.float32)


def flat_face(frame: Frame, landmarks: Array) -> Array | None:
    """The flat face (128, 128) of one frame, display luma; None where it cannot be seen."""
    form = frame.format
    matrix = affine(landmarks, form)
    if matrix is None:
        return None
    _, size = _extent(matrix)
    margin = 3 + int(2 * size)
    rows, columns = bounds(matrix, form.height, form.width, margin)
    if rows.stop - rows.start < 2 or columns.stop - columns.start < 2:
        return None
    luma = display_luma(frame, rows, columns)
    if size > FINER:
        luma = np.asarray(cv2.GaussianBlur(luma, (0, 0), SMOOTHED * size), np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    flat = cv2.warpAffine(
        luma, moved(matrix, rows, columns), (CELLS, CELLS), flags=flags,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(flat, np.float32)


def flat_faces(frames: Iterable[Frame], track: FaceTrack) -> FlatFaces:
    """The face of `track` in `frames`, flat, where it is seen."""
    numbers: list[int] = []
    faces: list[NDArray[np.uint8]] = []
    for frame in frames:
        at = frame.number - track.frames.start
        if 0 <= at < len(track.frames) and track.confidence[at] > 0:
            flat = flat_face(frame, track.landmarks[at])
            if flat is not None:
                numbers.append(frame.number)
                faces.append(as_bytes(flat))
    luma = np.stack(faces) if faces else np.zeros((0, CELLS, CELLS), np.uint8)
    return FlatFaces(np.array(numbers, np.int64), luma)


def as_bytes(flat: Array) -> NDArray[np.uint8]:
    """A flat face as it is kept: 16 kB a frame."""
    return np.asarray(np.clip(np.rint(flat), 0, 255), np.uint8)
