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


def outlined(matte: Array, colour: tuple[int, int, int], line: float) -> Array:
    """(H, W, 4) uint8 B G R A, alpha multiplied in: the matte's area faintly, its edge whole.

    Args:
        matte: (H, W) or (H, W, 3), 0..255.
        colour: R, G, B of the edge.
        line: width of the edge, pixels.
    """
    flat = np.ascontiguousarray(matte[..., 0] if matte.ndim == 3 else matte).astype(np.uint8)
    alpha = (flat.astype(np.uint16) * 26 // 255).astype(np.uint8)
    edges, _ = cv2.findContours((flat > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(alpha, edges, -1, 255, max(round(line), 1), cv2.LINE_AA)
    scaled = alpha.astype(np.uint16)[..., None]
    made = np.empty((*flat.shape, 4), np.uint8)
    made[..., :3] = scaled * np.array(colour[::-1], np.uint16) // 255
    made[..., 3] = alpha
    return made


@lru_cache(maxsize=64)
def _table(stops: float, gamma: float) -> Array:
    shown = np.arange(256) / 255
    light = shown**DISPLAY_GAMMA * 2.0**stops
    lifted = np.clip(light, 0, 1) ** (1 / (DISPLAY_GAMMA * gamma))
    return np.asarray(np.rint(lifted * 255), np.uint8)
