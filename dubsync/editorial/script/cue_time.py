"""A cue sheet's times: timecode, seconds, hours to milliseconds, feet and frames."""

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
    """A cell's time in seconds, exact, and how it was printed.

    kind  "timecode" counts since midnight, "clock", "seconds" and "feet" from the first frame
    drop  it was printed with drop-frame's semicolon
    """

    seconds: Fraction
    kind: str
    drop: bool = False
    hundredths: bool = False


def cue_time(text: str, rate: Fraction | None, drop: bool) -> CueTime:
    """The time a cell holds.

    Args:
        rate: frames per second of timecode and of feet and frames.
        drop: whether timecode without a semicolon drops all the same.

    Raises:
        ValueError: no time, in words for the row it stands in.
    """
    text = text.strip()
    if text.startswith(("-", "\u2212")):
        raise ValueError(f"{text[:40]!r} is a negative time")
    if text.startswith("="):
        raise ValueError(f"{text[:40]!r} is a formula; paste the time itself, as text")
    if _CODE.fullmatch(text):
        return _timecode(text, rate, drop)
    if result := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in result.groups()[:3])
        if minutes > 59 or seconds > 59:
            raise ValueError(f"{text} counts past 59")
        part = Fraction(f"0.{result[4] or 0}")
        whole = (hours * 60 + minutes) * 60 + seconds
        return CueTime(whole + part, "clock", hundredths=len(result[4] or "") == 2)
    if result := _FEET.fullmatch(text):
        if rate is None:
            raise ValueError(f"{text} counts film frames, and nobody says at which rate")
        try:
            film = FeetFrames.parse(f"{result[1]}+{result[2]:0>2}")
        except TimecodeError as error:
            raise ValueError(str(error)) from error
        return CueTime(film.frame / rate, "feet")
    try:
        return CueTime(decimal(text), "seconds")
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no time") from None


def _timecode(text: str, rate: Fraction | None, drop: bool) -> CueTime:
    if rate is None:
        raise ValueError(f"{text} counts frames, and nobody says at which rate")
    semicolon = ";" in text
    try:
        code = Timecode.parse(text, rate, drop=True if semicolon or drop else None)
    except TimecodeError as error:
        raise ValueError(str(error)) from error
    return CueTime(Fraction(code.frame) / rate, "timecode", code.drop)


def timecode_text(seconds: Fraction, rate: Fraction, drop: bool) -> str | None:
    """Record time as timecode; None where it lies between frames."""
    frame = seconds * rate
    if frame.denominator != 1 or frame < 0 or frame >= 1000 * 3600 * counting_base(rate):
        return None
    return str(Timecode(int(frame), rate, drop))
