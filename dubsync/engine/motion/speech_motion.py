"""Where a mouth moves as in speech, seen from the picture alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from dubsync.core.arrays import Array
from dubsync.engine.motion.motion_range import OPENING, MotionRange

Flags = NDArray[np.bool_]

#: A mouth moves as in speech if the standard deviation of its opening round a frame exceeds the
#: first (model units), or the second where there is no plate sound; window in seconds.
MOVES, MOVES_MUCH, MOVES_S = 0.010, 0.022, 0.5


def mouth_moves_at(mouth: Array, motion_range: MotionRange, frame_s: float) -> tuple[Flags, Flags]:
    """(T,) where the mouth visibly moves as in speech, and where it does so strongly.

    Args:
        mouth: (T, M) coefficients, one frame after another.
        frame_s: seconds from one frame to the next.
    """
    opening = motion_range.channels(np.asarray(mouth, np.float64))[:, OPENING]
    frames = max(3, int(MOVES_S / frame_s) | 1)
    mean = uniform_filter1d(opening, frames, mode="nearest")
    power = uniform_filter1d(opening * opening, frames, mode="nearest")
    stir = np.sqrt(np.maximum(power - mean * mean, 0))
    stir = maximum_filter1d(stir, frames, mode="nearest")
    return stir > MOVES, stir > MOVES_MUCH
