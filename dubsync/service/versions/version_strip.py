"""Draws two versions of a shot below each other, their difference, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.timeline.timecode import FrameRange
from dubsync.qc.chart import timecode
from dubsync.qc.drawing import GROUND, INK, QUIET, box, write

COLUMNS = 8
CELL, GAP, LEFT, TOP = 168, 4, 84, 78  #: pixels: a picture's width, between, and round them
GAIN = 4  #: by which the difference is shown
CHART, ACCENT = 54, (224, 148, 88)

RGB = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One plate frame in both versions: (H, W, 3) of the same part."""

    frame: int
    before: RGB
    after: RGB


def version_strip(
    shot: str, versions: tuple[str, str], inputs: Sequence[str], columns: Sequence[Column],
    means: NDArray[np.float64], frames: FrameRange, drop: bool,
) -> RGB:  # fmt: skip
    """The picture (H, W, 3).

    Args:
        inputs: what differs between what they were made from.
        means: (T,) mean difference of each of `frames`, in 8-bit steps.
        drop: whether the plate's timecode is drop-frame.
    """
    tall, wide, _ = columns[0].before.shape
    cell = round(CELL * tall / wide)
    across = COLUMNS * (CELL + GAP)
    canvas: RGB = np.full((TOP + 3 * (cell + GAP) + 30 + CHART + 34, LEFT + across + 16, 3),
                          GROUND, np.uint8)  # fmt: skip
    write(canvas, f"{shot}   {versions[0]} and {versions[1]}", (16, 28), INK, 17, 600)
    told = "; ".join(inputs) or "no input differs"
    write(canvas, told[:170], (16, 50), QUIET, 12)
    for row, label in enumerate((*versions, f"apart x{GAIN}")):
        write(canvas, label, (16, TOP + row * (cell + GAP) + cell // 2), INK, 13)
    for n, column in enumerate(columns):
        left = LEFT + n * (CELL + GAP)
        write(canvas, timecode(column.frame, frames, drop), (left, TOP - 8), QUIET, 11)
        for row, picture in enumerate((column.before, column.after, _apart(column))):
            top = TOP + row * (cell + GAP)
            canvas[top : top + cell, left : left + CELL] = cv2.resize(
                picture, (CELL, cell),
                interpolation=cv2.INTER_AREA if wide > CELL else cv2.INTER_CUBIC,
            )  # fmt: skip
    _course(canvas, TOP + 3 * (cell + GAP) + 18, across, columns, means, frames, drop)
    return canvas


def _apart(column: Column) -> RGB:
    """The difference of both pictures, brightened, on black."""
    apart = np.abs(column.before.astype(np.int16) - column.after)
    return np.asarray(np.minimum(apart * GAIN, 255), np.uint8)


def _course(
    canvas: RGB, top: int, across: int, columns: Sequence[Column], means: NDArray[np.float64],
    frames: FrameRange, drop: bool,
) -> None:  # fmt: skip
    """The mean difference of every frame as bars; the frames pictured are marked below."""
    most = max(float(means.max()), 1e-9)
    edges = LEFT + np.rint(np.arange(len(means) + 1) * across / len(means)).astype(int)
    box(canvas, LEFT, top + CHART, LEFT + across, top + CHART + 1, QUIET)
    for mean, left, right in zip(means, edges[:-1], edges[1:], strict=True):
        high = round(CHART * float(mean) / most)
        if high:
            box(canvas, int(left), top + CHART - high, max(int(right) - 1, int(left) + 1),
                top + CHART, ACCENT)  # fmt: skip
    for column in columns:
        at = int(edges[column.frame - frames.start])
        box(canvas, at, top + CHART + 2, at + 3, top + CHART + 7, INK)
    write(canvas, f"{most:.1f}", (16, top + 12), QUIET, 11)
    write(canvas, "of 255", (16, top + 27), QUIET, 11)
    first, last = (timecode(n, frames, drop) for n in (frames.start, frames.stop - 1))
    write(canvas, f"{first} .. {last}", (LEFT, top + CHART + 24), QUIET, 11)
