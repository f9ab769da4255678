"""Glasses, by what lies across the bridge of the nose."""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array

#: Working distance between the eyes, pixels; where the line down the nose begins and ends.
_EYE, _FROM, _TO = 50.0, 9, 5
#: Half the width of the strip that is looked at, and of the darkening's surroundings, in its steps.
_HALF, _STEPS, _ROUND = 3.0, 60, 8
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


def across_bridge(picture: Array, landmarks: Array) -> float:
    """How dark the darkest line across the bridge of the nose is, as a share of the skin there.

    Measured on the faces of the test footage: skin up to .14, frames of glasses from .25 on, one
    pair seen from the side .14.  Rimless ones may give nothing.

    Args:
        picture: (H, W, 3) working colour.
        landmarks: (478, 3) pixels of it.
    """
    points = np.asarray(landmarks, np.float64)[:, :2]
    eyes = points[[33, 133]].mean(axis=0) - points[[362, 263]].mean(axis=0)
    scale = float(np.linalg.norm(eyes)) / _EYE
    start, stop = points[_FROM], points[_TO]
    down = stop - start
    aside = np.array([-down[1], down[0]]) / max(float(np.linalg.norm(down)), 1e-6)
    at = start + np.linspace(0, 1, _STEPS)[:, None, None] * down
    at = at + np.linspace(-_HALF, _HALF, 9)[None, :, None] * scale * aside
    room = 4 * scale
    low = np.maximum(np.floor(at.min(axis=(0, 1)) - room), 0).astype(int)
    high = np.ceil(at.max(axis=(0, 1)) + room).astype(int)
    part = np.ascontiguousarray(picture[low[1] : high[1], low[0] : high[0]]) @ _LUMA
    if min(part.shape, default=0) < 2:
        return 0.0
    if scale > 1:  # frames are as wide as a working pixel or more: finer is grain
        part = cv2.GaussianBlur(part, (0, 0), 0.5 * scale)
    where = np.asarray(at - low - 0.5, np.float32)
    luma = cv2.remap(part, where[..., 0], where[..., 1], cv2.INTER_LINEAR,
                     borderMode=cv2.BORDER_REPLICATE).mean(axis=1)  # fmt: skip
    padded = np.pad(luma, _ROUND, mode="edge")
    usual = np.convolve(padded, np.ones(2 * _ROUND + 1) / (2 * _ROUND + 1), "valid")
    return float((usual - luma).max() / max(float(np.median(luma)), 0.05))
