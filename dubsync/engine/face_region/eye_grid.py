"""Where each pixel of an eye's crop lies: from a point, between the lids, and soft steps between.

Nothing here reads the picture.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array

Points = NDArray[Any]

#: Samples per pixel and direction with which the lids' edge is drawn.
FINER = 4


def between_lids(ring: Points, size: tuple[int, int]) -> tuple[Array, Array]:
    """(h, w) 1 inside a ring (n, 2) of landmarks, with an edge one pixel wide; and (h, w) pixels
    from each pixel inside it to the ring."""
    filled = np.zeros((size[0] * FINER, size[1] * FINER), np.uint8)
    cv2.fillPoly(filled, [np.rint((ring * FINER - 0.5) * 16).astype(np.int32)], 1, shift=4)
    deep = cv2.distanceTransform(filled, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / np.float32(FINER)
    small = [
        cv2.resize(part, (size[1], size[0]), interpolation=cv2.INTER_AREA)
        for part in (np.asarray(filled, np.float32), deep)
    ]
    return np.asarray(small[0], np.float32), np.asarray(small[1], np.float32)


@lru_cache(maxsize=16)
def grid(size: tuple[int, ...]) -> Array:
    """(h, w, 2) x and y of the pixels' centres; read only."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    both = np.stack([x, y], axis=-1) + np.float32(0.5)
    both.setflags(write=False)
    return both


def distance(size: tuple[int, ...], centre: Points) -> Array:
    """(h, w) pixels from `centre` (2,)."""
    return np.asarray(cv2.magnitude(*cv2.split(grid(size) - np.asarray(centre, np.float32))))


def ramps(x: Array, low: float, high: float) -> Array:
    """0 below `low`, 1 above `high`, smooth between."""
    t = np.clip((x - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def ramp(x: float, low: float, high: float) -> float:
    """`ramps` of one value."""
    return float(ramps(np.asarray(x, np.float32), low, high))
