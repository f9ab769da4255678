"""What of a control's curve lies under the mouse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dubsync.core.tweak.curve import Curve
from dubsync.desk.curves.axes.time_axis import TimeAxis
from dubsync.desk.curves.axes.value_axis import ValueAxis

Part = Literal["key", "span", "span first", "span last", ""]
#: Pixels beside a key and beside a span's edge that still take it.
NEAR_KEY, NEAR_EDGE, NEAR_LINE = 8, 5, 7
#: Pixels within which an edge of a word or a phone pulls.
PULL = 6


@dataclass(frozen=True, slots=True)
class Handle:
    """A key (`at`: its frame), a span or one of its edges (`at`: its place in `Curve.spans`)."""

    part: Part = ""
    at: int = 0


def under(curve: Curve, x: float, y: float, time: TimeAxis, values: ValueAxis) -> Handle:
    """The handle at a point of the lane: the nearest key, else the span on top there."""
    keys = [
        (abs(time.middle(frame) - x) + abs(values.y(value) - y), frame)
        for frame, value in curve.keys
        if abs(time.middle(frame) - x) <= NEAR_KEY and abs(values.y(value) - y) <= NEAR_KEY
    ]
    if keys:
        return Handle("key", min(keys)[1])
    for n in reversed(range(len(curve.spans))):
        span = curve.spans[n]
        first, last = time.x(span.first), time.x(span.last + 1)
        if abs(x - first) <= NEAR_EDGE and x < (first + last) / 2:
            return Handle("span first", n)
        if abs(x - last) <= NEAR_EDGE:
            return Handle("span last", n)
        if first < x < last and abs(values.y(span.value) - y) <= NEAR_LINE:
            return Handle("span", n)
    return Handle()


def pulled(edge: float, edges: Sequence[float], time: TimeAxis) -> int:
    """The whole edge of a word or phone within PULL pixels of `edge`, or the nearest whole edge."""
    best = min(edges, key=lambda one: abs(one - edge), default=None)
    if best is not None and abs(best - edge) * time.scale <= PULL:
        return round(best)
    return round(edge)
