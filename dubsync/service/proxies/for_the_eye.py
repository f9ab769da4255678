"""Pictures as an eye wants them for judging: brighter, darker, or the difference of two."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.service.proxies.held_pictures import RGB

DISPLAY_GAMMA = 2.4  #: ITU-R BT.1886, at which exposure counts light
GAINS = (1, 2, 4, 8, 16, 32, 64)  #: of the difference


def exposed(picture: RGB, stops: float, gamma: float) -> RGB:
    """The picture `stops` brighter in display light, its middle lifted by `gamma`; never saved."""
    if stops == 0 and gamma == 1:
        return picture
    return np.asarray(cv2.LUT(picture, _table(round(stops, 3), round(gamma, 3))), np.uint8)


def difference(a: RGB, b: RGB, gain: float) -> RGB:
    """`gain` times |a - b|; black where they are equal.  `b` is brought to the size of `a`."""
    if a.shape != b.shape:
        b = np.asarray(cv2.resize(b, a.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.convertScaleAbs(cv2.absdiff(a, b), alpha=gain), np.uint8)


def outline(matte: Array) -> tuple[Array, ...]:
    """The edge of a matte as closed lines, each (N, 2): x, y in 0..1 of the picture.

    Args:
        matte: (H, W) or (H, W, 3), 0..255; its edge is where it is half there.
    """
    flat = np.ascontiguousarray(matte[..., 0] if matte.ndim == 3 else matte).astype(np.uint8)
    found, _ = cv2.findContours((flat > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    size = np.array([flat.shape[1], flat.shape[0]], np.float32)
    smooth = (cv2.approxPolyDP(line, 0.6, True)[:, 0] for line in found if len(line) > 3)
    return tuple(np.asarray((line + 0.5) / size, np.float32) for line in smooth)


@lru_cache(maxsize=64)
def _table(stops: float, gamma: float) -> Array:
    shown = np.arange(256) / 255
    light = shown**DISPLAY_GAMMA * 2.0**stops
    lifted = np.clip(light, 0, 1) ** (1 / (DISPLAY_GAMMA * gamma))
    return np.asarray(np.rint(lifted * 255), np.uint8)
