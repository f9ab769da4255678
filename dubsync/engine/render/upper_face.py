"""Small movements of brows, lids and eyes: the plate's own skin warped and composited by a matte.

Nothing new is drawn, so skin, light and grain stay the plate's.  A lid that shuts is the skin above
the eye drawn over it, after Averbuch-Elor 2017, "Bringing Portraits to Life"; an eye that is shut
in the plate cannot be opened. The warp is linear over the landmarks' triangles: a spline through
lids that meet overshoots, and shows the eye again on the brow.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.matte import FEATHER, eye_distance_px, feathered_polygon, region_of
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import (
    LEFT_EYE,
    LEFT_IRIS,
    RIGHT_EYE,
    RIGHT_IRIS,
    indices,
)
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[np.float64]

#: Border of the matte: over the forehead from temple to temple, back below the eyes; it is fixed.
BORDER = indices(
    "127 162 21 54 103 67 109 10 338 297 332 284 251 389 356 345 346 347 348 349 350 6 121 120 119 "
    "118 117 116"
)
#: Lids that meet (upper, lower), right eye and left, corner to corner.
LIDS = (
    ((246, 7), (161, 163), (160, 144), (159, 145), (158, 153), (157, 154), (173, 155)),
    ((466, 249), (388, 390), (387, 373), (386, 374), (385, 380), (384, 381), (398, 382)),
)
_EYES = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))
#: Least distance of the lids, eye distances, and their largest opening relative to the plate's.
SHUT, WIDE = 0.012, 1.2
#: Opening relative to the plate's below which an eye is too closed for its iris to be moved.
OPEN = 0.6
#: Standard deviation of the smoothing of the warp's creases, eye distances.
CREASE = 0.005
#: Pixels move with the iris fully up to the first, not at all beyond the second, in iris radii.
IRIS, WHITE = 1.1, 2.4


class UpperFace:
    """Warps the upper face of one track through one shot."""

    def __init__(
        self, track: FaceTrack, wanted: Array, active: NDArray[np.bool_], device: torch.device
    ) -> None:
        """`wanted` (T, 478, 3) target landmarks, plate pixels; `active` (T,) frames to change."""
        self._track = track
        self._wanted = wanted
        self._active = active & (np.asarray(track.confidence) > 0)
        self._device = device

    def __call__(self, frame: Frame) -> Patch | None:
        """The warped upper face; None where it is unchanged."""
        t = frame.number - self._track.frames.start
        if not 0 <= t < len(self._active) or not self._active[t]:
            return None
        landmarks = np.asarray(self._track.landmarks[t], np.float64)
        unit = eye_distance_px(self._track.landmarks[t])
        border = self._track.landmarks[t, BORDER, :2]
        region = region_of([border], 0.0).aligned(frame.format)
        if region.width < 16 or region.height < 16:
            return None
        matte = np.asarray(
            np.rint(255 * feathered_polygon(border, region, FEATHER * unit)), np.uint8
        )
        if not matte.any():
            return None
        by = _displacement(landmarks, np.asarray(self._wanted[t], np.float64), region, unit)
        return Patch(region, self._warped(frame, region, by), matte)

    def _warped(self, frame: Frame, region: Region, by: Array) -> Array:
        """(h, w, 3) the plate over `region`, each pixel sampled `by` (h, w, 2) pixels away."""
        x = np.arange(region.width, dtype=np.float32) + 0.5
        y = np.arange(region.height, dtype=np.float32) + 0.5
        at = by + np.stack(np.meshgrid(x, y), axis=-1)
        plate = np.ascontiguousarray(finite_rgb(frame, region).transpose(2, 0, 1))
        picture = torch.as_tensor(plate, dtype=torch.float32, device=self._device)
        where = torch.as_tensor(at, dtype=torch.float32, device=self._device)
        bent = thin_plate.resample(picture, where).permute(1, 2, 0).cpu().numpy()
        return np.asarray(bent, np.float32)


def upper_face(
    track: FaceTrack,
    original: MotionTrack,
    corrected: MotionTrack,
    wanted: Array,
    device: torch.device,
) -> UpperFace | None:
    """The UpperFace of a shot; None where it nowhere moves.

    Args:
        track: the face.
        original, corrected: its motion and its target motion.
        wanted: (T, 478, 3) landmarks of `corrected`, plate pixels; see `fit.moved_landmarks`.
        device: where pictures are sampled.
    """
    active = (corrected.upper != original.upper).any(axis=1)
    active |= (corrected.gaze != original.gaze).any(axis=1)
    return UpperFace(track, wanted, active, device) if active.any() else None


def merge_patches(lower: Patch | None, upper: Patch | None) -> Patch | None:
    """One patch equivalent to `upper` composited over `lower`.

    With mattes a and b the plate's share is (1 - a) (1 - b), so the one matte is 1 minus that.
    """
    if lower is None or upper is None:
        return lower or upper
    one, two = lower.region, upper.region
    region = Region(
        min(one.left, two.left), min(one.top, two.top),
        max(one.right, two.right), max(one.bottom, two.bottom),
    )  # fmt: skip
    rgb = np.zeros((region.height, region.width, 3), np.float32)
    seen = np.zeros((region.height, region.width), np.float32)
    for patch in (lower, upper):
        top, left = patch.region.top - region.top, patch.region.left - region.left
        rows = slice(top, top + patch.region.height)
        columns = slice(left, left + patch.region.width)
        share = np.asarray(patch.matte, np.float32) / np.float32(255)
        before = seen[rows, columns] * (1 - share)
        total = np.maximum(before + share, np.float32(1e-6))[..., None]
        mixed = before[..., None] * rgb[rows, columns] + share[..., None] * patch.rgb
        rgb[rows, columns] = np.where(before[..., None] > 0, mixed / total, patch.rgb)
        seen[rows, columns] = before + share
    # A pixel that either may change has some matte left after rounding.
    matte = np.ceil(np.clip(seen * 255 - 1e-3, 0, 255)).astype(np.uint8)
    return Patch(region, rgb, matte)


def _displacement(landmarks: Values, wanted: Values, region: Region, unit: float) -> Array:
    """(h, w, 2) from each pixel of `region` to where the plate shows its target content."""
    corner = np.array([region.left, region.top])
    source, target = landmarks[:, :2] - corner, wanted[:, :2] - corner
    border = np.asarray(source[BORDER], np.float32)
    within = np.array([cv2.pointPolygonTest(border, p.tolist(), False) > 0 for p in source])
    within[BORDER] = False
    irises = target - source
    target = np.where(within[:, None], target, source)
    is_open = [_lids_apart(source, target, lids, unit) for lids in LIDS]
    by = _over_triangles(source, target, within, (region.height, region.width))
    by = np.asarray(cv2.GaussianBlur(by, (0, 0), max(CREASE * unit, 0.3)), np.float32)
    for (eye, iris), shown in zip(_EYES, is_open, strict=True):
        if shown and np.abs(irises[iris[0]]).max() > 1e-3:
            by -= _iris_share(source, eye, iris, irises[iris[0]], by.shape[:2]) * irises[
                iris[0]
            ].astype(np.float32)
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
