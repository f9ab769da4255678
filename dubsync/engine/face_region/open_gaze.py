"""Where an eye would look that is shut in the plate: as before it shut and after it opens.

A tracker puts the iris of a shut eye anywhere behind the lid.  Where the target opens that eye, its
gaze is carried over from the frames in which it was seen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.mesh import LEFT_IRIS, RIGHT_IRIS

Values = NDArray[np.float64]

#: Opening, eye widths, below which the iris is not seen, and above which it is.
HIDDEN, SEEN = 0.10, 0.17
#: Outer and inner corner, iris, and middles of the lids: right eye, left eye.
_EYES = ((33, 133, RIGHT_IRIS, (159, 145)), (362, 263, LEFT_IRIS, (386, 374)))


def with_seen_gaze(landmarks: Array, wanted: Array) -> Array:
    """`wanted` (T, 478, 3) with the irises of eyes that are shut in `landmarks` carried over.

    What the target adds to the plate's gaze is kept.  Where no frame shows an eye open, its iris
    is put in the eye's middle.
    """
    result = np.array(wanted, np.float32)
    for first, last, iris, (up, low) in _EYES:
        own, width, axes = _in_eye(landmarks, first, last, iris)
        opening = np.linalg.norm(landmarks[:, up, :2] - landmarks[:, low, :2], axis=1) / width
        known = np.clip((opening - HIDDEN) / (SEEN - HIDDEN), 0, 1)
        if known.min() >= 1:
            continue
        seen = np.flatnonzero(known >= 1)
        carried = np.zeros_like(own)
        if len(seen):
            at = np.arange(len(own))
            carried = np.stack([np.interp(at, seen, own[seen, c]) for c in (0, 1)], axis=1)
        by = (1 - known)[:, None] * (carried - own) * width[:, None]
        result[:, iris, :2] += np.einsum("tij,ti->tj", axes, by)[:, None].astype(np.float32)
    return result


def _in_eye(
    points: Array, first: int, last: int, iris: NDArray[np.intp]
) -> tuple[Values, Values, Values]:
    """(T, 2) iris from the corners' middle along and across the eye, eye widths; (T,) widths,
    pixels; and (T, 2, 2) the two directions."""
    ends = np.asarray(points[:, [first, last], :2], np.float64)
    along = ends[:, 1] - ends[:, 0]
    width = np.maximum(np.linalg.norm(along, axis=1), 1e-6)
    along = along / width[:, None]
    axes = np.stack([along, np.stack([-along[:, 1], along[:, 0]], axis=1)], axis=1)
    away = np.asarray(points[:, iris[0], :2], np.float64) - ends.mean(axis=1)
    return np.einsum("tij,tj->ti", axes, away) / width[:, None], width, axes
