"""How a picture's three colours lie in memory: pixel by pixel, or plane by plane.

torch gives planes, OpenCV takes and gives pixels.  NumPy works on either at the same speed, but is
five times slower on one of each, and where a mask is spread over an innermost axis of three.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array


def interleaved(picture: Array) -> Array:
    """`picture` (h, w, 3) float32, pixel by pixel: itself, or a copy in that order."""
    if picture.strides[2] == picture.itemsize:
        return np.ascontiguousarray(picture)
    return np.asarray(cv2.merge([picture[..., channel] for channel in range(3)]), np.float32)


def tripled(mask: Array) -> Array:
    """(h, w, 3) `mask` (h, w) float32 for each colour."""
    return np.asarray(cv2.merge([mask, mask, mask]), np.float32)


def by_plane(picture: Array) -> Array:
    """`picture` (h, w, 3) float32 as planes (3, h, w): itself, or a copy in that order."""
    planes = picture.transpose(2, 0, 1)
    if planes.flags.c_contiguous:
        return planes
    made = np.empty(planes.shape, np.float32)
    cv2.split(interleaved(picture), list(made))
    return made


def picked(values: Array, where: NDArray[np.bool_]) -> Array:
    """`values[where]` of two contiguous arrays of one shape, in a third of its time."""
    return np.compress(where.ravel(), values.ravel())
