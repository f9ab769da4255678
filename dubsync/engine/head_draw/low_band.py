"""The low band of a picture faded where its exemplar changes.

Two exemplars never agree in shade and place to the last bit. At a cut the fine band of one picture
is shown alone, so that hair and skin stay sharp; its low band is mixed with that of the exemplars
beyond the cut.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dubsync.core.arrays import Array

#: Standard deviation of the Gaussian that parts the bands, working pixels.
BAND_PX = 2.0
#: Frames on either side of a cut over which the low band is faded; exemplars mixed at most.
REACH, MOST = 4, 3


def low(picture: Array, deviation: float) -> Array:
    """The low band of a picture (h, w, 3): blurred by `deviation` pixels."""
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), deviation), np.float32)


def mixed(picture: Array, others: Sequence[tuple[Array, float]], deviation: float) -> Array:
    """`picture` (h, w, 3), its low band mixed with that of `others`.

    Args:
        others: pictures (h, w, 3), or smaller ones that are enlarged; and their weights, relative
            to 1 of the picture's own.
        deviation: parts the bands, pixels of `picture`.
    """
    if not others:
        return picture
    own = low(picture, deviation)
    total = own.copy()
    for other, weight in others:
        scale = other.shape[0] / picture.shape[0]
        theirs = low(other, deviation * scale)
        if theirs.shape != picture.shape:
            size = (picture.shape[1], picture.shape[0])
            theirs = cv2.resize(theirs, size, interpolation=cv2.INTER_LINEAR)
        total += np.float32(weight) * theirs
    total /= np.float32(1 + sum(weight for _, weight in others))
    return np.asarray(picture - own + total, np.float32)
