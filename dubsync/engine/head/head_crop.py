"""The part of a frame that holds a head and its shoulders, and its picture at the working size."""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import PictureFormat, Region
from dubsync.engine.geometry.mesh import CHIN, EYE_CORNERS, FOREHEAD
from dubsync.engine.head.head_path import Values
from dubsync.engine.head.person_matte import WORKING_EYE_PX

#: The region reaches this many face heights (forehead to chin) from the face's middle: to either
#: side, up, and down to the shoulders.
BESIDE, ABOVE, BELOW = 1.6, 1.5, 1.75
#: A head that moves farther than this from its median, in face heights, takes the region with it.
MOST_ROOM = 0.75
#: A head's picture is at least this many pixels wide and high.
LEAST_PX = 32


def head_regions(landmarks: Array, format: PictureFormat) -> list[Region | None]:
    """The region of each frame, plate pixels on chroma sites; None where no part is in the frame.

    Where the head stays about its place they are all one region, with room for its movement.

    Args:
        landmarks: (T, 478, 2 or 3) of one head in consecutive frames, plate pixels.
    """
    flat = np.asarray(landmarks[..., :2], np.float64)
    ends = flat[:, [FOREHEAD, CHIN]]
    face = max(float(np.median(np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1))), 1.0)
    middles = ends.mean(axis=1)
    median = np.median(middles, axis=0)
    room = np.abs(middles - median).max(axis=0)
    if (room <= MOST_ROOM * face).all():
        return [_region(median, face, room, format)] * len(flat)
    return [_region(middle, face, np.zeros(2), format) for middle in middles]


def working_scale(landmarks: Array) -> float:
    """Plate pixels per working pixel of landmarks (T, 478, 2 or 3)."""
    right, left = (landmarks[:, list(pair), :2].mean(axis=1) for pair in EYE_CORNERS)
    apart = float(np.median(np.linalg.norm(np.asarray(right - left, np.float64), axis=1)))
    return max(apart, 1.0) / WORKING_EYE_PX


def working_picture(picture: Array, scale: float) -> Array:
    """(h, w, C) a picture (H, W, C) at the working size: its pixel p is working pixel p / scale.

    Exact in place, so that landmarks divided by `scale` lie on it.
    """
    size = working_size(picture.shape, scale)
    source = np.asarray(picture, np.float32)
    if abs(scale - 1) < 1e-6:
        return source
    if scale > 1:
        # A Gaussian of this width makes one working pixel of `scale` of the picture's.
        source = cv2.GaussianBlur(source, (0, 0), 0.5 * float(np.sqrt(scale**2 - 1)))
    half = scale / 2 - 0.5
    matrix = np.array([[scale, 0, half], [0, scale, half]], np.float64)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    small = cv2.warpAffine(
        source, matrix, (size[1], size[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(small, np.float32)


def working_size(shape: tuple[int, ...], scale: float) -> tuple[int, int]:
    """(h, w) of a picture of `shape` at the working size."""
    return max(1, round(shape[0] / scale)), max(1, round(shape[1] / scale))


def _region(middle: Values, face: float, room: Values, format: PictureFormat) -> Region | None:
    inside = Region(
        int(np.floor(middle[0] - BESIDE * face - room[0])),
        int(np.floor(middle[1] - ABOVE * face - room[1])),
        int(np.ceil(middle[0] + BESIDE * face + room[0])),
        int(np.ceil(middle[1] + BELOW * face + room[1])),
    ).aligned(format)
    return inside if inside.width >= LEAST_PX and inside.height >= LEAST_PX else None
