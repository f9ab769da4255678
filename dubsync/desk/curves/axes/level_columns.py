"""Sound levels gathered into columns of pixels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.desk.curves.axes.time_axis import TimeAxis

Levels = NDArray[np.float32]


def columns(levels: Levels, each: int, axis: TimeAxis, start: int) -> Levels:
    """(width, 2) lowest and highest level under each pixel of `axis`; 0 beyond the sound.

    Args:
        levels: (N, 2) lowest and highest, `each` for every frame from `start`.
    """
    edges = np.arange(axis.width + 1) / axis.scale + axis.left
    at = np.floor((edges - start) * each).astype(np.intp)
    result = np.zeros((axis.width, 2), np.float32)
    if not len(levels):
        return result
    first, last = at[:-1], np.maximum(at[1:], at[:-1] + 1)
    inside = (last > 0) & (first < len(levels))
    first, last = first.clip(0, len(levels) - 1), last.clip(1, len(levels))
    places = np.stack([first, last], axis=1)[inside].ravel()
    if not len(places):
        return result
    low = np.minimum.reduceat(np.append(levels[:, 0], np.inf), places)[::2]
    high = np.maximum.reduceat(np.append(levels[:, 1], -np.inf), places)[::2]
    result[inside, 0], result[inside, 1] = low, high
    return result
