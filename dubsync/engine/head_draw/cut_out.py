"""A head parted from its own background, so that it can be laid over another.

Subtracting the known background's share from the soft edge, and adding the new one's, was tried and
lost (docs/benchmarks.md, "Whole heads"): where head and background move apart, its errors show.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.clean_plate.clean_plate import SEEN, CleanPlate
from dubsync.engine.head.head_crop import working_picture
from dubsync.engine.head_draw import head_matte
from dubsync.engine.head_draw.affine_warp import at_pixels
from dubsync.engine.head_draw.inlay.insets import Shown

Points = NDArray[Any]

#: Numbers of `CutOut.edges`.
WIDE, TIGHT = 0, 1


@dataclass(frozen=True, eq=False)
class CutOut:
    """A head and how it is parted from its background.

    picture    (H, W, 3) float32 working colour, background and all
    edges      (H, W, 2) float32, the wide and the tight matte
    landmarks  (478, 3) working pixels
    grid       (n, 2)   the outline's points
    scale      picture pixels per working pixel
    """

    picture: Array
    edges: Array
    landmarks: Points
    grid: Points
    scale: float

    @cached_property
    def small(self) -> tuple[Array, Array]:
        """`picture` and `edges` at the working size."""
        return working_picture(self.picture, self.scale), working_picture(self.edges, self.scale)

    @cached_property
    def shown(self) -> Shown:
        """For insets."""
        return Shown(self.picture, self.landmarks, self.scale)


def share_of(edges: Array, moving: Array) -> Array:
    """(h, w, 1) the head's share of a warped picture.

    Args:
        edges: (h, w, 2) of a `CutOut`, already where the warp puts them.
        moving: (h, w, 1) 0 where the warp moves little, 1 where far; `head_matte.moving_share`.
    """
    wide, tight = edges[..., WIDE : WIDE + 1], edges[..., TIGHT : TIGHT + 1]
    return np.asarray(np.clip(wide + moving * (tight - wide), 0, 1), np.float32)


def cut_out(
    picture: Array, matte: Array, landmarks: Points, grid: Points, scale: float,
    behind: tuple[Array, NDArray[np.uint8]] | None = None, *, soft: bool = True,
) -> CutOut:  # fmt: skip
    """A head cut out of `picture` (H, W, 3), float32 working colour.

    Args:
        matte: (h, w) person matte, 0..1, working pixels.
        landmarks, grid, scale: see `CutOut`.
        behind: (H, W, 3) the clean plate of the same frame, and how well it is known
            (`CleanPlate.known`); None: it is not known at all.
        soft: whether the background is that of the shot, so that a wide edge may take it along.
    """
    tight = matte
    if behind is not None:
        small, near = working_picture(picture, scale), working_picture(behind[0], scale)
        seen = working_picture(np.asarray(behind[1] == SEEN, np.float32), scale) > 0.99
        tight = head_matte.difference(small, near, matte, seen)
    whole = Region(0, 0, picture.shape[1], picture.shape[0])
    wide = head_matte.soft(matte) if soft else tight
    edges = at_pixels(np.stack([wide, tight], axis=-1), whole, scale)
    return CutOut(picture, edges, landmarks, grid, scale)


def laid(person: Array, plate: Array, share: Array) -> Array:
    """`person` (h, w, 3) over `plate` (h, w, 3), by a share (h, w); `person` is used up."""
    person -= plate
    person *= cv2.merge([share] * 3)
    person += plate
    return person


def background_of(
    plate: CleanPlate, frame: int, origin: tuple[int, int], size: tuple[int, int]
) -> tuple[Array, NDArray[np.uint8]]:
    """The clean plate behind a picture (H, W) whose corner is at `origin`, plate pixels.

    Returns:
        (H, W, 3) working colour, and (H, W) uint8 how well it is known; 0 outside the plate's part.
    """
    height, width = size
    region = plate.region
    left, top = max(origin[0], region.left), max(origin[1], region.top)
    right = min(origin[0] + width, region.right)
    bottom = min(origin[1] + height, region.bottom)
    colour, known = np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.uint8)
    if right > left and bottom > top:
        part = Region(left, top, right, bottom)
        rows = slice(top - origin[1], bottom - origin[1])
        columns = slice(left - origin[0], right - origin[0])
        colour[rows, columns], known[rows, columns] = plate.both(frame, part)
    return colour, known
