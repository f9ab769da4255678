"""What was heard, made surer by words whose place in it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import BILABIAL, LABIODENTAL, PHONES, ROUNDED
from dubsync.speech.forced_alignment import Spoken

#: Changes whenever the same words would sharpen otherwise.
VERSION = "1"
#: A word counts from the first of these, and whole from the second.
COUNTS, WHOLE = 0.5, 0.8
#: How much a whole word's text says beside the sound: of phones; of those that the lips' rules go
#: by (p, b, m, f, v).  Of closed lips it says all.  More of the other phones, and a mouth's width
#: is told worse: the head learnt it from phones as unsure as the network is.
PHONES_SHARE, LIPS_SHARE = 0.3, 0.7
#: Seconds from where the phone begins: lips meet so long before it, and part so long after it in
#: p and b, whose release is part of the phone; in m they part at its end, but not sooner.
MEET_S, PART_S = 0.01, 0.05
#: Lips that round come near each other, from so long before: there the sound is believed.
ROUNDS_S = 0.04
M = PHONES.index("m")
LIPS = BILABIAL | LABIODENTAL


def apply_alignment(hearing: AudioFeatures, spoken: Sequence[Spoken]) -> AudioFeatures:
    """`hearing` with phones and closed lips as the words say, the more so the surer a word is.

    Words under COUNTS change nothing; the code and all else stay as heard.
    """
    clock = float(hearing.start)
    phones, closure = np.array(hearing.phones), np.array(hearing.closure)
    parted, rounds, meet = (np.zeros_like(closure) for _ in range(3))
    for word in spoken:
        weight = _weight(word)
        for phone, begin, end in word.phones:
            here = _readings(begin, end, clock)
            share = weight * (LIPS_SHARE if phone in LIPS else PHONES_SHARE)
            phones[here] *= 1 - share
            phones[here, phone] += share
            parted[here] = weight
            if phone in ROUNDED:
                rounds[_readings(begin - ROUNDS_S, end, clock)] = 1
            elif phone in BILABIAL:
                parts = max(end, begin + PART_S) if phone == M else begin + PART_S
                here = _readings(begin - MEET_S, parts, clock)
                meet[here] = np.maximum(meet[here], weight)
    closure = np.maximum(closure * (1 - parted * (1 - rounds)), meet)
    return replace(hearing, phones=phones, closure=closure)


def _weight(word: Spoken) -> float:
    return float(np.clip((word.confidence - COUNTS) / (WHOLE - COUNTS), 0, 1))


def _readings(begin: float, end: float, clock: float) -> slice:
    """The readings of a time on the hearing's clock."""
    first, last = (max(round((time - clock) * READING_RATE), 0) for time in (begin, end))
    return slice(first, last)
