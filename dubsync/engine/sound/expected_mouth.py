"""The mouth movement that a sound predicts for any speaker: a linear filter on the sound's states.

It is not used to drive a mouth (`sound.drive` is).  It is what a visible mouth is compared with, to
estimate the A/V offset and to decide whether the sound is this face's.  The sound head predicts
more of a mouth, but does not tell right from wrong better (docs/benchmarks.md, "Sound against
picture"), and the constants of both uses would have to be fitted to every new head.
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
from dubsync.core.sound.audio import STATES, AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEIGHTS = Path(__file__).parents[1] / "weights" / "expected_mouth.safetensors"
WEIGHTS_SHA256 = "6ff3c452ebf66779e67a78e1f3a44215e8930f02009195bf14ba227aa91f4c2f"

CONTEXT = range(-4, 5, 4)  #: readings round an instant that its mouth is predicted from
INPUTS = STATES * len(CONTEXT)
#: What is compared: these channels, then their speeds.
COMPARED = tuple(CHANNELS.index(name) for name in ("opening", "width", "jaw", "protrusion"))
MEASURES = 2 * len(COMPARED)
SMOOTH_S = 0.02  #: standard deviation of the smoothing over time, the same at any frame rate
SYLLABLES_S = 1.0  #: channels are relative to their mean over this long: moods and poses drop out
#: Least standard deviation of a mouth that moves, model units: less is landmark noise.
STILL = (0.010, 0.008, 0.010, 0.005)
LIMIT = 4.0  #: standard deviations beyond which a measure is a tracking error


@dataclass(frozen=True, slots=True, eq=False)
class ExpectedMouth:
    """The filter.

    weights  (192, 8)  from `filter_inputs` to the measures of `motion`
    skill    (8,)      correlation of each measure on held-out people
    """

    weights: Array
    skill: Array

    def __post_init__(self) -> None:
        seal(self, "weights", INPUTS, MEASURES)
        seal(self, "skill", MEASURES)

    def predict(self, features: AudioFeatures) -> Values:
        """(N, 8) measures predicted at each reading of the sound.

        It is `filter_inputs` times the weights, but never holds the inputs of a long sound.
        """
        states = np.asarray(features.states)
        parts = np.split(np.asarray(self.weights, np.float32), len(CONTEXT))
        each = zip(CONTEXT, parts, strict=True)
        return np.asarray(sum(_moved(states @ part, by) for by, part in each), np.float64)


@cache
def shipped_filter() -> ExpectedMouth:
    """The filter that ships; `benchmarks/speaking --fit` makes it.

    Raises:
        ModelError: the file is missing, or not the one that ships.
    """
    kept = from_safetensors(shipped(WEIGHTS, WEIGHTS_SHA256, "filter of the expected mouth"))
    return ExpectedMouth(kept["weights"], kept["skill"])


def filter_inputs(features: AudioFeatures) -> Values:
    """(N, 192) the sound's states in the 80 ms round each reading."""
    states = np.asarray(features.states, np.float64)
    return np.concatenate([_moved(states, by) for by in CONTEXT], axis=1)


def _moved(values: NDArray[np.floating], by: int) -> NDArray[np.floating]:
    """(N, D) the row `by` rows further on, for each row; ends are repeated."""
    at = np.arange(len(values))
    return values[np.clip(at + by, 0, len(at) - 1)]


def motion(channels: Values, seen: Flags, rate: float) -> Values:
    """Mouth movement independent of the person: (T, 8) channels and speeds, deviation at most 1.

    Args:
        channels: (T, 7) in the order of `fit.CHANNELS`, model units.
        seen: (T,) frames that show the face; the others are 0.
        rate: frames per second.
    """
    if seen.sum() < 2:
        return np.zeros((len(channels), MEASURES))
    frames, known = np.arange(len(channels)), np.flatnonzero(seen)
    places = np.stack([np.interp(frames, known, channels[known, c]) for c in COMPARED], axis=1)
    places = gaussian_filter1d(places, SMOOTH_S * rate, axis=0, mode="nearest")
    window = max(round(SYLLABLES_S * rate), 3) | 1
    level = uniform_filter1d(places, window, axis=0, mode="nearest")
    places = _standardised(places - level, seen, np.array(STILL))
    # Speeds are scaled to the positions' own standard deviation.
    speeds = np.gradient(places, axis=0) * rate
    spread = np.maximum(speeds[seen].std(axis=0), 1e-6)
    speeds = speeds / spread * np.minimum(places[seen].std(axis=0), 1)
    result = np.concatenate([places, speeds], axis=1)
    return np.where(seen[:, None], np.clip(result, -LIMIT, LIMIT), 0.0)


def expected_at(expected: Values, features: AudioFeatures, times: Seconds) -> tuple[Values, Flags]:
    """Rows of `expected` (N, 8) at `times` (T,), and which of the times lie within the sound."""
    at = features.places(np.asarray(times))
    inside = (at > -1e-6) & (at < len(expected) - 1 + 1e-6)
    at = np.clip(at, 0, len(expected) - 1)
    low = np.floor(at).astype(np.intp)
    high = np.minimum(low + 1, len(expected) - 1)
    share = (at - low)[:, None]
    return np.asarray(expected[low] * (1 - share) + expected[high] * share), inside


def fit_filter(parts: Sequence[tuple[Values, Values]], ridge: float) -> Array:
    """(192, 8) ridge weights from (inputs, measures) pairs, each relative to its own mean."""
    gram = np.zeros((INPUTS, INPUTS))
    cross = np.zeros((INPUTS, MEASURES))
    for inputs, moved in parts:
        apart = inputs - inputs.mean(axis=0)
        gram += apart.T @ apart
        cross += apart.T @ (moved - moved.mean(axis=0))
    weights = np.linalg.solve(gram + ridge * np.eye(INPUTS), cross)
    return np.asarray(weights, np.float32)


def _standardised(values: Values, seen: Flags, least: Values) -> Values:
    """Mean 0 and deviation 1 over `seen`; less than 1 where the mouth hardly moves."""
    inside = values[seen]
    return np.asarray((values - inside.mean(axis=0)) / np.maximum(inside.std(axis=0), least))
