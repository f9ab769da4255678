"""Which points of face and outline may control a warp.

A landmark whose skin faces away in one of two pictures and not in the other must not: the warp
would fold the far ear onto the cheek. Nor may a point of the outline grid that has come to lie
within the face, or that lay within it in the source: an opening jaw would run over the neck and
make a second chin.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing.smoothstep import smoothstep
from dubsync.engine.geometry.mesh import EYE_RINGS, FACE_CONTROLS, FACE_OVAL
from dubsync.engine.head_shell.far_turn import towards_camera
from dubsync.engine.track.landmarker import canonical_face

Points = NDArray[Any]
Chosen = NDArray[np.intp]
Size = tuple[int, int]

#: Skin faces away below this cosine between its normal and the camera.
LEAST_FACING = 0.2
#: It is let go only where the cosine changes by more than this between the two pictures.
FACING_CHANGE = 0.12
#: Points of a lid's ring nearer to another than this, face widths, are let go where the distance
#: between the two changes by more than this factor.
NEIGHBOUR, STRETCH = 0.12, 1.8
#: The wanted face's outline is grown by this much, the source's by so much; eye distances.
WANTED_ROOM, SOURCE_ROOM = 0.09, 0.02

#: A person's points carry the picture's border within about this distance, working pixels; beyond
#: so many of those it stays.
CARRIED_PX, ALONE = 14.0, 2.5
#: What the frame cut comes in by stretching what is there, over so many working pixels or so many
#: times as much as would come in; no more than MOST_IN of it.
STRETCHED_PX, STRETCH_BY, MOST_IN = 24.0, 3.0, 16.0


def facing(landmarks: Points) -> Array:
    """(478,) cosine between each landmark's skin and the camera; 0 for the irises.

    Args:
        landmarks: (478, 3) pixels, z smaller is nearer.
    """
    triangles = canonical_face().triangles
    points = np.asarray(landmarks, np.float64)
    first, second, third = (points[triangles[:, n]] for n in range(3))
    normal = np.cross(second - first, third - first)
    total = np.stack([
        sum(np.bincount(triangles[:, n], normal[:, axis], len(points)) for n in range(3))
        for axis in range(3)
    ], axis=1)  # fmt: skip
    length = np.maximum(np.linalg.norm(total, axis=1), 1e-9)
    return np.asarray(towards_camera() * total[:, 2] / length, np.float32)


def visible_controls(wanted: Points, source: Points) -> Chosen:
    """FACE_CONTROLS without those whose skin one of two sets of landmarks (478, 3) hides."""
    now, then = facing(wanted), facing(source)
    hidden = (np.minimum(now, then) < LEAST_FACING) & (np.abs(now - then) > FACING_CHANGE)
    seen = np.asarray(FACE_CONTROLS[~hidden[FACE_CONTROLS]], np.intp)
    return seen[~_torn(wanted[seen, :2], source[seen, :2], np.isin(seen, EYE_RINGS))]


def _torn(wanted: Points, source: Points, ring: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(n,) the points of the lids' rings between which and a neighbour the skin would be torn.

    A brow that rises off a closed lid is drawn by brow and lid alone: the rings between them come
    to lie so close in one picture that they would stretch it in steps.
    """
    now, then = (
        np.linalg.norm(points[ring][:, None] - points[None], axis=-1) for points in (wanted, source)
    )
    near = np.minimum(now, then) < NEIGHBOUR * float(np.ptp(source[:, 0]))
    ratio = np.maximum(now, 1e-3) / np.maximum(then, 1e-3)
    torn = np.zeros(len(wanted), bool)
    torn[ring] = (near & (np.abs(np.log(ratio)) > np.log(STRETCH))).any(axis=1)
    return torn


def beside_face(
    wanted_grid: Points, source_grid: Points, wanted: Points, source: Points, unit: float,
    behind: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:  # fmt: skip
    """(n,) whether a point of the outline grid lies outside the face in both pictures.

    Args:
        wanted_grid, source_grid: (n, 2) its points, pixels.
        wanted, source: (478, 2 or 3) landmarks in the same pictures.
        unit: an eye distance, pixels.
        behind: (n,) those that the wanted face may hide, as it is drawn over them; None: none.
    """
    inside = _in_face(wanted_grid, wanted, WANTED_ROOM * unit)
    if behind is not None:
        inside &= ~behind
    inside |= _in_face(source_grid, source, SOURCE_ROOM * unit)
    return np.asarray(~inside, bool)


def near_frame(points: Points, size: tuple[int, int], room: float) -> NDArray[np.bool_]:
    """(n,) whether each point lies in a picture (h, w), or within `room` px of it."""
    away = np.maximum(-points, points - np.asarray(size)[::-1])
    return np.asarray((away <= room).all(axis=1), bool)


def carried(
    border: Points, rest: Points, wanted: Points, source: Points
) -> tuple[Points, NDArray[np.float64]]:
    """(m, 2) where the picture's border comes from: hair that the frame cuts moves with its head.

    A point of the border that stayed where it was, beside points of a person who moves, would
    tear hair and neck along the frame's edge.

    Args:
        border: (m, 2) points of the picture to be made, pixels.
        rest: (m, 2) where they come from as far as nobody is near.
        wanted, source: (n, 2) the person's points in both pictures.

    Returns:
        The points, and (m,) 0..1 how far each is the person's.
    """
    away = np.square(border[:, None] - wanted[None]).sum(axis=-1)
    near = np.exp(-0.5 * away / CARRIED_PX**2)
    alone = float(np.exp(-0.5 * ALONE**2))
    total = near.sum(axis=1) + alone
    moved = near @ (source - wanted) + alone * (rest - border)
    return np.asarray(border + moved / total[:, None]), np.asarray(1 - alone / total)


def drawn_in(
    wanted: Points, source: Points, persons: NDArray[np.float64], size: Size, there: Size
) -> Points:
    """(n, 2) `source`, drawn in so that a person at the picture's border comes from the source.

    What the frame cut of hair and neck was never filmed.  Where it would come in, what is there is
    stretched a little towards the frame's edge.

    Args:
        wanted, source: (n, 2) points of both pictures; those on the border of the wanted one tell
            how far beyond the source it would reach.
        persons: (n,) how far each is the person's, of those on the border.
        size, there: (h, w) of both pictures, pixels.
    """
    result = np.array(source, np.float64)
    for axis, end in ((0, 0), (0, 1), (1, 0), (1, 1)):
        sign, side = 2 * end - 1, end * size[1 - axis]
        on_side = np.abs(wanted[:, axis] - side) < 1e-6
        beyond = sign * (source[on_side, axis] - end * there[1 - axis])
        beyond = persons[on_side] * np.clip(beyond, 0, MOST_IN)
        if not (beyond > 0).any():
            continue
        along = wanted[on_side, 1 - axis]
        order = np.argsort(along)
        over = np.interp(wanted[:, 1 - axis], along[order], beyond[order])
        away = np.abs(wanted[:, axis] - side) / np.maximum(STRETCHED_PX, STRETCH_BY * over)
        result[:, axis] -= sign * over * (1 - smoothstep(np.asarray(away, np.float32)))
    return result


def _in_face(grid: Points, landmarks: Points, room: float) -> NDArray[np.bool_]:
    oval = np.asarray(landmarks[FACE_OVAL, :2], np.float32)
    contour = oval.reshape(-1, 1, 2)
    points = np.asarray(grid, np.float32)
    near = ((points > oval.min(axis=0) - room - 1) & (points < oval.max(axis=0) + room + 1)).all(1)
    inside = np.zeros(len(points), bool)
    inside[near] = [
        cv2.pointPolygonTest(contour, (float(x), float(y)), True) > -room for x, y in points[near]
    ]
    return inside
