"""How sound moves one actor's mouth: what is learnt, kept with the actor, and told from."""

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

CONTEXT = range(-12, 13, 4)  #: readings round an instant that its mouth is told from
CODE_COUNTS = 1.5  #: beside the bands
#: Who tells a mouth: the actor's own speech, by its sound and by what the head sees in it; and
#: the head, of anybody.
TELLERS = ("sound", "seen", "anybody")


@dataclass(frozen=True, slots=True, eq=False)
class SoundMouth:
    """How sound moves one actor's mouth.

    sound       from `features` to mouth coefficients
    seen        from what `Head.sees` to the channels, in the actor's own measure
    talking     (M,)    usual coefficients while speaking
    mix         (3, 7)  part of each of TELLERS in each channel, adding up to 1
    gain        (7,)    what brings each channel back to its true deviation
    middle      (7,)    each channel's mean over speech, difference from rest
    deviation   (7,)    and its deviation: the actor's own measure
    trust       (1,)    0 anybody's mouth .. 1 the actor's
    head_mark   (4,)    which head `seen` belongs to
    usual, covariance, low, high, slopes   the actor's MotionRange
    """

    sound: Regression
    seen: Regression
    talking: Array
    mix: Array
    gain: Array
    middle: Array
    deviation: Array
    trust: Array
    head_mark: Array
    usual: Array
    covariance: Array
    low: Array
    high: Array
    slopes: Array

    def __post_init__(self) -> None:
        m, c = len(self.talking), len(CHANNELS)
        shapes: dict[str, tuple[int | None, ...]] = {
            "talking": (m,), "mix": (len(TELLERS), c), "gain": (c,), "middle": (c,),
            "deviation": (c,), "trust": (1,), "head_mark": (4,), "usual": (m,),
            "covariance": (m, m), "low": (c,), "high": (c,), "slopes": (m, c),
        }  # fmt: skip
        for name, wanted in shapes.items():
            seal(self, name, *wanted)
        if len(self.sound.mean) != m or len(self.seen.mean) != c:
            raise ShapeError(f"told are {len(self.sound.mean)} and {len(self.seen.mean)} numbers")

    @property
    def reach(self) -> MotionRange:
        """How far the actor goes."""
        return MotionRange(self.usual, self.covariance, self.low, self.high, self.slopes)

    def arrays(self) -> dict[str, Array]:
        """The fields by name, for safetensors."""
        plain = {name: getattr(self, name) for name in _plain(type(self))}
        return plain | self.sound.arrays("sound") | self.seen.arrays("seen")

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]]) -> SoundMouth:
        """What `arrays` came from.  Raises ModelError when one is missing or misshapen."""
        try:
            sound, seen = (Regression.from_arrays(arrays, name) for name in ("sound", "seen"))
            return cls(sound, seen, *(np.asarray(arrays[name]) for name in _plain(cls)))
        except (KeyError, ShapeError) as error:
            raise ModelError(f"not a sound-to-mouth model: {error}") from error

    def own(self, near: Values, seen: Values, anybody: Values) -> Values:
        """(T, 7) channels in the actor's own measure, as the three tellers mixed have them.

        Args:
            near: (T, M) what `sound` tells.
            seen: (T, H) what the head sees.
            anybody: (T, 7) what the head tells.
        """
        by_sound = (self.reach.channels(near) - self.middle) / self.deviation
        tellers = (by_sound, self.seen.tells(seen), anybody)
        return np.asarray(np.einsum("kc,ktc->tc", self.mix, np.stack(tellers)), np.float64)


def _plain(of: type[SoundMouth]) -> list[str]:
    return [field.name for field in fields(of)][2:]


def features(hearing: AudioFeatures, times: Seconds) -> Values:
    """(T, F) bands, loudness, speech and the phone network's code in 240 ms round `times`."""
    heard = np.concatenate(
        [
            np.clip(np.asarray(hearing.mel, np.float64), -3, 3),
            3 * np.asarray(hearing.loudness, np.float64)[:, None],
            2 * np.asarray(hearing.speech, np.float64)[:, None],
            CODE_COUNTS * np.asarray(hearing.code, np.float64),
        ],
        axis=1,
    )
    return np.concatenate(
        [readings(heard, hearing, times + back / READING_RATE) for back in CONTEXT], axis=1
    )


def head_mark(head: sound_head.Head) -> Array:
    """(4,) numbers that differ between heads."""
    weights = np.asarray(head.weights, np.float64)
    result = [weights.sum(), np.abs(weights).sum(), np.sum(head.level), np.sum(head.spread)]
    return np.asarray(result, np.float32)
