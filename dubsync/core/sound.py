"""Sound with its clock, and what listening to it found."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.arrays import Array, seal


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """One channel of sound.

    samples      (N,) float32, full scale 1
    sample_rate  Hz
    start        time of sample 0 in seconds on whatever clock the maker says, exact
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
class Hearing:
    """What was heard, 100 times a second from `start` (seconds, the Sound's own clock).

    mel       (N, 40)  log mel energies, normalised per band over the sound's speech
    loudness  (N,)     0 silence .. 1 loud speech, relative to this sound's own level
    speech    (N,)     probability that somebody speaks, 0..1
    closure   (N,)     evidence of closed lips (m, b, p), 0..1
    """

    start: Fraction
    mel: Array
    loudness: Array
    speech: Array
    closure: Array

    def __post_init__(self) -> None:
        n = len(self.loudness)
        seal(self, "mel", n, None)
        seal(self, "loudness", n)
        seal(self, "speech", n)
        seal(self, "closure", n)
