"""The square round a face in which occluders are looked for: level with the eyes, of fixed scale.

Everything is measured in pixels of this crop, so thresholds do not depend on the plate's size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.holdout import Mask
from dubsync.core.picture import PictureFormat, Region
from dubsync.engine.geometry.mesh import EYE_CORNERS, FACE_OVAL, OUTER_LIPS
from dubsync.engine.geometry.sampling import Square

#: Side of the crop, length of a face unit, and height of the eyes in it, crop pixels.
CROP_PX, UNIT_PX, EYES_PX = 192, 56.0, 62.0
#: The whole crop.
CROP = Region(0, 0, CROP_PX, CROP_PX)
#: A face unit is the distance of the eyes, or where the head is turned this much of the nose.
NOSE_SHARE = 1.25
BETWEEN_BROWS, NOSE_BASE, BRIDGE = 168, 2, 195
SUBPIXEL = 3
#: How far past the face's outline a face is drawn at most where the jaw opens, face units.
DRAWN_PAST = 0.4


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """The crop of one face in one frame.

    square  where it lies
    points  (478, 2) landmarks, crop pixels
    unit    a face unit, plate pixels
    """

    square: Square
    points: Array
    unit: float

    @cached_property
    def face(self) -> Mask:
        """(CROP_PX, CROP_PX) inside the face's outline."""
        return filled(cv2.convexHull(self.points[FACE_OVAL])[:, 0])

    @cached_property
    def lower_face(self) -> Mask:
        """(CROP_PX, CROP_PX) the face below the bridge of the nose."""
        below = np.arange(CROP_PX)[:, None] + 0.5 > self.points[BRIDGE, 1]
        return np.asarray(self.face & below, bool)

    @cached_property
    def lips(self) -> Mask:
        """(CROP_PX, CROP_PX) the lips and what is between them."""
        return filled(self.points[OUTER_LIPS])

    @cached_property
    def drawable(self) -> Mask:
        """(CROP_PX, CROP_PX) where a new face may be drawn: the lower face and some way round."""
        reach = round(DRAWN_PAST * UNIT_PX)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
        face, grown = self.lower_face.astype(np.uint8), np.zeros((CROP_PX, CROP_PX), bool)
        left, top, width, height = cv2.boundingRect(face)
        near = (
            slice(max(top - reach, 0), top + height + reach),
            slice(max(left - reach, 0), left + width + reach),
        )
        grown[near] = cv2.dilate(face[near], kernel) > 0
        return grown

    def hidden(self, matte: Mask) -> tuple[float, float]:
        """Shares of the lower face and of the lips under `matte` (CROP_PX, CROP_PX)."""
        lower, lips = (
            float((matte & part).sum()) / max(int(part.sum()), 1)
            for part in (self.lower_face, self.lips)
        )
        return lower, lips

    def region(self, form: PictureFormat) -> Region:
        """The part of the plate that the crop covers, clipped to the frame; may be empty."""
        corners = np.array([[0, 0], [CROP_PX, 0], [0, CROP_PX], [CROP_PX, CROP_PX]], np.float64)
        matrix = self.square.to_plate(CROP_PX)
        points = corners @ matrix[:, :2].T + matrix[:, 2]
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
        left, right = (int(np.clip(x, 0, form.width)) for x in (low[0], high[0]))
        top, bottom = (int(np.clip(y, 0, form.height)) for y in (low[1], high[1]))
        return Region(left, top, right, bottom)

    def on_plate(self, matte: Mask, form: PictureFormat) -> tuple[Region, Mask] | None:
        """`matte` (CROP_PX, CROP_PX) on the plate's pixels, cropped; None where nothing is left."""
        region = self.region(form)
        if region.width <= 0 or region.height <= 0:
            return None
        matrix = cv2.invertAffineTransform(self.square.to_plate(CROP_PX))
        corner = np.array([region.left + 0.5, region.top + 0.5])
        matrix[:, 2] += matrix[:, :2] @ corner - 0.5
        spread = cv2.warpAffine(
            matte.astype(np.uint8) * 255, matrix, (region.width, region.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        )  # fmt: skip
        return trimmed(np.asarray(spread >= 128, bool), region)


def crop_of(landmarks: Array) -> FaceCrop:
    """The crop of a face.

    Args:
        landmarks: (478, 2 or 3) plate pixels.
    """
    flat = np.asarray(landmarks[:, :2], np.float64)
    right, left = (flat[list(pair)].mean(axis=0) for pair in EYE_CORNERS)
    across = left - right
    nose = float(np.linalg.norm(flat[BETWEEN_BROWS] - flat[NOSE_BASE]))
    unit = max(float(np.linalg.norm(across)), NOSE_SHARE * nose, 1.0)
    angle = float(np.arctan2(across[1], across[0]))
    down = np.array([-np.sin(angle), np.cos(angle)])
    x, y = (right + left) / 2 + down * unit * (CROP_PX / 2 - EYES_PX) / UNIT_PX
    square = Square(float(x), float(y), unit * CROP_PX / UNIT_PX, angle)
    return FaceCrop(square, in_square(flat, square, CROP_PX), unit)


def in_square(points: NDArray[np.float64], square: Square, px: int) -> Array:
    """(N, 2) shown points in pixels of `square` sampled `px` wide."""
    matrix = cv2.invertAffineTransform(square.to_plate(px))
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)


def trimmed(matte: Mask, region: Region) -> tuple[Region, Mask] | None:
    """`matte` over `region` without its empty margins; None where it is empty."""
    rows, columns = np.flatnonzero(matte.any(axis=1)), np.flatnonzero(matte.any(axis=0))
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    held = Region(region.left + left, region.top + top, region.left + right, region.top + bottom)
    return held, matte[top:bottom, left:right]


def filled(shape: Array) -> Mask:
    """(CROP_PX, CROP_PX) the inside of a polygon (n, 2), crop pixels.

    Pixel centres lie at .5, OpenCV's at 0.
    """
    inside = np.zeros((CROP_PX, CROP_PX), np.uint8)
    points = np.rint((np.clip(shape, -4096, 4096) - 0.5) * (1 << SUBPIXEL)).astype(np.int32)
    cv2.fillPoly(inside, [points], 1, shift=SUBPIXEL)
    return inside > 0
