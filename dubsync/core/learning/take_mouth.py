"""The mouths of filmed takes: what is between lips that open further than the actor's ever did."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame


@dataclass(frozen=True, slots=True, eq=False)
class FilmedMouth:
    """One take: its track, and how its frames are read.

    name   of the take, as in `Performance.stretches`
    read   yields the take's frames of the given rising numbers in square pixels, each once
    """

    name: str
    track: FaceTrack
    read: Callable[[Sequence[int]], Iterator[Frame]]


@dataclass(frozen=True, slots=True, eq=False)
class TakeMouths:
    """Which frame of which take moves the mouth in each of T frames of a face.

    takes  those that do
    take   (T,) number in `takes`; -1: none
    frame  (T,) frame number in that take, its own
    share  (T,) 0..1 how much of the take's inside is wanted
    """

    takes: tuple[FilmedMouth, ...]
    take: NDArray[np.int64]
    frame: NDArray[np.int64]
    share: Array

    def __post_init__(self) -> None:
        seal(self, "share", len(self.take))
        if len(self.frame) != len(self.take):
            raise ShapeError(f"{len(self.frame)} frames for {len(self.take)} takes")

    def part(self, start: int, stop: int) -> TakeMouths:
        """The frames `start` up to `stop`, counted from the first."""
        rows = slice(start, stop)
        return replace(self, take=self.take[rows], frame=self.frame[rows], share=self.share[rows])
