"""The white of an eye: what is seen of it, and what the lids' shade makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.face_region.eye_grid import grid
from dubsync.engine.face_region.order_statistics import quantiles

Points = NDArray[Any]

#: Least and most of the upper lid's shade on the white, and how far down it falls, eye widths.
LEAST_SHADE, SHADE, SHADE_FALL = 0.25, 0.55, 0.09
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def whiteness(picture: Array, free: Array) -> Array:
    """(h, w) how much each free pixel says of the white: its corners are red and its edges skin."""
    luma = picture @ LUMA
    dull = (picture.max(axis=2) - picture.min(axis=2)) / np.maximum(picture.max(axis=2), 0.05)
    shares = []
    for value in (luma, -dull):
        low, high = quantiles(value[free > 0], (0.35, 0.9))
        shares.append(np.clip((value - low) / max(float(high - low), 1e-3), 0.05, 1))
    return np.asarray(free * shares[0] * shares[1], np.float32)


def lid_shade(ring: Points, luma: Array, free: Array, white: Array, width: float) -> Array:
    """(h, w) the upper lid's shade, as deep as on the free white, relative to `white`'s mean."""
    upper = np.asarray(ring[8:], np.float64)  # inner or outer corner to the other, over the top
    order = np.argsort(upper[:, 0])
    at = grid(luma.shape)
    top = np.interp(at[..., 0], upper[order, 0], upper[order, 1])
    fall = np.exp(-np.maximum(at[..., 1] - top, 0) / (SHADE_FALL * width))
    spots = free > 0
    near, seen = fall[spots], luma[spots]
    spread = float(np.var(near))
    slope = float(np.mean((near - near.mean()) * (seen - seen.mean()))) / max(spread, 1e-6)
    level = float(seen.mean()) - slope * float(near.mean())
    depth = float(np.clip(-slope / max(level, 1e-3), LEAST_SHADE, SHADE))
    shade = 1 - depth * fall
    usual = float((shade * white).sum() / max(float(white.sum()), 1e-6))
    return np.asarray(shade / max(usual, 0.3), np.float32)
