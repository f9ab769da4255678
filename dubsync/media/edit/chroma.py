"""Chroma at another subsampling, filtered rather than dropped or repeated.

Across, chroma is sited on the left luma sample (ITU-R BT.709-6, 4:2:2); down, between two rows, as
in `core.colour`.
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array

#: Half-band low pass: every second tap but the middle is 0, so halving and doubling agree.
_HALF: Array = np.array([-1, 0, 9, 16, 9, 0, -1], np.float32) / np.float32(32)
#: The same for a sample between two: chroma of 4:2:0 lies between two rows.
_HALF_BETWEEN: Array = np.array([-1, -3, 12, 24, 24, 12, -3, -1], np.float32) / np.float32(64)
#: Cubic interpolation (Catmull-Rom) half-way between samples, and a quarter before one.
_MIDWAY: Array = np.array([-1, 9, 9, -1], np.float32) / np.float32(16)
_QUARTER: Array = np.array([-3, 29, 111, -9], np.float32) / np.float32(128)


def resampled(
    plane: Array, source: tuple[int, int], target: tuple[int, int], size: tuple[int, int]
) -> Array:
    """A chroma plane (float32) of one subsampling at another.

    Args:
        source, target: log2 of the subsampling, (across, down).
        size: (height, width) of the result.
    """
    for _ in range(source[1], target[1]):
        plane = _halved_between(plane)
    for _ in range(source[0], target[0]):
        plane = _halved(plane.T).T
    for _ in range(target[0], source[0]):
        plane = _doubled(plane.T).T
    for _ in range(target[1], source[1]):
        plane = _doubled_between(plane)
    return np.ascontiguousarray(plane[: size[0], : size[1]], np.float32)


def _filtered(plane: Array, taps: Array, anchor: int) -> Array:
    """`taps` over the rows above and below each row, the first `anchor` rows above it."""
    return np.asarray(
        cv2.filter2D(
            np.ascontiguousarray(plane), -1, taps[:, None], anchor=(0, anchor),
            borderType=cv2.BORDER_REPLICATE,
        )
    )  # fmt: skip


def _halved(plane: Array) -> Array:
    """Every second row, the first included."""
    return _filtered(plane, _HALF, 3)[::2]


def _halved_between(plane: Array) -> Array:
    """A row between each pair of rows."""
    return _filtered(plane, _HALF_BETWEEN, 3)[::2]


def _doubled(plane: Array) -> Array:
    """Every row, and one half-way to the next."""
    both = np.empty((2 * plane.shape[0], plane.shape[1]), np.float32)
    both[::2], both[1::2] = plane, _filtered(plane, _MIDWAY, 1)
    return both


def _doubled_between(plane: Array) -> Array:
    """Two rows for each: a quarter before it, and a quarter after it."""
    both = np.empty((2 * plane.shape[0], plane.shape[1]), np.float32)
    both[::2] = _filtered(plane, _QUARTER, 2)
    both[1::2] = _filtered(plane, np.ascontiguousarray(_QUARTER[::-1]), 1)
    return both
