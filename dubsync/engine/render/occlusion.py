"""Occlusion: keep what is in front of the face, such as a microphone, a cup or a dark glove.

The actor's appearance model is fitted robustly to a frame. A part of the face that is then far from
the model, and that extends inwards from the face's outline as objects in front of a face do, is an
occluder. Skin in front of skin, as a hand, is too similar to be detected this way. Source: the
robust fit of Gross, Matthews, Baker 2006, "Active Appearance Models with Occlusion", with the
weights of Geman, McClure 1987.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.colour_match import luma_of, median_of
from dubsync.engine.compositing.pixel_order import picked
from dubsync.engine.exemplars.flat_face import sample_bicubic
from dubsync.engine.exemplars.refine import PX, Appearance

IRLS_ROUNDS = 6
#: Tolerance added to each spot's usual error, standard deviations of skin.
GRAIN = 0.2
#: Scale of the Geman-McClure weight, in usual errors of the spot.
ROBUST_SCALE = 2.0
#: Ridge towards the mean face, relative to the weight of all spots.
PRIOR = 0.02
#: In unfamiliar light or head pose all errors are larger: the face's median error is scaled down to
#: this.
USUAL = 0.35
#: Smoothing of the error, pixels; thresholds of an occluder's edge, inside and mean; upper limit.
SMOOTH_PX, EDGE, INSIDE, MEAN, MOST = 2.0, 2.0, 3.5, 4.5, 10.0
#: Least and largest share of the face that an occluder hides: more is another face.
LEAST_SHARE, MOST_SHARE = 0.02, 0.5
OUTLINE_PX, LEAST_OUTLINE_PX = 3, 6
CLOSED_PX = 9
#: Temporal decay of the mask per frame, so that one missed detection does not remove it.
HELD = 0.7
#: Margin round an occluder, pixels of the plane.
ROOM_PX = 3

Mask = NDArray[np.bool_]


def occlusion_mask(appearance: Appearance, picture: Array, points: Array) -> Mask:
    """(PX, PX) of the actor's plane: where something is in front of the face.

    Args:
        appearance: of the actor.
        picture: (H, W, 3) working colour, or its luma (H, W), with landmarks `points` (478, 2).
    """
    luma, moved = appearance.plane.scaled_to_plane(luma_of(picture), points)
    face = _face_of(appearance)
    flat = sample_bicubic(luma, appearance.plane.to_picture(moved))
    mask = _occluding_parts(_robust_error(appearance, flat, face), face)
    if not mask.any():
        return mask
    # An occluder that crosses the outline continues beyond it, where a jaw may be drawn.
    rows, columns = distance_transform_edt(~face, return_distances=False, return_indices=True)
    return np.asarray(mask[rows, columns], bool)


def update_mask(known: Array | None, mask: Mask) -> Array:
    """(PX, PX) 0..1 running occlusion mask with soft edges, after one more frame."""
    grown = cv2.dilate(mask.astype(np.uint8), np.ones((2 * ROOM_PX + 1,) * 2, np.uint8))
    soft = cv2.GaussianBlur(grown.astype(np.float32), (0, 0), ROOM_PX / 2)
    return np.asarray(soft if known is None else np.maximum(soft, HELD * known), np.float32)


def occlusion_in_region(
    front: Array, appearance: Appearance, landmarks: Array, region: Region, unit: float
) -> Array:
    """(h, w) 0..1 the occlusion mask `front` (PX, PX) at each pixel of `region`.

    Args:
        landmarks: (478, 2 or 3) of the plate's face, plate pixels.
        unit: an eye distance, pixels.
    """
    at = appearance.plane.from_picture(landmarks[:, :2], region, unit)
    x, y = at[..., 0] - np.float32(0.5), at[..., 1] - np.float32(0.5)
    share = cv2.remap(front, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(share, 0, 1), np.float32)


@lru_cache(maxsize=2)
def _face_of(appearance: Appearance) -> Mask:
    return appearance.plane.face()


@lru_cache(maxsize=2)
def _usual_error(appearance: Appearance) -> Array:
    """(PX, PX) the error of each spot that is usual, with a tolerance."""
    return np.asarray(appearance.error_map() + GRAIN, np.float32)


def _robust_error(appearance: Appearance, flat: Array, face: Mask) -> Array:
    """(PX, PX) residual of a flattened luma from the appearance model, relative to the usual one.

    Iteratively reweighted least squares (IRLS) of the modes' coefficients with Geman-McClure
    weights 1 / (1 + (error / ROBUST_SCALE)^2)^2; the light is normalised with the same weights.
    """
    usual = _usual_error(appearance)
    weight = face.astype(np.float32)
    error = np.zeros_like(flat)
    for _ in range(IRLS_ROUNDS):
        skin = weight * appearance.skin
        total = max(float(skin.sum()), 1e-6)
        middle = float((flat * skin).sum()) / total
        deviation = np.sqrt(float(((flat - middle) ** 2 * skin).sum()) / total)
        away = ((flat - middle) / max(deviation, 1e-3)).ravel() - appearance.mean
        weighted = appearance.modes * weight.ravel()
        normal = weighted @ appearance.modes.T
        normal[np.diag_indices(len(normal))] += PRIOR * weight.mean() + 1e-6
        left = np.abs(away - np.linalg.solve(normal, weighted @ away) @ appearance.modes)
        error = left.reshape(PX, PX) / usual
        weight = np.asarray(face / (1 + (error / ROBUST_SCALE) ** 2) ** 2, np.float32)
    own = float(median_of(picked(error, face)))
    return np.asarray(np.minimum(error * min(1.0, USUAL / max(own, 1e-6)), MOST), np.float32)


def _occluding_parts(error: Array, face: Mask) -> Mask:
    """(PX, PX) connected parts of large error that touch the face's outline."""
    share = cv2.GaussianBlur(face.astype(np.float32), (0, 0), SMOOTH_PX)
    smooth = cv2.GaussianBlur(error * face, (0, 0), SMOOTH_PX) / np.maximum(share, 0.05)
    parts, labels = cv2.connectedComponents(((smooth > EDGE) & face).astype(np.uint8))
    edge = np.ones((2 * OUTLINE_PX + 1,) * 2, np.uint8)
    outline = face & ~(cv2.erode(face.astype(np.uint8), edge) > 0)
    kept = np.zeros(face.shape, np.uint8)
    for n in range(1, parts):
        part = labels == n
        if (
            (smooth[part] > INSIDE).sum() >= LEAST_SHARE * face.sum()
            and smooth[part].mean() > MEAN
            and (part & outline).sum() >= LEAST_OUTLINE_PX
        ):
            kept[part] = 1
    closed = cv2.morphologyEx(kept, cv2.MORPH_CLOSE, np.ones((CLOSED_PX, CLOSED_PX), np.uint8))
    if closed.sum() > MOST_SHARE * face.sum():
        return np.zeros(face.shape, bool)
    return np.asarray(closed > 0, bool)
