"""Which key frame each live picture is drawn from, chosen as frames come.

The offline choice sees the whole shot (`head_draw.head_choice.choose`).  Here nothing lies ahead,
so an exemplar is kept until another would have been cheaper over the last frames by more than the
toll of going there: the same tolls as offline, paid by what has been rather than by what will be.
Source: Page 1954, "Continuous Inspection Schemes" (sums of excess that never fall below zero).
"""

from __future__ import annotations

import numpy as np

from dubsync.core.arrays import Array
from dubsync.engine.exemplars.selection import distances
from dubsync.engine.head_draw.choose.head_choice import Offered

#: Share of the excess so far that counts in the next frame: about ten frames are remembered.
REMEMBERED = 0.9
#: Tolls are higher by so much than offline, where a cut is known before it comes and is faded.
DEARER = 1.5


class LiveChoice:
    """Chooses among exemplars, one wanted frame after the other."""

    def __init__(self, offered: Offered) -> None:
        self._features = offered.features
        self._tolls = DEARER * offered.tolls()
        self._excess = np.zeros(len(offered.features))
        self._shown: int | None = None

    def next(self, wanted: Array) -> int:
        """Number of the exemplar for the next frame, of features (D,)."""
        own = distances(np.asarray(wanted)[None], self._features)[0]
        if self._shown is None:
            self._shown = int(own.argmin())
            return self._shown
        self._excess = np.maximum(REMEMBERED * self._excess + own[self._shown] - own, 0)
        gain = self._excess - self._tolls[self._shown]
        gain[self._shown] = 0
        best = int(gain.argmax())
        if gain[best] > 0:
            self._excess = np.maximum(self._excess - self._excess[best], 0)
            self._shown = best
        return self._shown
