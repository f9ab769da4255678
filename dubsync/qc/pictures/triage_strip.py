"""Draw the triage: a row for each face of each shot, worst first, red where it mismatches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, box, write
from dubsync.qc.mouth import Curve

ROW, LEFT, WIDTH, TOP = 44, 250, 720, 46
CALM, BAD = np.array([46.0, 54, 60]), np.array([240.0, 88, 76])


@dataclass(frozen=True, slots=True, eq=False)
class TriageRow:
    """One row; `course` (T,) is the mismatch of each frame of the cut, 0..1."""

    name: str
    character: str
    score: float
    course: Curve
    reasons: tuple[str, ...]


def triage_strip(rows: Sequence[TriageRow], title: str) -> RGB:
    """The picture (H, W, 3); all shots have one time scale."""
    canvas: RGB = np.full((TOP + max(len(rows), 1) * ROW + 12, LEFT + WIDTH + 20, 3), GROUND,
                          np.uint8)  # fmt: skip
    write(canvas, title, (16, 28), INK, 17, 600)
    longest = max((len(row.course) for row in rows), default=1)
    for n, row in enumerate(rows):
        top = TOP + n * ROW
        write(canvas, f"{row.score:3.0f}", (16, top + 17), INK, 15, 600)
        write(canvas, row.name[:26], (56, top + 13), INK, 12)
        write(canvas, row.character[:26], (56, top + 28), QUIET, 11)
        edges = LEFT + np.rint(np.arange(len(row.course) + 1) * WIDTH / longest).astype(int)
        for bad, left, right in zip(row.course, edges[:-1], edges[1:], strict=True):
            shade = CALM + float(np.clip(bad, 0, 1)) * (BAD - CALM)
            red, green, blue = (int(v) for v in shade)
            box(canvas, int(left), top + 4, max(int(right), int(left) + 1), top + 18,
                (red, green, blue))  # fmt: skip
        write(canvas, "; ".join(row.reasons)[:110], (LEFT, top + 33), QUIET, 11)
    return canvas
