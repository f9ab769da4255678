"""NumPy pictures as QImages, without a copy."""

from __future__ import annotations

from typing import Any

import numpy as np
from PyQt5.QtGui import QImage


class _OverArray(QImage):
    """A QImage over an array, which it keeps alive."""

    def __init__(self, array: np.ndarray[Any, Any], form: QImage.Format) -> None:
        whole = np.ascontiguousarray(array)
        height, width = whole.shape[:2]
        super().__init__(whole.data, width, height, whole.strides[0], form)
        self.array = whole


def rgb_image(picture: np.ndarray[Any, Any]) -> QImage:
    """(H, W, 3) uint8 R'G'B' as a QImage."""
    return _OverArray(picture, QImage.Format_RGB888)
