"""Which of a driver's frames show their skin at rest, and those frames' pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.face_region.wrinkles import Skin
from dubsync.engine.geometry.mesh import FACE_CONTROLS
from dubsync.engine.geometry.pose import to_vectors
from dubsync.engine.still.driver_motion import DriverMove

#: Pictures that are kept, and by how much of the face's height they go beyond it.
MOST_KEPT, BEYOND = 8, 0.2
#: A calm frame's price: for its expression, model units, and for a turn that is not alike, radians
#: (as `DriverMotion.calm_like` has them).
OF_EXPRESSION, OF_TURN = 2.0, 0.5


@dataclass(frozen=True, slots=True, eq=False)
class CalmSkins:
    """The calm frames of one driver.

    like   (T,) for each frame the calm one whose head is turned most alike: light turns with it
    moves  (T,) of the driver
    """

    like: tuple[int, ...]
    moves: tuple[DriverMove, ...]
    _kept: dict[int, Skin] = field(default_factory=dict)

    @classmethod
    def of(cls, moves: Sequence[DriverMove], seen: NDArray[np.bool_]) -> CalmSkins:
        """At most MOST_KEPT calm frames, chosen so that each turn has one near it."""
        offsets = np.stack([np.asarray(m.offsets[FACE_CONTROLS, :2], np.float64) for m in moves])
        strength = np.sqrt((offsets**2).sum(axis=2).mean(axis=1))
        turns = to_vectors(np.stack([np.asarray(m.turn, np.float64) for m in moves]))
        price = np.where(seen, OF_EXPRESSION * strength, np.inf)
        kept: list[int] = []
        least = np.full(len(moves), np.inf)
        candidates = np.argsort(price)[: max(MOST_KEPT * 8, 1)]
        apart = np.linalg.norm(turns[:, None] - turns[candidates][None], axis=2)
        prices = price[candidates][None] + OF_TURN * apart
        for _ in range(MOST_KEPT):
            gain = np.minimum(prices, least[:, None]).sum(axis=0)
            best = int(np.argmin(gain))
            if int(candidates[best]) in kept:
                break
            kept.append(int(candidates[best]))
            least = np.minimum(least, prices[:, best])
        chosen = np.array([list(candidates).index(n) for n in kept])
        like = np.array(kept)[np.argmin(prices[:, chosen], axis=1)]
        return cls(tuple(int(n) for n in like), tuple(moves))

    def lend(self, number: int, picture: Array) -> None:
        """Keep the part of a calm frame's picture (h, w, 3) that shows the face."""
        points = np.asarray(self.moves[number].landmarks, np.float64)
        (left, top), (right, bottom) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
        room = BEYOND * (bottom - top)
        x, y = max(0, int(left - room)), max(0, int(top - room))
        part = picture[y : int(bottom + room), x : int(right + room)]
        self._kept[number] = Skin(np.ascontiguousarray(part), points - (x, y, 0))

    def of_frame(self, number: int) -> Skin | None:
        """The skin that a frame is compared with; None where its picture was not lent."""
        return self._kept.get(self.like[number])
