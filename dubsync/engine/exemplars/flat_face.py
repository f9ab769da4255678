"""The lower face laid flat: one fixed picture plane on which every frame's skin and lips coincide.

A point of the plane is the same spot of the face in every frame, so textures can be averaged,
compared and learnt from.  The plane is the actor's mean face seen from the front; a thin-plate
spline through the landmarks leads from it to a frame and back.
Source: Cootes, Edwards, Taylor 2001, "Active Appearance Models" (shape-free texture).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.exemplars.matte import BORDER, flat_eye_distance
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import FACE_OVAL, OUTER_LIPS
from dubsync.engine.geometry.thin_plate import CONTROLS

#: Room round the mean face's controls, eye distances: above, beside and below.
ROOM = 0.1
#: What is left out along the edge of a region, eye distances, for a landmark's own error.
EDGE = 0.05
#: A matte's border is straight in the picture, bent on the plane, and moves with the jaw: so far
#: round it nothing of the plate is read.
CLEAR = 0.2
#: A picture this much finer than the plane is made smaller before it is laid flat.
FINER = 1.5
#: Skin whose picture is narrowed to less than this share of what it is from the front is hidden.
LEAST_FACING, WELL_FACING = 0.4, 0.65
CPU = torch.device("cpu")

Covered = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """A flat face, `px` square.

    points  (478, 2) landmarks on it, pixel centres at .5
    unit    pixels to an eye distance
    """

    px: int
    points: Array
    unit: float

    @classmethod
    def of(cls, model: Array, px: int) -> Plane:
        """The plane of a mean head (478, 3) whose eye distance is 1 (`choice.head_model`)."""
        flat = model[:, :2].astype(np.float64)
        low, high = flat[CONTROLS].min(axis=0) - ROOM, flat[CONTROLS].max(axis=0) + ROOM
        unit = px / float((high - low).max())
        points = (flat - (low + high) / 2) * unit + px / 2
        return cls(px, np.asarray(points, np.float32), unit)

    def to_picture(self, points: Array) -> Array:
        """(px, px, 2) where each of the plane's pixels lies in a picture with these landmarks."""
        source = self.points[CONTROLS].astype(np.float64)
        spline = thin_plate.bend(source, points[CONTROLS, :2].astype(np.float64), self.unit)
        nodes = spline.at_nodes(Region(0, 0, self.px, self.px), self.unit / thin_plate.NODES)
        return _pixels(nodes, (self.px, self.px))

    def facing(self, at: Array, unit: float) -> Covered:
        """(px, px) whether each of the plane's pixels is turned to the camera enough to be seen.

        Args:
            at: what `to_picture` gave.
            unit: an eye distance in the picture, pixels.
        """
        across, down = np.gradient(at, axis=1), np.gradient(at, axis=0)
        area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
        return np.asarray(area > LEAST_FACING * (unit / self.unit) ** 2, bool)

    def shown_by(self, at: Array, unit: float) -> Array:
        """(h, w) 0..1 how far what is flat may be shown at a picture's pixels; 0 where it narrows.

        Args:
            at: what `from_picture` gave.
            unit: an eye distance in the picture, pixels.
        """
        across, down = np.gradient(at, axis=1), np.gradient(at, axis=0)
        area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
        # Skin that is folded over, its area below 0, faces away.
        facing = np.where(area > 0, (self.unit / unit) ** 2 / np.maximum(area, 1e-6), 0)
        share = np.clip((facing - LEAST_FACING) / (WELL_FACING - LEAST_FACING), 0, 1)
        return np.asarray(cv2.GaussianBlur(share, (0, 0), max(0.03 * unit, 0.8)), np.float32)

    def from_picture(self, points: Array, region: Region, unit: float) -> Array:
        """(h, w, 2) the plane's point at each pixel of `region`, for landmarks `points`.

        Args:
            unit: an eye distance in the picture, pixels.
        """
        source = points[CONTROLS, :2].astype(np.float64)
        spline = thin_plate.bend(source, self.points[CONTROLS].astype(np.float64), unit)
        nodes = spline.at_nodes(region, unit / thin_plate.NODES)
        return _pixels(nodes, (region.height, region.width))

    def laid_flat(self, picture: Array, points: Array) -> tuple[Array, Covered]:
        """A picture (H, W, 3) with landmarks `points` laid on the plane, (px, px, 3).

        A picture much finer than the plane is made smaller first, so that nothing aliases.

        Returns:
            It, and (px, px) where it shows the face and not what lies behind it.
        """
        ready, moved = self.fitting(picture, points)
        at = self.to_picture(moved)
        return looked_up(ready, at), self.face() & self.facing(at, flat_eye_distance(moved))

    def fitting(self, picture: Array, points: Array) -> tuple[Array, Array]:
        """The picture and its landmarks, smaller where it is much finer than the plane."""
        ratio = flat_eye_distance(points) / self.unit
        if ratio < FINER:
            return np.asarray(picture, np.float32), points
        size = (max(8, round(picture.shape[1] / ratio)), max(8, round(picture.shape[0] / ratio)))
        stretch = np.array([size[0] / picture.shape[1], size[1] / picture.shape[0]], np.float32)
        small = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32), np.asarray(points[:, :2] * stretch, np.float32)

    def skin(self) -> Covered:
        """(px, px) the face without its mouth: what light is read on."""
        return self._inside(FACE_OVAL) & ~self._inside(OUTER_LIPS, 4 * EDGE)

    def face(self) -> Covered:
        """(px, px) inside the face's outline, clear of hair and background."""
        return self._inside(FACE_OVAL, -EDGE)

    def ring(self) -> Covered:
        """(px, px) skin that no matte covers, whatever the mouth does.

        What a plate shows there may be read when its mouth may not.
        """
        return self._inside(FACE_OVAL, -EDGE) & ~self._inside(BORDER, CLEAR)

    def _inside(self, outline: NDArray[np.intp], grown: float = 0.0) -> Covered:
        """Inside an outline of landmarks, moved outwards by `grown` eye distances."""
        filled = np.zeros((self.px, self.px), np.uint8)
        corners = np.rint((self.points[outline] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(filled, [corners], 1, shift=4)
        if grown:
            size = 2 * max(1, round(abs(grown) * self.unit)) + 1
            change = cv2.dilate if grown > 0 else cv2.erode
            filled = np.asarray(change(filled, np.ones((size, size), np.uint8)), np.uint8)
        return filled > 0


def looked_up(picture: Array, at: Array) -> Array:
    """`picture` (H, W[, 3]) at points `at` (h, w, 2), bicubic; its edge is repeated."""
    x, y = at[..., 0] - np.float32(0.5), at[..., 1] - np.float32(0.5)
    read = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def _pixels(nodes: NDArray[np.float64], size: tuple[int, int]) -> Array:
    return np.asarray(thin_plate.to_pixels(nodes, size, CPU).numpy(), np.float32)
