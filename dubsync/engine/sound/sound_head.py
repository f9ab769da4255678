"""The sound head: a small network from audio features to mouth channels, for any speaker.

Mouths are in the person's own measure: each channel minus its mean over speech, divided by its
standard deviation, so that what is learnt from one mouth holds for another.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load

from dubsync.core.arrays import Array, seal
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import STATES, AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.sound.av_offset import readings

Values = NDArray[np.float64]

SHIPPED = Path(__file__).parents[1] / "weights" / "sound_head.safetensors"
#: SHA-256 of the shipped file; benchmarks/sound_head.py makes it and prints this.
DIGEST = "da457fb90717e353d4fd20c612c5d77a252e335659b02c3e650fe1f15d8306ab"

STEPS = 50  #: predictions per second
WIDTH = 64
DILATIONS = (1, 2, 4)  #: of its blocks, in steps: the receptive field is 140 ms either way
#: Weights by name, in the order in which they are concatenated.  Convolutions are (taps, inputs,
#: outputs), all else (inputs, outputs).
SHAPES: dict[str, tuple[int, ...]] = {
    "first": (STATES, WIDTH),
    "first bias": (WIDTH,),
    **{
        f"{part}{n}{bias}": shape
        for n in range(len(DILATIONS))
        for part, bias, shape in (
            ("wide", "", (3, WIDTH, WIDTH)),
            ("wide", " bias", (WIDTH,)),
            ("narrow", "", (WIDTH, WIDTH)),
            ("narrow", " bias", (WIDTH,)),
        )
    },
    "last": (WIDTH, len(CHANNELS)),
    "last bias": (len(CHANNELS),),
}
COUNT = sum(int(np.prod(shape)) for shape in SHAPES.values())


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """An ensemble of networks that differ in their initial weights; its prediction is their mean.

    level, spread  (64,)   mean and scale of the inputs over the training speech
    weights        (S, W)  of each network, concatenated in the order of SHAPES
    """

    level: Array
    spread: Array
    weights: Array

    def __post_init__(self) -> None:
        seal(self, "level", STATES)
        seal(self, "spread", STATES)
        seal(self, "weights", None, COUNT)

    def normalised(self, inputs: Values) -> Values:
        """(N, 64) `head_inputs`, normalised for the networks."""
        return np.asarray((inputs - self.level) / self.spread, np.float64)

    def hidden_layers(self, inputs: Values) -> Values:
        """(N, S * WIDTH) the networks' last hidden layers, from `head_inputs` of steps in a row."""
        normalised = np.asarray(self.normalised(inputs), np.float32)
        hidden = [_hidden_layer(normalised, named(weights)) for weights in self.weights]
        return np.asarray(np.concatenate(hidden, axis=1), np.float64)

    def predict(self, hidden: Values) -> Values:
        """(N, 7) channels in the person's own measure, from `hidden_layers`."""
        parts = np.split(hidden, len(self.weights), axis=1)
        predicted = [
            part @ weights["last"] + weights["last bias"]
            for part, weights in zip(parts, map(named, self.weights), strict=True)
        ]
        return np.asarray(np.mean(predicted, axis=0), np.float64)

    def predict_at(self, features: AudioFeatures, times: Seconds) -> tuple[Values, Values]:
        """(T, S * WIDTH) hidden layers and (T, 7) predictions at `times`, rising seconds."""
        steps = steps_over(float(np.min(times)), float(np.max(times)))
        hidden = self.hidden_layers(head_inputs(features, steps))
        at = (np.asarray(times) - steps[0]) * STEPS
        low = np.clip(np.floor(at).astype(np.intp), 0, len(steps) - 2)
        share = (at - low)[:, None]
        hidden = hidden[low] * (1 - share) + hidden[low + 1] * share
        return hidden, self.predict(hidden)


@cache
def shipped_head() -> Head:
    """The head that ships, trained on several people.

    Raises:
        ModelError: the file is missing, or not the one that ships.
    """
    held = load(shipped(SHIPPED, DIGEST, "sound head"))
    return Head(*(held[name].astype(np.float32) for name in ("level", "spread", "weights")))


def named(weights: Array) -> dict[str, Array]:
    """One network's weights (W,) by name."""
    result, at = {}, 0
    for name, shape in SHAPES.items():
        size = int(np.prod(shape))
        result[name] = weights[at : at + size].reshape(shape)
        at += size
    return result


def head_inputs(features: AudioFeatures, times: Seconds) -> Values:
    """(N, 64) the head's inputs at `times`, seconds on the sound's clock: the sound's states."""
    return readings(features.states, features, times)


def steps_over(first: float, last: float) -> Seconds:
    """Times of the head's steps that cover `first` to `last`, seconds, and its receptive field."""
    beyond = sum(DILATIONS) + 1
    count = int(np.ceil((last - first) * STEPS)) + 2 * beyond + 1
    return np.asarray(first + np.arange(-beyond, count - beyond) / STEPS, np.float64)


def _hidden_layer(unit: Array, weights: dict[str, Array]) -> Array:
    hidden = unit @ weights["first"] + weights["first bias"]
    for n, dilation in enumerate(DILATIONS):
        before, at, after = weights[f"wide{n}"]
        inner = hidden @ at + weights[f"wide{n} bias"]
        if len(hidden) > dilation:  # zero padding before the first step and after the last
            inner[dilation:] += hidden[:-dilation] @ before
            inner[:-dilation] += hidden[dilation:] @ after
        hidden = hidden + np.maximum(inner, 0) @ weights[f"narrow{n}"] + weights[f"narrow{n} bias"]
    return np.asarray(np.maximum(hidden, 0), np.float32)
