"""The guided filter: a coarse matte whose edges follow the picture's own.

Source: He, Sun, Tang 2010, "Guided Image Filtering", equations 5 to 8.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array


def guided(guide: Array, values: Array, radius: int, smoothing: float) -> Array:
    """`values` (h, w) smoothed so that their edges follow those of `guide` (h, w).

    Args:
        radius: of the box in which the two are compared, pixels.
        smoothing: variance of `guide` below which it has no edge, its units squared.
    """

    def box(x: Array) -> Array:
        return np.asarray(cv2.boxFilter(x, -1, (2 * radius + 1,) * 2), np.float32)

    mean, mean_values = box(guide), box(values)
    slope = (box(guide * values) - mean * mean_values) / (box(guide * guide) - mean**2 + smoothing)
    return np.asarray(box(slope) * guide + box(mean_values - slope * mean), np.float32)
