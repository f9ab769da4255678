"""Correct audio features with words that were aligned to the sound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.long_rows import replaced
from dubsync.core.sound.phones import BILABIAL, LABIODENTAL, PHONES, ROUNDED
from dubsync.speech.forced_alignment import AlignedWord

#: Raise when the same words would give other features; part of cache keys.
VERSION = "1"
#: Confidence from which a word has any weight, and from which it has full weight.
COUNTS, WHOLE = 0.5, 0.8
#: Weight of the text against the sound, for a word of full weight: of most phones; of those that
#: the lip rules use (p, b, m, f, v).  For closed lips it is 1.  With more weight on the other
#: phones the mouth's width is predicted worse, because the head was trained on phones as uncertain
#: as the network's.
PHONES_SHARE, LIPS_SHARE = 0.3, 0.7
#: Seconds around the start of the phone: lips meet MEET_S before it.  In p and b, whose release is
#: part of the phone, they part PART_S after it; in m they part at its end, but no sooner.
MEET_S, PART_S = 0.01, 0.05
#: Rounding lips come near each other from this long before the phone: there the sound decides.
ROUNDS_S = 0.04
M = PHONES.index("m")
LIPS = BILABIAL | LABIODENTAL


def apply_alignment(features: AudioFeatures, spoken: Sequence[AlignedWord]) -> AudioFeatures:
    """`features` with phones and closure blended towards those of the aligned words.

    The weight of a word grows with its confidence; words under COUNTS change nothing.  The code
    and all other features stay as they are.
    """
    clock, (first, stop) = float(features.start), _reach(features, spoken)
    phones, closure = np.array(features.phones[first:stop]), np.array(features.closure)
    parted, rounds, meet = (np.zeros_like(closure) for _ in range(3))
    for word in spoken:
        weight = _weight(word)
        for phone, begin, end in word.phones:
            here = _readings(begin, end, clock)
            share = weight * (LIPS_SHARE if phone in LIPS else PHONES_SHARE)
            own = slice(max(here.start - first, 0), max(here.stop - first, 0))
            phones[own] *= 1 - share
            phones[own, phone] += share
            parted[here] = weight
            if phone in ROUNDED:
                rounds[_readings(begin - ROUNDS_S, end, clock)] = 1
            elif phone in BILABIAL:
                parts = max(end, begin + PART_S) if phone == M else begin + PART_S
                here = _readings(begin - MEET_S, parts, clock)
                meet[here] = np.maximum(meet[here], weight)
    closure = np.maximum(closure * (1 - parted * (1 - rounds)), meet)
    return replace(features, phones=replaced(features.phones, first, phones), closure=closure)


def _reach(features: AudioFeatures, spoken: Sequence[AlignedWord]) -> tuple[int, int]:
    """First and last + 1 of the readings that the words' phones are in."""
    count, clock = len(features.loudness), float(features.start)
    here = [_readings(begin, end, clock) for word in spoken for _, begin, end in word.phones]
    first = min((min(one.start, count) for one in here), default=0)
    return first, max((min(one.stop, count) for one in here), default=0)


def _weight(word: AlignedWord) -> float:
    return float(np.clip((word.confidence - COUNTS) / (WHOLE - COUNTS), 0, 1))


def _readings(begin: float, end: float, clock: float) -> slice:
    """The readings from `begin` to `end`, seconds on the features' clock."""
    first, last = (max(round((time - clock) * READING_RATE), 0) for time in (begin, end))
    return slice(first, last)
