"""How far pictures of a reel are from each other: as they are, and after motion is taken out."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.media.cut_detection.quick_flow import quick_flow
from dubsync.media.cut_detection.small_pictures import COLOUR_COUNTS, HIGH, WIDE, Small

Values = NDArray[np.float32]

#: Frames on each side of a join that are compared.
SIDE = 3
#: Samples across a part of the picture that is looked at by itself: a face in a wide shot.
PLACE = 11
_STRETCH = 2000  #: pictures compared at a time
#: Dark pictures are brightened for the search of motion, at most so much.
_BRIGHTEST, _MOST_GAIN = 230.0, 8.0


class Distances:
    """Mean absolute differences of pictures, in steps of 0..255."""

    def __init__(self, luma: Small, colour: Small) -> None:
        """Of (N, HIGH, WIDE) `luma` and (N, 2, h, w) `colour`."""
        self._luma = luma
        flat = luma.reshape(len(luma), -1), colour.reshape(len(colour), -1)
        self._flat = flat
        self._known: dict[tuple[int, int], tuple[float, float]] = {}
        self._samples = flat[0].shape[1] + flat[1].shape[1]

    def lag(self, frames: int) -> Values:
        """(N - frames,) the distance of each picture to the one `frames` later."""
        return self._lags[frames - 1]

    @cached_property
    def _lags(self) -> list[Values]:
        return [self._lag(frames) for frames in range(1, 2 * SIDE)]

    def _lag(self, frames: int) -> Values:
        count = max(len(self._luma) - frames, 0)
        result = np.zeros(count, np.float32)
        for weight, flat in zip((1, COLOUR_COUNTS), self._flat, strict=True):
            for first in range(0, count, _STRETCH):
                stop = min(first + _STRETCH, count)
                earlier = flat[first:stop].astype(np.int16)
                later = flat[first + frames : stop + frames].astype(np.int16)
                away = np.abs(later - earlier).sum(axis=1, dtype=np.int64)
                result[first:stop] += weight * away.astype(np.float32)
        return np.asarray(result / self._samples, np.float32)

    def brightest(self, at: int) -> float:
        """How bright the brightest hundredth of the pictures `at - 1` and `at` is, 0..255."""
        return float(np.percentile(self._luma[at - 1 : at + 1], 99))

    def moved(self, one: int, other: int) -> tuple[float, float]:
        """The distance in luma of two pictures, after the motion between them is taken out.

        Returns:
            Its mean, and its mean where it is largest, over PLACE by PLACE samples.
        """
        if (one, other) not in self._known:
            there, back = self._explained(one, other), self._explained(other, one)
            self._known[one, other] = min(there[0], back[0]), min(there[1], back[1])
        return self._known[one, other]

    def _explained(self, one: int, other: int) -> tuple[float, float]:
        """What of picture `one` is not found again in picture `other`."""
        import cv2  # here, because a project is opened without analysing a plate

        a, b = self._luma[one], self._luma[other]
        gain = min(_MOST_GAIN, _BRIGHTEST / max(int(a.max()), int(b.max()), 1))
        flow = self._flow.calc(*(cv2.convertScaleAbs(each, alpha=gain) for each in (a, b)), None)
        found = cv2.remap(
            b.astype(np.float32), self._grid[0] + flow[..., 0], self._grid[1] + flow[..., 1],
            cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        away = np.abs(found - a)
        return float(away.mean()), float(cv2.blur(away, (PLACE, PLACE)).max())

    @cached_property
    def _flow(self) -> Any:
        return quick_flow()

    @cached_property
    def _grid(self) -> tuple[Values, Values]:
        down, across = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
        return across, down
