"""Files of a variable frame rate, at the steady rate that most of their frames are made at.

A phone drops frames in the dark, and stamps each with its time.  Editing systems play such a file
at a steady rate: every frame stands at the nearest of the rate's frames to its time, until the next
one comes.  So do we: nothing drifts against the sound, whatever was dropped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import floor

import numpy as np

from dubsync.core.timeline.timecode import TIMECODE_RATES

#: A gap is counted as the commonest one within this share of it.
_SAME_GAP = Fraction(1, 8)


def made_at(pts: Sequence[int], tick: Fraction) -> Fraction:
    """The rate in use that the commonest gap between frames is nearest to.

    Dropped frames leave longer gaps, which count for nothing here: the average counts them in.

    Args:
        pts: presentation times in ticks, rising.
        tick: seconds.
    """
    gaps = np.diff(np.asarray(pts, np.int64))
    gaps = gaps[gaps > 0]
    if not len(gaps):
        return Fraction(25)
    near = [np.abs(gaps - gap) <= max(1, gap * float(_SAME_GAP)) for gap in np.unique(gaps)]
    commonest = max(near, key=lambda chosen: int(chosen.sum()))
    usual = Fraction(int(gaps[commonest].sum()), int(commonest.sum())) * tick
    return min(TIMECODE_RATES, key=lambda known: abs(known - 1 / usual))


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
    places = places_at(times, rate)
    return tuple(bisect_right(places, frame) - 1 for frame in range(places[-1] + 1))
