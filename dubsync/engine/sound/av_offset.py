"""A/V offset: how late a plate's sound is, from how well mouth movement and sound correlate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.av_sync import Offset
from dubsync.core.sound.long_rows import Rows
from dubsync.core.steps import AlignedAudio, Seconds
from dubsync.engine.sound.expected_mouth import ExpectedMouth, expected_at, motion, shipped_filter

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

#: Lead of the mouth: sound predicts the mouth best this long before it, in synchronous footage.
NATURAL_S = 0.02
SEARCH_S, STEP_S = 0.8, 0.01
RIVAL_S = 0.12  #: peaks further than this from the best are rivals
LEAST_SPEECH_S = 0.8
LEAST_SHARE = 0.6  #: of the visible frames must lie within the sound for a lag to be tried
#: Probability of being right to within a frame: logistic in the lead over the best rival times the
#: root of the seconds of speech, and in the best score.  Fitted by benchmarks/speaking.
CHANCE = (-12.35, 3.01, 21.99)
SURE = 0.9


def sound_offset(
    audio: AlignedAudio, channels: Values, seen: Flags, *, mouth_filter: ExpectedMouth | None = None
) -> Offset:
    """How late the sound is, and how sure that is.

    The mouth predicted from the sound by the shipped filter is correlated with the mouth seen, at
    every lag up to 800 ms either way; the best correlation is the offset, interpolated between lags
    by a parabola.  The filter was fitted on people in sync, so it includes the lead of their lips.

    Args:
        audio: the plate's own sound against its frames.
        channels: (T, 7) in the order of `fit.CHANNELS`, model units.
        seen: (T,) frames that show the face.
        mouth_filter: None: the shipped filter.

    Returns:
        An Offset, not sure where there is too little speech or no clear peak.

    Source: ours.  Fitting a plate's own sound to its own mouth, lag by lag, was tried and is far
    worse: what it learns at a wrong lag predicts nearly as well (docs/benchmarks.md).
    """
    times = np.asarray(audio.times)
    steps = round(SEARCH_S / STEP_S)
    lags = np.asarray(np.arange(-steps, steps + 1) * STEP_S, np.float64)
    frame_s = float(np.median(np.abs(np.diff(times)))) if len(times) > 1 else 0.0
    if frame_s <= 0 or seen.sum() < 2:
        return _unknown(lags, "no frame shows the face")
    moved = motion(np.asarray(channels, np.float64), seen, 1 / frame_s)
    scores = fit_by_lag(audio, moved, seen, lags, mouth_filter or shipped_filter())
    at = int(np.argmax(scores))
    late = float(lags[at] + _between(scores, at) * STEP_S)
    speech = np.asarray(audio.features.speech, np.float64)[:, None]
    spoken = readings(speech, audio.features, times + late)[:, 0] > 0.5
    spoken_s = float((spoken & seen).sum()) * frame_s
    if spoken_s < LEAST_SPEECH_S:
        return _unknown(lags, f"only {spoken_s:.1f} s of speech with the face seen", scores)
    chance = confidence(lags, scores, spoken_s)
    if at in (0, len(lags) - 1):
        return _unknown(lags, f"no peak within {1000 * SEARCH_S:.0f} ms", scores)
    note = "" if chance >= SURE else "no offset stands clear of the others"
    return _offset(late, chance, lags, scores, note)


def fit_by_lag(
    audio: AlignedAudio, moved: Values, seen: Flags, lags: Values, mouth_filter: ExpectedMouth
) -> Values:
    """(K,) mean correlation of the mouth seen with the predicted one, at each lag.

    Args:
        moved: (T, 8), see `expected_mouth.motion`.
    """
    expected = mouth_filter.predict(audio.features)
    skill = np.asarray(mouth_filter.skill, np.float64)
    scores = np.zeros(len(lags))
    for n, late in enumerate(lags):
        target, inside = expected_at(expected, audio.features, np.asarray(audio.times) + late)
        use = seen & inside
        if use.sum() < max(LEAST_SHARE * seen.sum(), 2):
            continue
        scores[n] = float(_each_likeness(target[use], moved[use]) @ skill / skill.sum())
    return scores


def confidence(lags: Values, scores: Values, spoken_s: float) -> float:
    """Probability that the best of `scores` is the right lag to within a frame."""
    at = int(np.argmax(scores))
    away = np.abs(lags - lags[at]) > RIVAL_S
    lead = float(scores[at] - scores[away].max(initial=0.0))
    constant, per_lead, per_score = CHANCE
    root = float(np.sqrt(min(spoken_s, 30.0)))
    odds = constant + per_lead * lead * root + per_score * float(scores[at])
    return float(1 / (1 + np.exp(-np.clip(odds, -30, 30))))


def _between(scores: Values, at: int) -> float:
    """Sub-step position of the maximum near `at`, in steps, by the parabola through its
    neighbours."""
    if at in (0, len(scores) - 1):
        return 0.0
    before, top, after = scores[at - 1 : at + 2]
    bend = before - 2 * top + after
    return float(0.5 * (before - after) / bend) if bend < -1e-12 else 0.0


def _unknown(lags: Values, why: str, scores: Values | None = None) -> Offset:
    return _offset(0.0, 0.0, lags, np.zeros(len(lags)) if scores is None else scores, why)


def _offset(late: float, chance: float, lags: Values, scores: Values, note: str) -> Offset:
    tried, result = np.asarray(lags, np.float32), np.asarray(scores, np.float32)
    return Offset(late, chance, chance >= SURE, tried, result, note)


def readings(
    values: Values | Rows,
    features: AudioFeatures,
    times: Seconds,
    of: Callable[[Values], Values] = lambda part: part,
) -> Values:
    """Rows of `values` (N, D), 100 a second from the sound's start, interpolated at `times`.

    Beyond the ends the first and last rows are repeated.  No other rows of a long sound are read.

    Args:
        of: makes (M, E) of M rows, each for itself, before they are interpolated.
    """
    at = np.clip(features.places(times), 0, len(values) - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    share = (at - low)[:, None]
    first, stop = (int(low.min()), int(high.max()) + 1) if len(low) else (0, 0)
    part = of(np.asarray(values[first:stop], np.float64))
    return np.asarray(part[low - first] * (1 - share) + part[high - first] * share, np.float64)


def _each_likeness(one: Values, other: Values) -> Values:
    """(C,) `likeness` of each column of (T, C) with the other's."""
    a, b = one - one.mean(axis=0), other - other.mean(axis=0)
    power = np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.asarray(np.where(power > 1e-12, (a * b).sum(axis=0) / np.maximum(power, 1e-12), 0.0))


def likeness(one: Values, other: Values) -> float:
    """Pearson's correlation; 0 where either is constant."""
    a, b = one - one.mean(), other - other.mean()
    power = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / power if power > 1e-12 else 0.0
