"""Which picture each eye of a shot is drawn from: an exemplar, or the plate's own eye, warped.

The cheapest path through both, where leaving a run of the footage costs; after Viterbi 1967.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.selection import Costs, distances

#: What a path says where the plate's own eye is drawn.
OWN = -1
#: Cost of going on: in the same run of footage nothing, in the same frame a little, elsewhere a
#: constant and a share of how far the two differ.
SAME, SWITCH, SWITCH_SHARE = 0.004, 0.02, 0.5
#: Cost of the plate's own eye per difference from the wanted one: its light is right already.
OWN_SHARE = 0.8


def eye_path(
    wanted: Array, own: Array, active: NDArray[np.bool_], offered: Array, runs: NDArray[np.bool_],
    *, may_own: bool = True, squeezed: Array | None = None,
) -> NDArray[np.intp]:  # fmt: skip
    """(T,) exemplar of each frame, or OWN.

    Args:
        wanted, own: (T, D) features of the eye to draw and of the plate's.
        active: (T,) where the eye is drawn at all; elsewhere the plate stays.
        offered: (N, D) features of the exemplars.
        runs: (N,) whether an exemplar is the frame after the one before it.
        may_own: whether the plate's own eye may be drawn where the eye is drawn at all.
        squeezed: (T,) what the plate's own eye costs more, because it would be bent shut or open.
    """
    frames, count = len(wanted), len(offered)
    costs = np.empty((frames, count + 1))
    costs[:, :count] = distances(wanted, offered)
    costs[:, count] = OWN_SHARE * np.linalg.norm(wanted - own, axis=1)
    if squeezed is not None:
        costs[:, count] += squeezed
    if not may_own:
        costs[active, count] = np.inf
    costs[~active, :count], costs[~active, count] = np.inf, 0.0
    toll = SWITCH + SWITCH_SHARE * distances(offered, offered)
    np.fill_diagonal(toll, SAME)
    after = np.flatnonzero(runs)
    toll[after - 1, after] = 0.0
    to_own = SWITCH + SWITCH_SHARE * distances(own, offered)
    return _cheapest(costs, toll, to_own)


def runs_of(plates: tuple[str, ...], frames: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(N,) whether each exemplar is the plate frame after the exemplar before it."""
    same = [False, *(a == b for a, b in zip(plates, plates[1:], strict=False))]
    return np.asarray(np.asarray(same) & (np.diff(frames, prepend=frames[:1]) == 1), bool)


def _cheapest(costs: Costs, toll: Costs, to_own: Costs) -> NDArray[np.intp]:
    """(T,) the path; `to_own` (T, N) what changing between frame t's own eye and n costs."""
    frames, count = len(costs), len(toll)
    total = costs[0].copy()
    back = np.empty((frames, count + 1), np.intp)
    for t in range(1, frames):
        coming = total[:count, None] + toll
        best = coming.argmin(axis=0)
        reached = coming[best, np.arange(count)]
        from_own = total[count] + to_own[t - 1]
        back[t, :count] = np.where(from_own < reached, count, best)
        leaving = np.append(total[:count] + to_own[t], total[count])
        back[t, count] = leaving.argmin()
        total = costs[t] + np.append(np.minimum(reached, from_own), leaving.min())
    path = np.empty(frames, np.intp)
    path[-1] = total.argmin()
    for t in range(frames - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return np.where(path == count, OWN, path)
