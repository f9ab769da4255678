"""A picture with its matte, and how it reaches past the portrait's square.

The generator's portraits are square and cut through the shoulders. A wide shot needs the cloth to
go on: beyond each side it is the portrait's own, mirrored along the falling line of the shoulder,
and the matte goes on along that same line.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

SIDE = 0.30
"""Added left and right, in parts of the portrait's side."""

BELOW = 0.20
"""Added below."""


@dataclass(frozen=True)
class Layer:
    """A picture [h, w, 3] (BGR float32, 0 to 255) and its matte [h, w] (0 to 1)."""

    picture: np.ndarray
    alpha: np.ndarray


def clean_edges(picture: np.ndarray, alpha: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The picture with the person's own colour, not the old background's, under the soft edge.

    Face [size, size] is 1 on the face, which is skipped: its eyes may be green for good.
    """
    solid = cv2.erode((alpha > 0.97).astype(np.float32), np.ones((7, 7), np.uint8))
    total, weight = np.zeros_like(picture), np.zeros_like(solid)
    for sigma, trust in ((4, 1.0), (12, 0.05), (40, 0.001)):
        total += trust * cv2.GaussianBlur(picture * solid[:, :, None], (0, 0), sigma)
        weight += trust * cv2.GaussianBlur(solid, (0, 0), sigma)
    inside = total / np.maximum(weight, 1e-7)[:, :, None]
    near = cv2.GaussianBlur(cv2.erode(alpha, np.ones((5, 5), np.uint8)), (0, 0), 1.5)
    keep = np.clip((near - 0.5) / 0.5, 0, 1)[:, :, None]
    # Inside the hair a strand keeps its lightness; only what is lighter than its surroundings
    # (the old background shining through) is taken down.
    out = np.minimum(picture, inside * 1.12 + 6) * (1 - keep) + picture * keep
    leafy = (_leaves(out) * (1 - face))[:, :, None]
    return out * (1 - leafy) + leafy * 0.30 * out.mean(2, keepdims=True)


def _leaves(picture: np.ndarray) -> np.ndarray:
    """How much each pixel has the green or yellow of leaves, 0 to 1; skin and hair have not."""
    blue, green, red = np.moveaxis(picture, 2, 0) + 1
    as_green = np.clip((green / red - 0.86) / 0.08, 0, 1)
    no_blue = np.clip((0.84 - blue / green) / 0.10, 0, 1)
    return cv2.GaussianBlur(as_green * no_blue, (0, 0), 1.2)


class Extension:
    """How one performer's square goes on past its sides and its lower edge."""

    def __init__(self, alpha: np.ndarray) -> None:
        """Alpha is the square's matte [size, size]."""
        size = alpha.shape[0]
        side, below = round(SIDE * size), round(BELOW * size)
        rows, columns = np.mgrid[0 : size + below, -side : size + side].astype(np.float32)
        past_left, past_right = np.maximum(-columns, 0), np.maximum(columns - (size - 1), 0)
        fall = _slope(alpha) * past_left + _slope(alpha[:, ::-1]) * past_right
        self.columns = past_left + np.clip(columns, 0, size - 1) - past_right
        reflected = rows - 2 * fall
        self.rows = np.abs(size - 1 - np.abs(size - 1 - reflected)).astype(np.float32)
        border = cv2.blur(alpha, (9, 1))
        straight = np.clip(rows - fall, 0, size - 1).astype(np.float32)
        self.alpha = cv2.remap(
            border, np.clip(columns, 4, size - 5).astype(np.float32), straight, cv2.INTER_LINEAR
        )
        self.alpha[:size, side : side + size] = alpha


def _slope(alpha: np.ndarray) -> float:
    """How steeply the shoulder falls at the left side of a matte: rows per column."""
    size = alpha.shape[0]
    at = [2, round(0.10 * size)]
    tops = [float(np.argmax(alpha[:, c] > 0.5)) if (alpha[:, c] > 0.5).any() else size for c in at]
    return float(np.clip((tops[0] - tops[1]) / (at[1] - at[0]), 0.25, 0.9))
