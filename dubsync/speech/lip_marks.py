"""Correct the evidence of closed lips with marks that a person made on a rythmo band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.script import LipMark, Lips
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import VOWELS

#: Raise when the same marks would give other features; part of cache keys.
VERSION = "2"
#: Seconds by which a dubbed sound may miss its mark: two frames of film.
NEAR_S = 0.08
#: Probability of a vowel from which lips are apart whatever the mark says.
VOWEL = 0.7
#: Seconds either side of the time for which lips are shut, come near, or are kept apart.
SHUT_S, NEAR_EACH_S, APART_S = 0.01, 0.02, 0.03
#: Evidence of closed lips that says they come near and do not surely meet.
HALF = 0.5
#: For how long each kind counts, either side; the evidence of closed lips, and `marks`, there.
_AS: Mapping[Lips, tuple[float, float, float]] = {
    "closed": (SHUT_S, 1.0, 1.0),
    "semi": (NEAR_EACH_S, HALF, 0.5),
    "open": (APART_S, 0.0, -1.0),
}


def apply_marks(features: AudioFeatures, marks: Sequence[LipMark]) -> AudioFeatures:
    """`features` whose closure agrees with the marks.

    A mark of closed or nearly closed lips counts at its own time, or at the nearest time within
    NEAR_S at which no vowel is clearly heard; where there is none, the sound contradicts it and it
    does not count.  A mark of open lips takes away the evidence of closed ones.  Those that count
    are in `marks` too, which the drive obeys whatever it hears.
    """
    if not marks:
        return features
    closure, obeyed = np.array(features.closure), np.zeros(len(features.closure), np.float32)
    for mark in marks:
        at = (float(mark.time) - float(features.start)) * READING_RATE
        if not -0.5 <= at < len(closure) - 0.5:
            continue
        place: int | None = round(at)
        if mark.lips != "open":
            place = _consonant(features, round(at))
        if place is None:
            continue
        for_s, evidence, value = _AS[mark.lips]
        closure[_around(place, for_s)] = evidence
        obeyed[_around(place, for_s)] = value
    return replace(features, closure=closure, marks=obeyed)


def _consonant(features: AudioFeatures, at: int) -> int | None:
    """The reading nearest to `at` within NEAR_S where no vowel is clearly heard."""
    reach = round(NEAR_S * READING_RATE)
    first = max(0, at - reach)
    phones = np.asarray(features.phones[first : at + reach + 1], np.float64)
    vowel = phones[:, sorted(VOWELS)].sum(axis=1)
    near = [first + n for n in np.flatnonzero(vowel < VOWEL).tolist()]
    return min(near, key=lambda n: (abs(n - at), n), default=None)


def _around(place: int, seconds: float) -> slice:
    reach = round(seconds * READING_RATE)
    return slice(max(0, place - reach), place + reach + 1)
