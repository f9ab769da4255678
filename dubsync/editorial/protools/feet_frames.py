"""Works out the feet and frames of a session: film frame rate, and position of 0+00.

The text states neither. Its markers are printed in feet and in samples, which defines both if the
markers are far enough apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import FeetFrames, counting_base

#: Film frame rates that Pro Tools offers (its Reference Guide, "Feet+Frame Rate").
FILM_RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25))
_PRINTED = re.compile(r"(\d{1,7}\+\d{2})(?:\.(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class FilmCount:
    """The film count of a session.

    rate    film frames per second of real time
    zero    film frames printed at the session's start
    proved  whether the session's markers allow only this rate
    """

    rate: Fraction
    zero: Fraction = Fraction(0)
    proved: bool = False

    def seconds(self, film: Fraction) -> Fraction:
        """Real seconds from the session's start to a printed film frame."""
        return (film - self.zero) / self.rate


def film_frames(text: str) -> Fraction | None:
    """The film frames of "FEET+FF" or "FEET+FF.SS" (35 mm, 4-perf); None for other text.

    >>> film_frames("15+10.50")
    Fraction(501, 2)
    """
    result = _PRINTED.fullmatch(text)
    if result is None:
        return None
    try:
        return FeetFrames.parse(result[1]).frame + Fraction(f"0.{result[2] or 0}")
    except TimecodeError:
        return None


def film_count(timecode: Fraction, marks: Iterable[tuple[Fraction, Fraction]]) -> FilmCount:
    """The FilmCount of a session at `timecode` frames per second.

    Args:
        marks: (seconds from the session's start, printed film frames) of its markers.

    If the marks do not decide, film is assumed to run with the picture: one film frame per frame
    at 24 and 25 fps, 24 per second of timecode at other rates.
    """
    known = list(marks)
    usual = _beside(timecode)
    fitting = [(rate, zero) for rate in FILM_RATES if (zero := _zero(rate, known)) is not None]
    rates = [rate for rate, _ in fitting]
    if known and len(fitting) == 1:
        return FilmCount(*fitting[0], proved=True)
    if usual in rates:
        return FilmCount(*fitting[rates.index(usual)])
    return FilmCount(*fitting[0]) if fitting else FilmCount(usual)


def _beside(timecode: Fraction) -> Fraction:
    base = counting_base(timecode)
    film = 25 if base in (25, 50) else 24
    return film * timecode / base


def _zero(rate: Fraction, marks: list[tuple[Fraction, Fraction]]) -> Fraction | None:
    """The film frames at the session's start that agree with every mark to a frame.

    0 if possible, else a whole number if possible; None if no start agrees.
    """
    low = max((film - 1 - at * rate for at, film in marks), default=Fraction(0))
    high = min((film + 1 - at * rate for at, film in marks), default=Fraction(0))
    if low > high:
        return None
    if low <= 0 <= high:
        return Fraction(0)
    middle = (low + high) / 2
    whole = Fraction(floor(middle + Fraction(1, 2)))
    return whole if ceil(low) <= whole <= floor(high) else middle
