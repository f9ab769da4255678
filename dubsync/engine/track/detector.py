"""Face detection: BlazeFace (short range) over a plate, and over parts of it for small faces.

The model's input is 128 x 128 pixels, and it detects faces from about a fifth of that width up.  A
wide shot is therefore searched as a whole, then in overlapping squares.  Decoding follows the
model's card and "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs"
(arXiv 1907.05047).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import PictureFormat
from dubsync.engine.geometry.sampling import Square

INPUT_PX = 128
LEAST_SCORE = 0.5
SAME_FACE_IOU = 0.3
#: Side of a face's square relative to its box's longer side, as the landmark model was trained.
ROOM = 1.5


class Box(NamedTuple):
    """An upright rectangle, pixels."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Detection:
    """A face in plate pixels, which are square.

    eyes  subject's right x, y, left x, y
    """

    score: float
    box: Box
    eyes: tuple[float, float, float, float]

    def square(self) -> Square:
        """The square for the landmark model: level with the eyes, with a margin."""
        left, top, right, bottom = self.box
        x0, y0, x1, y1 = self.eyes
        side = max(right - left, bottom - top) * ROOM
        return Square(
            (left + right) / 2, (top + bottom) / 2, side, float(np.arctan2(y1 - y0, x1 - x0))
        )


def anchors() -> Array:
    """(896, 2) anchor centres in 0..1: two per cell of the 16 x 16 grid, six per cell of 8 x 8."""
    result = []
    for cells, each in ((16, 2), (8, 6)):
        middle = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        result.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), each, axis=0))
    return np.concatenate(result)


ANCHORS = anchors()


def decode(boxes: Array, scores: Array, square: Square) -> list[Detection]:
    """The faces in one unrotated `square`, before overlapping ones are merged.

    Args:
        boxes: (896, 16) centre, size and six points (eyes first), in input pixels from the anchor.
        scores: (896,) logits.
    """
    chance = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -100, 100)))
    corner = np.array([square.x, square.y]) - square.side / 2
    result = []
    for n in np.flatnonzero(chance >= LEAST_SCORE):
        points = boxes[n].reshape(8, 2) / INPUT_PX
        points[[0, 2, 3]] += ANCHORS[n]
        middle, size = points[0] * square.side + corner, points[1] * square.side
        eyes = points[2:4] * square.side + corner
        low, high = middle - size / 2, middle + size / 2
        result.append(
            Detection(
                float(chance[n]),
                Box(float(low[0]), float(low[1]), float(high[0]), float(high[1])),
                (float(eyes[0, 0]), float(eyes[0, 1]), float(eyes[1, 0]), float(eyes[1, 1])),
            )
        )
    return result


def merged(detections: Sequence[Detection]) -> list[Detection]:
    """Overlapping detections merged, weighted by score; strongest first."""
    left = sorted(detections, key=lambda d: -d.score)
    kept = []
    while left:
        first = left[0]
        same = [d for d in left if iou(first.box, d.box) >= SAME_FACE_IOU]
        left = [d for d in left if d not in same]
        weights = np.array([d.score for d in same])
        weights /= weights.sum()
        box = weights @ np.array([d.box for d in same])
        eyes = weights @ np.array([d.eyes for d in same])
        kept.append(Detection(first.score, Box(*box.tolist()), tuple(eyes.tolist())))
    return kept


def iou(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a.right, b.right) - max(a.left, b.left)
    height = min(a.bottom, b.bottom) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / (
        (a.right - a.left) * (a.bottom - a.top) + (b.right - b.left) * (b.bottom - b.top) - both
    )


def contained(a: Box, b: Box) -> float:
    """Intersection over the smaller of the two boxes."""
    width = max(0.0, min(a.right, b.right) - max(a.left, b.left))
    height = max(0.0, min(a.bottom, b.bottom) - max(a.top, b.top))
    smaller = min((a.right - a.left) * (a.bottom - a.top), (b.right - b.left) * (b.bottom - b.top))
    return width * height / max(smaller, 1e-6)


def search_squares(form: PictureFormat, depth: int) -> list[Square]:
    """Squares in which to search for faces.

    depth 0 is the whole frame; 1 adds squares as high as the short side; 2 adds squares half,
    3 a quarter of that.  Neighbours overlap by a third: a face too large for that is seen whole
    one level up.
    """
    width, height = float(form.width), float(form.height)
    result = [Square(width / 2, height / 2, max(width, height))]
    for level in range(1, depth + 1):
        side = min(width, height) / (1 << (level - 1))
        across, down = (_centres(length, side) for length in (width, height))
        tiles = [Square(x, y, side) for y in down for x in across]
        if level > 1 or len(tiles) > 1:
            result.extend(tiles)
    return result


def _centres(length: float, side: float) -> NDArray[np.float64]:
    if length <= side * 1.05:
        return np.array([length / 2])
    count = 1 + int(np.ceil((length - side) / (side * 2 / 3) - 0.01))
    return np.linspace(side / 2, length - side / 2, count)
