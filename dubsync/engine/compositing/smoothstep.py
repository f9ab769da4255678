"""The ramp of soft edges."""

from __future__ import annotations

import numpy as np

from dubsync.core.arrays import Array


def smoothstep(x: Array) -> Array:
    """0 below 0, 1 above 1, a smooth ramp between: 3x^2 - 2x^3."""
    x = np.clip(x, 0, 1)
    return np.asarray(x * x * (3 - 2 * x), np.float32)
