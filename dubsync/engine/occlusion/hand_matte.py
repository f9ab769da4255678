"""A hand's landmarks drawn as a matte: capsules along its bones, fitted to the picture's edges."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.holdout import Mask
from dubsync.engine.compositing.guided_filter import guided
from dubsync.engine.occlusion.face_crop import CROP_PX, DRAWN_PAST, UNIT_PX, FaceCrop, in_square
from dubsync.engine.occlusion.hands import Hand

#: The 20 bones, as pairs of landmarks, and the palm's outline.
BONES = tuple(
    bone for first in (1, 5, 9, 13, 17)
    for bone in ((0, first), *((n, n + 1) for n in range(first, first + 3)))
)  # fmt: skip
PALM = [0, 1, 2, 5, 9, 13, 17]
#: Radius of a finger relative to the palm's length: the measured best on real and drawn hands.
RADIUS = 0.16
#: The guided filter's radius, crop pixels, and its regularisation, squared luma.
GUIDE_PX, GUIDE_EPS = 5, 1e-3


def hand_matte(hands: Sequence[Hand], crop: FaceCrop, luma: Array) -> Mask:
    """(CROP_PX, CROP_PX) where the hands are.

    Args:
        luma: (CROP_PX, CROP_PX) of the crop, 0..1, whose edges the matte follows.
    """
    drawn = np.zeros((CROP_PX, CROP_PX), np.uint8)
    for hand in hands:
        _draw(drawn, in_square(hand.points, crop.square, CROP_PX))
    if not drawn.any():
        return drawn > 0
    edged = guided(luma, np.asarray(drawn / 255, np.float32), GUIDE_PX, GUIDE_EPS)
    return np.asarray(edged > 0.5, np.bool_)


def touches(hands: Sequence[Hand], crop: FaceCrop) -> bool:
    """Whether some hand's box, with the fingers' width, meets what may be drawn on."""
    past = DRAWN_PAST * UNIT_PX
    low, high = crop.points[:468].min(axis=0) - past, crop.points[:468].max(axis=0) + past
    for hand in hands:
        points = in_square(hand.points, crop.square, CROP_PX)
        room = RADIUS * palm_length(points)
        if (points.max(axis=0) + room > low).all() and (points.min(axis=0) - room < high).all():
            return True
    return False


def palm_length(points: Array) -> float:
    """From wrist to middle finger, or as much across where the palm is foreshortened."""
    return float(
        max(
            np.linalg.norm(points[9] - points[0]),
            1.1 * np.linalg.norm(points[5] - points[17]),
            3.0 * np.linalg.norm(points[5] - points[9]),
        )
    )


def _draw(into: np.ndarray[tuple[int, int], np.dtype[np.uint8]], points: Array) -> None:
    width = max(1, round(2 * RADIUS * palm_length(points)))
    flat = np.rint(np.clip(points, -4 * CROP_PX, 4 * CROP_PX)).astype(np.int32)
    for a, b in BONES:
        cv2.line(into, flat[a].tolist(), flat[b].tolist(), 255, width)
    cv2.fillPoly(into, [cv2.convexHull(flat[PALM])[:, 0]], 255)
