"""Gaze in a finished picture: each iris is taken out of its eye and put where it is wanted.

The eye is drawn in layers, see `eye_layers`.  Nothing outside the lids changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.face_region.eye_grid import ramp
from dubsync.engine.face_region.eye_layers import EYES, put_together, take_apart

Points = NDArray[Any]

#: Change of gaze, eye widths, that the picture's own eye serves for, and from which the iris moves
#: in full: what a tracker errs by.  Across the eye the lids follow the gaze, so it is wider.
SERVES, IN_FULL = np.array([0.015, 0.04]), np.array([0.05, 0.10])
#: Movement, eye widths, over which the layers replace the picture's own eye.
BEGINS, WHOLE = 0.004, 0.02
#: Opening of the lids, eye widths, below which an iris is left alone, and above which it is moved.
NARROW, OPEN = 0.14, 0.22
#: How far from the eye's middle an iris goes freely, and at most, eye widths: along the eye, and
#: across it.  An eye turns some 45 degrees; the most that seven real people looked aside is 0.28.
ALONG, ACROSS = (0.22, 0.30), (0.13, 0.18)


def with_gaze(
    picture: Array, points: Points, wanted: Points, amount: float = 1.0,
    *, errors: tuple[float, float] = (0.0, 0.0),
) -> Array:  # fmt: skip
    """`picture` (h, w, 3) with its irises at `wanted`; the same array where nothing moves.

    Args:
        picture: with lids, brows and skin as they should be; only what is between the lids changes.
        points: (478, 2 or 3) landmarks as drawn in it, irises included, pixel centres at .5.
        wanted: (2, 2) centres of the right and the left iris, pixels; or (478, 2 or 3) landmarks.
        amount: 0..1, of the change.
        errors: of each eye, 1 where the two places are a tracker's in two pictures: a small change,
            which may be its error, is then left to the picture's own eye (SERVES, IN_FULL); less
            where they err alike, and 0 where they are exact.

    An eye nearly shut keeps its iris.  An iris goes no further than
    an eye turns, see `within_reach`.

    Raises:
        ShapeError: other shapes.
    """
    if picture.ndim != 3 or picture.shape[2] != 3:
        raise ShapeError(f"a picture is (h, w, 3), not {picture.shape}")
    if len(wanted) not in (2, len(points)):
        raise ShapeError(f"wanted irises are (2, 2), not {wanted.shape}")
    result = picture
    for n, (ring, iris, corners, lids) in enumerate(EYES):
        own = np.asarray(points[iris[0], :2], np.float64)
        to = np.asarray(wanted[n if len(wanted) == 2 else iris[0], :2], np.float64)
        ends = np.asarray(points[list(corners), :2], np.float64)
        width = max(float(np.linalg.norm(ends[0] - ends[1])), 1.0)
        by = within_reach(to, own, ends) - own
        by = _moves(by, ends, width, errors[n]) if errors[n] > 0 else by
        apart = float(np.linalg.norm(points[lids[0], :2] - points[lids[1], :2])) / width
        share = amount * ramp(float(np.linalg.norm(by)) / width, BEGINS, WHOLE)
        share *= ramp(apart, NARROW, OPEN)
        if share <= 0:
            continue
        box = eye_box(np.asarray(points[ring, :2], np.float64), width, picture.shape)
        if box is None:
            continue
        corner = np.array([box[1].start, box[0].start], np.float64)
        local = np.asarray(points[..., :2], np.float64) - corner
        layers = take_apart(np.asarray(picture[box], np.float32), local, n)
        if layers is None:
            continue
        if result is picture:
            result = np.array(picture, np.float32)
        drawn = put_together(layers, layers.centre + by)
        mixed = np.float32(share) * layers.lids[..., None]
        result[box] += mixed * (drawn - result[box])
    return result


def within_reach(wanted: Points, own: Points, corners: Points) -> Points:
    """(2,) `wanted` as near as an eye turns: softly limited beyond ALONG and ACROSS.

    Args:
        own: where the iris is; what it reaches already is within reach.
        corners: (2, 2) of the eye.
    """
    width = max(float(np.linalg.norm(corners[1] - corners[0])), 1.0)
    along = (corners[1] - corners[0]) / width
    axes = np.stack([along, np.array([-along[1], along[0]])])
    middle = corners.mean(axis=0)
    to, now = axes @ (wanted - middle) / width, axes @ (own - middle) / width
    for n, (free, most) in enumerate((ALONG, ACROSS)):
        free, most = max(free, abs(float(now[n]))), max(most, abs(float(now[n])) + 1e-3)
        over = max(abs(float(to[n])) - free, 0.0)
        to[n] = np.sign(to[n]) * (abs(float(to[n])) - over
                                  + (most - free) * np.tanh(over / (most - free)))  # fmt: skip
    return np.asarray(middle + width * (to @ axes), np.float64)


def _moves(by: Points, corners: Points, width: float, error: float) -> Points:
    """(2,) a change of gaze, pixels, without what the picture's own eye serves for."""
    along = (corners[1] - corners[0]) / width
    axes = np.stack([along, np.array([-along[1], along[0]])])
    parts = axes @ by / width
    size = np.clip((np.abs(parts) / error - SERVES) / (IN_FULL - SERVES), 0, 1)
    return np.asarray(width * ((parts * size) @ axes), np.float64)


def eye_box(ring: Points, width: float, shape: tuple[int, ...]) -> tuple[slice, slice] | None:
    """Rows and columns round an eye's lids; None where they lie outside the picture."""
    room = 0.25 * width + 2
    low, high = np.floor(ring.min(axis=0) - room), np.ceil(ring.max(axis=0) + room)
    left, top = max(int(low[0]), 0), max(int(low[1]), 0)
    right, bottom = min(int(high[0]), shape[1]), min(int(high[1]), shape[0])
    return (slice(top, bottom), slice(left, right)) if right - left > 6 < bottom - top else None
