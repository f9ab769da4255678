"""Time maps of events, record frames to source frames, from what their file states."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from dubsync.core.timeline.probed import ProbedEvent
from dubsync.core.timeline.runs import Keyframe, TimeMap

#: Largest distance from a whole frame that counts as float rounding, in frames.
GRID = Fraction(1, 1000)


def time_map(event: ProbedEvent) -> TimeMap | None:
    """The time map of an event; None if its file does not define one.

    A source range is given from lowest to highest frame; in reverse, its end is played first.
    An event without record frames is wholly under a transition: its map is that of one frame.
    """
    record, source, speed = event.record, event.source, event.speed
    if record is None or source is None or record.start is None or record.stop is None:
        return None
    if source.start is None or source.rate is None or record.rate is None:
        return None
    if record.stop < record.start:
        return None
    if len(event.keyframes) > 1:
        return TimeMap(event.keyframes)
    if speed is None or (speed < 0 and source.stop is None):
        return None
    first = source.start if speed >= 0 or source.stop is None else source.stop
    slope = speed * source.rate / record.rate
    stop = record.stop if record.stop > record.start else record.start + 1
    return TimeMap.steady_from(record.start, stop, first, slope)


def grid(edge: Fraction) -> int:
    """The first whole frame at or after an edge: the first that shows the event.

    >>> grid(Fraction(21, 2)), grid(Fraction(10_0001, 10_000))
    (11, 10)
    """
    nearest = round(edge)
    return nearest if abs(edge - nearest) <= GRID else ceil(edge)


def speeds_between(map: TimeMap, start: Fraction, stop: Fraction) -> set[Fraction]:
    """The speeds that a map has between `start` and `stop`; none where it does not reach there.

    >>> ramp = TimeMap(((Fraction(0), Fraction(0)), (Fraction(2), Fraction(4))))
    >>> speeds_between(ramp, Fraction(1), Fraction(9))
    {Fraction(2, 1)}
    """
    pieces = zip(map.keyframes, map.keyframes[1:], map.speeds, strict=False)
    return {speed for a, b, speed in pieces if max(a[0], start) < min(b[0], stop)}


def simplified(keyframes: tuple[Keyframe, ...]) -> tuple[Keyframe, ...]:
    """The ends of a line and the keyframes where its slope changes; () for fewer than two."""
    kept: list[Keyframe] = []
    for keyframe in keyframes:
        if kept and keyframe[0] <= kept[-1][0]:
            continue
        if len(kept) > 1 and _slope(kept[-2], kept[-1]) == _slope(kept[-1], keyframe):
            kept.pop()
        kept.append(keyframe)
    return tuple(kept) if len(kept) > 1 else ()


def _slope(a: Keyframe, b: Keyframe) -> Fraction:
    return (b[1] - a[1]) / (b[0] - a[0])
