"""Tell a voice from music and noise: spoken, sung, whispered, shouted, laughed.

The network is ours, taught on made voices, music and noise: benchmarks/hearing.  Model card:
docs/reference/voice_network.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import scipy
from numpy.typing import NDArray
from safetensors.numpy import load

from dubsync.core.arrays import Array
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import READING_RATE

WEIGHTS = Path(__file__).with_name("weights") / "voice_presence.safetensors"
#: Of the file in weights/; docs/reference/voice_network.md is its card.
WEIGHTS_SHA256 = "94bdf580b8952974b3e96c5fbbe6fbfdbac9e85e3032d5d6979f647e0dc0565d"
EVERY = 2  #: readings; the states between are interpolated
DILATIONS = (1, 2, 4)  #: of its layers, in steps of EVERY readings
TAPS = 5  #: steps of each layer
REACH = TAPS // 2 * sum(DILATIONS)  #: steps either side that an answer depends on
STRETCH = 3000  #: steps processed at a time

SMOOTH = 4.0  #: readings, deviation of the smoothing over which a voice is judged
HANG_S = 0.2  #: this near to a voice, what the level tells counts: consonants, ends of words
LET_BY = (0.5, 0.7)  #: probability of a voice near by from which speech is let by, and wholly
HEARD = (0.6, 0.85)  #: from which a voice alone is speech, and wholly, whatever lies beneath it
LEAST_DB = -30.0  #: re the loud voice; a voice alone that is softer is not speech
QUIET_DB = -60.0  #: re full scale, below it neither

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class VoiceNetwork:
    """Weights, float32.

    layers  one for each of DILATIONS: (TAPS, C, D) and a bias (D,)
    answer  (D,) and its bias (1,): log odds of a voice
    """

    layers: tuple[tuple[Array, Array], ...]
    answer: tuple[Array, Array]


@cache
def voice_network() -> VoiceNetwork:
    """The network that comes with the package.

    Raises:
        ModelError: its file is missing or altered.
    """
    return network_of(shipped(WEIGHTS, WEIGHTS_SHA256, "voice network"))


def network_of(data: bytes) -> VoiceNetwork:
    """A network from the bytes of a safetensors file."""
    held = {name: values.astype(np.float32) for name, values in load(data).items()}
    layers = [(held[f"{n}.weight"], held[f"{n}.bias"]) for n in range(len(DILATIONS))]
    return VoiceNetwork(tuple(layers), (held["answer.weight"], held["answer.bias"]))


def voice_probability(states: Array, network: VoiceNetwork | None = None) -> Values:
    """(N,) probability that a voice sounds, whatever sounds beside it.

    Args:
        states: (N, 64), as `AudioFeatures.states`.
        network: None: the one that comes with the package.
    """
    network = network or voice_network()
    steps = np.asarray(states[::EVERY], np.float32)
    odds = np.concatenate(
        [np.zeros(0, np.float32)]
        + [_odds(steps, first, network) for first in range(0, len(steps), STRETCH)]
    )
    at = np.arange(len(states)) / EVERY
    return np.asarray(scipy.special.expit(np.interp(at, np.arange(len(odds)), odds)), np.float64)


def speech_of_voice(speech: Array, level: Values, voice: Values) -> Array:
    """(N,) probability of speech: what stands out from the noise, if it is a voice.

    A voice that does not stand out, or is not voiced, counts too: singing over music, a whisper.

    Args:
        speech: (N,) by level and voicing alone.
        level: (N,) dB re full scale.
        voice: (N,) from `voice_probability`.
    """
    sure = scipy.ndimage.gaussian_filter1d(voice, SMOOTH, mode="nearest")
    near = scipy.ndimage.maximum_filter1d(sure, 2 * round(HANG_S * READING_RATE) + 1)
    kept = np.asarray(speech) * _ramp(near, LET_BY)
    clear = (sure > HEARD[1]) & (level > QUIET_DB)
    if not clear.any():
        return np.asarray(kept, np.float32)
    smooth = scipy.ndimage.gaussian_filter1d(np.maximum(level, 2 * QUIET_DB), 3.0, mode="nearest")
    loud = float(np.percentile(smooth[clear], 90))
    least = max(loud + LEAST_DB, QUIET_DB)
    alone = _ramp(sure, HEARD) * _ramp(smooth, (least - 3, least + 3))
    return np.asarray(np.maximum(kept, alone), np.float32)


def _ramp(values: Values, ends: tuple[float, float]) -> Values:
    return np.asarray(np.clip((values - ends[0]) / (ends[1] - ends[0]), 0, 1), np.float64)


def _odds(steps: Array, first: int, network: VoiceNetwork) -> Array:
    """Log odds of steps `first` to `first + STRETCH`, as if all were processed at once.

    Before the sound and after it there is nothing, in every layer.
    """
    last = min(first + STRETCH, len(steps))
    begin, end = first - REACH, last + REACH
    held = np.zeros((end - begin, steps.shape[1]), np.float32)
    inside = slice(max(begin, 0) - begin, min(end, len(steps)) - begin)
    held[inside] = steps[max(begin, 0) : end]
    outside = np.ones((len(held), 1), np.float32)
    outside[inside] = 0
    for n, (dilation, (weight, bias)) in enumerate(zip(DILATIONS, network.layers, strict=True)):
        heard = _smooth_rectified(_convolved(held, weight, dilation) + bias)
        held = (held + heard if n else heard) * (1 - outside)
    weight, bias = network.answer
    return np.asarray((held @ weight + bias)[REACH : REACH + last - first], np.float32)


def _convolved(held: Array, weight: Array, dilation: int) -> Array:
    reach = TAPS // 2 * dilation
    padded = np.pad(np.asarray(held), ((reach, reach), (0, 0)))
    parts = [padded[n * dilation :][: len(held)] @ weight[n] for n in range(TAPS)]
    return np.asarray(np.sum(parts, axis=0), np.float32)


def _smooth_rectified(values: Array) -> Array:
    """Hendrycks and Gimpel 2016, "Gaussian Error Linear Units"."""
    return np.asarray(values * 0.5 * (1 + scipy.special.erf(values / np.sqrt(2))), np.float32)
