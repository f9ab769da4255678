"""Driving a face live: what the parts of the pipeline hand on, and the engine's steps for it.

A frame is captured, the driver is followed in it, a picture is drawn, and it is shown.  Each part
is a process of its own (service/live), so these values hold plain arrays and numbers alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.face import BLENDSHAPES, LANDMARKS

Rgb8 = NDArray[np.uint8]

#: Height of the pictures that are followed and drawn, pixels.
LIVE_HEIGHT = 480


class Hold(IntEnum):
    """Why a picture does not follow the driver; FOLLOWS: it does."""

    FOLLOWS = 0
    STARTING = 1  #: the neutral face is being taken: the first second, and after key N
    GRIMACE = 2  #: the same, and the face is not at rest
    NOBODY = 3  #: no face is seen
    AWAY = 4  #: the driver's head is turned too far
    ANOTHER = 5  #: somebody else than the driver came back; a new neutral must be asked for


@dataclass(frozen=True, slots=True, eq=False)
class DriverSeen:
    """The driver in one captured frame.

    landmarks    (478, 3) pixels of the frame, centres at .5; the last ones known where not seen
    blendshapes  (52,) 0..1
    presence     0..1; 0 where no face is seen
    others       faces of other people in the frame
    same         whether this is the person who was followed before; None: there was nobody before,
                 or it is not known
    """

    landmarks: Array
    blendshapes: Array
    presence: float
    others: int = 0
    same: bool | None = None

    def __post_init__(self) -> None:
        seal(self, "landmarks", LANDMARKS, 3)
        seal(self, "blendshapes", BLENDSHAPES)


@dataclass(frozen=True, slots=True, eq=False)
class LivePicture:
    """A drawn picture: rgb (h, w, 3) uint8, display R'G'B'; why it does not follow the driver."""

    rgb: Rgb8
    hold: Hold

    def __post_init__(self) -> None:
        if self.rgb.ndim != 3 or self.rgb.shape[2] != 3 or self.rgb.dtype != np.uint8:
            raise ShapeError(f"a live picture is {self.rgb.shape} {self.rgb.dtype}")


class FollowDriver(Protocol):
    """Follows one person through captured frames; keeps state."""

    def __call__(self, rgb: Rgb8) -> DriverSeen:
        """The driver in the next frame (h, w, 3)."""

    def forget(self) -> None:
        """Follow whoever is seen next, the largest face first."""


class DrawLive(Protocol):
    """Draws the driven face; keeps state."""

    def __call__(self, seen: DriverSeen, rgb: Rgb8, at: float) -> LivePicture:
        """The picture for one captured frame.

        Args:
            rgb: the frame that the driver was seen in.
            at: seconds at which it was captured, on a clock that only rises.
        """

    def take_neutral(self) -> None:
        """Take the driver's neutral face anew, from the next frames."""


@dataclass(frozen=True, slots=True)
class LiveSubject:
    """Who is to be driven.

    kind      "still": one or more photographs of one person; "head": a head learnt from a reel;
              "gaze": the person at the camera, whose gaze alone is corrected
    pictures  photographs (h, w, 3) uint8, the first is the one that is shown
    faces     (478, 3) landmarks of the person in each, pixels
    head      folder of the learnt head; None unless kind is "head"
    whole     show all of the photograph; else its head and shoulders
    """

    kind: str
    pictures: tuple[Rgb8, ...] = ()
    faces: tuple[Array, ...] = ()
    head: Path | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class LiveSteps:
    """The steps of an engine that can drive live, each built in the process that uses it.

    follow  makes a follower of the driver
    draw    makes a drawer of a subject at a height in pixels; raises NoFace where it shows no face
    """

    follow: Callable[[], FollowDriver]
    draw: Callable[[LiveSubject, int], DrawLive]
