"""Small reels of made pictures: rooms with something that moves in them."""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.cut_detection.small_pictures import SmallPictures

FORMAT = PictureFormat(160, 90, "gray", 8, full_range=True)


def room(seed: int, wide: int = 160) -> np.ndarray:
    """(90, wide) soft shapes, 0..255."""
    rng = np.random.default_rng(seed)
    drawn = cv2.GaussianBlur(rng.standard_normal((90, wide)).astype(np.float32), (0, 0), 7)
    drawn = (drawn - drawn.min()) / (drawn.max() - drawn.min())
    return np.asarray(40 + 180 * drawn, np.float32)


def shot(seed: int, frames: int, *, first: int = 0, grain: float = 0) -> np.ndarray:
    """(frames, 90, 160) a room in which a head moves; `first`: where in its take it begins."""
    rng = np.random.default_rng(seed + 1000 * first)
    still, rows = room(seed), np.mgrid[0:90, 0:160]
    taken = []
    for n in range(first, first + frames):
        x, y = 80 + 12 * np.sin(n / 15 + seed), 45 + 4 * np.sin(n / 9)
        near = np.exp(-((rows[1] - x) ** 2 + (rows[0] - y) ** 2) / 300)
        taken.append(still * (1 - near) + 230 * near + rng.normal(0, grain, still.shape))
    return np.asarray(taken, np.float32)


def pictures(*shots: np.ndarray) -> SmallPictures:
    """The shots one after the other."""
    small = SmallPictures()
    for n, picture in enumerate(np.concatenate(shots)):
        plane = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
        small.add(Frame(n, (plane,), FORMAT))
    return small


def mixed(before: np.ndarray, after: np.ndarray, frames: int) -> np.ndarray:
    """Two shots with a dissolve over the last, and the first, `frames` of them."""
    share = (np.arange(1, frames + 1) / (frames + 1))[:, None, None]
    middle = before[-frames:] * (1 - share) + after[:frames] * share
    return np.concatenate([before[:-frames], middle, after[frames:]])
