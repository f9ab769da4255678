"""The matte: where a new face replaces the plate, from below the eyes to below the jaw, feathered.

Geometry alone decides: the matte follows the landmarks, covers the jaw both where it was and where
it goes, stays clear of the eyes, and has its final values of 0 to 255 before anything is blended.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.geometry.mesh import (
    EYE_CORNERS,
    INNER_LIPS,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_EYE,
    indices,
)

#: The border: along the jaw, then up the cheeks and over the nose.
BORDER = indices(
    "132 58 172 136 150 149 176 148 152 377 400 378 379 365 397 288 361 352 280 330 5 101 50 123"
)
JAW_POINTS = 17  #: of BORDER, the first ones
FEATHER = 0.13  #: width of the soft edge, eye distances: 2 to 3 % of the face's height
STEADY_FRAMES = 1.5  #: standard deviation of the Gaussian that smooths the border over time
SUBPIXEL = 4


def borders(landmarks: Array) -> Array:
    """(T, 24, 2) border points of landmarks (T, 478, 3), smoothed over time."""
    points = landmarks[:, BORDER, :2].astype(np.float64)
    if len(points) < 3:
        return np.asarray(points, np.float32)
    return np.asarray(gaussian_filter1d(points, STEADY_FRAMES, axis=0, mode="nearest"), np.float32)


def expand_jaw(border: Array, by: float) -> Array:
    """`border` (24, 2) with its jaw moved outwards, away from the mouth, by `by` pixels."""
    moved = border.copy()
    middle = border.mean(axis=0)
    out = border[:JAW_POINTS] - middle
    moved[:JAW_POINTS] += by * out / np.maximum(np.linalg.norm(out, axis=1), 1e-6)[:, None]
    return moved


def eye_distance_px(landmarks: Array) -> float:
    """Pixels between the eyes' middles, in depth too, of one frame's landmarks (478, 3)."""
    right, left = (landmarks[list(pair)].mean(axis=0) for pair in EYE_CORNERS)
    return max(float(np.linalg.norm(right - left)), 1.0)


def flat_eye_distance(points: Array) -> float:
    """Pixels between the eyes' middles in the picture, of points (478, 2 or 3)."""
    right, left = (points[list(pair), :2].mean(axis=0) for pair in EYE_CORNERS)
    return max(float(np.linalg.norm(right - left)), 1.0)


def region_of(shapes: list[Array], margin: float) -> Region:
    """The region of all points of `shapes` and `margin` pixels more."""
    points = np.concatenate(shapes)
    low, high = np.floor(points.min(axis=0) - margin), np.ceil(points.max(axis=0) + margin)
    return Region(int(low[0]), int(low[1]), int(high[0]), int(high[1]))


def matte_of(
    shapes: list[Array],
    eyes: Array,
    region: Region,
    unit: float,
    strength: float,
    edge: tuple[float, float] = (0.0, 0.0),
) -> NDArray[np.uint8]:
    """The matte (h, w) over `region`: inside the union of `shapes`, feathered inwards.

    Args:
        shapes: polygons (n, 2), plate pixels.
        eyes: (478, 2 or 3) landmarks whose eyes are kept clear.
        unit: an eye distance, pixels.
        strength: 0..1, scales all of it.
        edge: pixels by which the outline goes outwards, and by which the soft edge is wider.
    """
    inside = np.zeros((region.height, region.width), np.uint8)
    for shape in shapes:
        _fill(inside, shape, region, 1)
    inside = grown(inside, edge[0])
    for eye in (RIGHT_EYE, LEFT_EYE):
        _fill(inside, cv2.convexHull(eyes[eye, :2].astype(np.float32))[:, 0], region, 0)
    feather = FEATHER * unit + edge[1]
    return np.asarray(np.rint(_feathered(inside, feather) * (255 * strength)), np.uint8)


def grown(inside: NDArray[np.uint8], by: float) -> NDArray[np.uint8]:
    """A shape (h, w) of 0 and 1 with its outline `by` pixels further out; negative: further in.

    The picture's edge is no outline.
    """
    if by == 0:
        return inside
    side = inside if by < 0 else 1 - inside
    if not side.any() or not inside.any():
        return inside
    padded = cv2.copyMakeBorder(side, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    away = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)[1:-1, 1:-1]
    # A pixel beside the outline is 1 from the other side's centre, half from the outline.
    near = away <= abs(by) + 0.5
    return np.asarray(near if by > 0 else ~near & (inside > 0), np.uint8)


def feathered_polygon(shape: Array, region: Region, feather: float) -> Array:
    """(h, w) 1 well inside a polygon (n, 2), plate pixels; 0 at its edge and outside."""
    inside = np.zeros((region.height, region.width), np.uint8)
    _fill(inside, shape, region, 1)
    return _feathered(inside, feather)


def lip_share(landmarks: Array, region: Region, unit: float) -> Array:
    """(h, w) in 0..1: 1 over the lips and a little round them, falling off into the skin."""
    inside, rows = _lip_rows(landmarks[OUTER_LIPS, :2], region, (LIP_REACH + LIP_FALL) * unit)
    away = cv2.distanceTransform(1 - inside[rows], cv2.DIST_L2, 5) / unit
    fall = np.clip((LIP_REACH + LIP_FALL - away) / LIP_FALL, 0, 1)
    share = np.zeros(inside.shape, np.float32)
    share[rows] = fall * fall * (3 - 2 * fall)
    return share


def inner_share(landmarks: Array, region: Region, unit: float) -> Array:
    """(h, w) in 0..1: 1 between the lips, falling off over their inner edge."""
    inside, rows = _lip_rows(landmarks[INNER_LIPS, :2], region, INNER_FALL * unit)
    away = cv2.distanceTransform(1 - inside[rows], cv2.DIST_L2, 3) / unit
    share = np.zeros(inside.shape, np.float32)
    share[rows] = np.clip(1 - away / INNER_FALL, 0, 1)
    return share


def _lip_rows(lips: Array, region: Region, reach: float) -> tuple[NDArray[np.uint8], slice]:
    """(h, w) 1 inside the polygon `lips`; the rows that lie within `reach` pixels of it."""
    inside = np.zeros((region.height, region.width), np.uint8)
    _fill(inside, lips, region, 1)
    rows = np.flatnonzero(inside.any(axis=1))
    if not len(rows):
        return inside, slice(0, region.height)  # nothing is near, and OpenCV's answer is kept
    # OpenCV's distances are the same in fewer rows, but for the last of them.
    room = int(np.ceil(reach)) + 2
    return inside, slice(max(0, int(rows[0]) - room), int(rows[-1]) + room + 1)


INNER_FALL = 0.06
LIP_REACH, LIP_FALL = 0.04, 0.14  #: eye distances


def mouth_box(points: Array, width: int, height: int) -> Region:
    """Rectangle round the outer lips of points (478, 2), clipped to a picture of that size."""
    lips = points[OUTER_LIPS, :2]
    room = 0.15 * float(np.ptp(lips[:, 0]))
    low, high = np.floor(lips.min(axis=0) - room), np.ceil(lips.max(axis=0) + room)
    return Region(
        int(np.clip(low[0], 0, width)),
        int(np.clip(low[1], 0, height)),
        int(np.clip(high[0], 0, width)),
        int(np.clip(high[1], 0, height)),
    )


def face_inside(landmarks: Array, oval: NDArray[np.intp], region: Region) -> NDArray[np.bool_]:
    """(h, w) whether a pixel lies inside the face's outline."""
    inside = np.zeros((region.height, region.width), np.uint8)
    _fill(inside, landmarks[oval, :2], region, 1)
    return inside > 0


def _feathered(inside: NDArray[np.uint8], feather: float) -> Array:
    padded = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    deep = cv2.distanceTransform(padded, cv2.DIST_L2, 5)[1:-1, 1:-1]
    rise = np.clip(deep / max(feather, 1.0), 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)


def _fill(into: NDArray[np.uint8], shape: Array, region: Region, value: int) -> None:
    """Fill a polygon; its points count pixel centres at .5, OpenCV's at whole numbers."""
    points = (shape - np.array([region.left, region.top]) - 0.5) * (1 << SUBPIXEL)
    cv2.fillPoly(into, [np.rint(points).astype(np.int32)], value, shift=SUBPIXEL)
