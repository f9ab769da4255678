"""Contact sheets of a cut: first, middle and last frame of each event, doubtful joins marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.qc.drawing import DOUBT, GROUND, INK, QUIET, RGB, box, wide, write

PICTURE = (176, 99)  #: width, height of a picture, at most
COLUMNS, ROWS = 3, 14  #: of entries on a page
PAGE = COLUMNS * ROWS
_GAP, _CAPTION, _TITLE = 10, 22, 40


@dataclass(frozen=True, slots=True)
class SheetEntry:
    """An event, or a doubtful join that the list does not have.

    name      "007", or "?" for a join that is not listed
    words     how it comes in, and how long it is: "dissolve 12, 84 frames"
    pictures  three of an event, two of a join
    labels    timecode of each picture
    doubt     what is doubtful of how it comes in; "" where nothing is
    """

    name: str
    words: str
    pictures: Sequence[RGB]
    labels: Sequence[str]
    doubt: str = ""


def contact_sheet(entries: Sequence[SheetEntry], title: str) -> RGB:
    """One page of at most PAGE entries, read along the rows: (H, W, 3)."""
    across = 3 * PICTURE[0] + 2 * 2
    down = PICTURE[1] + _CAPTION
    rows = -(-len(entries) // COLUMNS)
    size = (_TITLE + rows * (down + _GAP) + _GAP, COLUMNS * (across + _GAP) + _GAP)
    sheet: RGB = np.full((*size, 3), GROUND, np.uint8)
    write(sheet, title, (_GAP, 26), INK, 17, 600)
    for n, entry in enumerate(entries):
        left = _GAP + n % COLUMNS * (across + _GAP)
        top = _TITLE + n // COLUMNS * (down + _GAP)
        _draw(sheet[top : top + down, left : left + across], entry)
    return sheet


def _draw(cell: RGB, entry: SheetEntry) -> None:
    """An entry, in its part of the sheet."""
    ink = DOUBT if entry.doubt else INK
    write(cell, entry.name, (2, 16), ink, 15, 700)
    write(cell, f"{entry.words}  {entry.doubt}".rstrip(), (wide(entry.name, 15) + 14, 16),
          DOUBT if entry.doubt else QUIET, 13)  # fmt: skip
    for n, (picture, label) in enumerate(zip(entry.pictures, entry.labels, strict=True)):
        left = n * (PICTURE[0] + 2)
        high, broad = picture.shape[:2]
        x, y = left + (PICTURE[0] - broad) // 2, _CAPTION + (PICTURE[1] - high) // 2
        cell[y : y + high, x : x + broad] = picture
        foot = _CAPTION + PICTURE[1]
        box(cell, left, foot - 16, left + wide(label, 12) + 8, foot, GROUND)
        write(cell, label, (left + 4, foot - 4), INK, 12)
    if entry.doubt:  # a bar where the doubtful join is: before the event, or between both pictures
        at = 0 if len(entry.pictures) > 2 else PICTURE[0] - 1
        box(cell, at, _CAPTION, at + 4, _CAPTION + PICTURE[1], DOUBT)
