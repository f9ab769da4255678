"""The part of a line over frames that is seen, with no more points than pixels can show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.desk.curves.axes.time_axis import TimeAxis

Values = NDArray[np.float64]


def visible(values: Values, start: int, axis: TimeAxis) -> tuple[Values, Values]:
    """(x, y) of the points of `values`, one in the middle of each frame from `start`, that show.

    Where a pixel has more than two frames, it gets their lowest and their highest value.  NaN is
    a gap.
    """
    first = min(max(int(axis.left - start) - 1, 0), len(values))
    last = min(max(int(axis.right - start) + 2, first), len(values))
    part = values[first:last]
    at = np.arange(start + first, start + last, dtype=np.float64) + np.float64(0.5)
    each = int(1 / axis.scale)
    if each <= 2 or len(part) < 2 * each:
        return at, part
    lacking = -len(part) % each
    groups = np.append(part, np.full(lacking, np.nan)).reshape(-1, each)
    known = np.isfinite(groups).any(axis=1)
    filled = np.where(np.isfinite(groups), groups, np.inf)
    low = np.where(known, filled.min(axis=1), np.nan)
    high = np.where(known, np.where(np.isfinite(groups), groups, -np.inf).max(axis=1), np.nan)
    middles = at[::each] + np.float64(each / 2 - 0.5)
    return middles.repeat(2), np.stack([low, high], axis=1).ravel()
