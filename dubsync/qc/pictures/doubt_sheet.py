"""Doubtful joins, large: the two pictures before, the two after, and what changes between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from dubsync.qc.drawing import DOUBT, GROUND, INK, QUIET, RGB, box, wide, write

PICTURE = (300, 169)  #: width, height of a picture, at most
ROWS = 6  #: of joins on a page
_GAP, _CAPTION, _TITLE, _BAR = 12, 24, 44, 6
#: A difference of so many steps (0..255) is drawn in full.
_FULL = 60
#: Pictures whose brightest samples are darker are brightened, at most so much.
_SEEN, _MOST_GAIN = 120.0, 5.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A join that a person should look at.

    name      what is asked: "cut at 01:02:11:04?"
    words     what was done with it, and what speaks against it
    pictures  (two before, two after) the join
    labels    timecode of each
    """

    name: str
    words: str
    pictures: Sequence[RGB]
    labels: Sequence[str]


def doubt_sheet(doubts: Sequence[Doubt], title: str) -> RGB:
    """One page of at most ROWS doubts: (H, W, 3)."""
    across = 5 * (PICTURE[0] + 3) + _BAR
    down = _CAPTION + PICTURE[1] + _GAP
    sheet: RGB = np.full(
        (_TITLE + len(doubts) * down + _GAP, across + 2 * _GAP, 3), GROUND, np.uint8
    )
    write(sheet, title, (_GAP, 28), INK, 18, 600)
    for n, doubt in enumerate(doubts):
        top = _TITLE + n * down
        _draw(sheet[top : top + down, _GAP : _GAP + across], doubt)
    return sheet


def _draw(row: RGB, doubt: Doubt) -> None:
    gain = _gain(doubt.pictures)
    words = f"{doubt.words}; brightened {gain:.1f} times" if gain > 1 else doubt.words
    write(row, doubt.name, (0, 17), DOUBT, 16, 700)
    write(row, words, (wide(doubt.name, 16) + 24, 17), INK, 14)
    pictures = [cv2.convertScaleAbs(each, alpha=gain) for each in doubt.pictures]
    left = 0
    for n, (picture, label) in enumerate(zip(pictures, doubt.labels, strict=True)):
        if n == 2:
            box(row, left, _CAPTION, left + _BAR, _CAPTION + PICTURE[1], DOUBT)
            left += _BAR + 3
        _place(row, picture, left, label)
        left += PICTURE[0] + 3
    _place(row, changed(pictures[1], pictures[2]), left, "what changes")


def _gain(pictures: Sequence[RGB]) -> float:
    """How much pictures are brightened, all four alike, so that dark ones can be seen."""
    bright = max(float(np.percentile(each, 99)) for each in pictures)
    return min(max(_SEEN / max(bright, 1.0), 1.0), _MOST_GAIN)


def changed(before: RGB, after: RGB) -> RGB:
    """Picture `after` in grey; in orange what was not so in `before`."""
    soft = [cv2.GaussianBlur(each, (0, 0), 1.5).astype(np.float32) for each in (before, after)]
    away = np.abs(soft[1] - soft[0]).max(axis=2)
    share = np.clip(away / _FULL, 0, 1)[..., None]
    grey = 0.5 * after.mean(axis=2, keepdims=True) + 20
    return np.asarray(np.rint(grey * (1 - share) + np.array(DOUBT, np.float32) * share), np.uint8)


def _place(row: RGB, picture: RGB, left: int, label: str) -> None:
    high, broad = picture.shape[:2]
    x, y = left + (PICTURE[0] - broad) // 2, _CAPTION + (PICTURE[1] - high) // 2
    row[y : y + high, x : x + broad] = picture
    foot = _CAPTION + PICTURE[1]
    box(row, left, foot - 18, left + wide(label, 13) + 10, foot, GROUND)
    write(row, label, (left + 5, foot - 5), QUIET if label == "what changes" else INK, 13)
