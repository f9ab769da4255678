"""OpenTimelineIO's floating times as exact ones."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import opentimelineio as otio

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import FrameRange, exact_rate
from dubsync.editorial.timeline.time_maps import GRID


@cache
def known_rate(value: float) -> Fraction | None:
    """The exact rate a float stands for, or None if no rate in use is near."""
    try:
        return exact_rate(value)
    except TimecodeError:
        return None


def rate_of(value: float) -> Fraction:
    """The exact rate, or for rates nobody uses the nearest simple fraction."""
    return known_rate(value) or max(
        Fraction(value).limit_denominator(100_000), Fraction(1, 100_000)
    )


def seconds(time: otio.opentime.RationalTime) -> Fraction:
    """A RationalTime in seconds."""
    return Fraction(time.value) / rate_of(time.rate)


def range_of(span: otio.opentime.TimeRange) -> tuple[Fraction, Fraction]:
    """(start, duration) of a TimeRange in seconds."""
    return seconds(span.start_time), seconds(span.duration)


def frames_of(span: otio.opentime.TimeRange) -> FrameRange | None:
    """A TimeRange as whole frames of its own exact rate; None if it is not any."""
    rate = known_rate(span.duration.rate)
    if rate is None:
        return None
    start, length = range_of(span)
    first, off_first = snapped(start * rate)
    last, off_last = snapped((start + length) * rate)
    if off_first or off_last or last <= first:
        return None
    return FrameRange(first, last, rate)


def snapped(frames: Fraction) -> tuple[int, bool]:
    """The nearest whole frame, and whether that is farther away than rounding explains.

    >>> snapped(Fraction(10_0001, 10_000))
    (10, False)
    """
    nearest = round(frames)
    return nearest, abs(frames - nearest) > GRID
