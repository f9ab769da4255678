"""A picture of some frames of a portrait side by side, with its mark of quality."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.media.stills.encode import png
from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, write
from dubsync.service.store.atomic_write import write_whole

#: Frames on the sheet, their height, pixels; and in how many rows they stand.
COUNT, HEIGHT, ROWS = 10, 300, 2
_HEAD, _GAP = 40, 8


def chosen_frames(count: int) -> tuple[int, ...]:
    """Which of so many frames are shown: evenly spread, the first and the last among them."""
    return tuple(dict.fromkeys(int(n) for n in np.linspace(0, count - 1, COUNT).round()))


def small(rgb: Array) -> RGB:
    """(HEIGHT, w, 3) a picture in working colour, made small."""
    width = max(1, round(rgb.shape[1] * HEIGHT / rgb.shape[0]))
    shown = cv2.resize(np.clip(rgb, 0, 1), (width, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(shown * 255), np.uint8)


def write_sheet(
    path: Path, title: str, pictures: Sequence[tuple[int, RGB]], notes: Sequence[str]
) -> None:
    """Write the sheet as PNG.

    Args:
        pictures: (frame's number, picture).
        notes: sentences below the title.

    Raises:
        DeliveryError: it cannot be written.
    """
    across = -(-len(pictures) // ROWS)
    width = max(640, across * (pictures[0][1].shape[1] + _GAP) + _GAP)
    head = _HEAD + 24 * len(notes)
    rows = -(-len(pictures) // across)
    sheet: RGB = np.full((head + rows * (HEIGHT + 28), width, 3), GROUND, np.uint8)
    write(sheet, title, (_GAP, 27), INK, 20, 600)
    for n, note in enumerate(notes):
        write(sheet, note, (_GAP, _HEAD + 24 * n + 12), QUIET, 15)
    for n, (number, picture) in enumerate(pictures):
        top = head + n // across * (HEIGHT + 28)
        left = _GAP + n % across * (picture.shape[1] + _GAP)
        sheet[top : top + HEIGHT, left : left + picture.shape[1]] = picture
        write(sheet, str(number), (left, top + HEIGHT + 18), QUIET, 14)
    write_whole(path, png(sheet))
