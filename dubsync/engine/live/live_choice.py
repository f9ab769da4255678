"""Which key frame each live picture is drawn from, as they come: Viterbi without a look ahead.

The offline choice sees the whole shot (`head_draw.head_choice.choose`).  Here the costs are carried
forward frame by frame, and the cheapest exemplar so far is shown; the same tolls keep it stable.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.selection import distances
from dubsync.engine.head_draw.head_choice import Offered

#: Share of the costs so far that counts in the next frame: a detour long ago is forgotten.
REMEMBERED = 0.9


class LiveChoice:
    """Chooses among exemplars, one wanted frame after the other."""

    def __init__(self, offered: Offered) -> None:
        self._features = offered.features
        self._tolls: NDArray[Any] = offered.tolls()
        self._costs: NDArray[Any] | None = None

    def next(self, wanted: Array) -> int:
        """Number of the exemplar for the next frame, of features (D,)."""
        own = distances(np.asarray(wanted)[None], self._features)[0]
        if self._costs is None:
            self._costs = own
        else:
            arrived = (REMEMBERED * self._costs[:, None] + self._tolls).min(axis=0)
            self._costs = own + arrived
        self._costs -= self._costs.min()
        return int(self._costs.argmin())
