"""The bar below the picture of a review movie: shot, frame, timecode and waveform."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, box, fill, line, wide, write
from dubsync.qc.mouth import Curve

BAR = 64  #: pixels high
WAVE_TOP = 30
WAVE_INK, CURSOR, DIM = (84, 112, 128), (255, 176, 62), (44, 49, 55)


class Bar:
    """The bar of one movie: the waveform is drawn once, text and cursor for each frame."""

    def __init__(self, width: int, shot: str, wave: Curve, cut: tuple[float, float]) -> None:
        """Draw the waveform.

        Args:
            wave: (N, 2) lows and highs.
            cut: the part of the movie that is in the cut, 0..1.
        """
        self._ground: RGB = np.full((BAR, width, 3), GROUND, np.uint8)
        self._shot = shot
        left, right = (round(width * share) for share in cut)
        box(self._ground, left, WAVE_TOP, right, BAR, DIM)
        middle, half = (WAVE_TOP + BAR) / 2, (BAR - WAVE_TOP) / 2 - 2
        share = wave / max(float(np.abs(wave).max()), 1e-4)
        x = np.linspace(0, width, len(wave))
        upper = np.stack([x, middle - half * share[:, 1]], axis=1)
        lower = np.stack([x, middle - half * share[:, 0] + 0.7], axis=1)
        fill(self._ground, np.concatenate([upper, lower[::-1]]), WAVE_INK)

    def under(self, pictures: Sequence[RGB], labels: Sequence[str], text: str, at: float) -> RGB:
        """Pictures side by side above the bar; two or more get their label in the corner.

        Args:
            text: frame and timecodes.
            at: position in the movie, 0..1.
        """
        named = [np.array(picture) for picture in pictures]
        if len(named) > 1:
            for picture, label in zip(named, labels, strict=True):
                box(picture, 0, 0, wide(label, 15) + 20, 26, GROUND)
                write(picture, label, (10, 18), INK, 15)
        bar = self._ground.copy()
        write(bar, self._shot, (12, 20), INK, 15, 600)
        write(bar, text, (bar.shape[1] - wide(text, 15) - 12, 20), QUIET, 15)
        x = at * bar.shape[1]
        line(bar, [(x, WAVE_TOP), (x, BAR)], CURSOR, 2)
        return np.concatenate([np.concatenate(named, axis=1), bar])


def fitted(picture: RGB, width: int, height: int) -> RGB:
    """`picture` at `width` x `height`."""
    if picture.shape[:2] == (height, width):
        return picture
    way = cv2.INTER_AREA if picture.shape[1] > width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, (width, height), interpolation=way), np.uint8)


def within(picture: RGB, most: tuple[int, int]) -> RGB:
    """`picture` as large as it fits into `most`, width and height, in its own shape."""
    high, broad = picture.shape[:2]
    scale = min(most[0] / broad, most[1] / high)
    return fitted(picture, max(round(broad * scale), 1), max(round(high * scale), 1))
