"""Files of a variable frame rate, at the steady rate that most of their frames are made at.

A phone drops frames in the dark, and stamps each with its time.  Editing systems play such a file
at a steady rate: every frame stands at the nearest of the rate's frames to its time, until the next
one comes.  So do we: nothing drifts against the sound, whatever was dropped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from math import floor


def places_at(times: Sequence[Fraction], rate: Fraction) -> list[int]:
    """The frame at a steady rate, counted from 0, at which each frame of a file is first shown.

    Args:
        times: seconds of each from the first, rising.

    >>> places_at([Fraction(0), Fraction(1, 25), Fraction(3, 25)], Fraction(25))
    [0, 1, 3]
    """
    return [floor(time * rate + Fraction(1, 2)) for time in times]


def shown_places(times: tuple[Fraction, ...], rate: Fraction) -> tuple[int, ...]:
    """For each frame at a steady rate, the place in the file of the frame that it shows.

    >>> shown_places((Fraction(0), Fraction(1, 25), Fraction(3, 25)), Fraction(25))
    (0, 1, 1, 2)
    """
    return _shown(times, rate)


@lru_cache(maxsize=16)
def _shown(times: tuple[Fraction, ...], rate: Fraction) -> tuple[int, ...]:
    places = places_at(times, rate)
    return tuple(bisect_right(places, frame) - 1 for frame in range(places[-1] + 1))
