"""What one frame is drawn on, and an exemplar prepared to draw from."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region

#: Rows and columns of a sheet.
Part = tuple[slice, slice]


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """An exemplar on the device.

    picture    (3, H, W); empty where only `low` is read
    low        (3, H', W') the same at LOW_SAMPLES per eye distance
    points     (478, 2) in the picture
    low_scale  (2,) from picture to low
    unit       an eye distance, pixels
    sharpness  Laplacian energy of the mouth
    hidden     (1, H, W) 1 where something stands in front of the face; None where nothing does
    host       `picture` in the processor's memory, the same tensor where it is drawn there
    """

    picture: torch.Tensor
    low: torch.Tensor
    points: Array
    low_scale: Array
    unit: float
    sharpness: float
    hidden: torch.Tensor | None = None
    host: torch.Tensor = field(default_factory=lambda: torch.empty(3, 0, 0))

    def without_picture(self) -> Source:
        """The same, holding no more than `low`, and whether anything is hidden."""
        hidden = None if self.hidden is None else self.hidden.new_ones(1, 1, 1)
        picture, host = (one.new_empty(3, 0, 0) for one in (self.picture, self.host))
        return replace(self, picture=picture, hidden=hidden, host=host)


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """What one frame is drawn on: `region` of the plate, h x w.

    landmarks, wanted  (478, 2 or 3) of the plate's face and of the face to draw, plate pixels
    plate     (h, w, 3) working colour
    skin      (h, w, 3) the plate warped to the wanted landmarks; the plate itself where only
              exemplars may be used
    moved     (h, w)    how far `skin` was warped, eye distances
    matte     (h, w) uint8
    lips      (h, w)    0..1, the lips and a little round them
    trusted   (h, w)    skin to fit colour on
    textured  (h, w)    skin to fit sharpness on
    dragged   (h, w)    0..1, where `skin` shows what stands in front of the face, moved with the
              skin beside it; None where nothing is in front
    origin    (h, w, 2) where in the plate `skin` was, pixels x, y; None where it stays
    part      rows and columns in which it is drawn or measured; `skin` may be 0 elsewhere
    """

    region: Region
    unit: float
    landmarks: Array
    wanted: Array
    plate: Array
    skin: Array
    moved: Array
    matte: NDArray[np.uint8]
    lips: Array
    trusted: NDArray[np.bool_]
    textured: NDArray[np.bool_]
    dragged: Array | None = None
    origin: Array | None = None
    part: Part = (slice(None), slice(None))

    def part_with(self, room: int) -> Part:
        """The part, and `room` pixels round it."""
        rows, columns = (
            slice(max(0, (one.start or 0) - room), None if one.stop is None else one.stop + room)
            for one in self.part
        )
        return rows, columns


def filled_part(matte: NDArray[np.uint8]) -> Part:
    """Rows and columns of the matte that are not empty, aligned to 8 so that chroma fits."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    top, left = int(rows[0]) // 8 * 8, int(columns[0]) // 8 * 8
    bottom = min(matte.shape[0], -(-(int(rows[-1]) + 1) // 8) * 8)
    right = min(matte.shape[1], -(-(int(columns[-1]) + 1) // 8) * 8)
    return slice(top, bottom), slice(left, right)


def seen_part(matte: NDArray[np.uint8], skin: NDArray[np.bool_], mouth: Region) -> Part:
    """The rows and columns that hold the matte, the `skin` measured (h, w), and the mouth's box."""
    rows, columns = filled_part(matte)
    seen = skin.copy()
    seen[rows, columns] = True
    seen[mouth.rows, mouth.columns] = True
    # The energy of detail is measured with the pixels beside the skin's.
    down, across = (np.flatnonzero(seen.any(axis=axis)) for axis in (1, 0))
    return (
        slice(max(0, int(down[0]) - 1), int(down[-1]) + 2),
        slice(max(0, int(across[0]) - 1), int(across[-1]) + 2),
    )
