"""Spans in which the mouth speaks: from when it leaves rest until it returns to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation, gaussian_filter1d

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.engine.sound.av_offset import readings

Values = NDArray[np.float64]

SPOKEN = 0.4  #: probability that counts as speech
OPENS_S, RESTS_S = 0.04, 0.02  #: the mouth leaves rest before a word, and keeps on after it
HELD_S = 0.2  #: in shorter silences than this the mouth does not return to rest
EASE_READINGS = 2.5


def utterances(features: AudioFeatures) -> NDArray[np.bool_]:
    """(N,) whether there is speech, short silences between words included."""
    spoken = np.asarray(features.speech) > SPOKEN
    gap = int(HELD_S * READING_RATE)
    return np.asarray(binary_closing(np.pad(spoken, gap), np.ones(gap, bool))[gap:-gap], bool)


def spans_of_talk(features: AudioFeatures) -> NDArray[np.bool_]:
    """(N,) whether the mouth talks: from shortly before a word until shortly after the last."""
    spoken = utterances(features)
    before, after = int(OPENS_S * READING_RATE), int(RESTS_S * READING_RATE)
    wide = binary_dilation(np.pad(spoken, before + after), np.ones(before + after + 1, bool))
    wide = np.roll(wide, (after - before) // 2)
    return np.asarray(wide[before + after : len(wide) - before - after], bool)


def talking(features: AudioFeatures, grid: Seconds) -> Values:
    """(G,) 1 where the mouth talks, 0 where it stands still, eased in between."""
    wide = spans_of_talk(features).astype(np.float64)
    eased = gaussian_filter1d(wide, EASE_READINGS, mode="nearest")
    return np.clip(readings(eased[:, None], features, grid)[:, 0], 0, 1)
