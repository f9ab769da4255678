"""Mouth and eyes of a drawn head, each from an exemplar of its own, and the gaze that is wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.head_plan import HeadPlan
from dubsync.engine.head_draw.inlay import insets
from dubsync.engine.head_draw.inlay.insets import Shown
from dubsync.engine.head_draw.inlay.lay_gaze import lay_gaze

Values = NDArray[Any]


def lay_face(
    picture: Array, plan: HeadPlan, t: int, wanted: Values, shown: Callable[[int], Shown],
    canvas: Canvas,
) -> None:  # fmt: skip
    """Lay mouth and eyes into `picture` (H, W, 3), the canvas at the plate's pixels, in place.

    Args:
        t: the frame of the plan.
        wanted: (478, 3) landmarks, working pixels.
        shown: the picture of an exemplar, by its number in the plan.
    """
    head, size = int(plan.head.path[t]), canvas.size
    places = [(plan.mouth, insets.lips_inset(wanted, canvas.unit, size))]
    for eye, chosen in enumerate(plan.eyes):
        places.append((chosen, insets.eye_inset(wanted, eye, canvas.unit, size)))
    for chosen, inset in places:
        if inset is None or (int(chosen.path[t]) == head and not chosen.near[t]):
            continue
        near = [(shown(n), weight) for n, weight in chosen.near[t].items()]
        insets.lay_inset(picture, inset, wanted, shown(int(chosen.path[t])), canvas, near)
    right, left = (shown(int(eye.path[t])).landmarks for eye in plan.eyes)
    lay_gaze(picture, wanted, (right, left), canvas)
