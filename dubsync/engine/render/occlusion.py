"""What stands before the face, and is to stay there: a microphone, a cup, a dark glove.

The actor's look is fitted to a frame so that whatever is unlike it does not pull.  A part of the
face that is then far from anything the actor looks like, and that reaches in over the face's
outline as things before a face do, is in front.  Skin before skin, as a hand, is too like a face
to be told apart this way.
Source: the robust fit of Gross, Matthews, Baker 2006, "Active Appearance Models with Occlusion",
with the weights of Geman, McClure 1987.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.exemplars.colour_match import LUMA
from dubsync.engine.exemplars.flat_face import looked_up
from dubsync.engine.exemplars.refine import PX, Appearance

TURNS = 6
#: Error beside each spot's own that says nothing yet, deviations of skin.
GRAIN = 0.2
#: What pulls half as much as what fits: so many times its spot's usual error.
PULLS = 2.0
#: Strength of the pull to the mean face, a share of all spots.
PRIOR = 0.02
#: In light or at a turn the actor was not learnt in, every spot errs more: a face's median error
#: is brought down to this.
USUAL = 0.35
#: Errors, smoothed over so many pixels: of the edge of what is in front, of its inside, its mean.
SMOOTH_PX, EDGE, INSIDE, MEAN, MOST = 2.0, 2.0, 3.5, 4.5, 10.0
#: Least share of the face that something in front hides, and most: more is another face.
LEAST_SHARE, MOST_SHARE = 0.02, 0.5
OUTLINE_PX, LEAST_OUTLINE_PX = 3, 6
CLOSED_PX = 9
#: A thing missed in one frame is not gone: so much of it is kept from frame to frame.
HELD = 0.7
#: Room kept round it, pixels of the plane.
ROOM_PX = 3

Covered = NDArray[np.bool_]


def in_front(look: Appearance, picture: Array, points: Array) -> Covered:
    """(PX, PX) of the actor's plane: where something stands before the face.

    Args:
        picture: (H, W, 3) working colour, with landmarks `points` (478, 2).
    """
    luma, moved = look.plane.fitting(picture @ LUMA, points)
    face = look.plane.face()
    flat = looked_up(luma, look.plane.to_picture(moved))
    result = _standing_out(_error(look, flat, face), face)
    if not result.any():
        return result
    # What reaches in over the outline goes on beyond it, where a jaw may be drawn.
    rows, columns = distance_transform_edt(~face, return_distances=False, return_indices=True)
    return np.asarray(result[rows, columns], bool)


def held(known: Array | None, result: Covered) -> Array:
    """(PX, PX) 0..1 of what is in front, softly bounded, once one frame more has been seen."""
    grown = cv2.dilate(result.astype(np.uint8), np.ones((2 * ROOM_PX + 1,) * 2, np.uint8))
    soft = cv2.GaussianBlur(grown.astype(np.float32), (0, 0), ROOM_PX / 2)
    return np.asarray(soft if known is None else np.maximum(soft, HELD * known), np.float32)


def share_in_front(
    front: Array, look: Appearance, landmarks: Array, region: Region, unit: float
) -> Array:
    """(h, w) 0..1 how far each pixel of `region` belongs to what is in `front` (PX, PX).

    Args:
        landmarks: (478, 2 or 3) of the plate's face, plate pixels.
        unit: an eye distance, pixels.
    """
    at = look.plane.from_picture(landmarks[:, :2], region, unit)
    x, y = at[..., 0] - np.float32(0.5), at[..., 1] - np.float32(0.5)
    share = cv2.remap(front, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(np.clip(share, 0, 1), np.float32)


def _error(look: Appearance, flat: Array, face: Covered) -> Array:
    """(PX, PX) how far a flat luma is from the actor's look, over what is usual at each spot."""
    usual = look.usual_error() + GRAIN
    weight = face.astype(np.float32)
    error = np.zeros_like(flat)
    for _ in range(TURNS):
        skin = weight * look.skin
        total = max(float(skin.sum()), 1e-6)
        middle = float((flat * skin).sum()) / total
        deviation = np.sqrt(float(((flat - middle) ** 2 * skin).sum()) / total)
        away = ((flat - middle) / max(deviation, 1e-3)).ravel() - look.mean
        weighted = look.modes * weight.ravel()
        normal = weighted @ look.modes.T
        normal[np.diag_indices(len(normal))] += PRIOR * weight.mean() + 1e-6
        left = np.abs(away - np.linalg.solve(normal, weighted @ away) @ look.modes)
        error = left.reshape(PX, PX) / usual
        weight = np.asarray(face / (1 + (error / PULLS) ** 2) ** 2, np.float32)
    own = float(np.median(error[face]))
    return np.asarray(np.minimum(error * min(1.0, USUAL / max(own, 1e-6)), MOST), np.float32)


def _standing_out(error: Array, face: Covered) -> Covered:
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
