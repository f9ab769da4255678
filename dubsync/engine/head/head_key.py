"""A key frame of a head: one of the actor's own frames, with everything a new one is drawn from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import ShapeError
from dubsync.core.face import LANDMARKS
from dubsync.engine.head.head_path import HeadPath

Picture = NDArray[np.float16]


def standing() -> Array:
    """(2,) the speed of a photograph."""
    return np.zeros(2, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class HeadKey:
    """One frame's head and shoulders.

    Working pixels are of a picture scaled so that the actor's eye distance is about 50 of them:
    picture pixels = working pixels * scale; plate pixels = picture pixels + origin.

    plate      name of the plate, or of the photograph
    frame      its number there
    picture    (H, W, 3) float16 working colour, plate pixels from `origin`
    origin     plate pixels of the picture's top left corner
    scale      picture pixels per working pixel
    landmarks  (478, 3) working pixels, refined; z likewise
    matte      (h, w)   uint8 of the person, working pixels
    grid       (n, 2)   where the outline's points are, working pixels
    path       of this one frame, working pixels
    features   (f,)     what the ridge foretells from
    cut        whether the frame's edge cuts the hair
    speed      (2,)     of the head across the picture, eye distances a frame: its motion blur
    """

    plate: str
    frame: int
    picture: Picture
    origin: tuple[int, int]
    scale: float
    landmarks: Array
    matte: NDArray[np.uint8]
    grid: Array
    path: HeadPath
    features: Array
    cut: bool = False
    speed: Array = field(default_factory=standing)

    def __post_init__(self) -> None:
        seal(self, "landmarks", LANDMARKS, 3)
        seal(self, "grid", None, 2)
        seal(self, "features", None)
        seal(self, "speed", 2)
        if self.picture.ndim != 3 or self.picture.shape[2] != 3 or self.picture.dtype != np.float16:
            raise ShapeError(f"a key's picture is {self.picture.shape} {self.picture.dtype}")
        if self.matte.ndim != 2 or self.matte.dtype != np.uint8 or len(self.path) != 1:
            raise ShapeError(f"a key with a matte of {self.matte.shape} {self.matte.dtype}")
        if not self.scale > 0:
            raise ShapeError(f"a key of scale {self.scale}")
