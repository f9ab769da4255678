"""Irises where the wanted gaze has them: an eye that was laid in looks where its own frame did."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.face_region.eyeball import with_gaze
from dubsync.engine.geometry.mesh import (
    LEFT_EYE,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LEFT_IRIS,
    RIGHT_EYE,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    RIGHT_IRIS,
)
from dubsync.engine.head_draw.canvas import Canvas

Points = NDArray[Any]

#: Room round the eyes in the part of the picture that is looked at, eye distances.
ROOM = 0.25
_EYES = (
    (RIGHT_IRIS, RIGHT_EYE_OUTER, RIGHT_EYE_INNER),
    (LEFT_IRIS, LEFT_EYE_INNER, LEFT_EYE_OUTER),
)


def lay_gaze(
    picture: Array, wanted: Points, sources: tuple[Points, Points], canvas: Canvas
) -> None:
    """Move the irises of `picture` (H, W, 3), the canvas at the plate's pixels, in place.

    Args:
        wanted: (478, 2 or 3) landmarks, working pixels; lids and skin are there already.
        sources: (478, 2 or 3) landmarks of the frames that the right and the left eye come from.
    """
    drawn = np.array(wanted[:, :2], np.float64)
    for source, (iris, first, second) in zip(sources, _EYES, strict=True):
        drawn[iris] = _carried(
            source[iris, :2], source[[first, second], :2], drawn[[first, second]]
        )
    eyes = wanted[np.concatenate([RIGHT_EYE, LEFT_EYE]), :2]
    low, high = eyes.min(axis=0) - ROOM * canvas.unit, eyes.max(axis=0) + ROOM * canvas.unit
    box = Region(*(int(v) for v in (*np.floor(low), *np.ceil(high))))
    place = canvas.covered(box)
    if place is None:
        return
    corner = np.array([place.left, place.top])
    part = np.ascontiguousarray(picture[place.rows, place.columns])
    there = np.asarray(drawn * canvas.px - corner, np.float32)
    aim = np.asarray(np.asarray(wanted[:, :2]) * canvas.px - corner, np.float32)
    made = with_gaze(part, there, aim)
    if made is not part:
        picture[place.rows, place.columns] = made


def _carried(iris: Points, source: Points, target: Points) -> Points:
    """(5, 2) an iris carried along by the similarity of its eye's corners (2, 2) each."""
    was, now = (complex(*(ends[1] - ends[0])) for ends in (source, target))
    turn = now / was if abs(was) > 1e-9 else 1.0
    away = iris - source.mean(axis=0)
    moved = (away[:, 0] + 1j * away[:, 1]) * turn
    return np.asarray(target.mean(axis=0) + np.stack([moved.real, moved.imag], axis=1))
