"""Touching lips: move the landmark pairs along the mouth's opening to a given distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.mesh import LIP_CONTACTS

Values = NDArray[np.float64]


def gaps(faces: Values | Array) -> Values:
    """(T, 9) vertical distance of each pair of inner lip landmarks; faces without head movement."""
    upper, lower = LIP_CONTACTS.T
    return np.asarray(faces[:, lower, 1] - faces[:, upper, 1], np.float64)


def meet(
    faces: Values | Array, wanted: Values | None = None, strength: Values | None = None
) -> Values:
    """Faces (T, 478, 3) whose inner lips are `wanted` (T, 9) apart (default: touching).

    Each pair's centre stays; the red of the lips follows the inner edge, less the further out.
    `strength` (T,) 0..1 applies it in part.
    """
    surplus = gaps(faces) - (0 if wanted is None else wanted)
    if strength is not None:
        surplus = surplus * strength[:, None]
    moved = np.array(faces, np.float64)
    for upper, lower, pull in _ROWS:
        moved[:, upper, 1] += pull * surplus / 2
        moved[:, lower, 1] -= pull * surplus / 2
    return moved


def _row(upper: str, lower: str, pull: float) -> tuple[list[int], list[int], float]:
    return [int(n) for n in upper.split()], [int(n) for n in lower.split()], pull


#: Upper and lower landmarks beside each contact, from the inner edge outwards, and their pull.
_ROWS = (
    (*LIP_CONTACTS.T.tolist(), 1.0),
    _row("183 42 41 38 12 268 271 272 407", "96 89 179 86 15 316 403 319 325", 0.7),
    _row("184 74 73 72 11 302 303 304 408", "77 90 180 85 16 315 404 320 307", 0.4),
    _row("185 40 39 37 0 267 269 270 409", "146 91 181 84 17 314 405 321 375", 0.2),
)
