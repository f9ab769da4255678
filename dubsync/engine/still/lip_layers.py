"""Lips that close over teeth: each lip is warped on its own, so nothing between them is squeezed.

One warp of the whole mouth cannot take away what lies between two edges that meet: it would have to
tear there.  Two can.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.geometry.mesh import (
    INNER_LIPS,
    LIP_BODY,
    LIP_CONTACTS,
    OUTER_LIPS,
    indices,
)
from dubsync.engine.geometry.thin_plate import fit_spline, to_pixels
from dubsync.engine.head_draw.affine_warp import sample

Points = NDArray[Any]
_CPU = torch.device("cpu")

_SPLIT = len(LIP_BODY) // 4
_UPPER_RED = np.concatenate([LIP_BODY[_SPLIT : 2 * _SPLIT], LIP_BODY[3 * _SPLIT :]])
_LOWER_RED = np.concatenate([LIP_BODY[:_SPLIT], LIP_BODY[2 * _SPLIT : 3 * _SPLIT]])
#: Landmarks that each lip is warped by, with the skin beside it.
UPPER = np.concatenate([
    OUTER_LIPS[10:], OUTER_LIPS[:1], INNER_LIPS[10:], INNER_LIPS[:1], _UPPER_RED,
    indices("2 98 327 203 423 206 426 165 391 167 393 164 92 322 186 410"),
])  # fmt: skip
LOWER = np.concatenate([
    OUTER_LIPS[:11], INNER_LIPS[:11], _LOWER_RED,
    indices("18 83 313 182 406 200 201 421 204 424 202 422 43 273"),
])  # fmt: skip
#: The lips are replaced this far beyond their outer edge, and fade over so much; eye distances.
ROOM, FEATHER = 0.03, 0.06
STEP, SMOOTHING = 0.08, 1e-3


def with_lips(
    part: Array, source: Array, wanted: Points, points: Points, unit: float, share: float
) -> Array:
    """`part` (h, w, 3), a still `source` warped from landmarks `points` onto `wanted` (478, 2),
    pixels, with each lip warped on its own, by `share` 0..1."""
    ring = np.asarray(wanted[OUTER_LIPS], np.float64)
    margin = (ROOM + FEATHER) * unit + 2
    left, top = (int(v) for v in np.maximum(np.floor(ring.min(axis=0) - margin), 0))
    right, bottom = (int(v) for v in np.ceil(ring.max(axis=0) + margin))
    box = Region(left, top, min(right, part.shape[1]), min(bottom, part.shape[0]))
    if box.width < 4 or box.height < 4:
        return part
    upper, lower = (
        sample(source, _field(wanted[lip], points[lip], box, unit)) for lip in (UPPER, LOWER)
    )
    above = _above(wanted, box)[..., None]
    lips = lower + above * (upper - lower)
    result = np.array(part, np.float32)
    place = result[box.rows, box.columns]
    place += (share * _around(ring, box, unit))[..., None] * (lips - place)
    return result


def _field(wanted: Points, points: Points, box: Region, unit: float) -> Array:
    spline = fit_spline(
        np.asarray(wanted, np.float64), np.asarray(points, np.float64), unit, SMOOTHING
    )
    nodes = spline.at_nodes(box, max(STEP * unit, 1.0))
    return np.asarray(to_pixels(nodes, (box.height, box.width), _CPU).numpy(), np.float32)


def _above(wanted: Points, box: Region) -> Array:
    """(h, w) 1 above the line on which the lips meet, 0 below, with an edge of a pixel."""
    upper, lower = LIP_CONTACTS.T
    line = (wanted[upper] + wanted[lower]) / 2
    line = np.concatenate([wanted[[INNER_LIPS[0]]], line, wanted[[INNER_LIPS[10]]]])
    first, last = line[0] - (line[-1] - line[0]), line[-1] + (line[-1] - line[0])
    far = 4 * box.height
    corners = np.concatenate([[first - (0, far)], [first], line, [last], [last - (0, far)]])
    area = np.zeros((box.height, box.width), np.uint8)
    at = np.rint((corners - (box.left, box.top) - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(area, [at], 255, cv2.LINE_AA, 4)
    return np.asarray(area, np.float32) / np.float32(255)


def _around(ring: Points, box: Region, unit: float) -> Array:
    area = np.zeros((box.height, box.width), np.uint8)
    hull = cv2.convexHull(np.asarray(ring - (box.left, box.top) - 0.5, np.float32))[:, 0]
    cv2.fillPoly(area, [np.rint(hull * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    away = cv2.distanceTransform(1 - area, cv2.DIST_L2, 5)
    share = np.clip(1 - (away - ROOM * unit) / (FEATHER * unit), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
