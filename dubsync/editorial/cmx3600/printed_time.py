"""Converts a line's timecodes to frame numbers, drop frame or not."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NamedTuple

from dubsync.core.timeline.timecode import DROP_RATES, Timecode, day_frames
from dubsync.editorial.cmx3600.lines import Printed


class DropFrames(NamedTuple):
    """Which of a line's four timecodes are drop-frame."""

    source_in: bool
    source_out: bool
    record_in: bool
    record_out: bool


NO_DROP = DropFrames(False, False, False, False)


def drops(line: Printed) -> DropFrames:
    """Which of a line's timecodes are drop-frame: by their marks if any has one, else by FCM."""
    marks = [not time.isdigit() and re.split(r"\d+", time)[3] in ";," for time in line.times]
    if any(marks):
        return DropFrames(*marks)
    drop = bool(line.drop)
    return DropFrames(drop, drop, drop, drop)


def record_in(line: Printed, rate: Fraction) -> int:
    """The record frame at which a line begins.  Raises TimecodeError if it is not a timecode."""
    return Timecode.parse(line.times[2], rate, drop=drops(line).record_in).frame


def frame_number(time: str) -> int:
    """The last number of a printed timecode; 0 for a source time printed as a frame number."""
    return 0 if time.isdigit() else int(re.split(r"[:;.,]", time)[3])


def printed_frame(time: str, rate: Fraction, drop: bool) -> int:
    """The frame of a printed timecode or frame number.  Raises TimecodeError."""
    return int(time) if time.isdigit() else Timecode.parse(time, rate, drop=drop).frame


def descends(line: Printed, rate: Fraction) -> bool:
    """Whether a line's source out is before its source in, and not past midnight.

    Some systems print a reversed clip so.  Raises TimecodeError.
    """
    drop = drops(line) if rate in DROP_RATES else NO_DROP
    first, last = (printed_frame(line.times[k], rate, drop[k]) for k in (0, 1))
    return 0 < first - last <= day_frames(rate, drop.source_in) // 2
