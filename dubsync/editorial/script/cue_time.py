"""Parses the times of a cue sheet: timecode, seconds, clock times, feet and frames."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import FeetFrames, Timecode, counting_base
from dubsync.editorial.script.rows import decimal

_CODE = re.compile(r"\d{1,3}:\d{2}:\d{2}[:;]\d{2,3}")
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,9}))?")
_FEET = re.compile(r"(\d{1,6})\+(\d{1,2})")


@dataclass(frozen=True, slots=True)
class CueTime:
    """The time in a cell: exact seconds, and how it was printed.

    kind  "timecode" counts since midnight; "clock", "seconds" and "feet" from the first frame
    drop  whether it was printed as drop-frame, with a semicolon
    hundredths  whether it has two digits after the seconds
    """

    seconds: Fraction
    kind: str
    drop: bool = False
    hundredths: bool = False


def cue_time(text: str, rate: Fraction | None, drop: bool) -> CueTime:
    """The time in a cell.

    Args:
        rate: frames per second of timecode and of feet and frames.
        drop: whether timecode without a semicolon is drop-frame nevertheless.

    Raises:
        ValueError: not a time; the message is for the row.
    """
    text = text.strip()
    if text.startswith(("-", "\u2212")):
        raise ValueError(f"{text[:40]!r} is a negative time")
    if text.startswith("="):
        raise ValueError(f"{text[:40]!r} is a formula; replace it with its value")
    if _CODE.fullmatch(text):
        return _timecode(text, rate, drop)
    if result := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in result.groups()[:3])
        if minutes > 59 or seconds > 59:
            raise ValueError(f"{text} has minutes or seconds above 59")
        part = Fraction(f"0.{result[4] or 0}")
        whole = (hours * 60 + minutes) * 60 + seconds
        return CueTime(whole + part, "clock", hundredths=len(result[4] or "") == 2)
    if result := _FEET.fullmatch(text):
        if rate is None:
            raise ValueError(f"{text} is in film frames, and the frame rate is unknown")
        try:
            film = FeetFrames.parse(f"{result[1]}+{result[2]:0>2}")
        except TimecodeError as error:
            raise ValueError(str(error)) from error
        return CueTime(film.frame / rate, "feet")
    try:
        return CueTime(decimal(text), "seconds")
    except ValueError:
        raise ValueError(f"{text[:40]!r} is not a time") from None


def _timecode(text: str, rate: Fraction | None, drop: bool) -> CueTime:
    if rate is None:
        raise ValueError(f"{text} has frames, and the frame rate is unknown")
    semicolon = ";" in text
    try:
        code = Timecode.parse(text, rate, drop=True if semicolon or drop else None)
    except TimecodeError as error:
        raise ValueError(str(error)) from error
    return CueTime(Fraction(code.frame) / rate, "timecode", code.drop)


def timecode_text(seconds: Fraction, rate: Fraction, drop: bool) -> str | None:
    """Record time as timecode; None if it is between frames."""
    frame = seconds * rate
    if frame.denominator != 1 or frame < 0 or frame >= 1000 * 3600 * counting_base(rate):
        return None
    return str(Timecode(int(frame), rate, drop))
