"""A mouth's inside that is nobody's: drawn, for a still that shows no teeth and has no driver.

Teeth of plain proportions, a tongue, and dark between them, in the plain light that `with_inside`
then meets with the still's own.  Whoever uses it says so in the record.
Source of the teeth's proportions: Magne, Gallucci, Belser 2003, "Anatomic crown width/length ratios
of unworn and worn maxillary teeth in white subjects".
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.engine.compositing.mouth_inside import OpenMouth, SkinTone
from dubsync.engine.geometry.lips import meet
from dubsync.engine.geometry.mesh import INNER_LIPS, lower_face
from dubsync.engine.motion.basis import closed, neutral_units
from dubsync.engine.motion.prior import mouth_moves
from dubsync.engine.still.eye_frame import smooth
from dubsync.engine.track.landmarker import canonical_face

#: Pixels per eye distance; opening of the mouth that is drawn, eye distances.
PX, OPENING = 300, 0.30
#: Working colour of teeth, tongue and throat, beside skin of `TONE`.
TEETH = np.array([0.74, 0.70, 0.64], np.float32)
TONGUE = np.array([0.52, 0.24, 0.22], np.float32)
THROAT = np.array([0.13, 0.04, 0.035], np.float32)
TONE = SkinTone(np.array([0.79, 0.58, 0.50], np.float32), 0.63, 0.26, 0.11)
#: How far down the upper teeth reach, and where the tongue begins, of the opening.
TEETH_TO, TONGUE_FROM = 0.30, 0.50
#: Edges between the upper teeth from the middle outwards, half mouth widths: incisors, canine,
#: premolars.
EDGES = np.array([0.0, 0.235, 0.42, 0.60, 0.76, 0.90], np.float32)


@cache
def drawn_inside() -> OpenMouth:
    """The picture, its landmarks and its light."""
    share = lower_face(canonical_face())
    shut = closed(np.asarray(neutral_units(), np.float64), share)
    jaw = mouth_moves(np.asarray(shut, np.float32), share)[0]
    face = shut + 1.4 * jaw
    across = np.linspace(-1, 1, 9)
    face = meet(face[None], (OPENING * np.sqrt(np.clip(1 - 0.9 * across**2, 0, 1)))[None])[0]
    low = face[INNER_LIPS].min(axis=0) - 0.1
    points = np.asarray((face - low) * PX, np.float32)
    high = points[INNER_LIPS].max(axis=0) + 0.1 * PX
    size = (int(high[1]), int(high[0]))
    return OpenMouth(_drawn(points, size), points, TONE)


def _drawn(points: Array, size: tuple[int, int]) -> Array:
    x = np.arange(size[1], dtype=np.float32) + 0.5
    upper, lower = points[INNER_LIPS[10:]], points[INNER_LIPS[:11]]
    order_u, order_l = np.argsort(upper[:, 0]), np.argsort(lower[:, 0])
    top = np.interp(x, upper[order_u, 0], upper[order_u, 1])
    bottom = np.interp(x, lower[order_l, 0], lower[order_l, 1])
    left, right = upper[order_u[0], 0], upper[order_u[-1], 0]
    side = np.abs((x - (left + right) / 2) / ((right - left) / 2))[None]
    y = np.arange(size[0], dtype=np.float32)[:, None] + 0.5
    middle = float((bottom - top).max())
    down = (y - top[None]) / middle
    result = np.broadcast_to(THROAT, (*size, 3)).astype(np.float32)
    tongue = smooth((down - TONGUE_FROM) / 0.35) * smooth((1 - side) / 0.6)
    result = result + tongue[..., None] * (TONGUE - result)
    nearest = np.abs(side - EDGES[:, None, None]).min(axis=0)
    # Each crown's edge is rounded, and canines and premolars sit higher.
    reach = TEETH_TO * (1 - 0.45 * side**2) - 0.018 * np.exp(-((nearest / 0.025) ** 2))
    teeth = smooth((reach - down) / 0.03) * smooth((0.98 - side) / 0.12)
    light = (1 - 0.6 * side**1.5) * (0.55 + 0.45 * smooth(down / 0.10))
    light = light * (1 - 0.22 * np.exp(-((nearest / 0.018) ** 2)))
    crowns = TEETH * light[..., None]
    result = result + teeth[..., None] * (crowns - result)
    return np.asarray(cv2.GaussianBlur(result.astype(np.float32), (0, 0), 2.0), np.float32)
