"""The rhythm of speech: when somebody speaks, the beat of the syllables, closed lips, sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.speech.dtw import described

Values = NDArray[np.float64]
Span = tuple[int, int]

#: The beat is the loudness between these two deviations: syllables, 2 to 8 a second.
BEAT_S, COURSE_S = 0.025, 0.2
LEAST_BEAT = 0.02  #: deviation of the beat below which a sound has none
SPOKEN = 0.5  #: probability from which a reading counts as speech
#: Shorter silences are part of a phrase: the closures of p, t and k.
PAUSE_S = 0.06
SHORTEST_S = 0.1  #: shorter runs are not phrases


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """READING_RATE readings a second of what a line's rhythm is made of.

    start    seconds of the first reading, on a clock that the creator defines
    speech   (N,) probability of speech
    loud     (N,) loudness, 0..1
    beat     (N,) loudness of syllables, of mean 0 and deviation 1 over the speech
    closure  (N,) evidence of closed lips, 0..1
    shape    (N, D) the sounds, as `speech.dtw.described`
    known    (N,) whether there is a sound at all; elsewhere the readings are 0
    """

    start: float
    speech: Values
    loud: Values
    beat: Values
    closure: Values
    shape: Values
    known: NDArray[np.bool_]

    def at(self, times: Seconds, start: float) -> Rhythm:
        """The readings at `times` (M,), seconds on its own clock, as a rhythm from `start` on.

        NaN, and times outside it, are unknown.
        """
        places = (np.asarray(times, np.float64) - self.start) * READING_RATE
        inside = np.isfinite(places) & (places >= -0.5) & (places <= len(self.speech) - 0.5)
        there = np.clip(np.where(inside, places, 0), 0, max(len(self.speech) - 1, 0))
        low = np.floor(there).astype(np.intp)
        high, share = np.minimum(low + 1, len(self.speech) - 1), there - low
        known = inside & self.known[low] & self.known[high]

        def read(values: Values) -> Values:
            part = share if values.ndim == 1 else share[:, None]
            mixed = values[low] * (1 - part) + values[high] * part
            mixed[~known] = 0
            return np.asarray(mixed, np.float64)

        return Rhythm(
            start, read(self.speech), read(self.loud), read(self.beat), read(self.closure),
            read(self.shape), known,
        )  # fmt: skip


def rhythm_of(features: AudioFeatures) -> Rhythm:
    """The rhythm of a sound with these features, on their clock."""
    speech = np.asarray(features.speech, np.float64)
    loud = np.asarray(features.loudness, np.float64)
    fine, course = (
        scipy.ndimage.gaussian_filter1d(loud, s * READING_RATE, mode="nearest")
        for s in (BEAT_S, COURSE_S)
    )
    beat, spoken = fine - course, speech > SPOKEN
    if spoken.any():
        beat = (beat - beat[spoken].mean()) / max(float(beat[spoken].std()), LEAST_BEAT)
    return Rhythm(
        float(features.start), speech, loud, np.where(spoken, beat, 0.0),
        np.asarray(features.closure, np.float64), described(features), np.ones(len(speech), bool),
    )  # fmt: skip


def joined(parts: Sequence[Rhythm]) -> Rhythm:
    """Rhythms over the same readings as one: at each reading the first that is known there."""
    out = parts[0]
    for part in parts[1:]:
        more = part.known & ~out.known
        out = Rhythm(
            out.start,
            np.where(more, part.speech, out.speech),
            np.where(more, part.loud, out.loud),
            np.where(more, part.beat, out.beat),
            np.where(more, part.closure, out.closure),
            np.where(more[:, None], part.shape, out.shape),
            out.known | part.known,
        )
    return out


def phrases(rhythm: Rhythm, *, pause_s: float = PAUSE_S) -> tuple[Span, ...]:
    """Runs of speech between pauses, as (first, one past the last) reading, in order.

    Silences under `pause_s` seconds are closed first; then runs under SHORTEST_S are dropped.
    """
    part = rhythm.speech > SPOKEN
    turns = np.flatnonzero(np.diff(np.concatenate([[0], part.astype(int), [0]])))
    runs: list[Span] = []
    for start, stop in zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True):
        if runs and start - runs[-1][1] < pause_s * READING_RATE:
            start = runs.pop()[0]
        runs.append((start, stop))
    return tuple(run for run in runs if run[1] - run[0] >= SHORTEST_S * READING_RATE)
