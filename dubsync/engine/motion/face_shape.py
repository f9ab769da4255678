"""A face of another shape: wider, with a larger jaw, a longer chin, larger eyes or nose."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FACE_SHAPES, LANDMARKS
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.geometry.mesh import (
    CHIN,
    LEFT_EYE,
    LEFT_IRIS,
    LOWER_INNER_LIP,
    NOSE_BASE,
    NOSE_TIP,
    RIGHT_EYE,
    RIGHT_IRIS,
    UPPER_INNER_LIP,
)

Values = NDArray[np.float64]

#: The controls in the order of `MotionTrack.face_shape`.
SHAPES = ("face_width", "jaw_size", "chin", "eye_size", "nose")
#: Reach of an eye's and of the nose's growth beyond their edge, model units.
EYE_REACH, NOSE_REACH = 0.22, 0.18
#: The nose's landmarks: bridge, tip, wings.
_NOSE = (6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 129, 358, 48, 278, 64, 294, 115, 344, 220, 440)


def face_shape(tweak: Tweak, frames: FrameRange, drawn: NDArray[np.bool_]) -> Array | None:
    """(T, 5) change of each shape in `frames`, 0 where not `drawn` (T,); None: none anywhere."""
    if not any(tweak.overrides(name, frames) for name in SHAPES):
        return None
    change = np.stack([tweak.at(name, frames) - 1 for name in SHAPES], axis=1)
    change = np.where(drawn[:, None], change, 0)
    return np.asarray(change, np.float32) if change.any() else None


def shape_change(face_shape: Array, rest: Array) -> Array:
    """Displacements (T, 478, 3), model units, of changes (T, 5) on a face at rest (478, 3)."""
    moves = _moves(np.asarray(rest, np.float64).tobytes())
    return np.asarray(np.tensordot(face_shape, moves, axes=1), np.float32)


@cache
def _moves(rest: bytes) -> Values:
    """(5, 478, 3) displacement for a change by 1 of each shape, smooth over the face."""
    p = np.frombuffer(rest, np.float64).reshape(LANDMARKS, 3)
    moves = np.zeros((FACE_SHAPES, LANDMARKS, 3))
    middle = p[NOSE_TIP, 0]
    across = p[:, 0] - middle
    half = np.abs(across).max()
    # The outline goes out in full, eyes, nose and mouth by less: they keep their own size.
    outer = _rise(np.abs(across) / half, 0.25, 0.8)
    moves[0, :, 0] = across * (0.4 + 0.6 * outer)
    below = _rise(p[:, 1], p[NOSE_BASE, 1], p[LOWER_INNER_LIP, 1] + 0.15)
    moves[1, :, 0] = across * below * outer
    under = _rise(p[:, 1], p[LOWER_INNER_LIP, 1] + 0.08, p[CHIN, 1])
    moves[2, :, 1] = (p[CHIN, 1] - p[UPPER_INNER_LIP, 1]) * under
    for eye, iris in ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS)):
        moves[3] += _grown(p, eye, EYE_REACH)
        moves[3, iris] = p[iris] - p[eye].mean(axis=0)
    moves[4] = _grown(p, np.array(_NOSE), NOSE_REACH)
    return moves


def _grown(p: Values, part: NDArray[np.intp], reach: float) -> Values:
    """A part of the face grown about its middle; beyond its edge the growth falls off."""
    away = np.min([np.linalg.norm(p - p[one], axis=1) for one in part], axis=0)
    share = np.exp(-2 * (away / reach) ** 2)
    return np.asarray((p - p[part].mean(axis=0)) * share[:, None])


def _rise(values: Values, low: float, high: float) -> Values:
    x = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(x * x * (3 - 2 * x))
