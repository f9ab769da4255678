"""How much speech there is in a sound, told from music, effects and timecode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dubsync.core.sound.audio import READING_RATE, AudioFeatures, Sound
from dubsync.core.sound.long_rows import stretches
from dubsync.speech.audio_features import VERSION as FEATURES_VERSION
from dubsync.speech.audio_features import extract_features
from dubsync.speech.lines import SPOKEN
from dubsync.speech.phones import likeliest, variety_of

#: Raise when the same sound would give another amount; part of cache keys.
VERSION = f"1 {FEATURES_VERSION}"
#: Different phones, counted by their share, from which what is voiced is all speech, and below
#: which none of it is.  Measured over ten seconds: speech in nine languages 10.8 to 17.3, drums
#: 5.2, a swelling chord 4.2, a buzz 3.7.
ALL, NONE = 10.0, 5.0
SHORT_S = 1.5  #: in less speech than this there are fewer phones, in proportion
SHORTEST_S = 0.3


@dataclass(frozen=True, slots=True)
class SpeechAmount:
    """How much speech is in a sound, and how clear it is.

    seconds  of speech; what is voiced but has few different phones counts less, or not at all
    clarity  mean probability of the likeliest phone there, 0..1: dry speech .65, with much
             reverberation .5, below 120 Hz .4
    """

    seconds: float
    clarity: float

    @property
    def rank(self) -> float:
        """The larger, the better to hear the words by."""
        return self.seconds * self.clarity


def speech_amount(sound: Sound) -> SpeechAmount:
    """The amount of speech in `sound`."""
    return amount_of(extract_features(sound)) if len(sound.samples) else SpeechAmount(0.0, 0.0)


def amount_of(features: AudioFeatures, span: tuple[float, float] | None = None) -> SpeechAmount:
    """The amount of speech in a sound with these features.

    Args:
        span: (start, stop) seconds from the first reading; None: the whole sound.

    Source: ours.
    """
    first, last = (0, None) if span is None else (round(at * READING_RATE) for at in span)
    spoken = np.asarray(features.speech)[first:last] > SPOKEN
    seconds = float(spoken.sum()) / READING_RATE
    if not seconds:
        return SpeechAmount(0.0, 0.0)
    begin = slice(first, last).indices(len(features.speech))[0]
    surest, clear = [], []
    for part in stretches(len(spoken)):  # a minute of a long dub at a time
        phones = features.phones[begin + part.start : begin + part.stop][spoken[part]]
        surest.append(likeliest(phones))
        clear.append(phones.max(axis=1))
    expected = min(1.0, max(seconds, SHORTEST_S) / SHORT_S)
    variety = variety_of(np.concatenate(surest))
    share = np.clip((variety / expected - NONE) / (ALL - NONE), 0, 1)
    return SpeechAmount(seconds * float(share), float(np.concatenate(clear).mean()))
