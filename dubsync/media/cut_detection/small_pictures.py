"""The pictures of a reel, so small that all of them can be compared with each other.

Each is looked at once in twice that size, for the steps from one to the next.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.picture import Frame
from dubsync.media.cut_detection.steps import HIGH as FINE_HIGH
from dubsync.media.cut_detection.steps import WIDE as FINE_WIDE
from dubsync.media.cut_detection.steps import Stepping, Steps

WIDE, HIGH = 80, 45  #: samples of luma
_COLOUR = (20, 11)  #: samples of each colour difference
#: How much a colour difference counts beside luma: faces and rooms differ less in colour.
COLOUR_COUNTS = 2

Small = NDArray[np.uint8]


@dataclass(slots=True)
class SmallPictures:
    """Pictures added in order, 5 kB each; a reel of 20 minutes takes 160 MB."""

    _luma: list[Small] = field(default_factory=list)
    _colour: list[Small] = field(default_factory=list)
    _stepping: Stepping = field(default_factory=Stepping)

    def add(self, frame: Frame) -> None:
        """Add the next frame."""
        fine, colour = _small(frame)
        self._stepping.add(fine)
        self._luma.append(_whole(fine.reshape(HIGH, 2, WIDE, 2).mean(axis=(1, 3))))
        self._colour.append(colour)

    def __len__(self) -> int:
        return len(self._luma)

    @property
    def luma(self) -> Small:
        """(N, HIGH, WIDE) samples of 0..255, as coded."""
        return np.array(self._luma, np.uint8).reshape(-1, HIGH, WIDE)

    @property
    def colour(self) -> Small:
        """(N, 2, 11, 20) colour differences, 128 for none."""
        return np.array(self._colour, np.uint8).reshape(-1, 2, *_COLOUR[::-1])

    @property
    def steps(self) -> Steps:
        """What changes from each picture to the next."""
        return self._stepping.steps()


def _small(frame: Frame) -> tuple[NDArray[np.float32], Small]:
    """Luma of twice the size, and colour."""
    form, fine = frame.format, (FINE_WIDE, FINE_HIGH)
    if form.model == "gray":
        luma = _resized(frame.planes[0], fine, form.floating, form.bits)
        return luma, np.full((2, *_COLOUR[::-1]), 128, np.uint8)
    if form.model == "yuv":
        luma, *colour = (
            _resized(plane, size, form.floating, form.bits)
            for plane, size in zip(frame.planes[:3], (fine, _COLOUR, _COLOUR), strict=True)
        )
        return luma, _whole(np.stack(colour))
    red, green, blue = (
        _resized(plane, fine, form.floating, form.bits) for plane in frame.planes[:3]
    )
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue  # ITU-R BT.709
    return luma, _whole(np.stack([_halved(blue - luma), _halved(red - luma)]))


def _resized(
    plane: NDArray[Any], size: tuple[int, int], floating: bool, bits: int
) -> NDArray[np.float32]:
    """A plane averaged to `size`, in 0..255; linear samples with a gamma, as the eye has it."""
    import cv2  # here, because a project is opened without analysing a plate

    step = max(1, min(plane.shape[0] // (8 * size[1]), plane.shape[1] // (8 * size[0])))
    kept = np.ascontiguousarray(plane[::step, ::step])
    if floating:
        kept = np.clip(kept.astype(np.float32), 0, 1) ** np.float32(1 / 2.4) * 255
    small = cv2.resize(kept, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(small if floating else small * (255 / ((1 << bits) - 1)), np.float32)


def _halved(difference: NDArray[np.float32]) -> NDArray[np.float32]:
    import cv2

    small = cv2.resize(difference, _COLOUR, interpolation=cv2.INTER_AREA)
    return np.asarray(small / 2 + 128, np.float32)


def _whole(values: NDArray[np.float32]) -> Small:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
