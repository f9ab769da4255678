"""The grain of a plate, film's or a sensor's, as it was measured on its frames."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dubsync.core.arrays import Array, seal
from dubsync.core.timeline.timecode import FrameRange

#: Radial frequencies of a spectrum: bins of equal width up to half a cycle a pixel; the last one
#: holds the corners of the plane too.
BINS = 12
#: Edges of the four bands in which grain is compared, cycles a pixel.
BANDS = (0.0, 0.125, 0.25, 0.375, 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Grain:
    """Grain over `frames` (T of them), as three components that do not correlate.

    levels     (L,) luma of working colour, rising
    deviation  (L, 3) standard deviation of each component at each level, working colour
    axes       (3, 3) each component's direction in R'G'B', a row, of length 1
    spectrum   (3, BINS) power of each component by radial frequency; 1 where it is white
    strength   (T,) of each frame, 1 being the shot's own
    """

    frames: FrameRange
    levels: Array
    deviation: Array
    axes: Array
    spectrum: Array
    strength: Array

    def __post_init__(self) -> None:
        seal(self, "levels", None)
        seal(self, "deviation", len(self.levels), 3)
        seal(self, "axes", 3, 3)
        seal(self, "spectrum", 3, BINS)
        seal(self, "strength", len(self.frames))

    def at(self, luma: Array, frame: int) -> Array:
        """(..., 3) standard deviation of each component at each `luma` of plate frame `frame`."""
        place = min(max(frame - self.frames.start, 0), len(self.strength) - 1)
        each = [np.interp(luma, self.levels, self.deviation[:, k]) for k in range(3)]
        return np.asarray(np.stack(each, axis=-1) * self.strength[place], np.float32)


def bin_of(frequency: Array) -> Array:
    """The spectrum's bin of each radial frequency, cycles a pixel."""
    return np.minimum(np.asarray(frequency * (2 * BINS)).astype(np.intp), BINS - 1)
