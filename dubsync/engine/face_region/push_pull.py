"""Fill what is unknown of a picture from what is known round it, smoothly.

Source: Gortler, Grzeszczuk, Szeliski, Cohen 1996, "The Lumigraph", section 3.4 (pull-push).
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array

#: The pyramid ends where a side is this short, pixels.
COARSEST_PX = 2
TINY = np.float32(1e-6)


def push_pull(picture: Array, known: Array) -> Array:
    """`picture` (h, w, 3) where `known` (h, w), 0..1, is 1; its surroundings' mean elsewhere.

    All zero where nothing is known.
    """
    levels = [(picture * known[..., None], np.asarray(known, np.float32))]
    while min(levels[-1][1].shape) > COARSEST_PX:
        colour, weight = levels[-1]
        size = (max(1, (weight.shape[1] + 1) // 2), max(1, (weight.shape[0] + 1) // 2))
        levels.append((
            cv2.resize(colour, size, interpolation=cv2.INTER_AREA),
            cv2.resize(weight, size, interpolation=cv2.INTER_AREA),
        ))  # fmt: skip
    colour, weight = levels[-1]
    filled = colour.sum(axis=(0, 1)) / max(float(weight.sum()), float(TINY))
    result = np.broadcast_to(filled, colour.shape).astype(np.float32)
    for colour, weight in reversed(levels):
        up = cv2.resize(result, (weight.shape[1], weight.shape[0]), interpolation=cv2.INTER_LINEAR)
        # A cell that is known in part keeps its own mean; its share grows with what is known.
        share = np.minimum(weight * 4, 1)[..., None]
        own = colour / np.maximum(weight, TINY)[..., None]
        result = np.asarray(own * share + up * (1 - share), np.float32)
    return np.asarray(
        np.where(known[..., None] >= 1, picture, result * (1 - known[..., None])
                 + picture * known[..., None]), np.float32)  # fmt: skip
