"""Sound with its clock, and the features extracted from it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.sound.long_rows import LongRows, Rows
from dubsync.core.sound.phones import PHONES

#: Readings per second of AudioFeatures.
READING_RATE = 100
#: Numbers in each reading of AudioFeatures.states.
STATES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """One channel of sound.

    samples      (N,) float32, full scale 1
    sample_rate  Hz
    start        time of sample 0 in seconds, exact, on a clock that the creator defines
    """

    samples: Array
    sample_rate: int
    start: Fraction = Fraction(0)

    def __post_init__(self) -> None:
        seal(self, "samples", None)

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


@dataclass(frozen=True, slots=True, eq=False)
class AudioFeatures:
    """Features of a sound, READING_RATE a second from `start` (seconds, the Sound's own clock).

    mel       (N, 40)  log mel energies, normalised per band over the sound's speech
    loudness  (N,)     0 silence .. 1 loud speech, relative to this sound's own level
    speech    (N,)     probability of speech, 0..1
    closure   (N,)     evidence of closed lips (m, b, p), 0..1
    phones    (N, P)   probability of each of PHONES, in any language; a reading's sum is 1
    states    (N, 64)  how the sound is spoken: states of a speech encoder on their principal axes,
                       of about unit size; the input for predicting a mouth
    marks     (N,)     lips marked by hand: 1 closed, 0.5 near, -1 open, 0 no mark; default: none

    Of a long sound mel, phones and states may be LongRows, which were checked where they are kept:
    read the part of them that matters.

    Raises:
        ShapeError: lengths differ, or a reading of phones does not add up to 1.
    """

    start: Fraction
    mel: Rows
    loudness: Array
    speech: Array
    closure: Array
    phones: Rows
    states: Rows
    marks: Array | None = None

    def __post_init__(self) -> None:
        n = len(self.loudness)
        if self.marks is None:
            object.__setattr__(self, "marks", np.zeros(n, np.float32))
        seal(self, "marks", n)
        seal(self, "loudness", n)
        seal(self, "speech", n)
        seal(self, "closure", n)
        for name, width in (("mel", None), ("phones", len(PHONES)), ("states", STATES)):
            rows = getattr(self, name)
            if not isinstance(rows, LongRows):
                seal(self, name, n, width)
            elif rows.shape != (n, width or rows.shape[1]):
                raise ShapeError(f"AudioFeatures.{name} is {rows.shape}, not {(n, width)}")
        if not isinstance(self.phones, LongRows) and not add_up(self.phones):
            raise ShapeError("AudioFeatures.phones does not add up to 1")

    def places(self, times: NDArray[np.float64]) -> NDArray[np.float64]:
        """Positions of `times` (T,), seconds on its own clock, among the readings; 0: the first."""
        return np.asarray((np.asarray(times) - float(self.start)) * READING_RATE, np.float64)

    @classmethod
    def of_level(
        cls, start: Fraction, mel: Array, loudness: Array, speech: Array, closure: Array
    ) -> AudioFeatures:
        """AudioFeatures with unknown phones: a pause in silence, equal probabilities in speech.

        The states are 0, which is their mean over speech.
        """
        spoken = np.asarray(speech, np.float32)[:, None]
        phones = np.repeat(spoken / np.float32(len(PHONES) - 1), len(PHONES), axis=1)
        phones[:, 0] = 1 - spoken[:, 0]
        states = np.zeros((len(spoken), STATES), np.float32)
        return cls(start, mel, loudness, speech, closure, phones, states)


def add_up(phones: Array) -> bool:
    """Whether each reading of phones (N, P) adds up to 1."""
    return bool(np.allclose(phones.sum(axis=1), 1, atol=1e-3))
