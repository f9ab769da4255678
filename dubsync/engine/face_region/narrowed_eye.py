"""An eye that narrows keeps its iris: lids pass over the eyeball that is there already.

Footage in which the lids come down shows blinks, in which the eye rolls under the lid, and a warp
of the lids flattens the iris.  So where an open eye of the plate narrows, what is between the lids
is the plate's own eyeball, cut by them; under the upper one it is darker.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.flat_face import sample_bicubic
from dubsync.engine.face_region.eye_grid import between_lids, grid, ramp, ramps
from dubsync.engine.face_region.eye_layers import EYES, put_together, take_apart
from dubsync.engine.face_region.eyeball import eye_box, within_reach

Points = NDArray[Any]

#: Opening of the plate's eye, eye widths, from which its iris is seen well enough.
CLOSED, OPEN = 0.19, 0.25
#: Share by which it narrows from which its own eyeball shows, and shows alone.
BEGINS, ALONE = 0.15, 0.3
#: Opening that is wanted, eye widths, at which nothing of the eyeball is seen, and some of it is.
SHUT, SLIT = 0.05, 0.09
#: Change of gaze, eye widths, up to which the eyeball stays, and from which it is not the plate's:
#: in a blink it rolls, and a tracker says of half an iris what it likes.
LOOKS = (0.01, 0.03)
#: Soft edge of the lids, eye widths and least pixels.
EDGE, EDGE_PX = 0.03, 1.0
#: Shade of a lid on what it comes to lie over, how far down, and the fall of the lid for it; eye
#: widths.
SHADE, SHADE_FALL, FALLEN = 0.3, 0.07, 0.08


def with_own_iris(
    picture: Array, lids: Points, wanted: Points, plate: Array, points: Points
) -> Array:
    """`picture` (h, w, 3) with the plate's own eyeball in eyes that are open there and narrower
    here; the same array where none is.

    Args:
        lids: (478, 2 or 3) landmarks as drawn in `picture`, pixels.
        wanted: (478, 2 or 3) alike; its irises say where the eyes look.
        plate, points: (H, W, 3) and its landmarks (478, 2 or 3).
    """
    result = picture
    for eye, (ring, iris, corners, middles) in enumerate(EYES):
        share = _share(_opening(points, corners, middles), _opening(lids, corners, middles))
        here, there = (_ends(one, corners) for one in (lids, points))
        width = float(abs(here[1] - here[0]))
        box = eye_box(np.asarray(lids[ring, :2], np.float64), width, picture.shape)
        seen = eye_box(np.asarray(points[ring, :2], np.float64), width, plate.shape)
        if share <= 0 or box is None or seen is None:
            continue
        corner = np.array([seen[1].start, seen[0].start], np.float64)
        local = np.asarray(points[..., :2], np.float64) - corner
        layers = take_apart(np.asarray(plate[seen], np.float32), local, eye)
        if layers is None:
            continue
        carry = (there[1] - there[0]) / (here[1] - here[0])
        own = np.asarray(points[iris[0], :2], np.float64)
        to = _carried(np.asarray(wanted[iris[0], :2], np.float64), here, there, carry)
        both = np.asarray(points[list(corners), :2], np.float64)
        share *= 1 - ramp(float(np.linalg.norm(to - own)) / float(abs(there[1] - there[0])), *LOOKS)
        if share <= 0:
            continue
        ball = put_together(layers, layers.centre + within_reach(to, own, both) - own)
        size = box[0].stop - box[0].start, box[1].stop - box[1].start
        start = np.array([box[1].start, box[0].start])
        at = _carried(grid(size) + start, here, there, carry) - corner
        drawn = sample_bicubic(ball, np.asarray(at, np.float32))
        upper = np.asarray(lids[ring[8:], :2], np.float64) - start
        was = (_carried(points[ring[8:], :2], there, here, 1 / carry)) - start
        drawn = drawn * _shade(upper, was, size, width)[..., None]
        _, deep = between_lids(np.asarray(lids[ring, :2], np.float64) - start, size)
        inside = np.float32(share) * ramps(deep, 0.0, max(EDGE * width, EDGE_PX))
        result = np.array(picture, np.float32) if result is picture else result
        result[box] += inside[..., None] * (drawn - result[box])
    return result


def _share(own: float, wanted: float) -> float:
    """How much of the own eyeball is drawn, from openings in eye widths."""
    narrower = 1 - wanted / max(own, 1e-3)
    return ramp(own, CLOSED, OPEN) * ramp(narrower, BEGINS, ALONE) * ramp(wanted, SHUT, SLIT)


def _opening(points: Points, corners: tuple[int, ...], middles: tuple[int, int]) -> float:
    ends = _ends(points, corners)
    apart = float(np.linalg.norm(points[middles[0], :2] - points[middles[1], :2]))
    return apart / max(float(abs(ends[1] - ends[0])), 1.0)


def _ends(points: Points, corners: tuple[int, ...]) -> tuple[complex, complex]:
    first, last = (complex(*points[n, :2]) for n in corners)
    return first, last if abs(last - first) > 1 else first + 1


def _carried(
    points: Points, here: tuple[complex, complex], there: tuple[complex, complex], by: complex
) -> Points:
    """(..., 2) points carried from one eye's corners to another's."""
    flat = (points[..., 0] + 1j * points[..., 1] - sum(here) / 2) * by + sum(there) / 2
    return np.stack([flat.real, flat.imag], axis=-1)


def _shade(upper: Points, was: Points, size: tuple[int, int], width: float) -> Array:
    """(h, w) what a lid that falls from `was` to `upper` (n, 2) leaves of the light."""
    at = grid(size)
    now, then = (
        np.interp(at[..., 0], line[order, 0], line[order, 1])
        for line in (upper, was)
        for order in (np.argsort(line[:, 0]),)
    )
    fallen = ramps(np.asarray(now - then, np.float32) / np.float32(width), 0.0, FALLEN)
    below = np.maximum(at[..., 1] - now, 0) / (SHADE_FALL * width)
    return np.asarray(1 - SHADE * fallen * np.exp(-below), np.float32)
