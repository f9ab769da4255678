"""How a plate's sound lies against its picture, and which of its faces it comes from."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True, eq=False)
class Offset:
    """How late (+) or early (-) a sound is against its picture.

    seconds     0 in sync: that lips lead their sound by nature is taken out
    confidence  probability, 0..1, that `seconds` is right to within a frame
    sure        whether to act on it
    lags        (K,) seconds that were tried
    scores      (K,) how well the mouth fits the sound at each, -1..1
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
    """Which faces of a plate its sound comes from, over `frames` (T of them).

    faces       (F, T) probability that this face is heard speaking, 0..1; 0 where not in picture
    off_screen  (T,)   probability that somebody is heard and none of the faces is speaking
    offset      of the sound against the picture, which both were judged at
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
