"""Printed source timecode, counted at a list's rate, as the numbers of media at another rate."""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange, Timecode


def in_own_count(
    source: FrameRange, rate: Fraction, drop: bool, own_drop: bool
) -> FrameRange | None:
    """The range whose timecodes, at the media's own rate, are printed as those of `source`.

    None where a printed frame number is beyond the media's rate.

    Args:
        rate: of the media.
        drop: whether `source` counts drop-frame numbers; `own_drop`: whether the media does.

    >>> in_own_count(FrameRange(90012, 90060, Fraction(25)), Fraction(24), False, False)
    FrameRange(start=86412, stop=86458, rate=Fraction(24, 1))
    """
    frames = []
    try:
        for n in (source.start, source.stop):
            printed = str(Timecode(n, source.rate, drop and source.rate in DROP_RATES))
            own = own_drop and rate in DROP_RATES
            frames.append(Timecode.parse(printed, rate, drop=own).frame)
    except TimecodeError:
        return None
    return FrameRange(frames[0], frames[1], rate) if frames[0] < frames[1] else None
