"""The plate's own skin of brows, lids and cheeks, warped to where it is wanted.

The warp is linear over the landmarks' triangles: a spline through lids that meet overshoots, and
shows the eye again on the brow.  A lid that shuts is the skin above the eye drawn over it, after
Averbuch-Elor 2017, "Bringing Portraits to Life"; an eye shut in the plate cannot be opened so.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.face_region.lids import LIDS
from dubsync.engine.geometry.mesh import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[Any]

_EYES = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))
#: Least distance of the lids, eye distances, and their largest opening relative to the plate's.
SHUT, WIDE = 0.012, 1.2
#: Opening relative to the plate's below which an eye is too closed for its iris to be moved.
OPEN = 0.6
#: Standard deviation of the smoothing of the warp's creases, eye distances.
CREASE = 0.005
#: Pixels move with the iris fully up to the first, not at all beyond the second, in iris radii.
IRIS, WHITE = 1.1, 2.4


def skin_shift(
    landmarks: Values,
    wanted: Values,
    region: Region,
    unit: float,
    outline: NDArray[np.intp],
    *,
    irises: bool,
) -> Array:
    """(h, w, 2) from each pixel of `region` to where the plate shows its target content.

    Args:
        landmarks, wanted: (478, 2 or 3) of the plate and of the target, plate pixels.
        unit: an eye distance, pixels.
        outline: landmarks of a border that is fixed, with all beyond it.
        irises: whether irises move by a part of the warp of their own.
    """
    corner = np.array([region.left, region.top])
    source, target = landmarks[:, :2] - corner, wanted[:, :2] - corner
    border = np.asarray(source[outline], np.float32)
    within = np.array([cv2.pointPolygonTest(border, p.tolist(), False) > 0 for p in source])
    within[outline] = False
    looks = target - source
    target = np.where(within[:, None], target, source)
    is_open = [_lids_apart(source, target, lids, unit) for lids in LIDS]
    by = _over_triangles(source, target, within, (region.height, region.width))
    by = np.asarray(cv2.GaussianBlur(by, (0, 0), max(CREASE * unit, 0.3)), np.float32)
    for (eye, iris), shown in zip(_EYES, is_open, strict=True):
        if irises and shown and np.abs(looks[iris[0]]).max() > 1e-3:
            moved = looks[iris[0]]
            share = _iris_share(source, eye, iris, moved, by.shape[:2])
            by -= share * moved.astype(np.float32)
    return by


def _over_triangles(
    source: Values, target: Values, within: NDArray[np.bool_], size: tuple[int, int]
) -> Array:
    """(h, w, 2) `source` minus `target`, linear over each triangle of the mesh that moves."""
    triangles = canonical_face().triangles
    moving = triangles[within[triangles].any(axis=1)]
    corners = target[moving]
    one = np.concatenate([corners, np.ones((*corners.shape[:2], 1))], axis=2)
    flat = np.abs(np.linalg.det(one)) < 1e-2
    planes = np.zeros((len(moving) + 1, 3, 2), np.float32)
    planes[1:][~flat] = np.linalg.solve(one[~flat], (source - target)[moving[~flat]])
    which = np.zeros(size, np.float32)
    for n in np.flatnonzero(~flat):
        points = np.rint((corners[n] - 0.5) * 16).astype(np.int32)
        cv2.fillConvexPoly(which, points, float(n + 1), cv2.LINE_8, 4)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32) + np.float32(0.5)
    here = planes[which.astype(np.intp)]
    return np.asarray(x[..., None] * here[..., 0, :] + y[..., None] * here[..., 1, :]
                      + here[..., 2, :], np.float32)  # fmt: skip


def _iris_share(
    source: Values,
    eye: NDArray[np.intp],
    iris: NDArray[np.intp],
    shift: Values,
    size: tuple[int, int],
) -> Array:
    """(h, w, 1) how far each pixel moves with the iris: fully inside it, not beyond the lids."""
    middle = source[iris[0]] + shift
    radius = max(float(np.linalg.norm(source[iris[1:]] - source[iris[0]], axis=1).mean()), 1.0)
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32) + np.float32(0.5)
    away = np.hypot(x - np.float32(middle[0]), y - np.float32(middle[1])) / radius
    share = np.clip((WHITE - away) / (WHITE - IRIS), 0, 1)
    inside = np.zeros(size, np.uint8)
    cv2.fillPoly(inside, [np.rint((source[eye] - 0.5) * 16).astype(np.int32)], 1, cv2.LINE_8, 4)
    soft = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), max(0.12 * radius, 0.5))
    return np.asarray(share * share * (3 - 2 * share) * soft, np.float32)[..., None]


def _lids_apart(
    source: Values, target: Values, lids: tuple[tuple[int, int], ...], unit: float
) -> bool:
    """Keep `target` lids from crossing and gaping, in place; returns whether the iris shows."""
    shares = []
    for up, low in lids:
        across = source[low] - source[up]
        own = max(float(np.linalg.norm(across)), 1e-6)
        gap = float((target[low] - target[up]) @ across) / own
        kept = float(np.clip(gap, min(SHUT * unit, own), WIDE * own))
        target[up] -= (kept - gap) * across / own
        shares.append(kept / own)
    return float(np.median(shares)) > OPEN
