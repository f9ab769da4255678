"""The mouth that a sound leads one to expect, whoever speaks: a linear filter on what is heard.

It is no performance (drive_audio is): only what a mouth seen is compared with, to tell how late
its sound is and whether the sound is its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as from_safetensors
from scipy.ndimage import gaussian_filter1d, uniform_filter1d

from dubsync.core.arrays import Array, seal
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEIGHTS = Path(__file__).parents[1] / "weights" / "expected_mouth.safetensors"
WEIGHTS_SHA256 = "1e9a13a807137126ed7e1bebefdb411677389492f2914e015fa3eac9ba55933b"

#: First mel band of each group, and the end: of 40 Slaney bands from 60 to 7600 Hz.
GROUPS = (0, 3, 9, 18, 28, 35, 40)
CONTEXT = range(-16, 17, 4)  #: readings round an instant that its mouth is told from
PHONE_CONTEXT = range(-16, 17, 8)  #: the same of the phones
LEAST_PHONE = 0.003  #: below this probability phones are all alike
HEARD = (len(GROUPS) - 1 + 2) * len(CONTEXT) + len(PHONES) * len(PHONE_CONTEXT)
#: What is compared: these channels, then their speeds.
COMPARED = tuple(CHANNELS.index(name) for name in ("opening", "width", "jaw", "protrusion"))
MEASURES = 2 * len(COMPARED)
SMOOTH_S = 0.02  #: deviation of the smoothing over frames, so that 60 fps is as calm as 25
SYLLABLES_S = 1.0  #: channels count from their own mean over this long: moods and poses drop out
#: Least deviation of a mouth that moves, model units: under it, the landmarks' noise would.
STILL = (0.010, 0.008, 0.010, 0.005)
LIMIT = 4.0  #: deviations beyond which a measure is a slip of the tracker


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedMouth:
    """weights (287, 8) from `features` to `motion`'s measures; skill (8,) of each on strangers."""

    weights: Array
    skill: Array

    def __post_init__(self) -> None:
        seal(self, "weights", HEARD, MEASURES)
        seal(self, "skill", MEASURES)

    def of(self, hearing: AudioFeatures) -> Values:
        """(N, 8) measures expected at each reading of the hearing."""
        return features(hearing) @ np.asarray(self.weights, np.float64)


@cache
def anybody() -> ExpectedMouth:
    """The filter that holds for anybody, as shipped; `benchmarks/speaking.py --fit` makes it.

    Raises:
        ModelError: the file is missing, or another than the one that ships.
    """
    kept = from_safetensors(shipped(WEIGHTS, WEIGHTS_SHA256, "filter of the expected mouth"))
    return ExpectedMouth(kept["weights"], kept["skill"])


def features(hearing: AudioFeatures) -> Values:
    """(N, 287) loudness by band and in all, speech, and phones, in the 320 ms round each reading.

    Silence is 0 in each band, so what was normalised over speech does not speak in pauses.  Phones
    count by the logarithm of their probability and tell most of the lips' width and rounding; the
    network's code would tell hardly more, and would have to be fitted to each new network.
    """
    mel = np.clip(np.asarray(hearing.mel, np.float64), -3, 3)
    speech = np.asarray(hearing.speech, np.float64)[:, None]
    bands = [mel[:, a:b].mean(axis=1) for a, b in zip(GROUPS, GROUPS[1:], strict=False)]
    loudness = 3 * np.asarray(hearing.loudness, np.float64)[:, None]
    heard = np.concatenate([np.stack(bands, axis=1) * speech, loudness, speech], axis=1)
    phones = np.log(np.asarray(hearing.phones, np.float64) + LEAST_PHONE) / 3
    return np.concatenate([_beside(heard, CONTEXT), _beside(phones, PHONE_CONTEXT)], axis=1)


def _beside(values: Values, readings: range) -> Values:
    """Each row of (N, D) with those so many readings away beside it; ends held."""
    at = np.arange(len(values))
    rows = [values[np.clip(at + by, 0, len(at) - 1)] for by in readings]
    return np.concatenate(rows, axis=1)


def motion(channels: Values, seen: Flags, rate: float) -> Values:
    """What a mouth does, freed of who it is: (T, 8) channels and speeds, deviation at most 1.

    Args:
        channels: (T, 7) in the order of `fit.CHANNELS`, model units.
        seen: (T,) frames that show the face; the others come out 0.
        rate: frames per second.
    """
    if seen.sum() < 2:
        return np.zeros((len(channels), MEASURES))
    frames, known = np.arange(len(channels)), np.flatnonzero(seen)
    places = np.stack([np.interp(frames, known, channels[known, c]) for c in COMPARED], axis=1)
    places = gaussian_filter1d(places, SMOOTH_S * rate, axis=0, mode="nearest")
    window = max(round(SYLLABLES_S * rate), 3) | 1
    level = uniform_filter1d(places, window, axis=0, mode="nearest")
    places = _standing(places - level, seen, np.array(STILL))
    # Speeds stand on the same scale: a syllable's beat, four a second, is the unit.
    speeds = np.gradient(places, axis=0) * rate
    spread = np.maximum(speeds[seen].std(axis=0), 1e-6)
    speeds = speeds / spread * np.minimum(places[seen].std(axis=0), 1)
    result = np.concatenate([places, speeds], axis=1)
    return np.where(seen[:, None], np.clip(result, -LIMIT, LIMIT), 0.0)


def expected_at(expected: Values, hearing: AudioFeatures, times: Seconds) -> tuple[Values, Flags]:
    """Rows of `expected` (N, 8) at `times` (T,), and which of the times lie within the sound."""
    at = hearing.places(np.asarray(times))
    inside = (at > -1e-6) & (at < len(expected) - 1 + 1e-6)
    at = np.clip(at, 0, len(expected) - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(expected) - 1)
    share = (at - low)[:, None]
    return np.asarray(expected[low] * (1 - share) + expected[high] * share), inside


def fitted(parts: Sequence[tuple[Values, Values]], strictness: float) -> Array:
    """(287, 8) ridge weights from (features, measures) pairs, each counted from its own mean."""
    gram = np.zeros((HEARD, HEARD))
    cross = np.zeros((HEARD, MEASURES))
    for heard, moved in parts:
        apart = heard - heard.mean(axis=0)
        gram += apart.T @ apart
        cross += apart.T @ (moved - moved.mean(axis=0))
    weights = np.linalg.solve(gram + strictness * np.eye(HEARD), cross)
    return np.asarray(weights, np.float32)


def _standing(values: Values, seen: Flags, least: Values) -> Values:
    """Mean 0 and deviation 1 over `seen`; less than 1 where the mouth hardly moves."""
    inside = values[seen]
    return np.asarray((values - inside.mean(axis=0)) / np.maximum(inside.std(axis=0), least))
