"""Which frame each wanted frame of a head is drawn from, kept stable over time.

The shot's own frames are exemplars too: the frame that is being drawn shows the head as it was, and
a turn of a few degrees is best made from it.  Going on from one frame to the next of the same
footage costs nothing, wherever it was filmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.exemplars.selection import Costs, distances, path_through

Path = NDArray[np.intp]
Values = NDArray[Any]

#: Cost of showing the same frame again, and of leaving one out, eye distances.
SAME_COST, SKIP_COST = 0.004, 0.002
#: Cost of any other switch: constant, and per distance between the two.
SWITCH_COST, SWITCH_SHARE = 0.02, 0.5
#: Cost of an exemplar of another plate, each frame: its light and its background are others.
OTHER_PLATE = 0.08
#: Cost of a head's exemplar that is not the frame itself, each frame, where that one is offered.
#: What the tracker misses moves hair and edge of an exemplar from frame to frame; in the frame
#: itself it does not show.  So turns up to some 10 degrees are made from it.
OTHER_FRAME = 0.045
#: In a path: the shot's own frame.
OWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Offered:
    """N exemplars: their features (N, D), the plate each is from, and its frame number there."""

    features: Array
    plates: tuple[str, ...]
    frames: NDArray[np.int64]

    def __post_init__(self) -> None:
        if not len(self.features) == len(self.plates) == len(self.frames):
            raise ShapeError(f"{len(self.features)} features of {len(self.frames)} exemplars")

    def tolls(self) -> Costs:
        """(N, N) what it costs to go from one exemplar to another in the next frame."""
        tolls = SWITCH_COST + SWITCH_SHARE * distances(self.features, self.features)
        plates = np.unique(np.asarray(self.plates), return_inverse=True)[1]
        same_plate = plates[:, None] == plates[None]
        ahead = self.frames[None] - self.frames[:, None]
        tolls[same_plate & (ahead == 2)] = SKIP_COST
        tolls[same_plate & (ahead == 1)] = 0.0
        np.fill_diagonal(tolls, SAME_COST)
        return np.asarray(tolls)


def choose(
    wanted: Array, offered: Offered, own: Array | None = None, plate: str | None = None,
    *, other_frame: Values | float = 0.0,
) -> Path:  # fmt: skip
    """(T,) the exemplar of each wanted frame; OWN: the shot's own frame.

    Args:
        wanted: (T, D) features of the frames to be drawn.
        own: (T, D) features of the shot's own frames; None: they are not offered.
        plate: the shot's plate, of which an exemplar shows the right light and background; None:
            none is preferred.
        other_frame: (T,) or one, what an exemplar costs more than the shot's own frame, if that is
            offered.
    """
    costs, tolls = distances(wanted, offered.features), offered.tolls()
    if plate is not None:
        costs = costs + OTHER_PLATE * (np.asarray(offered.plates) != plate)
    if own is None:
        return path_through(costs, tolls)
    costs = costs + np.reshape(other_frame, (-1, 1))
    count = len(offered.features)
    here = np.linalg.norm(np.asarray(wanted - own, np.float64), axis=1)
    to_own = SWITCH_COST + SWITCH_SHARE * distances(own, offered.features)
    everything = np.zeros((count + 1, count + 1))
    everything[:count, :count] = tolls

    def on_coming_to(t: int) -> Costs:
        everything[:count, count] = everything[count, :count] = to_own[t]
        return everything

    path = path_through(np.concatenate([costs, here[:, None]], axis=1), on_coming_to)
    return np.where(path == count, OWN, path)


def cuts(path: Path, offered: Offered) -> NDArray[np.bool_]:
    """(T,) whether a frame's exemplar does not go on from the frame before; False for the first."""
    result = np.zeros(len(path), bool)
    for t in range(1, len(path)):
        a, b = int(path[t - 1]), int(path[t])
        if OWN in (a, b):
            result[t] = a != b
        elif a != b:
            ahead = int(offered.frames[b] - offered.frames[a])
            result[t] = offered.plates[a] != offered.plates[b] or ahead not in (1, 2)
    return result


def neighbours_at_cuts(
    path: Sequence[int] | Path, cut: NDArray[Any], reach: int, most: int
) -> list[dict[int, float]]:
    """For each frame the exemplars of the frames round it beyond a cut, with weights 0..1.

    A weight falls with the distance to the frame that shows the exemplar, so that the low band of
    the two pictures meets half-way at the cut.

    Args:
        path: (T,) exemplars.
        cut: (T,) see `cuts`.
        reach: frames on either side.
        most: exemplars for a frame, the heaviest.
    """
    runs = np.cumsum(cut)
    result: list[dict[int, float]] = []
    for t in range(len(path)):
        near: dict[int, float] = {}
        seen = {int(runs[t])}
        for away in range(1, reach + 1):
            for s in (t - away, t + away):
                if 0 <= s < len(path) and int(runs[s]) not in seen:
                    seen.add(int(runs[s]))
                    near[int(path[s])] = max(near.get(int(path[s]), 0.0), 1 - away / (reach + 1))
        near.pop(int(path[t]), None)
        result.append(dict(sorted(near.items(), key=lambda item: -item[1])[:most]))
    return result
