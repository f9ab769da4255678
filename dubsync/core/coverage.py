"""Coverage: the mouth shapes a dub needs, compared with those in an actor's footage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal

Cells = NDArray[np.intp]

#: Edges of the map's columns: head turned to picture left (-) or right (+), degrees.
TURNS = (-52.5, -37.5, -22.5, -7.5, 7.5, 22.5, 37.5, 52.5)
#: Edges of the map's rows: lips apart, in eye distances.
OPENINGS = (0.02, 0.06, 0.12, 0.20)


@dataclass(frozen=True, slots=True, eq=False)
class Coverage:
    """N frames of an actor's footage, and T target frames.

    A frame is (turn of the head, degrees, + to picture right; lip opening, eye distances).

    seen    (N, 2)  the frames that the actor can be rendered from
    wanted  (T, 2)  the target frames, one motion after the other
    away    (T,)    distance of each target face to the nearest of `seen`, in the engine's units
    far     distance from which a face lacks coverage
    """

    seen: Array
    wanted: Array
    away: Array
    far: float

    def __post_init__(self) -> None:
        seal(self, "seen", None, 2)
        seal(self, "wanted", len(self.away), 2)
        seal(self, "away", None)

    @property
    def lacking(self) -> NDArray[np.bool_]:
        """(T,) whether no frame of `seen` is near."""
        return np.asarray(self.away >= self.far)


def cells(frames: Array) -> Cells:
    """(5, 9) number of `frames` (T, 2) in each cell: rows by opening, columns by turn."""
    counts = np.zeros((len(OPENINGS) + 1, len(TURNS) + 1), np.intp)
    np.add.at(counts, cell_of(frames), 1)
    return counts


def cell_of(frames: Array) -> tuple[Cells, Cells]:
    """Row and column of each of frames (T, 2) in `cells`."""
    columns = np.searchsorted(TURNS, frames[:, 0])
    return np.searchsorted(OPENINGS, frames[:, 1]), columns
