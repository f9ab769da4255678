"""Fills the part of a picture that is not known from what is round it.

Source: Gortler, Grzeszczuk, Szeliski, Cohen 1996, "The Lumigraph", section 3.4 (push-pull).
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array

#: Less weight than this is as good as none.
LEAST_WEIGHT = 1e-3


def push_pull(picture: Array, weight: Array) -> Array:
    """`picture` where its weight is 1, and a smooth continuation of it where it is 0.

    Args:
        picture: (h, w, c) float32; what it holds at weight 0 is not read, and must be finite.
        weight: (h, w) float32 in 0..1, how far each pixel is known.

    Returns:
        (h, w, c) float32; zero everywhere where nothing at all is known.
    """
    share = np.clip(weight, 0, 1).astype(np.float32)[..., None]
    levels = [(picture * share, share)]
    while min(share.shape[:2]) > 2:
        size = ((share.shape[1] + 1) // 2, (share.shape[0] + 1) // 2)
        summed, share = (_halved(part, size) for part in levels[-1])
        levels.append((summed, share))
    summed, share = levels[-1]
    total = float(share.sum())
    mean = summed.sum(axis=(0, 1)) / total if total > LEAST_WEIGHT else summed[0, 0] * 0
    filled = np.broadcast_to(mean, summed.shape)
    for summed, share in reversed(levels):
        size = (share.shape[1], share.shape[0])
        above = cv2.resize(np.ascontiguousarray(filled), size, interpolation=cv2.INTER_LINEAR)
        above = above.reshape(summed.shape)
        # A cell that is known in part counts as known: pulled through, its edge would fade.
        trust = np.minimum(share / 0.5, 1) if share is not levels[0][1] else share
        own = summed / np.maximum(share, LEAST_WEIGHT)
        filled = own * trust + above * (1 - trust)
    return np.asarray(filled, np.float32)


def _halved(part: Array, size: tuple[int, int]) -> Array:
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    return np.asarray(small.reshape(size[1], size[0], -1), np.float32)
