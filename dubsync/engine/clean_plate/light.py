"""How the light on the background changes over a shot, frame by frame.

Each frame is kept as a coarse picture of its background: enough for its exposure, and for the
slow differences of light that meet the filled part at its edge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.push_pull import push_pull

COARSE_PX = 40  #: longer side of the coarse pictures
#: A cell counts from this share of it that shows the background.
LEAST_SHARE = 0.9
GAIN_RANGE = (0.5, 2.0)
#: Slow differences larger than this are not light: something else stands there.
MOST_LOCAL = 0.08
MOST_TYPICAL = 120  #: frames of which the typical one is taken
DARK = 0.02  #: working colour under which a ratio says nothing about light


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """A frame's background, coarse.

    colour  (h, w, 3) float16, mean of what is seen of the background in each cell
    share   (h, w) uint8, how much of the cell shows the background, of 255
    """

    colour: NDArray[np.float16]
    share: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Light:
    """What turns the clean plate into one frame's light: plate * gain + local.

    gain   (3,) float32
    local  (h, w, 3) float32, coarse
    """

    gain: Array
    local: Array

    def laid_on(self, plate: Array, part: tuple[slice, slice], size: tuple[int, int]) -> Array:
        """`plate` (h, w, 3), the `part` (rows, columns) of a picture of `size`, in this light."""
        rows, columns = part
        # Cell centres of the coarse picture, at the plate's pixel centres.
        down, across = (self.local.shape[n] / size[n] for n in (0, 1))
        matrix = np.array(
            [
                [across, 0, (columns.start + 0.5) * across - 0.5],
                [0, down, (rows.start + 0.5) * down - 0.5],
            ]
        )
        local = cv2.warpAffine(
            self.local, matrix, (plate.shape[1], plate.shape[0]),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        lit = cv2.transform(np.asarray(plate, np.float32), np.diag(self.gain))
        return np.asarray(cv2.add(lit, local), np.float32)


def coarse_size(height: int, width: int) -> tuple[int, int]:
    """(h, w) of the coarse pictures of a picture of that size."""
    scale = COARSE_PX / max(height, width)
    return max(2, round(height * scale)), max(2, round(width * scale))


def glimpse(
    picture: Array, free: NDArray[np.bool_], size: tuple[int, int] | None = None
) -> Glimpse:
    """The Glimpse of a frame (h, w, 3) whose background shows where `free`.

    Args:
        size: (height, width) of the frame, if `picture` is a smaller one of it.
    """
    height, width = coarse_size(*(free.shape if size is None else size))
    share = free.astype(np.float32)
    lit = picture * cv2.merge([share] * 3)
    summed = cv2.resize(lit, (width, height), interpolation=cv2.INTER_AREA)
    known = cv2.resize(share, (width, height), interpolation=cv2.INTER_AREA)
    colour = summed / np.maximum(known, 1e-3)[..., None]
    return Glimpse(colour.astype(np.float16), np.rint(known * 255).astype(np.uint8))


def light_between(plate: Glimpse, frame: Glimpse) -> Light:
    """The Light of a frame against the clean plate, from what both show of the background.

    The gain is a median of ratios, so up to half of the background may be something else.
    """
    ours, theirs = (side.colour.astype(np.float32) for side in (plate, frame))
    both = np.minimum(plate.share, frame.share).astype(np.float32) / 255
    known = both >= LEAST_SHARE
    if not known.any():
        return Light(np.ones(3, np.float32), np.zeros_like(ours))
    bright = known & (ours.min(axis=-1) > DARK)
    gain = np.ones(3, np.float32)
    if bright.any():
        gain = np.clip(np.median(theirs[bright] / ours[bright], axis=0), *GAIN_RANGE)
        gain = gain.astype(np.float32)
    local = theirs - ours * gain
    alike = known & (np.abs(local).max(axis=-1) <= MOST_LOCAL)
    return Light(gain, push_pull(np.where(known[..., None], local, 0), alike * both))


def typical(glimpses: Sequence[Glimpse]) -> Glimpse:
    """The Glimpse that frames have in common: a median in the light of their middle.

    Frames in other light are brought to it first; twice, because each needs the other.
    """
    part = glimpses[:: max(1, len(glimpses) // MOST_TYPICAL)]
    shown = np.stack([one.colour.astype(np.float32) for one in part])
    known = np.stack([one.share >= LEAST_SHARE * 255 for one in part])
    share = np.where(known.any(axis=0), 255, 0).astype(np.uint8)
    common = _median(shown, known, share)
    for _ in range(2):
        gains = np.stack([light_between(common, one).gain for one in part])
        common = _median(shown / gains[:, None, None], known, share)
    return common


def _median(shown: Array, known: NDArray[np.bool_], share: NDArray[np.uint8]) -> Glimpse:
    # A cell that no frame shows is 0, and its share says that it is nothing.
    masked = np.where((known | ~known.any(axis=0))[..., None], shown, np.float32(np.nan))
    middle: NDArray[np.float32] = np.nanmedian(masked, axis=0)
    return Glimpse(middle.astype(np.float16), share)
