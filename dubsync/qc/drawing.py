"""Draw text, lines and shapes on a picture, in the report's colours and OpenCV's own font."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

RGB = NDArray[np.uint8]
Colour = tuple[int, int, int]
Points = Sequence[tuple[float, float]] | NDArray[np.float64]  #: (x, y) each, pixels

GROUND, INK, QUIET = (24, 26, 29), (226, 229, 233), (150, 157, 166)
DOUBT = (255, 120, 40)  #: what a person should look at
SUBPIXEL = 4  #: bits
_FONT = cv2.FontFace("sans")  # built into OpenCV: the same on every machine


def write(
    canvas: RGB, text: str, at: tuple[int, int], colour: Colour, size: int, weight: int = 400
) -> None:
    """Write `text`; `at`: left end of its baseline, `size` in pixels, `weight` 100..1000."""
    cv2.putText(canvas, text, at, colour, _FONT, size, weight)


def wide(text: str, size: int) -> int:
    """The width of `text` in pixels."""
    return int(cv2.getTextSize((0, 0), text, (0, 0), _FONT, size, 400)[2])


def box(canvas: RGB, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
    """A filled rectangle, `right` and `bottom` excluded."""
    canvas[top:bottom, left:right] = colour


def line(canvas: RGB, points: Points, colour: Colour, thick: int = 1) -> None:
    """A line through `points`."""
    cv2.polylines(canvas, [_fixed(points)], False, colour, thick, cv2.LINE_AA, SUBPIXEL)


def fill(canvas: RGB, points: Points, colour: Colour) -> None:
    """The inside of `points`."""
    cv2.fillPoly(canvas, [_fixed(points)], colour, cv2.LINE_AA, SUBPIXEL)


def _fixed(points: Points) -> NDArray[np.int32]:
    """Points in sixteenths of a pixel, cv2's fixed-point format."""
    return np.rint(np.asarray(points, np.float64) * (1 << SUBPIXEL)).astype(np.int32)
