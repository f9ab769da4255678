"""The finest octave of a large picture, kept apart: its luma alone, in eight bits.

An exemplar of a face of 1,400 pixels takes 20 MB as it is, and a bank has room for 25 such.  Kept
as a picture of half the size and the luma that it lacks, it takes 8.  Colour has hardly any detail
of a single pixel: plates in 4:2:2 have none, and in skin it goes with the light.
Source: Burt, Adelson 1983, "The Laplacian Pyramid as a Compact Image Code", one level of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.colour_match import LUMA
from dubsync.engine.exemplars.half_floats import to_half, to_single

#: Luma below which detail no longer takes on the picture's colour, and most of one channel to luma.
DARK, MOST_COLOUR = 0.05, 2.0
#: Least range that is coded, working colour: a flat picture's detail is rounding.
LEAST_RANGE = 1 / 255
CODES = 127


@dataclass(frozen=True, slots=True, eq=False)
class FineDetail:
    """What a picture of half the size lacks of one of (H, W), both even.

    coded  (H, W) int8  signed square root of the detail, of its range
    range  working colour that 127 stands for
    """

    coded: NDArray[np.int8]
    range: float

    @property
    def luma(self) -> Array:
        """(H, W) the detail, working colour."""
        share = self.coded.astype(np.float32) / CODES
        return np.asarray(share * np.abs(share) * np.float32(self.range), np.float32)

    def added_to(self, half: NDArray[np.float16]) -> Array:
        """(H, W, 3) the whole picture from `half` (H / 2, W / 2, 3)."""
        height, width = self.coded.shape
        full = _doubled(half, (width, height))
        light = np.maximum(full @ LUMA, DARK)
        full += (self.luma / light)[..., None] * np.clip(full, 0, MOST_COLOUR * light[..., None])
        return full


def split(full: Array) -> tuple[NDArray[np.float16], FineDetail]:
    """A picture (H, W, 3) as one of half its size and what that lacks; an odd row or column at the
    end is left out."""
    height, width = full.shape[0] // 2 * 2, full.shape[1] // 2 * 2
    full = full[:height, :width]
    half = cv2.resize(full, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    half = to_half(half)
    doubled = _doubled(half, (width, height))
    lacking = np.subtract(full, doubled, out=doubled) @ LUMA
    share = np.abs(lacking)
    most = max(float(share.max()), LEAST_RANGE)
    share /= np.float32(most)  # in place from here: these are pictures of a large face
    np.copysign(np.sqrt(share, out=share), lacking, out=share)
    share *= CODES
    return half, FineDetail(np.rint(share, out=share).astype(np.int8), most)


def _doubled(half: NDArray[np.float16], size: tuple[int, int]) -> Array:
    full = cv2.resize(to_single(half), size, interpolation=cv2.INTER_CUBIC)
    return np.asarray(full, np.float32)
