"""Synthetic movements of a generic mouth, defined by geometry on the neutral face.

They are the prior of a basis learnt from little footage.  No recordings: a jaw that turns on its
hinge, lips that part, spread, round, press and roll.  Amplitudes are about those of speech, in
model units (1 = distance between the eyes).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import LANDMARKS
from dubsync.engine.geometry.mesh import (
    CHIN,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_CORNER,
    LEFT_EYE,
    LIPS,
    LOWER_INNER_LIP,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_CORNER,
    RIGHT_EYE,
    UPPER_INNER_LIP,
)

Values = NDArray[np.float64]


def mouth_moves(face: Array, share: Array) -> Array:
    """(12, 478, 3) movements of the lower face of `face` (478, 3), model units.

    Args:
        face: a face seen from the front, its mouth about closed.
        share: (478,) fraction of a landmark that belongs to the mouth, `mesh.lower_face`.
    """
    p = np.asarray(face, np.float64)
    below, upper, lower = _sides(p)
    right, left = _near(p, RIGHT_CORNER), _near(p, LEFT_CORNER)
    lips = np.zeros(LANDMARKS)
    lips[LIPS] = 1
    round_lips = np.maximum(lips, 0.6 * _near(p, UPPER_INNER_LIP, 0.35))
    middle = (p[UPPER_INNER_LIP] + p[LOWER_INNER_LIP]) / 2
    half = abs(p[LEFT_CORNER, 0] - p[RIGHT_CORNER, 0]) / 2
    across = np.clip((p[:, 0] - middle[0]) / half, -1, 1)
    off = (p[:, 1] - middle[1]) / half
    x, y, z = np.eye(3)
    centre = 1 - across**2
    moves = [
        _jaw_turn(p, 0.16) * below[:, None],
        0.05 * lower[:, None] * y,
        -0.04 * upper[:, None] * y,
        0.06 * (left - right)[:, None] * x,
        0.07 * (-across * round_lips)[:, None] * x - 0.05 * round_lips[:, None] * z,
        -0.05 * (left + right)[:, None] * y + 0.03 * (left - right)[:, None] * x,
        0.03 * below[:, None] * x,
        0.03 * round_lips[:, None] * x,
        -0.03 * (lower * (0.4 + 0.6 * centre))[:, None] * z,
        -0.02 * (lips * off)[:, None] * y + 0.015 * lips[:, None] * z,
        -0.03 * (left - right)[:, None] * y,
        -0.03 * below[:, None] * z,
    ]
    return np.asarray(np.stack(moves) * share[None, :, None], np.float32)


def upper_moves(face: Array, share: Array) -> Array:
    """(6, 478, 3) movements of brows and lids: brows up, their middles in, lids shut, squint."""
    p = np.asarray(face, np.float64)
    moves = np.zeros((6, LANDMARKS, 3))
    for n, (brow, eye) in enumerate(((RIGHT_BROW, RIGHT_EYE), (LEFT_BROW, LEFT_EYE))):
        near = np.max([_near(p, int(point), 0.22) for point in brow], axis=0)
        moves[0, :, 1] -= 0.06 * near
        moves[1 + n, :, 1] -= 0.03 * near
        middle = p[eye].mean(axis=0)
        lid = np.zeros(LANDMARKS)
        lid[eye] = 1
        upper = lid * (p[:, 1] < middle[1])
        moves[3, :, 1] += upper * (middle[1] - p[:, 1])
        moves[4 + n, :, 1] += 0.4 * lid * (middle[1] - p[:, 1])
    return np.asarray(moves * (1 - share)[None, :, None], np.float32)


def _sides(p: Values) -> tuple[Values, Values, Values]:
    """How far each landmark goes with the jaw, the upper lip and the lower lip."""
    corner = (p[RIGHT_CORNER, 1] + p[LEFT_CORNER, 1]) / 2
    drop = p[CHIN, 1] - corner
    below = np.clip((p[:, 1] - corner) / (0.3 * drop) * 0.5 + 0.5, 0, 1)
    below = below * below * (3 - 2 * below)
    upper, lower = np.zeros(LANDMARKS), np.zeros(LANDMARKS)
    half = abs(p[LEFT_CORNER, 0] - p[RIGHT_CORNER, 0]) / 2
    for ring in (OUTER_LIPS, INNER_LIPS):
        lower[ring[1:10]], upper[ring[11:]] = 1, 1
    rest = np.setdiff1d(LIPS, np.concatenate([OUTER_LIPS, INNER_LIPS]))
    lower[rest] = p[rest, 1] > p[LOWER_INNER_LIP, 1]
    upper[rest] = p[rest, 1] < p[UPPER_INNER_LIP, 1]
    bend = 1 - np.clip(np.abs(p[:, 0] - p[UPPER_INNER_LIP, 0]) / half, 0, 1) ** 2
    below[INNER_LIPS[1:10]] = np.maximum(below[INNER_LIPS[1:10]], bend[INNER_LIPS[1:10]] ** 0.5)
    below[OUTER_LIPS[1:10]] = np.maximum(below[OUTER_LIPS[1:10]], bend[OUTER_LIPS[1:10]] ** 0.5)
    below[upper > 0] = 0
    near_upper = np.maximum(upper, 0.6 * _near(p, UPPER_INNER_LIP, 0.25) * (below < 0.5))
    near_lower = np.maximum(lower, 0.6 * _near(p, LOWER_INNER_LIP, 0.25) * (below >= 0.5))
    return below, near_upper * bend, near_lower * bend


def _near(p: Values, landmark: int, radius: float = 0.3) -> Values:
    away = np.linalg.norm(p[:, :2] - p[landmark, :2], axis=1)
    return np.asarray(np.exp(-((away / radius) ** 2) * 2), np.float64)


def _jaw_turn(p: Values, angle: float) -> Values:
    """Displacements of a rotation about the hinge below the ears, opening."""
    hinge = (p[234] + p[454]) / 2
    arm = p - hinge
    cos, sin = np.cos(angle), np.sin(angle)
    turned = arm.copy()
    # Opening takes the chin, which lies in front of the hinge (smaller z), down and back.
    turned[:, 1] = cos * arm[:, 1] - sin * arm[:, 2]
    turned[:, 2] = sin * arm[:, 1] + cos * arm[:, 2]
    return np.asarray(turned - arm, np.float64)
