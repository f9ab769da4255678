"""The part of the plate that a head is drawn on, at the plate's pixels and at the working size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Region
from dubsync.engine.head.head_crop import working_size

Points = NDArray[Any]

#: Working pixels of an eye distance (model unit): all geometry is worked out at this size.
UNIT_PX = 50.0


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where a head is drawn.

    region  square pixels of the plate
    px      plate pixels per working pixel
    unit    an eye distance, working pixels
    """

    region: Region
    px: float
    unit: float = UNIT_PX

    @property
    def whole(self) -> Region:
        """All of the canvas's own pixels."""
        return Region(0, 0, self.region.width, self.region.height)

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns at the working size."""
        return working_size((self.region.height, self.region.width), self.px)

    @property
    def corner(self) -> tuple[float, float]:
        """x, y of the region's corner, plate pixels."""
        return float(self.region.left), float(self.region.top)

    def working(self, points: Points) -> Points:
        """Plate points (..., 2 or 3) in working pixels; depth is scaled too."""
        start = np.zeros(points.shape[-1])
        start[:2] = self.corner
        return np.asarray((np.asarray(points, np.float64) - start) / self.px)

    def covered(self, box: Region, room: int = 0) -> Region | None:
        """The region's own pixels that a box of working pixels covers; None: hardly any."""
        left, top = (int(np.floor(at * self.px)) - room for at in (box.left, box.top))
        right, bottom = (int(np.ceil(at * self.px)) + room for at in (box.right, box.bottom))
        place = Region(
            max(0, left), max(0, top),
            min(self.region.width, right), min(self.region.height, bottom),
        )  # fmt: skip
        return place if place.width > 3 and place.height > 3 else None
