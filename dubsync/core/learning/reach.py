"""What of a wanted motion lies beyond what an actor's footage shows, told before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dubsync.core.arrays import Array, seal
from dubsync.core.face import MotionTrack
from dubsync.core.learning.actor import Actor
from dubsync.core.learning.head import Head
from dubsync.core.tweak.choices import Region
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
    torn    whether it must not be drawn: it would be torn
    """

    what: str
    first: int
    last: int
    worst: int
    by: float
    unit: str
    why: str
    helps: str
    torn: bool = False


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


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Between which values of one control an actor's footage shows the face, in T frames.

    name       the control
    low, high  (T,) in the control's own unit; an expression that the footage never shows: 0 and 0
    room       (T,) how much farther still looks clean
    """

    name: str
    low: Array
    high: Array
    room: Array

    def __post_init__(self) -> None:
        seal(self, "low", None)
        seal(self, "high", len(self.low))
        seal(self, "room", len(self.low))


class FindHeld(Protocol):
    """Find what of each control an actor's footage shows."""

    def __call__(
        self, actor: Actor, head: Head | None, original: MotionTrack | None = None,
        regions: Sequence[Region] = (),
    ) -> Sequence[Held]:  # fmt: skip
        """The controls whose range the footage says, in the order of CONTROLS.

        Args:
            head: the actor's whole head, if it is learnt.
            original: the plate's own motion, to which controls add; None: of one frame whose head
                faces the camera and whose eyes look straight ahead.
            regions: of each frame of `original`; where one is not "head", the plate is bent, and
                a head is held to so little.
        """
