"""Small movements of brows, lids and eyes: the plate's own skin warped and composited by a matte.

Nothing new is drawn, so skin, light and grain stay the plate's; an eye that is shut in the plate
cannot be opened.  Where a shot's region is the whole face, `face_region` draws it instead.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame, Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.matte import FEATHER, eye_distance_px, feathered_polygon, region_of
from dubsync.engine.compositing.origin import merged_origin
from dubsync.engine.exemplars.bank import finite_rgb
from dubsync.engine.face_region.skin_warp import skin_shift
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import indices

#: Border of the matte: over the forehead from temple to temple, back below the eyes; it is fixed.
BORDER = indices(
    "127 162 21 54 103 67 109 10 338 297 332 284 251 389 356 345 346 347 348 349 350 6 121 120 119 "
    "118 117 116"
)


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
        wanted = np.asarray(self._wanted[t], np.float64)
        by = skin_shift(landmarks, wanted, region, unit, BORDER, irises=True)
        x = np.arange(region.width, dtype=np.float32) + 0.5
        y = np.arange(region.height, dtype=np.float32) + 0.5
        at = by + np.stack(np.meshgrid(x, y), axis=-1)
        origin = np.asarray(at + np.array([region.left, region.top], np.float32), np.float32)
        return Patch(region, self._warped(frame, region, at), matte, origin=origin)

    def _warped(self, frame: Frame, region: Region, at: Array) -> Array:
        """(h, w, 3) the plate over `region`, each pixel sampled at `at` (h, w, 2) in it."""
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
    frames: NDArray[np.bool_] | None = None,
) -> UpperFace | None:
    """The UpperFace of a shot; None where it nowhere moves.

    Args:
        track: the face.
        original, corrected: its motion and its target motion.
        wanted: (T, 478, 3) landmarks of `corrected`, plate pixels; see `fit.moved_landmarks`.
        device: where pictures are sampled.
        frames: (T,) which may be changed; None: all.
    """
    active = (corrected.upper != original.upper).any(axis=1)
    active |= (corrected.gaze != original.gaze).any(axis=1)
    if frames is not None:
        active &= frames
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
    return Patch(region, rgb, matte, origin=merged_origin(region, (lower, upper)))
