"""Sample a picture only where its pixels will be seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array

#: Rows that are looked at together.
BAND = 32


def sample_where(
    picture: NDArray[Any], at: Array, how: int, wanted: NDArray[np.bool_] | None = None,
    beyond: int = cv2.BORDER_REPLICATE,
) -> NDArray[Any]:  # fmt: skip
    """`picture` (H, W[, C]) at sample numbers (h, w, 2), as `cv2.remap`.

    Args:
        how: an interpolation of OpenCV.
        wanted: (h, w) pixels that count: most others stay 0, which takes no time; None: all.
        beyond: a border of OpenCV, for what lies beyond the picture's edge.
    """
    if wanted is None:
        return np.asarray(cv2.remap(picture, at, None, how, borderMode=beyond))
    result = np.zeros((*at.shape[:2], *picture.shape[2:]), picture.dtype)
    for rows, columns in _runs(wanted):
        result[rows, columns] = cv2.remap(picture, at[rows, columns], None, how, borderMode=beyond)
    return result


def _runs(wanted: NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Rectangles BAND rows high that hold all that is wanted."""
    for top in range(0, wanted.shape[0], BAND):
        rows = slice(top, top + BAND)
        line = np.concatenate([[False], wanted[rows].any(axis=0), [False]])
        ends = np.flatnonzero(line[1:] != line[:-1])
        for left, right in ends.reshape(-1, 2).tolist():
            yield rows, slice(left, right)
