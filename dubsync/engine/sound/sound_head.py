"""A small network from what is heard to what a mouth does, whoever speaks.

Mouths are told in the actor's own measure: each channel less its mean over speech, divided by its
deviation, so that what one mouth teaches holds for another.
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
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.sound.av_offset import readings

Values = NDArray[np.float64]

SHIPPED = Path(__file__).parents[1] / "weights" / "sound_head.safetensors"
#: SHA-256 of the shipped file; benchmarks/sound_head.py makes it and prints this.
DIGEST = "8baa4cb12afc4059c2e32e5e9512f4739bcad0ffa4382c72746e290f143bd555"

LEAST_PHONE = 0.003  #: below this probability phones are all alike
STEPS = 50  #: answers per second
BANDS = 40
HEARD = BANDS + 3 + len(PHONES)  #: what a step is told: see `heard_at`
WIDTH = 64
DILATIONS = (1, 2, 4)  #: of its blocks, in steps: an answer depends on 140 ms either way
#: Weights by name, in the order in which they lie one behind the other.  Convolutions are (taps,
#: inputs, outputs), all else (inputs, outputs).
SHAPES: dict[str, tuple[int, ...]] = {
    "first": (HEARD, WIDTH),
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
    """Networks alike but for where they began; what they tell is their mean.

    level, spread  (86,)    of what is heard, over the speech they learnt from
    weights        (S, W)   of each network, laid one behind the other as SHAPES has them
    """

    level: Array
    spread: Array
    weights: Array

    def __post_init__(self) -> None:
        seal(self, "level", HEARD)
        seal(self, "spread", HEARD)
        seal(self, "weights", None, COUNT)

    def unit(self, heard: Values) -> Values:
        """(N, 86) `heard_at` on the scale that the networks are told it."""
        return np.asarray((heard - self.level) / self.spread, np.float64)

    def sees(self, heard: Values) -> Values:
        """(N, S * WIDTH) the networks' last layers, from `heard_at` of a run of steps."""
        unit = np.asarray(self.unit(heard), np.float32)
        seen = [_seen(unit, named(weights)) for weights in self.weights]
        return np.asarray(np.concatenate(seen, axis=1), np.float64)

    def tells(self, seen: Values) -> Values:
        """(N, 7) channels in the actor's own measure, from what `sees` gave."""
        parts = np.split(seen, len(self.weights), axis=1)
        told = [
            part @ weights["last"] + weights["last bias"]
            for part, weights in zip(parts, map(named, self.weights), strict=True)
        ]
        return np.asarray(np.mean(told, axis=0), np.float64)

    def listens(self, hearing: AudioFeatures, times: Seconds) -> tuple[Values, Values]:
        """(T, S * WIDTH) what it sees and (T, 7) what it tells at `times`, rising seconds."""
        steps = steps_over(float(np.min(times)), float(np.max(times)))
        seen = self.sees(heard_at(hearing, steps))
        at = (np.asarray(times) - steps[0]) * STEPS
        low = np.clip(np.floor(at).astype(np.intp), 0, len(steps) - 2)
        share = (at - low)[:, None]
        seen = seen[low] * (1 - share) + seen[low + 1] * share
        return seen, self.tells(seen)


@cache
def anybody() -> Head:
    """The head that comes with the package, learnt from several people.

    Raises:
        ModelError: the file is missing, or not the one we know.
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


def heard_at(hearing: AudioFeatures, times: Seconds) -> Values:
    """(N, 86) what the head is told of the moments `times`, seconds on the hearing's clock.

    Mel bands, loudness, speech, evidence of closed lips and phones, over some 20 ms.
    """
    heard = np.concatenate(
        [
            np.clip(np.asarray(hearing.mel, np.float64), -3, 3),
            3 * np.asarray(hearing.loudness, np.float64)[:, None],
            2 * np.asarray(hearing.speech, np.float64)[:, None],
            2 * np.asarray(hearing.closure, np.float64)[:, None],
            np.log(np.asarray(hearing.phones, np.float64) + LEAST_PHONE) / 3,
        ],
        axis=1,
    )
    edge = np.concatenate([heard[:1], heard, heard[-1:]])
    return readings((edge[:-2] + 2 * edge[1:-1] + edge[2:]) / 4, hearing, times)


def steps_over(first: float, last: float) -> Seconds:
    """Moments of the head's steps that cover `first` to `last`, seconds, and what it depends on."""
    beyond = sum(DILATIONS) + 1
    count = int(np.ceil((last - first) * STEPS)) + 2 * beyond + 1
    return np.asarray(first + np.arange(-beyond, count - beyond) / STEPS, np.float64)


def _seen(unit: Array, weights: dict[str, Array]) -> Array:
    held = unit @ weights["first"] + weights["first bias"]
    for n, dilation in enumerate(DILATIONS):
        before, at, after = weights[f"wide{n}"]
        inner = held @ at + weights[f"wide{n} bias"]
        if len(held) > dilation:  # nothing before the first step and after the last
            inner[dilation:] += held[:-dilation] @ before
            inner[:-dilation] += held[dilation:] @ after
        held = held + np.maximum(inner, 0) @ weights[f"narrow{n}"] + weights[f"narrow{n} bias"]
    return np.asarray(np.maximum(held, 0), np.float32)
