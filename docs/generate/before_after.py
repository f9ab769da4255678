"""Draws docs/images/before_after.jpg from the sample reel's renders: plate above, dubbed below.

python -m docs.generate.before_after    # after `make demo`
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dubsync.core.picture import Region
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.stills.encode import jpeg, rgb8

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_projects" / "two_hander"
LANGUAGE = "it-IT"  #: that `make demo` makes
#: Shot, first frame after its first, frames between columns, columns, and the part shown.
ROWS = (
    ("A001C003_251114_ELISE_CU", 30, 5, 4, None),
    ("A002C001_251114_MARC_CU", 30, 5, 4, None),
)
GAP = 6


def main() -> None:
    """Write the picture."""
    strips = [_strip(*row) for row in ROWS]
    gap = np.full((GAP * 2, strips[0].shape[1], 3), 255, np.uint8)
    picture = np.concatenate([strips[0], gap, *strips[1:]])
    (ROOT / "docs" / "images" / "before_after.jpg").write_bytes(jpeg(picture, quality=82))


def _strip(shot: str, first: int, step: int, columns: int, part: Region | None) -> np.ndarray:
    """Plate above, render below, `columns` frames of `shot`."""
    folder = max((SAMPLE / "renders" / LANGUAGE / shot).glob("v*"))
    record = json.loads(next(folder.glob("*.record.json")).read_text())
    made = probe_plate(folder / record["outputs"]["picture"]["file"])
    plate = probe_plate(SAMPLE / "plates" / record["plate"])
    numbers = [made.frames.start + first + step * n for n in range(columns)]
    rows = []
    for source in (plate, made):
        with open_plate(source) as reader:
            area = part or _middle(source.format.width, source.format.height)
            cells = [rgb8(frame, area) for frame in reader.read(numbers)]
        gap = np.full((cells[0].shape[0], GAP, 3), 255, np.uint8)
        row = [piece for cell in cells for piece in (cell, gap)][:-1]
        rows.append(np.concatenate(row, axis=1))
    gap = np.full((GAP, rows[0].shape[1], 3), 255, np.uint8)
    return np.concatenate([rows[0], gap, rows[1]])


def _middle(width: int, height: int) -> Region:
    """The middle of the frame, three quarters as wide as it is high."""
    half = height * 3 // 8 // 2 * 2
    return Region(width // 2 - half, 0, width // 2 + half, height)


if __name__ == "__main__":
    main()
