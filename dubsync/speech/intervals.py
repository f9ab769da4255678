"""Separate a sound by intervals of speech: keep the speech, or measure what is between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dubsync.core.sound.audio import Sound

#: Raise when the same intervals would give another result; part of cache keys.
VERSION = "1"
Span = tuple[float, float]

EDGE_S = 0.05  #: kept before and after each interval, with a fade of EASE_S
EASE_S = 0.02
APART_S = 0.2  #: this near to speech, its reverberation counts as speech
FRAME_S = 0.1
HEARD_DB = -35.0  #: re the speech; anything quieter is room tone
DEEPEST_DB = -120.0


@dataclass(frozen=True, slots=True)
class Beside:
    """Sound in the pauses between speech.

    share  of the pauses in which something is heard, 0..1
    db     level of that sound, re the speech
    """

    share: float
    db: float


def only(sound: Sound, spans: Sequence[Span]) -> Sound:
    """`sound` with everything outside `spans` (seconds on its own clock) silenced."""
    samples = np.asarray(sound.samples)
    open_ = np.zeros(len(samples), np.float32)
    ease = max(1, round(EASE_S * sound.sample_rate))
    for start, stop in spans:
        first, last = (
            round((at - float(sound.start)) * sound.sample_rate)
            for at in (start - EDGE_S, stop + EDGE_S)
        )
        at = np.arange(max(first, 0), min(last, len(samples)))
        rise = np.minimum(at - first, last - 1 - at) / ease
        open_[at] = np.maximum(open_[at], np.clip(rise, 0, 1))
    return replace(sound, samples=samples * open_)


def beside(sound: Sound, spans: Sequence[Span]) -> Beside:
    """How much is heard between the `spans` of speech (seconds on the sound's clock)."""
    size = round(FRAME_S * sound.sample_rate)
    samples = np.asarray(sound.samples)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    level = 10 * np.log10((frames.astype(np.float64) ** 2).mean(axis=1) + 10 ** (DEEPEST_DB / 10))
    at = float(sound.start) + (np.arange(len(level)) + 0.5) * FRAME_S
    speech = np.zeros(len(level), bool)
    near = np.zeros(len(level), bool)
    for start, stop in spans:
        speech |= (at >= start) & (at < stop)
        near |= (at >= start - APART_S) & (at < stop + APART_S)
    if not speech.any() or near.all():
        return Beside(0.0, DEEPEST_DB)
    rest = level[~near] - float(np.percentile(level[speech], 75))
    heard = rest[rest > HEARD_DB]
    return Beside(len(heard) / len(rest), float(np.median(heard)) if len(heard) else DEEPEST_DB)
