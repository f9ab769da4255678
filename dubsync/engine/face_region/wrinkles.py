"""Wrinkles of one face on another, or of one moment on another: the ratio of two pictures' skin.

A wrinkle is what skin with an expression has and the same skin without it has not, in the same
light.  Both pictures are laid on the wanted landmarks; the logarithm of their ratio is kept in a
narrow band, so that lines pass and neither light nor a different complexion does.
Source: Liu, Shan, Zhang 2001, "Expressive Expression Mapping with Ratio Images", narrowed to a band
and to skin that faces the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.exemplars.flat_face import sample_bicubic
from dubsync.engine.face_region.face_controls import SURFACE, carried, facing
from dubsync.engine.geometry.mesh import (
    EYE_CORNERS,
    FACE_OVAL,
    LEFT_BROW,
    LEFT_EYE,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    indices,
)

Points = NDArray[Any]

#: The band kept: deviations of the Gaussians between which a wrinkle lies, eye distances.
FINE, COARSE = 0.01, 0.12
#: Logarithms of the ratio: what is below counts as noise; limits of dark lines and bright folds.
NOISE, DARKEST, BRIGHTEST = 0.015, 0.30, 0.10
#: Least cosine between skin and camera, in all three pictures.
LEAST_FACING = 0.45
#: Kept clear of eyes and brows, of nostrils; eye distances.  The rest is eroded and feathered.
CLEAR_EYES, CLEAR_NOSE, ERODED, FEATHER = 0.13, 0.10, 0.14, 0.07
NOSTRILS = indices("48 278 2 97 326")
LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
BLACK = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Skin:
    """A picture (h, w, 3), working or display colour, and its landmarks (478, 3), pixels in it."""

    picture: Array
    points: Points


def wrinkles(
    now: Skin, rest: Skin, wanted: Points, region: Region, strength: float = 0.9,
    clear: float = CLEAR_EYES,
) -> Array:  # fmt: skip
    """(h, w) by what to multiply a picture of the face at `wanted` to give it `now`'s wrinkles.

    Args:
        now: skin with the expression.
        rest: the same skin with less of it at a like turn of the head, in the same light.
        wanted: (478, 3) landmarks of the picture to change, pixels.
        region: of that picture.
        strength: 0..1.
        clear: distance from eyes and brows that stays as it is, eye distances.

    1 where no skin faces the camera in all three, and round eyes, brows, lips and nostrils.
    """
    unit = max(float(np.linalg.norm(_middle(wanted, 0) - _middle(wanted, 1))), 1.0)
    skin = _skin(now, rest, wanted, region, unit, clear)
    share = cv2.erode(skin, _disc(min(ERODED, clear) * unit)).astype(np.float32)
    share = cv2.GaussianBlur(share, (0, 0), max(FEATHER * unit, 0.5))
    if not share.any():
        return np.ones(share.shape, np.float32)
    logs = []
    for part in (now, rest):
        luma = sample_bicubic(
            np.asarray(part.picture @ LUMA, np.float32),
            carried(wanted, part.points, region, unit),
        )
        fine = cv2.GaussianBlur(luma, (0, 0), max(FINE * unit, 0.8))
        logs.append(np.log(np.maximum(fine, 0) + np.float32(BLACK)))
    ratio = logs[0] - logs[1]
    known, wide = skin.astype(np.float32), COARSE * unit
    around = cv2.GaussianBlur(ratio * known, (0, 0), wide)
    ratio = ratio - around / np.maximum(cv2.GaussianBlur(known, (0, 0), wide), 0.1)
    lines = np.sign(ratio) * np.maximum(np.abs(ratio) - NOISE, 0)
    lines = np.clip(lines, -DARKEST, BRIGHTEST)
    return np.asarray(np.exp(np.float32(strength) * lines * share), np.float32)


def _skin(
    now: Skin, rest: Skin, wanted: Points, region: Region, unit: float, clear: float
) -> NDArray[np.uint8]:
    """(h, w) 1 on skin that may have wrinkles and faces the camera in all three pictures."""
    size = (region.height, region.width)
    flat = np.asarray(wanted[:, :2] - np.array([region.left, region.top]), np.float32)
    skin = _filled(size, flat[FACE_OVAL])
    towards = np.minimum(facing(wanted), np.minimum(facing(now.points), facing(rest.points)))
    seen = flat[:SURFACE][towards > LEAST_FACING]
    if len(seen) < 3:
        return np.zeros(size, np.uint8)
    skin &= _filled(size, cv2.convexHull(seen)[:, 0])
    busy = _filled(size, flat[OUTER_LIPS])
    for eye, brow in ((RIGHT_EYE, RIGHT_BROW), (LEFT_EYE, LEFT_BROW)):
        busy |= _filled(size, cv2.convexHull(flat[[*eye, *brow]])[:, 0])
    nose = _filled(size, cv2.convexHull(flat[NOSTRILS])[:, 0])
    busy = cv2.dilate(busy, _disc(clear * unit)) | cv2.dilate(nose, _disc(CLEAR_NOSE * unit))
    return np.asarray(skin & (1 - busy), np.uint8)


def _middle(points: Points, eye: int) -> Points:
    return np.asarray(points[list(EYE_CORNERS[eye])].mean(axis=0))


def _filled(size: tuple[int, int], ring: Array) -> NDArray[np.uint8]:
    area = np.zeros(size, np.uint8)
    cv2.fillPoly(area, [np.rint((ring - 0.5) * 16).astype(np.int32)], 1, shift=4)
    return area


def _disc(radius: float) -> NDArray[np.uint8]:
    side = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
