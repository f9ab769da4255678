"""The inside of a still's own mouth, when its lips open or close: teeth keep their size.

A warp that follows the lips alone squeezes teeth to a ragged line as a smile closes, and draws them
long as a mouth opens.  Teeth are fixed to the skull, so they are sampled where the head places
them; the lips pass over them, and what the still does not show is dark.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.matte import flat_eye_distance
from dubsync.engine.compositing.mouth_inside import opening
from dubsync.engine.exemplars.mouth_interior import Dark, open_mouth
from dubsync.engine.geometry.mesh import INNER_LIPS, LEFT_CORNER, LIP_CONTACTS, RIGHT_CORNER
from dubsync.engine.still.eye_frame import smooth
from dubsync.engine.still.lip_layers import with_lips

Points = NDArray[Any]

#: Change of the lips' opening, eye distances, from which it counts, and over how much more.
FROM, OVER = 0.012, 0.04
#: Opening of the lips, eye distances, above which a still shows what is inside.
SHOWS = 0.02
#: The part of the picture round the mouth that is worked on, eye distances.
ROOM = 0.35
#: Gap of the lips, eye distances, below which they are one dark line, and over how much more.
LINE, LINE_OVER = 0.028, 0.030
#: That line against an open mouth's dark: lighter, and red.
LINE_RED = np.array([1.8, 1.25, 1.2], np.float32)


def _change(wanted: Points, points: Points) -> float:
    """How far lips and, in part, corners are from where the still has them, eye distances."""
    upper, lower = LIP_CONTACTS.T

    def shape(at: Points) -> NDArray[np.float64]:
        flat = np.asarray(at[:, :2], np.float64) / flat_eye_distance(at)
        gap = np.linalg.norm(flat[lower] - flat[upper], axis=1)
        return np.append(gap, 0.5 * np.linalg.norm(flat[LEFT_CORNER] - flat[RIGHT_CORNER]))

    return float(np.abs(shape(wanted) - shape(points)).max())


def own_inside(part: Array, source: Array, dark: Dark, wanted: Points, points: Points) -> Array:
    """`part` (h, w, 3), a still `source` warped from landmarks `points` onto `wanted`, with its
    mouth's inside unsqueezed; the same array where the lips hardly move.

    Args:
        dark: of `source` (`mouth_dark`).
        wanted, points: (478, 2 or 3) pixels.
    """
    own = opening(points)
    if own <= SHOWS and opening(wanted) <= own:
        return part
    share = float(smooth((_change(wanted, points) - (FROM if own > SHOWS else 2 * FROM)) / OVER))
    if share <= 0:
        return part
    unit = flat_eye_distance(wanted)
    if own > SHOWS:
        lips = np.asarray(wanted[:, :2], np.float64)
        part = with_lips(part, source, lips, np.asarray(points[:, :2]), unit, share)
    ring = np.asarray(wanted[INNER_LIPS, :2], np.float64)
    left, top = (int(v) for v in np.maximum(np.floor(ring.min(axis=0) - ROOM * unit), 0))
    right, bottom = (int(v) for v in np.ceil(ring.max(axis=0) + ROOM * unit))
    box = slice(top, min(bottom, part.shape[0])), slice(left, min(right, part.shape[1]))
    if box[0].stop - top < 4 or box[1].stop - left < 4:
        return part
    local = np.asarray(wanted[:, :2] - (left, top), np.float32)
    flat = np.asarray(points[:, :2], np.float32)
    drawn = np.ascontiguousarray(part[box])
    result = np.array(part, np.float32)
    inside = open_mouth(drawn, source, dark, local, flat, unit, share)
    result[box] = _shaded(inside, dark, local, unit, share)
    return result


def _shaded(part: Array, dark: Dark, wanted: Points, unit: float, share: float) -> Array:
    """`part` whose nearly closed lips are a dark line: what shows of teeth between them would be
    ragged."""
    upper, lower = LIP_CONTACTS[2:7].T
    gap = float(np.linalg.norm(wanted[lower] - wanted[upper], axis=1).mean()) / unit
    amount = share * (1 - float(smooth((gap - LINE) / LINE_OVER)))
    if amount <= 0:
        return part
    area = np.zeros(part.shape[:2], np.uint8)
    ring = np.rint((wanted[INNER_LIPS] - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(area, [ring], 255, cv2.LINE_AA, 4)
    cv2.polylines(area, [ring], True, 160, max(1, round(0.012 * unit)), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(area.astype(np.float32) / 255, (0, 0), max(0.014 * unit, 0.8))
    mixed = (amount * soft)[..., None]
    return np.asarray(part + mixed * (dark.colour * LINE_RED - part), np.float32)
