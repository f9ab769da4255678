"""Learnt heads: what an engine knows of one actor's whole head, and the step that learns it.

Optional: an engine without `learn_head` draws mouths alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from dubsync.core.arrays import Array, seal
from dubsync.core.face import FaceTrack
from dubsync.core.learning.actor import Actor, Footage
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress
from dubsync.core.timeline.timecode import FrameRange

#: A bank whose poses differ by less than this, in degrees, shows one pose.
ONE_POSE = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class HeadRange:
    """What the actor's footage shows the head do: the lowest and the highest of each.

    turn     (2, 3)  degrees about x (nod), y (turn to a side) and z (tilt); 0 faces the camera
    shift    (2, 2)  right and down from the head's rest, eye distances
    size     (2,)    relative to the head's rest
    opening  (2,)    between the lips, eye distances
    lids     (2,)    opening of the eyes relative to their width
    apart    degrees between the two poses that differ most
    """

    turn: Array
    shift: Array
    size: Array
    opening: Array
    lids: Array
    apart: float

    def __post_init__(self) -> None:
        for name, width in (("turn", 3), ("shift", 2)):
            seal(self, name, 2, width)
        for name in ("size", "opening", "lids"):
            seal(self, name, 2)

    @property
    def one_pose(self) -> bool:
        """Whether the footage shows one pose only: any turn is then a guess."""
        return self.apart < ONE_POSE


class Head(Protocol):
    """What the engine learnt of one actor's head.  Only the engine interprets its contents.

    actor   digest of the actor it belongs to; "" for stills
    keys    frames that new ones are drawn from
    stills  how many photographs it was learnt from, besides footage or alone
    notes   what a person should know before rendering: sentences, worst first
    """

    @property
    def character(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def range(self) -> HeadRange: ...
    @property
    def stills(self) -> int: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def __len__(self) -> int: ...
    def beyond(self, turns: Array) -> Array:
        """(T,) degrees from each turn to the nearest pose that the footage shows.

        Args:
            turns: (T, 3) rotation vectors as in `MotionTrack.head`, radians.
        """


@dataclass(frozen=True, slots=True, eq=False)
class HeadShot:
    """What drawing a whole head in one shot needs besides the face: `Prepare` gets it.

    head   learnt of the actor that is drawn
    read   yields the shot's frames of the given rising numbers in square pixels, each once
    plate  name of the plate, as in the footage
    shot   name of the shot
    frames of the shot, from all of which the background is told
    others  faces of the shot that may come before this one, or touch it
    """

    head: Head
    read: Callable[[Sequence[int]], Iterator[Frame]]
    plate: str
    shot: str
    frames: FrameRange
    progress: Progress
    others: tuple[FaceTrack, ...] = ()


class LearnHead(Protocol):
    """Learn one actor's whole head."""

    def __call__(self, actor: Actor, footage: Sequence[Footage], *, progress: Progress) -> Head:
        """Hair, neck and shoulders of an actor, from the footage the actor was learnt from.

        Raises:
            NoFace: no frame shows the whole head free.  ModelError: another engine's actor.
        """


def range_apart(turns: Array, most: int = 400) -> float:
    """Degrees between the two of rotation vectors (T, 3) that differ most; 0 of one."""
    if len(turns) < 2:
        return 0.0
    # For turns within half a circle of each other vectors' distances are angles to a few percent.
    thinned = np.asarray(turns[:: -(-len(turns) // most)], np.float64)
    apart = np.linalg.norm(thinned[:, None] - thinned[None], axis=-1).max()
    return float(np.degrees(apart))
