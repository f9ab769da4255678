"""Shape-free face textures: a fixed plane on which every frame's skin and lips coincide.

A point of the plane is the same spot of the face in every frame, so textures can be averaged,
compared and learnt from.  The plane is the actor's mean face seen from the front; a thin-plate
spline through the landmarks maps it to a frame and back.
Source: Cootes, Edwards, Taylor 2001, "Active Appearance Models" (shape-free texture).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.compositing.matte import BORDER, flat_eye_distance
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import FACE_OVAL, OUTER_LIPS
from dubsync.engine.geometry.thin_plate import CONTROLS

#: Margin round the mean face's control points, eye distances.
ROOM = 0.1
#: Margin left out along a region's edge to allow for landmark error, eye distances.
EDGE = 0.05
#: No plate pixel is read within this distance of the matte's border, eye distances.  The border
#: is straight in the picture, curved on the plane, and moves with the jaw.
CLEAR = 0.2
#: A picture this many times finer than the plane is scaled down before it is flattened.
FINER = 1.5
#: Foreshortening, as area relative to a frontal view: hidden below the first, fully visible above
#: the second.
LEAST_FACING, WELL_FACING = 0.4, 0.65
CPU = torch.device("cpu")

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """The plane of a flattened face, `px` square.

    points  (478, 2) landmarks on it, pixel centres at .5
    unit    pixels per eye distance
    """

    px: int
    points: Array
    unit: float

    @classmethod
    def of(cls, model: Array, px: int) -> Plane:
        """The plane of a mean head (478, 3) whose eye distance is 1 (`selection.head_model`)."""
        flat = model[:, :2].astype(np.float64)
        low, high = flat[CONTROLS].min(axis=0) - ROOM, flat[CONTROLS].max(axis=0) + ROOM
        unit = px / float((high - low).max())
        points = (flat - (low + high) / 2) * unit + px / 2
        return cls(px, np.asarray(points, np.float32), unit)

    def to_picture(self, points: Array) -> Array:
        """(px, px, 2) where each of the plane's pixels lies in a picture with these landmarks."""
        controls = self.points[CONTROLS]
        spline = _from_plane(controls.tobytes(), controls.dtype.str, self.px, self.unit)
        nodes = spline.at_nodes(points[CONTROLS, :2].astype(np.float64))
        return _pixels(nodes, (self.px, self.px))

    def facing(self, at: Array, unit: float) -> Mask:
        """(px, px) whether each of the plane's pixels faces the camera enough to be seen.

        Args:
            at: result of `to_picture`.
            unit: an eye distance in the picture, pixels.
        """
        across, down = np.gradient(at, axis=1), np.gradient(at, axis=0)
        area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
        return np.asarray(area > LEAST_FACING * (unit / self.unit) ** 2, bool)

    def visibility(self, at: Array, unit: float) -> Array:
        """(h, w) 0..1 how visible the face is at each picture pixel; 0 where it is foreshortened.

        Args:
            at: result of `from_picture`.
            unit: an eye distance in the picture, pixels.
        """
        across, down = np.gradient(at, axis=1), np.gradient(at, axis=0)
        area = across[..., 0] * down[..., 1] - across[..., 1] * down[..., 0]
        # A negative area means that the skin faces away from the camera.
        facing = np.where(area > 0, (self.unit / unit) ** 2 / np.maximum(area, 1e-6), 0)
        share = np.clip((facing - LEAST_FACING) / (WELL_FACING - LEAST_FACING), 0, 1)
        return np.asarray(cv2.GaussianBlur(share, (0, 0), max(0.03 * unit, 0.8)), np.float32)

    def from_picture(self, points: Array, region: Region, unit: float) -> Array:
        """(h, w, 2) the plane's point at each pixel of `region`, for landmarks `points`.

        Args:
            unit: an eye distance in the picture, pixels.
        """
        source = points[CONTROLS, :2].astype(np.float64)
        spline = thin_plate.fit_spline(source, self.points[CONTROLS].astype(np.float64), unit)
        nodes = spline.at_nodes(region, unit / thin_plate.NODES)
        return _pixels(nodes, (region.height, region.width))

    def flatten(self, picture: Array, points: Array) -> tuple[Array, Mask]:
        """A picture (H, W, 3) with landmarks `points` warped onto the plane, (px, px, 3).

        A picture much finer than the plane is scaled down first, so that it does not alias.

        Returns:
            The warped picture, and (px, px) where it shows the face, not what lies behind it.
        """
        ready, moved = self.scaled_to_plane(picture, points)
        at = self.to_picture(moved)
        return sample_bicubic(ready, at), self.face() & self.facing(at, flat_eye_distance(moved))

    def scaled_to_plane(self, picture: Array, points: Array) -> tuple[Array, Array]:
        """The picture and its landmarks, scaled down where it is much finer than the plane."""
        ratio = flat_eye_distance(points) / self.unit
        if ratio < FINER:
            return np.asarray(picture, np.float32), points
        size = (max(8, round(picture.shape[1] / ratio)), max(8, round(picture.shape[0] / ratio)))
        stretch = np.array([size[0] / picture.shape[1], size[1] / picture.shape[0]], np.float32)
        small = cv2.resize(picture.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32), np.asarray(points[:, :2] * stretch, np.float32)

    def skin(self) -> Mask:
        """(px, px) the face without its mouth; the light is measured there."""
        return self._inside(FACE_OVAL) & ~self._inside(OUTER_LIPS, 4 * EDGE)

    def face(self) -> Mask:
        """(px, px) inside the face's outline, clear of hair and background."""
        return self._inside(FACE_OVAL, -EDGE)

    def ring(self) -> Mask:
        """(px, px) skin that no matte covers, whatever the mouth does.

        Only this part of a plate may be read where its mouth must not be.
        """
        return self._inside(FACE_OVAL, -EDGE) & ~self._inside(BORDER, CLEAR)

    def _inside(self, outline: NDArray[np.intp], grown: float = 0.0) -> Mask:
        """Inside an outline of landmarks, moved outwards by `grown` eye distances."""
        filled = np.zeros((self.px, self.px), np.uint8)
        corners = np.rint((self.points[outline] - 0.5) * 16).astype(np.int32)
        cv2.fillPoly(filled, [corners], 1, shift=4)
        if grown:
            size = 2 * max(1, round(abs(grown) * self.unit)) + 1
            change = cv2.dilate if grown > 0 else cv2.erode
            filled = np.asarray(change(filled, np.ones((size, size), np.uint8)), np.uint8)
        return filled > 0


@lru_cache(maxsize=8)
def _from_plane(controls: bytes, kind: str, px: int, unit: float) -> thin_plate.SplineFrom:
    """The splines of a plane: the same points for every frame of an actor."""
    points = np.frombuffer(controls, kind).reshape(-1, 2).astype(np.float64)
    region = Region(0, 0, px, px)
    return thin_plate.SplineFrom(points, unit, region, unit / thin_plate.NODES)


def sample_bicubic(picture: Array, at: Array) -> Array:
    """`picture` (H, W[, 3]) sampled at points `at` (h, w, 2), bicubic; edges are repeated."""
    x, y = at[..., 0] - np.float32(0.5), at[..., 1] - np.float32(0.5)
    read = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(read, np.float32)


def _pixels(nodes: NDArray[np.float64], size: tuple[int, int]) -> Array:
    return np.asarray(thin_plate.to_pixels(nodes, size, CPU).numpy(), np.float32)
