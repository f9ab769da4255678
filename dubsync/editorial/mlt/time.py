"""Times of MLT XML: frames of the profile, clock time, timecode; and their animated values.

Source: MLT, mlt_property.c (time formats) and mlt_animation.c (keyframes), version 7.
"""

from __future__ import annotations

import re
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.runs import Keyframe

MOST_FRAMES = 10**9
#: Added to a keyframe of a Time Remap, in seconds, so that rounding never shows the frame before.
TINY = Fraction(1, 10**6)
_MOST_KEYS = 100_000
_CLOCK = re.compile(r"(-?)(?:(\d{1,4}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d{1,9})?)")
_PRINTED = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2})[:;](\d{1,3})")
_NUMBER = re.compile(r"[+-]?\d{1,12}([.,]\d{1,15})?(e[+-]?\d{1,2})?", re.IGNORECASE)
#: "time=value", with a mark of the kind of keyframe before the "=": linear "", discrete "|", ...
_KEY = re.compile(r"([^=]+?)([|!~$\-a-zA-Z]?)=(.*)")


def frames_in(text: str, rate: Fraction) -> int:
    """A time as frames of the profile; `rate`: frames per second.

    >>> frames_in("48", Fraction(24)), frames_in("00:00:02.000", Fraction(24))
    (48, 48)
    >>> frames_in("00:00:01:12", Fraction(25))
    37

    Raises:
        TimecodeError: not a time, or out of range.
    """
    text = text.strip()
    result: int | None = None
    if re.fullmatch(r"-?\d{1,12}", text):
        result = int(text)
    elif match := _PRINTED.fullmatch(text):
        hours, minutes, seconds, frames = (int(part) for part in match.groups())
        result = (hours * 3600 + minutes * 60 + seconds) * round(rate) + frames
    elif match := _CLOCK.fullmatch(text):
        hours, minutes = int(match[2] or 0), int(match[3])
        seconds_ = Fraction(match[4].replace(",", "."))
        result = round((hours * 3600 + minutes * 60 + seconds_) * rate)
        result = -result if match[1] else result
    if result is None or abs(result) > MOST_FRAMES:
        raise TimecodeError(f"{text[:40]!r} is not a time of MLT")
    return result


def number_in(text: str) -> Fraction | None:
    """A decimal number, with point or comma; None if it is none."""
    text = text.strip()
    return Fraction(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def keyframes_in(text: str, rate: Fraction) -> tuple[tuple[Keyframe, ...], bool]:
    """(frames and values of an animated value, rising; whether all its pieces are lines).

    Raises:
        TimecodeError: a time or value that is not a number.
    """
    keys: dict[Fraction, Fraction] = {}
    straight = True
    for part in filter(None, (piece.strip() for piece in text.split(";"))):
        match = _KEY.fullmatch(part)
        value = number_in(match[3]) if match else None
        if match is None or value is None or len(keys) > _MOST_KEYS:
            raise TimecodeError(f"{part[:40]!r} is not a keyframe")
        keys[Fraction(frames_in(match[1], rate))] = value
        straight = straight and not match[2]
    return tuple(sorted(keys.items())), straight


def decimal(number: Fraction) -> str:
    """A decimal number with nine digits after the point.

    >>> decimal(Fraction(1001, 24000))
    '0.041708333'
    """
    scaled = round(number * 10**9)
    whole, part = divmod(abs(scaled), 10**9)
    return f"{'-' if scaled < 0 else ''}{whole}.{part:09d}"


def on_grid(frames: Fraction) -> Fraction:
    """A frame number that was printed with few digits: whole if it is nearly so.

    >>> on_grid(Fraction(2000001, 100000)), on_grid(Fraction(1233333, 100000))
    (Fraction(20, 1), Fraction(37, 3))
    """
    rounded = Fraction(round(frames * 1000), 1000)
    return rounded.limit_denominator(100)
