"""What of a wanted motion lies beyond what an actor's footage shows, told before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dubsync.core.face import MotionTrack
from dubsync.core.learning.actor import Actor
from dubsync.core.learning.head import Head
from dubsync.core.tweak.tweak import Tweak


@dataclass(frozen=True, slots=True)
class Beyond:
    """One control beyond what the footage shows.

    what    the control, "head" where a take turns it, or "expression"
    first, last  plate frames, both included, outside which it is within reach
    worst   the frame in which it is farthest beyond
    by      how far, in `unit`; 0 where that has no measure
    unit    "degrees", "eye widths" or ""
    why     what that means: a sentence
    helps   what would help
    """

    what: str
    first: int
    last: int
    worst: int
    by: float
    unit: str
    why: str
    helps: str


class FindBeyond(Protocol):
    """Find what of a motion lies beyond an actor's footage."""

    def __call__(
        self, actor: Actor, head: Head | None, original: MotionTrack, corrected: MotionTrack,
        tweak: Tweak,
    ) -> Sequence[Beyond]:  # fmt: skip
        """What lies beyond, the farthest first.

        Args:
            head: the actor's whole head, where it is redrawn.
            original, corrected: motion of the plate, and as it is wanted.
            tweak: whose controls want it.
        """
