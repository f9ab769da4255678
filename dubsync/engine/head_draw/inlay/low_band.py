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


def low_change(own: Array, others: Sequence[tuple[Array, float]]) -> Array | None:
    """(h, w, 3) what to add to a picture so that its low band is mixed with that of `others`.

    At the working size, where it has all its detail.

    Args:
        own: (h, w, 3).
        others: pictures (h, w, 3), and their weights relative to 1 of the picture's own.

    Returns:
        None where there are no others.
    """
    if not others:
        return None
    total = sum(np.float32(weight) * (other - own) for other, weight in others)
    share = np.float32(1 / (1 + sum(weight for _, weight in others)))
    return np.asarray(cv2.GaussianBlur(np.asarray(total * share), (0, 0), BAND_PX), np.float32)
