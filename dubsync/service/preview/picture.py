"""One previewed frame, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class PreviewPicture:
    """One frame of a shot as it would be rendered, at viewer size.

    image      (H, W, 3) uint8 R'G'B', as displayed
    matte      (H, W) uint8, 0 where the plate is kept; None where nothing changes
    landmarks  character -> (478, 2) of the plate's face, picture pixels; only of faces seen here
    renderer   what drew it: "actor", "warp", "actor, warp"; "" where the plate is kept
    """

    shot: str
    frame: int
    image: NDArray[np.uint8]
    matte: NDArray[np.uint8] | None
    landmarks: Mapping[str, NDArray[np.float32]]
    renderer: str

    @property
    def box(self) -> tuple[int, int, int, int] | None:
        """(left, top, right, bottom) of the matte; None where the plate is kept."""
        if self.matte is None or not self.matte.any():
            return None
        rows, columns = np.flatnonzero(self.matte.any(1)), np.flatnonzero(self.matte.any(0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
