"""How strongly a patch shows next to frames that stay the plate's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array

#: Frames over which a patch fades in and out next to unchanged frames.
FADE_FRAMES = 3


def strength_of(shown: NDArray[np.bool_]) -> Array:
    """(T,) 1 well inside the frames shown, easing to 0 next to the frames that are not."""
    hidden = np.flatnonzero(~shown)
    if not len(hidden):
        return np.ones(len(shown), np.float32)
    at = np.arange(len(shown))
    right = np.searchsorted(hidden, at)
    before = np.where(right > 0, at - hidden[np.maximum(right - 1, 0)], len(shown))
    after = np.where(
        right < len(hidden), hidden[np.minimum(right, len(hidden) - 1)] - at, len(shown)
    )
    ramp = np.clip(np.minimum(before, after) / (FADE_FRAMES + 1), 0, 1)
    return np.asarray(ramp * ramp * (3 - 2 * ramp), np.float32)
