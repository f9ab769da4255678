"""Where somebody speaks: utterances, as a person would mark them."""

from __future__ import annotations

import numpy as np

from dubsync.core.sound.audio import READING_RATE, AudioFeatures

SPOKEN = 0.5  #: probability from which a reading counts
JOINED_S = 0.35  #: shorter gaps lie within an utterance
SHORTEST_S = 0.12  #: shorter ones are blips


def spoken_runs(hearing: AudioFeatures) -> tuple[tuple[float, float], ...]:
    """Utterances as (start, stop) in seconds on the sound's own clock, in order.

    Gaps under 0.35 s are joined; what is shorter than 0.12 s is dropped.
    """
    spoken = np.concatenate([[False], np.asarray(hearing.speech) > SPOKEN, [False]])
    turns = np.flatnonzero(spoken[1:] != spoken[:-1])
    runs: list[tuple[int, int]] = []
    for start, stop in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < JOINED_S * READING_RATE:
            start = runs.pop()[0]
        runs.append((start, stop))
    clock = float(hearing.start)
    return tuple(
        (clock + start / READING_RATE, clock + stop / READING_RATE)
        for start, stop in runs
        if stop - start >= SHORTEST_S * READING_RATE
    )
