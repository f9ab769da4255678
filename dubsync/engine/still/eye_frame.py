"""An eye's own frame: along its corners, and the curves of its lids, crease and brow in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.mesh import Indices
from dubsync.engine.still.controls import BROW_RING, CORNERS, EYES, LID_RING, LOWER_RING

Points = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class EyeFrame:
    """u runs along the eye from the corner at the left of the picture (0) to the other (1), v
    down from the line between them, both in eye widths.

    eye    0 the subject's right, 1 the left
    flat   (478, 2) landmarks, pixels
    """

    eye: int
    flat: Points

    @classmethod
    def of(cls, landmarks: Points, eye: int) -> EyeFrame:
        """Of landmarks (478, 2 or 3), pixels."""
        return cls(eye, np.asarray(landmarks[:, :2], np.float64))

    @property
    def corner(self) -> Points:
        return np.asarray(self.flat[CORNERS[self.eye][0]])

    @property
    def along(self) -> Points:
        """(2,) from corner to corner, pixels."""
        return np.asarray(self.flat[CORNERS[self.eye][1]] - self.corner)

    @property
    def width(self) -> float:
        """Pixels from corner to corner."""
        return max(float(np.linalg.norm(self.along)), 1.0)

    def inside(self, points: Points) -> Points:
        """(..., 2) u, v of points (..., 2)."""
        x, y = self.along / self.width**2
        away = np.asarray(points) - self.corner
        u = away[..., 0] * x + away[..., 1] * y
        v = away[..., 1] * x - away[..., 0] * y
        return np.stack([u, v], axis=-1)

    def outside(self, at: Points) -> Points:
        """(..., 2) pixels of u, v (..., 2)."""
        x, y = self.along
        u, v = at[..., 0], at[..., 1]
        return np.stack([u * x - v * y, u * y + v * x], axis=-1) + self.corner

    def upper(self, u: Points) -> Array:
        """v of the upper lid's edge at each u."""
        return self._curve([*EYES[self.eye][8:], EYES[self.eye][0]], u)

    def lower(self, u: Points) -> Array:
        return self._curve(EYES[self.eye][:9], u)

    def lid_line(self, u: Points, shut: float) -> Array:
        """v of the upper lid's edge, drawn: as tracked while open, one smooth curve when shut.

        The tracker lets shut lids cross one another in places.
        """
        knots = np.linspace(0, 1, 15)
        middle = (self.upper(knots) + 2 * self.lower(knots)) / 3
        curve = np.polynomial.Polynomial.fit(knots, middle, 3)
        share = float(smooth((shut - 0.5) / 0.3))
        line = np.asarray(curve(np.clip(u, -0.05, 1.05)), np.float32)
        return np.asarray(self.upper(u) * (1 - share) + line * share, np.float32)

    def crease(self, u: Points) -> Array:
        return self._curve(LID_RING[self.eye], u)

    def below(self, u: Points) -> Array:
        """v of the ring of skin below the lower lid."""
        return self._curve(LOWER_RING[self.eye], u)

    def brow(self, u: Points) -> Array:
        """v of the ring of skin under the brow."""
        return self._curve(BROW_RING[self.eye], u)

    def opening(self) -> float:
        """Mean distance of the lids over the eye's middle, eye widths."""
        u = np.linspace(0.3, 0.7, 9)
        return float(np.maximum(self.lower(u) - self.upper(u), 0).mean())

    def box(self, size: tuple[int, int], room: float) -> tuple[slice, slice] | None:
        """Rows and columns of the eye with its lid's skin and `room` (eye widths) round it; None
        where it is outside a picture of `size` (h, w)."""
        ids = [*EYES[self.eye], *LID_RING[self.eye]]
        low = np.floor(self.flat[ids].min(axis=0) - room * self.width).astype(int)
        high = np.ceil(self.flat[ids].max(axis=0) + room * self.width).astype(int)
        left, top = np.maximum(low, 0)
        right, bottom = np.minimum(high, (size[1], size[0]))
        if right - left < 4 or bottom - top < 4:
            return None
        return slice(int(top), int(bottom)), slice(int(left), int(right))

    def _curve(self, ids: Indices | list[Any], u: Points) -> Array:
        points = self.inside(self.flat[list(ids)])
        order = np.argsort(points[:, 0])
        return np.asarray(np.interp(u, points[order, 0], points[order, 1]), np.float32)


def grid(box: tuple[slice, slice]) -> Array:
    """(h, w, 2) pixel centres of a box of rows and columns."""
    y, x = np.mgrid[box[0], box[1]].astype(np.float32)
    return np.asarray(np.stack([x, y], axis=-1) + np.float32(0.5), np.float32)


def smooth(x: Array | float) -> Array:
    """0 below 0, 1 above 1, smooth between."""
    x = np.clip(np.asarray(x, np.float32), 0, 1)
    return np.asarray(x * x * (3 - 2 * x), np.float32)
