"""The expression that one face wears: how its skin is moved, as far as one picture tells.

Nobody knows a stranger's neutral face from one photograph.  What is known is which scores Face
Landmarker gives to the landmarks; so the face's own smile is what must be taken back, along a few
movements that mouths, lids and brows can make, until the scores are those of a calm face.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.lips import gaps, meet
from dubsync.engine.geometry.mesh import (
    LEFT_CORNER,
    LIP_CONTACTS,
    RIGHT_CORNER,
    lower_face,
)
from dubsync.engine.motion.prior import mouth_moves, upper_moves
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, canonical_face

Values = NDArray[np.float64]
#: (478, 2 or 3) landmarks to (52,) scores: `Landmarker.expression`.
Scores = Callable[[Array], Array]

#: A score up to here is not an expression.
CALM_SCORE = 0.06
#: Price of a movement, per square of its share of a usual one.
PRICE = 0.012
ROUNDS = 8
#: Width of a calm mouth, eye distances: of the people in benchmarks/stills.py.
CALM_WIDTH = (0.72, 0.86)
#: Movements of `mouth_moves` that a photograph's mouth may have made: jaw, lips parted, wide,
#: rounded, smile, rolled, frown.  Sideways jaws are faces, not expressions.
_MOUTH = (0, 1, 2, 3, 4, 5, 8, 9, 10)
_CALMED = tuple(
    n for n, name in enumerate(BLENDSHAPE_NAMES) if name.startswith(("mouth", "jawOpen", "cheek"))
)
_LIDS = tuple(n for n, name in enumerate(BLENDSHAPE_NAMES) if name.startswith("eyeBlink"))


def own_expression(face: Array, scores: Scores, *, lids: bool = False) -> Array:
    """(478, 3) how `face` is moved from its calm self, model units; zero for a calm face.

    Args:
        face: (478, 3) seen from the front, model units.
        scores: `Landmarker.expression`.
        lids: take closed lids as an expression too.  A photograph with closed eyes tells nothing
            of open ones, so this serves a driver's neutral only.
    """
    start = np.asarray(face, np.float64)
    moves = _moves(start, lids)
    watched = np.array([*_CALMED, *(_LIDS if lids else ())])
    amount = np.zeros(len(moves))

    def strain(values: Values) -> Values:
        at = start - np.tensordot(values, moves, 1)
        seen = np.asarray(scores(np.asarray(at * 100 + 300, np.float32)), np.float64)
        return np.append(np.maximum(seen[watched] - CALM_SCORE, 0), _mouth_strain(at))

    now = strain(amount)
    for _ in range(ROUNDS):
        if (np.abs(now) < 0.02).all():
            break
        step = 0.08
        slope = np.stack([strain(amount + step * unit) - now for unit in np.eye(len(moves))]) / step
        normal = slope @ slope.T + PRICE * np.eye(len(moves))
        change = np.linalg.solve(normal, -(slope @ now) - PRICE * amount)
        wanted = amount + np.clip(change, -0.6, 0.6)
        then = strain(wanted)
        if (then**2).sum() + PRICE * (wanted**2).sum() >= (now**2).sum() + PRICE * (
            amount**2
        ).sum():
            break
        amount, now = wanted, then
    calm = start - np.tensordot(amount, moves, 1)
    calm = meet(calm[None], np.maximum(np.minimum(gaps(calm[None]), gaps(start[None])), 0))[0]
    return np.asarray(start - calm, np.float32)


def _mouth_strain(face: Values) -> Values:
    """(3,) how open the lips are, and how far the mouth is from a calm mouth's width and height.

    The scores alone would purse a mouth until it cannot smile.
    """
    opening = max(float(gaps(face[None])[0, 2:7].mean()), 0.0)
    width = float(np.linalg.norm(face[LEFT_CORNER] - face[RIGHT_CORNER]))
    least, most = CALM_WIDTH
    beyond = max(least - width, 0.0) - max(width - most, 0.0)
    corners = float(face[[LEFT_CORNER, RIGHT_CORNER], 1].mean() - face[LIP_CONTACTS[4], 1].mean())
    return np.array([4.0 * opening, 5.0 * beyond, 3.0 * min(max(abs(corners) - 0.02, 0.0), 0.1)])


def _moves(face: Values, lids: bool) -> Values:
    share = lower_face(canonical_face())
    mouth = mouth_moves(np.asarray(face, np.float32), share)[list(_MOUTH)].astype(np.float64)
    squeezed = [mouth, _smile(face)[None]]
    if lids:
        squeezed.append(upper_moves(np.asarray(face, np.float32), share)[3:4].astype(np.float64))
    return np.concatenate(squeezed)


def _smile(face: Values) -> Values:
    """A broad smile with its cheeks: corners out, up and back, cheeks up, the upper lip thinner."""
    result = np.zeros_like(face)
    for corner, cheek, side in ((RIGHT_CORNER, 205, -1.0), (LEFT_CORNER, 425, 1.0)):
        away = np.linalg.norm(face[:, :2] - face[corner, :2], axis=1)
        near = np.exp(-((away / 0.32) ** 2) * 2)[:, None]
        result += near * (0.08 * side, -0.05, 0.05)
        away = np.linalg.norm(face[:, :2] - face[cheek, :2], axis=1)
        result += np.exp(-((away / 0.35) ** 2) * 2)[:, None] * (0.0, -0.035, -0.01)
    middle = face[LIP_CONTACTS.ravel()].mean(axis=0)
    away = np.linalg.norm(face[:, :2] - middle[:2], axis=1)
    result += np.exp(-((away / 0.25) ** 2) * 2)[:, None] * (0.0, -0.01, 0.01)
    return result
