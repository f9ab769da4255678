"""Hands near a face: MediaPipe's palm detector and hand landmarks, on LiteRT.

The weights and what is known of their origin: weights/README.md.  As in MediaPipe, the detector
only finds new hands; a hand that is followed gives the square in which its next landmarks are read.
Source: Zhang et al. 2020, "MediaPipe Hands: On-device Real-time Hand Tracking" (arXiv 2006.10214).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame
from dubsync.core.shipped import shipped
from dubsync.engine.geometry.sampling import Square, sample
from dubsync.engine.track.landmarker import TfliteNet, without_greeting

_WEIGHTS = Path(__file__).parents[1] / "weights"
PALM, HAND = _WEIGHTS / "palm_detection_full.tflite", _WEIGHTS / "hand_landmark_full.tflite"
PALM_SHA256 = "1b14e9422c6ad006cde6581a46c8b90dd573c07ab7f3934b5589e7cea3f89a54"
HAND_SHA256 = "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3"

PALM_PX, HAND_PX = 192, 224
#: Cells across, and anchors in each, of the palm detector's two grids.
GRIDS = ((24, 2), (12, 6))
PALM_POINTS, HAND_POINTS = 7, 21
#: Least score of a palm, and of a hand's landmarks; palms looked at in one frame at most.
LEAST_PALM, LEAST_PRESENCE, MOST_PALMS = 0.35, 0.5, 3
#: Square of a hand, relative to its palm's box or its landmarks' box: side, and shift to the
#: fingers.
FROM_PALM, FROM_HAND = (2.6, 0.5), (2.0, 0.1)
#: Landmarks that do not spread when the fingers do: wrist, thumb, and two joints of each finger.
STEADY = [0, 1, 2, 3, 5, 6, 9, 10, 13, 14, 17, 18]
WRIST, INDEX, MIDDLE, RING = 0, 5, 9, 13
#: Mean distance under which two readings are of one hand, relative to the larger one's size.
SAME_HAND = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """One hand of one frame.

    points    (21, 2) shown pixels: wrist, then four joints of each finger, thumb first
    presence  0..1, the model's own score that this is a hand
    """

    points: NDArray[np.float64]
    presence: float

    def square(self) -> Square:
        """The square in which the next frame's landmarks are read."""
        steady = self.points[STEADY]
        middle = (self.points[INDEX] + 2 * self.points[MIDDLE] + self.points[RING]) / 4
        angle = _upright(middle - self.points[WRIST])
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        flat = steady @ turn.T
        low, high = flat.min(axis=0), flat.max(axis=0)
        return _shifted(turn.T @ ((low + high) / 2), float((high - low).max()), angle, FROM_HAND)


class HandModels:
    """Both models, loaded once.  Not to be shared between threads.

    Raises:
        ModelError: a weight file is missing, altered, or does not load.
    """

    def __init__(self) -> None:
        palm = shipped(PALM, PALM_SHA256, "palm detection model")
        hand = shipped(HAND, HAND_SHA256, "hand landmark model")
        with without_greeting():
            self._palm, self._hand = TfliteNet(palm, 1), TfliteNet(hand, 1)

    def find(self, frame: Frame, near: Square) -> list[Square]:
        """Squares of the hands whose palms are seen in the unrotated square `near`."""
        outputs = self._palm(sample(frame, near, PALM_PX))
        boxes = next(out for out in outputs if out.shape[-1] == 4 + 2 * PALM_POINTS)
        scores = next(out for out in outputs if out.shape[-1] == 1)
        return palms(boxes.reshape(-1, 4 + 2 * PALM_POINTS), scores.ravel(), near)

    def read(self, frame: Frame, square: Square) -> Hand:
        """The landmarks of the hand in `square`, whatever their presence."""
        outputs = self._hand(sample(frame, square, HAND_PX))
        points = next(out for out in outputs if out.size == 3 * HAND_POINTS).reshape(-1, 3)
        presence = next(out for out in outputs if out.size == 1)
        matrix = square.to_plate(HAND_PX)
        placed = points[:, :2].astype(np.float64) @ matrix[:, :2].T + matrix[:, 2]
        return Hand(placed, float(presence.ravel()[0]))


def palms(boxes: Array, scores: Array, near: Square) -> list[Square]:
    """The hands' squares of the palms detected in `near`, strongest first.

    Args:
        boxes: (2016, 18) centre, size and seven points, in input pixels from the anchor.
        scores: (2016,) logits.
    """
    chance = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -100, 100)))
    corner = np.array([near.x, near.y]) - near.side / 2
    kept: list[tuple[NDArray[np.float64], float]] = []
    result: list[Square] = []
    for n in np.argsort(-chance, kind="stable"):
        if chance[n] < LEAST_PALM or len(result) == MOST_PALMS:
            break
        values = boxes[n].reshape(-1, 2).astype(np.float64) / PALM_PX
        centre = (values[0] + ANCHORS[n]) * near.side + corner
        side = float(values[1].max()) * near.side
        if any(np.linalg.norm(centre - c) < 0.5 * max(side, s) for c, s in kept):
            continue
        kept.append((centre, side))
        angle = _upright((values[2 + 2] - values[2]) * near.side)
        result.append(_shifted(centre, side, angle, FROM_PALM))
    return result


def same_hand(a: Hand, b: Hand) -> bool:
    """Whether two readings of one frame are of the same hand."""
    size = max(float(np.ptp(h.points, axis=0).max()) for h in (a, b))
    return float(np.linalg.norm(a.points - b.points, axis=1).mean()) < SAME_HAND * size


def hands_in(
    models: HandModels, frame: Frame, squares: Sequence[Square], sides: tuple[float, float]
) -> list[Hand]:
    """The hands read in `squares`, each once, of those whose side lies between `sides`."""
    result: list[Hand] = []
    for square in squares:
        if not sides[0] < square.side < sides[1]:
            continue
        hand = models.read(frame, square)
        if hand.presence > LEAST_PRESENCE and not any(same_hand(hand, h) for h in result):
            result.append(hand)
    return result


def _anchors() -> NDArray[np.float64]:
    """(2016, 2) anchor centres in 0..1, cell by cell."""
    result = []
    for cells, each in GRIDS:
        middle = (np.arange(cells) + 0.5) / cells
        x, y = np.meshgrid(middle, middle)
        result.append(np.repeat(np.stack([x, y], axis=-1).reshape(-1, 2), each, axis=0))
    return np.concatenate(result)


ANCHORS = _anchors()


def _upright(along: NDArray[np.float64]) -> float:
    """Rotation of a square in which `along`, from wrist to fingers, points up."""
    return float(np.arctan2(along[1], along[0]) + np.pi / 2)


def _shifted(
    centre: NDArray[np.float64], size: float, angle: float, how: tuple[float, float]
) -> Square:
    """The square of a box of `size` about `centre`, enlarged and moved towards the fingers."""
    up = np.array([np.sin(angle), -np.cos(angle)])
    x, y = centre + up * how[1] * size
    return Square(float(x), float(y), how[0] * size, angle)
