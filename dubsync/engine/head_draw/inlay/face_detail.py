"""Draw a face no sharper than the shot's own frame shows it.

An exemplar may be sharper than the frame that it stands in for: that one is out of focus, or
blurred by movement.  One number a frame is read of the shot's own face, the energy of its fine
detail; only softening follows from it, never sharpening (as in `compositing.colour_match`).
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.colour_match import DETAIL_RANGE, LEAST_PIXELS, LUMA
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head_draw.canvas import Canvas

Points = NDArray[Any]

#: The softening fades out over this distance beyond the face, eye distances.
FEATHER = 0.12
#: Standard deviation below which detail is fine, the plate's pixels.
FINE_PX = 1.0
ROUNDS = 2
#: A gain nearer to 1 than this changes nothing.
UNCHANGED = 0.02


def meet_face_detail(
    picture: Array, wanted: Points, own: Array, there: Points, canvas: Canvas
) -> None:
    """Soften the face in `picture` (H, W, 3) where the shot's own frame has less detail, in place.

    Args:
        wanted: (478, 2 or 3) landmarks of `picture`, working pixels; `there` those of `own`.
        own: (H, W, 3) the shot's own frame over the canvas.
    """
    new, old = _face(wanted, canvas), _face(there, canvas)
    if new is None or old is None:
        return
    place, mask = new
    part = picture[place.rows, place.columns]
    energy = _energy(own[old[0].rows, old[0].columns], old[1])
    share = cv2.GaussianBlur(mask.astype(np.float32), (0, 0), FEATHER * canvas.unit * canvas.px)
    # What is left of the fine band has energy of its own: a second round comes near enough.
    for _ in range(ROUNDS):
        gain = np.clip(np.sqrt(energy / max(_energy(part, mask), 1e-9)), *DETAIL_RANGE)
        if gain > 1 - UNCHANGED:
            return
        fine = part - cv2.GaussianBlur(part, (0, 0), FINE_PX)
        part += np.float32(gain - 1) * share[..., None] * fine


def _energy(picture: Array, where: NDArray[np.bool_]) -> float:
    """Mean Laplacian energy of the luma at `where`."""
    luma = np.ascontiguousarray(picture @ LUMA)
    return float((cv2.Laplacian(luma, cv2.CV_32F)[where] ** 2).mean())


def _face(landmarks: Points, canvas: Canvas) -> tuple[Region, NDArray[np.bool_]] | None:
    """The face's place on the canvas at the plate's pixels, with room, and where in it it is."""
    oval = np.asarray(landmarks[FACE_OVAL, :2], np.float64)
    room = 2 * FEATHER * canvas.unit
    low, high = np.floor(oval.min(axis=0) - room), np.ceil(oval.max(axis=0) + room)
    place = canvas.covered(Region(int(low[0]), int(low[1]), int(high[0]), int(high[1])))
    if place is None:
        return None
    mask = np.zeros((place.height, place.width), np.uint8)
    corners = oval * canvas.px - (place.left, place.top)
    cv2.fillPoly(mask, [np.rint(np.clip(corners, -1e4, 1e4)).astype(np.int32)], 1)
    return (place, mask > 0) if int(mask.sum()) >= LEAST_PIXELS else None
