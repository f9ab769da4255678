"""The sound-to-mouth model of one actor, which is learnt and saved with the actor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.steps import Seconds
from dubsync.engine.motion.fit import CHANNELS
from dubsync.engine.motion.motion_range import MotionRange
from dubsync.engine.sound import sound_head
from dubsync.engine.sound.av_offset import readings
from dubsync.engine.sound.regression import Regression

Values = NDArray[np.float64]

CONTEXT = range(-4, 5, 4)  #: readings round an instant that its mouth is predicted from
#: Predictors of a mouth: regressions on the actor's own speech, from the sound's states and from
#: the head's hidden layers; and the head itself, which is generic.
PREDICTORS = ("sound", "hidden layers", "head")


@dataclass(frozen=True, slots=True, eq=False)
class SoundMouth:
    """How sound moves one actor's mouth.

    sound       regression from `sound_inputs` to mouth coefficients
    hidden      regression from the head's hidden layers to channels, in the actor's own measure
                (saved as "seen")
    talking     (M,)    mean coefficients while speaking
    mix         (3, 7)  weight of each of PREDICTORS in each channel, adding up to 1
    gain        (7,)    compensates the shrinkage of each channel
    middle      (7,)    each channel's mean over speech, difference from rest
    deviation   (7,)    its standard deviation; both define the actor's own measure
    trust       (1,)    0 the generic mouth .. 1 the actor's
    closings    (1,)    how often the actor closes the lips, per second of speech
    head_mark   (4,)    fingerprint of the head that `hidden` belongs to
    parted      (1,)    how much further than usual the lips are apart in pauses, model units
    silent      (M,)    the mouth in silences; 0 is the rest face
    usual, covariance, low, high, slopes   the actor's MotionRange
    """

    sound: Regression
    hidden: Regression
    talking: Array
    mix: Array
    gain: Array
    middle: Array
    deviation: Array
    trust: Array
    closings: Array
    head_mark: Array
    parted: Array
    silent: Array
    usual: Array
    covariance: Array
    low: Array
    high: Array
    slopes: Array

    def __post_init__(self) -> None:
        m, c = len(self.talking), len(CHANNELS)
        shapes: dict[str, tuple[int | None, ...]] = {
            "talking": (m,), "mix": (len(PREDICTORS), c), "gain": (c,), "middle": (c,),
            "deviation": (c,), "trust": (1,), "closings": (1,), "head_mark": (4,), "parted": (1,),
            "silent": (m,), "usual": (m,), "covariance": (m, m), "low": (c,), "high": (c,),
            "slopes": (m, c),
        }  # fmt: skip
        for name, wanted in shapes.items():
            seal(self, name, *wanted)
        if len(self.sound.mean) != m or len(self.hidden.mean) != c:
            raise ShapeError(f"predicts {len(self.sound.mean)} and {len(self.hidden.mean)} numbers")

    @property
    def motion_range(self) -> MotionRange:
        """The actor's motion range."""
        return MotionRange(self.usual, self.covariance, self.low, self.high, self.slopes)

    def arrays(self) -> dict[str, Array]:
        """The fields by name, for safetensors."""
        plain = {name: getattr(self, name) for name in _plain(type(self))}
        return plain | self.sound.arrays("sound") | self.hidden.arrays("seen")

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> SoundMouth:
        """The inverse of `arrays`.  Raises ModelError when an array is missing or misshapen."""
        try:
            sound, hidden = (Regression.from_arrays(arrays, name) for name in ("sound", "seen"))
            return cls(sound, hidden, *(np.asarray(arrays[name]) for name in _plain(cls)))
        except (KeyError, ShapeError) as error:
            raise ModelError(f"not a sound-to-mouth model: {error}") from error

    def mix_predictions(self, near: Values, hidden: Values, generic: Values) -> Values:
        """(T, 7) channels in the actor's own measure: the three predictors mixed.

        Args:
            near: (T, M) prediction of `sound`.
            hidden: (T, H) the head's hidden layers.
            generic: (T, 7) the head's prediction.
        """
        by_sound = (self.motion_range.channels(near) - self.middle) / self.deviation
        predictors = (by_sound, self.hidden.predict(hidden), generic)
        return np.asarray(np.einsum("kc,ktc->tc", self.mix, np.stack(predictors)), np.float64)


def _plain(of: type[SoundMouth]) -> list[str]:
    return [field.name for field in fields(of)][2:]


def sound_inputs(features: AudioFeatures, times: Seconds) -> Values:
    """(T, F) the sound's states in the 80 ms round `times`."""
    moments = [times + back / READING_RATE for back in CONTEXT]
    return np.concatenate([readings(features.states, features, at) for at in moments], axis=1)


def head_mark(head: sound_head.Head) -> Array:
    """(4,) a fingerprint that differs between heads."""
    weights = np.asarray(head.weights, np.float64)
    result = [weights.sum(), np.abs(weights).sum(), np.sum(head.level), np.sum(head.spread)]
    return np.asarray(result, np.float32)
