"""Holds a drawn face out of what stands in front of it: those pixels stay the plate's own.

The matte is 0 on every pixel of the holdout matte, and rises softly on the free side of its edge.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.holdout import Holdout, Mask
from dubsync.core.picture import Region
from dubsync.core.steps import Patch
from dubsync.engine.compositing.matte import eye_distance_px, face_inside
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.exemplars.sheet import Sheet
from dubsync.engine.geometry.mesh import FACE_OVAL

#: A detected matte is this much too small in places, eye distances; an artist's is taken as it is.
MARGIN = 0.12
#: Width of the soft edge, eye distances.
FEATHER = 0.07
#: Colour is fitted on skin that is free to at least this share.
FREE = 0.98


def free_share(mask: Mask, holdout: Holdout, unit: float) -> Array:
    """(h, w) 0 in front of the face and within the margin, rising to 1 on the free side.

    Args:
        mask: (h, w) the holdout matte.
        unit: an eye distance, pixels.
    """
    margin = 1.0 if holdout.origin else max(MARGIN * unit, 1.0)
    away = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 5)
    rise = np.clip((away - margin) / max(FEATHER * unit, 1.0), 0, 1)
    return np.asarray(rise * rise * (3 - 2 * rise), np.float32)


def hold_out(sheet: Sheet, track: FaceTrack, frame: int, layers: Layers) -> Sheet | None:
    """`sheet` with its matte held out; None where nothing is left to draw.

    Skin that the warp would drag out from under the thing in front is drawn from the exemplar
    inside the face, and stays the plate's outside.
    """
    mask = _mask(track, frame, sheet.region)
    if mask is None or track.holdout is None:
        return sheet
    share = free_share(mask, track.holdout, sheet.unit)
    matte = np.minimum(sheet.matte, np.rint(255 * share).astype(np.uint8))
    dragged = layers.dragged(sheet, share < 1)
    matte[dragged & ~face_inside(sheet.wanted, FACE_OVAL, sheet.region)] = 0
    if not matte.any():
        return None
    free = (share >= FREE) & ~dragged
    return replace(
        sheet,
        matte=matte,
        trusted=sheet.trusted & free,
        textured=sheet.textured & free,
        dragged=dragged.astype(np.float32),
    )


def held_out(patch: Patch | None, track: FaceTrack, frame: int) -> Patch | None:
    """`patch` with its matte held out, whatever drew it; None where nothing of it is left."""
    mask = None if patch is None else _mask(track, frame, patch.region)
    if patch is None or mask is None or track.holdout is None:
        return patch
    unit = eye_distance_px(track.landmarks[frame - track.frames.start])
    share = free_share(mask, track.holdout, unit)
    matte = np.minimum(patch.matte, np.rint(255 * share).astype(np.uint8))
    return replace(patch, matte=matte) if matte.any() else None


def _mask(track: FaceTrack, frame: int, region: Region) -> Mask | None:
    return None if track.holdout is None else track.holdout.mask(frame, region)
