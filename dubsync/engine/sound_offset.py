"""How late a plate's sound is against its picture, told from how well one predicts the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound import Hearing
from dubsync.core.steps import Heard, Seconds

Values = NDArray[np.float64]

RATE = 100
#: Lips lead their sound by about this much when picture and sound are in sync.
NATURAL_S = 0.02
SEARCH_S, STEP_S = 0.24, 0.02
CONTEXT = range(-4, 5, 2)
FOLDS, GAP = 4, 15  #: parts left out in turn; frames dropped beside each
STRICTNESS = 300.0
#: Mean cross-predicted correlation under which a peak is chance.
LEAST = 0.15
LEAST_SPEECH_S = 4.0
TOP = 0.8  #: the peak's middle is taken where scores pass this share of the best


def sound_offset(
    heard: Heard, channels: Values, seen: NDArray[np.bool_]
) -> tuple[float | None, float]:
    """How late the sound is, in seconds, natural lead of the lips included; and how sure.

    For each offset within 240 ms the mouth is predicted from the sound around it, each quarter
    from the other three; the offset is the middle of the peak of the mean correlation.

    Args:
        heard: the plate's own sound against its frames.
        channels: (T, C) what the mouth does: opening, width, jaw.
        seen: (T,) frames that show the face.

    Returns:
        (None, score) where there is too little speech or no clear peak.
    """
    times = np.asarray(heard.times)
    speech = np.asarray(heard.hearing.speech, np.float64)[:, None]
    spoken = readings(speech, heard.hearing, times)[:, 0] > 0.3
    frame_s = float(np.median(np.abs(np.diff(times)))) if len(times) > 1 else 0.0
    if (spoken & seen).sum() * frame_s < LEAST_SPEECH_S:
        return None, 0.0
    wanted = channels[seen]
    wanted = (wanted - wanted.mean(axis=0)) / np.maximum(wanted.std(axis=0), 1e-6)
    steps = round(SEARCH_S / STEP_S)
    offsets = np.arange(-steps, steps + 1) * STEP_S
    scores = np.array([_score(heard, times[seen] + late, wanted) for late in offsets])
    best = int(np.argmax(scores))
    if scores[best] < LEAST:
        return None, float(scores[best])
    low, high = best, best
    over = scores - TOP * scores[best]
    while low > 0 and over[low - 1] > 0:
        low -= 1
    while high < len(over) - 1 and over[high + 1] > 0:
        high += 1
    part = slice(low, high + 1)
    return float((offsets[part] * over[part]).sum() / over[part].sum()), float(scores[best])


def _score(heard: Heard, times: Seconds, wanted: Values) -> float:
    mel = np.clip(np.asarray(heard.hearing.mel, np.float64), -3, 3)
    loud = 3 * np.asarray(heard.hearing.loudness, np.float64)[:, None]
    heard_there = np.concatenate([mel, loud], axis=1)
    x = np.concatenate(
        [readings(heard_there, heard.hearing, times + back / RATE) for back in CONTEXT], axis=1
    )
    told = cross_predicted(x, wanted, STRICTNESS)
    return float(np.mean([likeness(told[:, c], wanted[:, c]) for c in range(wanted.shape[1])]))


def readings(values: Values, hearing: Hearing, times: Seconds) -> Values:
    """Rows of `values` (N, D), 100 a second from the hearing's start, at `times`; ends held."""
    at = np.clip((times - float(hearing.start)) * RATE, 0, len(values) - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(values) - 1)
    share = (at - low)[:, None]
    return np.asarray(values[low] * (1 - share) + values[high] * share, np.float64)


def ridge(x: Values, y: Values, strictness: float) -> tuple[Values, Values, Values, Values]:
    """(level, spread, weights, mean): y is about (x - level) / spread @ weights + mean."""
    level, mean = x.mean(axis=0), y.mean(axis=0)
    spread = x.std(axis=0) + 0.3  # a feature that hardly moves is not blown up
    unit = (x - level) / spread
    if len(unit) >= unit.shape[1]:
        gram = unit.T @ unit + strictness * np.eye(unit.shape[1])
        weights = np.linalg.solve(gram, unit.T @ (y - mean))
    else:  # fewer frames than features: the same answer from the smaller system
        gram = unit @ unit.T + strictness * np.eye(len(unit))
        weights = unit.T @ np.linalg.solve(gram, y - mean)
    return level, spread, np.asarray(weights, np.float64), mean


def cross_predicted(x: Values, y: Values, strictness: float) -> Values:
    """y, each quarter predicted by a ridge on the other three; frames next to it left out."""
    told = np.zeros_like(y)
    total = len(x)
    for fold in range(FOLDS):
        start, stop = fold * total // FOLDS, (fold + 1) * total // FOLDS
        other = np.r_[0 : max(start - GAP, 0), min(stop + GAP, total) : total]
        if not len(other) or start == stop:
            continue
        level, spread, weights, mean = ridge(x[other], y[other], strictness)
        told[start:stop] = (x[start:stop] - level) / spread @ weights + mean
    return told


def likeness(one: Values, other: Values) -> float:
    """Pearson's correlation; 0 where either does not move."""
    a, b = one - one.mean(), other - other.mean()
    power = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / power if power > 1e-12 else 0.0
