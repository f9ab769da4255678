"""One eye of an exemplar laid on another picture of the face: warped, and its colour met.

Inside the lids' hull and a little round it the exemplar shows; its edge is feathered, and on that
ring its colour is met by a plane of gains, so that no seam glows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.exemplars.bank import Picture
from dubsync.engine.face_region.face_controls import carried
from dubsync.engine.face_region.lids import RINGS, like_exemplar, uncrossed
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import (
    LEFT_BROW,
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_IRIS,
    indices,
)

Points = NDArray[Any]

#: What shows of the exemplar round its lids, and the feather beyond, eye distances.
GROWN, FEATHER = 0.06, 0.12
#: Deviation of the smoothing before colours are compared, eye distances; limit of a gain's log.
SMOOTH, MOST_GAIN = 0.05, 0.5
#: An exemplar this many times finer than the plate is scaled down before it is sampled.
FINER = 1.3
BLACK = 0.03
IRISES = (RIGHT_IRIS, LEFT_IRIS)
#: Landmarks by which an eye is bent: lids, the rings round them, the brow, the nose's bridge.
CONTROLS = (
    np.unique([
        *RIGHT_EYE, *RIGHT_BROW,
        *indices("247 30 29 27 28 56 190 225 224 223 222 221 110 24 23 22 26 112 113 130 35 31 228 "
                "229 230 231 232 233 244 245 189 6 168 8 193 122 156 143 111 117 118 119 120"),
    ]),
    np.unique([
        *LEFT_EYE, *LEFT_BROW,
        *indices("467 260 259 257 258 286 414 445 444 443 442 441 339 254 253 252 256 341 342 359 "
                "265 261 448 449 450 451 452 453 464 465 413 6 168 8 417 351 383 372 340 346 347 "
                "348 349"),
    ]),
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Inset:
    """One eye drawn: (h, w) of the picture it is laid on, from `corner` (left, top).

    rgb    (h, w, 3) the exemplar, its colour not met
    share  (h, w)    0..1 how much of it shows
    iris   (5, 2)    where its iris lies in the picture it is laid on, centre first
    lids   (478, 2)  the landmarks that it was bent to
    """

    corner: tuple[int, int]
    rgb: Array
    share: Array
    iris: Points
    lids: Points

    @property
    def box(self) -> tuple[slice, slice]:
        height, width = self.share.shape
        left, top = self.corner
        return slice(top, top + height), slice(left, left + width)


def eye_inset(
    wanted: Points, picture: Array | Picture, points: Points, eye: int, unit: float,
    size: tuple[int, int], covering: Points | None = None,
) -> Inset | None:  # fmt: skip
    """The right (0) or left (1) eye of an exemplar, bent to landmarks `wanted`.

    Args:
        wanted: (478, 2 or 3) in the picture to lay it on, pixels.
        picture, points: the exemplar (H, W, 3) and its landmarks (478, 2 or 3).
        unit: an eye distance of the picture to lay it on, pixels.
        size: of that picture, (h, w).
        covering: (n, 2) more points that the inset must cover: the eye that is there now.

    None where it lies outside the picture.
    """
    lids = uncrossed(like_exemplar(wanted, points, eye, unit), eye, unit)
    # Of the wanted lids, not the exemplar's, so that two exemplars of one frame cover the same.
    hull = uncrossed(wanted, eye, unit)[RINGS[eye]]
    hull = hull if covering is None else np.concatenate([hull, covering])
    room = (GROWN + FEATHER) * unit + 2
    low, high = np.floor(hull.min(axis=0) - room), np.ceil(hull.max(axis=0) + room)
    region = Region(
        max(int(low[0]), 0), max(int(low[1]), 0), min(int(high[0]), size[1]),
        min(int(high[1]), size[0]),
    )  # fmt: skip
    if region.width < 6 or region.height < 4:
        return None
    controls = CONTROLS[eye]
    at = carried(lids, points, region, unit, nodes=16.0, controls=controls)
    rgb = _sampled(np.asarray(picture, np.float32), at, points, unit)
    back = thin_plate.fit_spline(
        np.asarray(points[controls, :2], np.float64), lids[controls], unit, 2e-4
    )
    iris = back.at_points(np.asarray(points[IRISES[eye], :2], np.float64))
    share = _share(hull, region, unit)
    return Inset((region.left, region.top), rgb, share, iris, lids)


def met(inset: Inset, base: Array, unit: float) -> Array:
    """(h, w, 3) the inset's picture with its colour met on the ring of its feather.

    Args:
        base: (H, W, 3) the picture that it is laid on.
    """
    under = base[inset.box]
    smooth = max(SMOOTH * unit, 0.8)
    mine, theirs = (
        np.asarray(cv2.GaussianBlur(np.maximum(part, 0), (0, 0), smooth), np.float32)
        for part in (inset.rgb, under)
    )
    ring = (inset.share > 0.03) & (inset.share < 0.6)
    if ring.sum() < 12:
        return inset.rgb
    height, width = inset.share.shape
    y, x = np.mgrid[-1 : 1 : complex(height), -1 : 1 : complex(width)].astype(np.float32)
    terms = np.stack([np.ones_like(x), x, y], axis=-1)
    known = np.log((theirs[ring] + BLACK) / (mine[ring] + BLACK))
    rows = terms[ring].astype(np.float64)
    ridge = np.diag([1e-3, 0.1, 0.1]) * len(rows)
    plane = np.linalg.solve(rows.T @ rows + ridge, rows.T @ known.astype(np.float64))
    gain = np.clip(terms @ plane.astype(np.float32), -MOST_GAIN, MOST_GAIN)
    return np.asarray((inset.rgb + BLACK) * np.exp(gain) - BLACK, np.float32)


def _share(hull: Points, region: Region, unit: float) -> Array:
    shape = cv2.convexHull(np.asarray(hull - [region.left, region.top], np.float32))[:, 0]
    outside = np.ones((region.height, region.width), np.uint8)
    cv2.fillPoly(outside, [np.rint((shape - 0.5) * 16).astype(np.int32)], 0, shift=4)
    away = cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    fall = np.clip(1 - (away - GROWN * unit) / (FEATHER * unit), 0, 1)
    return np.asarray(fall * fall * (3 - 2 * fall), np.float32)


def _sampled(picture: Array, at: Array, points: Points, unit: float) -> Array:
    """The exemplar at points `at`, Lanczos; scaled down first where much finer than the plate."""
    ends = np.asarray(points[[33, 133, 362, 263], :2], np.float64).reshape(2, 2, 2).mean(axis=1)
    ratio = float(np.linalg.norm(ends[0] - ends[1])) / unit
    if ratio > FINER:
        small = thin_plate.downscaled(picture, ratio)
        at = at * np.array([small.shape[1] / picture.shape[1], small.shape[0] / picture.shape[0]])
        picture = small
    x, y = (np.asarray(at[..., c] - 0.5, np.float32) for c in (0, 1))
    read = cv2.remap(picture, x, y, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)
