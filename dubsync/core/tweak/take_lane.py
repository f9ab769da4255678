"""What a take offers a shot: how far it can be trusted in each frame, and why not farther."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Faults of a take.  The first are of its face: without a usable face nobody can use it.
FAULTS = (
    "its face is lost",
    "its face is turned away",
    "its face is too small",
    "its lips cannot be tracked",
    "its words are not the dub's",
)
OF_FACE = 4
HIDDEN = "its mouth does not move with the words"
#: A take is used for a word if its trust is at least this over its worse half.
WEAK = 0.5
NOT_THERE = "it does not show this word"


@dataclass(frozen=True, slots=True, eq=False)
class TakeLane:
    """One take against T frames of a shot.

    name    of the take
    there   (T,)    whether it says what is heard in that frame
    trust   (T, 5)  trust with respect to each of FAULTS, 0..1
    still   (T,)    whether its mouth stands still although the dub is loud
    """

    name: str
    there: NDArray[np.bool_]
    trust: NDArray[np.float64]
    still: NDArray[np.bool_]

    def fit(self, frames: NDArray[np.bool_]) -> tuple[float, str]:
        """How well it drives the word in `frames`, 0..1, NaN where it is elsewhere; worst fault."""
        return self._fit(frames, len(FAULTS))

    def face_fit(self, frames: NDArray[np.bool_]) -> tuple[float, str]:
        """The same by its face alone, as where a person wants this take.

        Only the frames count in which the take is there.
        """
        return self._fit(frames & self.there, OF_FACE)

    def _fit(self, frames: NDArray[np.bool_], columns: int) -> tuple[float, str]:
        if not (self.there & frames).any():
            return float("nan"), NOT_THERE
        trust = self.trust[frames, :columns]
        worst, least = trust.argmin(axis=1), trust.min(axis=1)
        half = np.sort(least)[: -(-len(least) // 2)]
        low = least <= np.median(half)
        fault = FAULTS[int(np.bincount(worst[low], minlength=columns).argmax())]
        shown = trust[:, 0].mean() > 0.5  # a face that is lost does not move either
        if columns == len(FAULTS) and shown and self.still[frames].mean() > 0.5:
            return 0.0, HIDDEN
        return float(half.mean()), fault
