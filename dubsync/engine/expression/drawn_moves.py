"""What expression scores move in a general face, drawn by geometry on a rest face.

Used for what an actor's footage never shows.  No recordings: amplitudes are those of a full score
in an adult face, model units (1 = distance between the eyes, about 63 mm).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import LANDMARKS
from dubsync.engine.geometry.mesh import (
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
from dubsync.engine.motion.prior import mouth_moves

Values = NDArray[np.float64]

#: Of each side, right then left: inner and outer ends of the brow, cheek, nose wing, eye, corner.
INNER_BROW = ((55, 107), (285, 336))
OUTER_BROW = ((46, 70, 53, 63), (276, 300, 283, 293))
CHEEK = ((50, 205, 36), (280, 425, 266))
WING = ((129, 102), (358, 331))
EYES, BROWS = (RIGHT_EYE, LEFT_EYE), (RIGHT_BROW, LEFT_BROW)
CORNERS = (RIGHT_CORNER, LEFT_CORNER)
#: Reach of a brow's end, of a cheek and of a corner, model units.
BROW_REACH, CHEEK_REACH, CORNER_REACH = 0.22, 0.34, 0.28
#: A jaw that opens as far as a score of 1 says, in times a jaw that speaks.
WIDE_JAW = 2.2


def drawn_moves(rest: Array, share: Array) -> Mapping[str, Array]:
    """Score name -> (478, 3) displacement at score 1, model units.

    Args:
        rest: (478, 3) the face at rest, model units.
        share: (478,) fraction of a landmark that belongs to the mouth, `mesh.lower_face`.
    """
    p = np.asarray(rest, np.float64)
    speech = mouth_moves(rest, share).astype(np.float64)
    moves = {
        "jawOpen": WIDE_JAW * speech[0],
        "mouthPucker": 1.6 * speech[4],
        "mouthFunnel": 1.2 * speech[4] + 0.5 * speech[1] + 0.5 * speech[2],
        "browInnerUp": sum(_towards(p, INNER_BROW[n], BROW_REACH, y=-0.11) for n in (0, 1)),
    }
    for n, side in enumerate(("Right", "Left")):
        for name, make in _SIDED.items():
            moves[f"{name}{side}"] = make(p, n)
    return {name: np.asarray(move, np.float32) for name, move in moves.items()}


def _brow_down(p: Values, n: int) -> Values:
    brow = tuple(int(one) for one in BROWS[n])
    inwards = _outwards(n) * -0.05
    return _towards(p, brow, BROW_REACH, y=0.07) + _towards(
        p, INNER_BROW[n], BROW_REACH, x=inwards, y=0.03
    )


def _brow_outer_up(p: Values, n: int) -> Values:
    return _towards(p, OUTER_BROW[n], BROW_REACH, y=-0.11)


def _blink(p: Values, n: int) -> Values:
    """Upper lid down to the lower one, the lower one up by a tenth; its skin follows."""
    return _lids(p, n, upper=0.92, lower=-0.08)


def _wide(p: Values, n: int) -> Values:
    return _lids(p, n, upper=-0.3, lower=0.06)


def _squint(p: Values, n: int) -> Values:
    return _lids(p, n, upper=0.12, lower=-0.35) + _towards(p, CHEEK[n], CHEEK_REACH, y=-0.02)


def _cheek(p: Values, n: int) -> Values:
    return _lids(p, n, upper=0.0, lower=-0.18) + _towards(p, CHEEK[n], CHEEK_REACH, y=-0.06)


def _smile(p: Values, n: int) -> Values:
    corner = _towards(p, (CORNERS[n],), CORNER_REACH, x=0.11 * _outwards(n), y=-0.10, z=0.05)
    return corner + _towards(p, CHEEK[n], CHEEK_REACH, x=0.02 * _outwards(n), y=-0.05)


def _frown(p: Values, n: int) -> Values:
    return _towards(p, (CORNERS[n],), CORNER_REACH, x=0.01 * _outwards(n), y=0.08)


def _stretch(p: Values, n: int) -> Values:
    return _towards(p, (CORNERS[n],), CORNER_REACH, x=0.09 * _outwards(n), y=0.02, z=0.03)


def _dimple(p: Values, n: int) -> Values:
    return _towards(p, (CORNERS[n],), CORNER_REACH, x=0.05 * _outwards(n), z=0.05)


def _press(p: Values, n: int) -> Values:
    """The lips' red rolled in and thinner, on one side of the mouth."""
    side, thin = _side(p, n), np.zeros((LANDMARKS, 3))
    middle = (p[UPPER_INNER_LIP, 1] + p[LOWER_INNER_LIP, 1]) / 2
    lips = np.zeros(LANDMARKS)
    lips[LIPS] = 1
    thin[:, 1] = lips * side * 0.35 * (middle - p[:, 1])
    thin[:, 2] = lips * side * 0.02
    return thin


def _upper_up(p: Values, n: int) -> Values:
    return _lip(p, n, slice(11, None), -0.07)


def _lower_down(p: Values, n: int) -> Values:
    return _lip(p, n, slice(1, 10), 0.07)


def _sneer(p: Values, n: int) -> Values:
    return _towards(p, WING[n], 0.18, y=-0.06) + 0.4 * _upper_up(p, n)


_SIDED: Mapping[str, Callable[[Values, int], Values]] = {
    "browDown": _brow_down, "browOuterUp": _brow_outer_up, "eyeBlink": _blink, "eyeWide": _wide,
    "eyeSquint": _squint, "cheekSquint": _cheek, "mouthSmile": _smile, "mouthFrown": _frown,
    "mouthStretch": _stretch, "mouthDimple": _dimple, "mouthPress": _press,
    "mouthUpperUp": _upper_up, "mouthLowerDown": _lower_down, "noseSneer": _sneer,
}  # fmt: skip


def _outwards(n: int) -> float:
    """Direction from the middle of the face to its right side (the picture's left), or left."""
    return (-1.0, 1.0)[n]


def _side(p: Values, n: int) -> Values:
    """(478,) 1 on one side of the face, 0 on the other, half in its middle."""
    away = _outwards(n) * (p[:, 0] - p[UPPER_INNER_LIP, 0])
    return np.asarray(np.clip(0.5 + away / 0.2, 0, 1))


def _towards(
    p: Values, points: tuple[int, ...], reach: float, x: float = 0, y: float = 0, z: float = 0
) -> Values:
    """(478, 3) a displacement that is full at `points` and falls off within `reach`."""
    away = np.min([np.linalg.norm(p - p[one], axis=1) for one in points], axis=0)
    return np.asarray(np.exp(-2 * (away / reach) ** 2)[:, None] * np.array([x, y, z]))


def _lids(p: Values, n: int, *, upper: float, lower: float) -> Values:
    """Lids moved down by shares of the eye's own height at each of their landmarks."""
    eye, move = EYES[n], np.zeros((LANDMARKS, 3))
    low, high = eye[1:8], eye[9:][::-1]  # the lower lid's landmarks; the upper lid's beside them
    height = np.maximum(p[low, 1] - p[high, 1], 0)
    move[high, 1] = upper * height
    move[low, 1] = lower * height
    return move


def _lip(p: Values, n: int, part: slice, by: float) -> Values:
    """One lip moved down by `by` on one side, most in its middle."""
    move = np.zeros((LANDMARKS, 3))
    half = abs(p[LEFT_CORNER, 0] - p[RIGHT_CORNER, 0]) / 2
    bend = 1 - np.clip(np.abs(p[:, 0] - p[UPPER_INNER_LIP, 0]) / half, 0, 1) ** 2
    for ring in (OUTER_LIPS, INNER_LIPS):
        rows = ring[part]
        move[rows, 1] = by * (bend * _side(p, n))[rows]
    return move
