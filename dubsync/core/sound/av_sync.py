"""A/V offset of a plate's sound, and which of its faces is speaking."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True, eq=False)
class Offset:
    """How late (+) or early (-) a sound is against its picture.

    seconds     0: in sync; the natural lead of lips over their sound is already subtracted
    confidence  probability, 0..1, that `seconds` is right to within a frame
    sure        whether the offset is reliable enough to be used
    lags        (K,) seconds that were tried
    scores      (K,) how well the mouth fits the sound at each lag, -1..1
    note        why it is not sure; "" where it is
    """

    seconds: float
    confidence: float
    sure: bool
    lags: Array
    scores: Array
    note: str = ""

    def __post_init__(self) -> None:
        seal(self, "lags", None)
        seal(self, "scores", len(self.lags))

    @property
    def milliseconds(self) -> int:
        return round(1000 * self.seconds)


@dataclass(frozen=True, slots=True, eq=False)
class Speaking:
    """The active speaker of a plate, over `frames` (T of them).

    faces       (F, T) probability that this face is speaking, 0..1; 0 where it is not in picture
    off_screen  (T,)   probability of speech by none of the faces
    offset      of the sound against the picture, at which both were computed
    """

    frames: FrameRange
    faces: Array
    off_screen: Array
    offset: Offset

    def __post_init__(self) -> None:
        t = len(self.frames)
        seal(self, "faces", None, t)
        seal(self, "off_screen", t)
        for name in ("faces", "off_screen"):
            values = getattr(self, name)
            if values.size and not (values.min() >= 0 and values.max() <= 1):
                raise ShapeError(f"Speaking.{name} is not a probability")
