"""What a session's feet and frames stand for: film frames a second, and where 0+00 lies.

The text names neither. Its markers are printed twice, in feet and in samples, and so tell both
where they lie far enough apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import FeetFrames, counting_base

#: Film frames a second that Pro Tools offers (its Reference Guide, "Feet+Frame Rate").
FILM_RATES = (Fraction(24000, 1001), Fraction(24), Fraction(25))
_PRINTED = re.compile(r"(\d{1,7}\+\d{2})(?:\.(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class FilmCount:
    """How a session counts film.

    rate    film frames per second of real time
    zero    film frames printed at the session's start
    proved  whether the session's markers allow this rate and no other
    """

    rate: Fraction
    zero: Fraction = Fraction(0)
    proved: bool = False

    def seconds(self, film: Fraction) -> Fraction:
        """Real seconds from the session's start to a printed film frame."""
        return (film - self.zero) / self.rate


def film_frames(text: str) -> Fraction | None:
    """Film frames of "FEET+FF" or "FEET+FF.SS", 35 mm with four perforations; None if it is none.

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
        marks: (seconds from the session's start, film frames printed there) of its markers.

    Without marks that tell, film is taken to run with the picture: a frame of film to a frame of
    24 and 25 fps, 24 to each second of the others' timecode.
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
    """Film frames at the session's start that agree with every mark to a frame, whole where that
    may be and 0 before any other; None where no start does."""
    low = max((film - 1 - at * rate for at, film in marks), default=Fraction(0))
    high = min((film + 1 - at * rate for at, film in marks), default=Fraction(0))
    if low > high:
        return None
    if low <= 0 <= high:
        return Fraction(0)
    middle = (low + high) / 2
    whole = Fraction(floor(middle + Fraction(1, 2)))
    return whole if ceil(low) <= whole <= floor(high) else middle
