"""Find utterances: stretches of speech as a person would mark them."""

from __future__ import annotations

import numpy as np

from dubsync.core.sound.audio import READING_RATE, AudioFeatures

SPOKEN = 0.5  #: probability from which a reading counts as speech
JOINED_S = 0.35  #: shorter gaps are part of an utterance
SHORTEST_S = 0.12  #: shorter runs are not utterances


def spoken_runs(features: AudioFeatures) -> tuple[tuple[float, float], ...]:
    """Utterances as (start, stop) in seconds on the sound's own clock, in order.

    Gaps under 0.35 s are closed first; then runs shorter than 0.12 s are dropped.
    """
    spoken = np.concatenate([[False], np.asarray(features.speech) > SPOKEN, [False]])
    turns = np.flatnonzero(spoken[1:] != spoken[:-1])
    runs: list[tuple[int, int]] = []
    for start, stop in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < JOINED_S * READING_RATE:
            start = runs.pop()[0]
        runs.append((start, stop))
    clock = float(features.start)
    return tuple(
        (clock + start / READING_RATE, clock + stop / READING_RATE)
        for start, stop in runs
        if stop - start >= SHORTEST_S * READING_RATE
    )
