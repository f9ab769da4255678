"""Converts OpenTimelineIO's floating-point times to exact ones."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import exact_rate
from dubsync.editorial.timeline.time_maps import GRID


@cache
def known_rate(value: float) -> Fraction | None:
    """The exact rate that a float approximates, or None if no known rate is near."""
    try:
        return exact_rate(value)
    except TimecodeError:
        return None


def rate_of(value: float) -> Fraction:
    """The exact rate; for unknown rates the nearest simple fraction."""
    return known_rate(value) or max(
        Fraction(value).limit_denominator(100_000), Fraction(1, 100_000)
    )


def snapped(frames: Fraction) -> tuple[int, bool]:
    """The nearest whole frame, and whether it is further away than rounding explains.

    >>> snapped(Fraction(10_0001, 10_000))
    (10, False)
    """
    nearest = round(frames)
    return nearest, abs(frames - nearest) > GRID
