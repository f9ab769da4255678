"""A picture of some frames of a portrait side by side, with its mark of quality."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.learning.moving_still import Still
from dubsync.core.picture import Region
from dubsync.media.stills.encode import png
from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, write
from dubsync.service.store.atomic_write import write_whole

#: Frames on the sheet, their height, pixels; and in how many rows they stand.
COUNT, HEIGHT, ROWS = 10, 300, 2
_HEAD, _GAP = 40, 8


def chosen_frames(count: int) -> tuple[int, ...]:
    """Which of so many frames are shown: evenly spread, the first and the last among them."""
    return tuple(dict.fromkeys(int(n) for n in np.linspace(0, count - 1, COUNT).round()))


def round_the_head(still: Still) -> Region:
    """The part of a still that the sheet shows: the head, with room to move in."""
    points = still.face.landmarks[0, :, :2]
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    height, width = still.picture.shape[:2]
    face = float(bottom - top)
    middle = float(left + right) / 2
    return Region(
        max(0, int(middle - 1.1 * face)), max(0, int(top - 0.7 * face)),
        min(width, int(middle + 1.1 * face)), min(height, int(bottom + 0.6 * face)),
    )  # fmt: skip


def small(rgb: Array, part: Region) -> RGB:
    """(HEIGHT, w, 3) a part of a picture in working colour, HEIGHT high."""
    cut = np.clip(rgb[part.rows, part.columns], 0, 1)
    width = max(1, round(cut.shape[1] * HEIGHT / cut.shape[0]))
    less = cut.shape[0] > HEIGHT
    way = cv2.INTER_AREA if less else cv2.INTER_CUBIC
    shown = np.clip(cv2.resize(cut, (width, HEIGHT), interpolation=way), 0, 1)
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
