"""A face laid flat: every frame of a track warped onto the track's median landmarks."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from dubsync.core.arrays import Array
from dubsync.core.holdout import Mask
from dubsync.engine.geometry.mesh import FACE_OVAL, OUTER_LIPS
from dubsync.engine.occlusion.face_crop import BRIDGE, CROP_PX

#: Side of the plane, pixels.
PLANE_PX = 96
#: Landmarks of the face's mesh, without the irises.
MESH = 468
#: A pixel this far inside the outline, plane pixels, is not on its rim.
RIM_PX = 9


class FacePlane:
    """The plane of one track.

    face, lower, upper, lips, rim  (PLANE_PX, PLANE_PX) parts of the face in it

    Args:
        points: (478, 2) median landmarks, crop pixels.
    """

    def __init__(self, points: Array) -> None:
        flat = np.asarray(points[:MESH], np.float64) * (PLANE_PX / CROP_PX)
        mesh = Delaunay(flat)
        rows, columns = np.mgrid[0:PLANE_PX, 0:PLANE_PX]
        pixels = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], axis=1)
        simplex = mesh.find_simplex(pixels)
        inside = simplex >= 0
        simplex = np.where(inside, simplex, 0)
        change = mesh.transform[simplex]
        two = np.einsum("nij,nj->ni", change[:, :2], pixels - change[:, 2])
        self._corners: NDArray[np.int32] = mesh.simplices[simplex]
        self._shares = np.asarray(
            np.concatenate([two, 1 - two.sum(1, keepdims=True)], 1), np.float32
        )
        covered = inside.reshape(PLANE_PX, PLANE_PX)
        self.face: Mask = (
            _filled(cv2.convexHull(flat[FACE_OVAL].astype(np.float32))[:, 0]) & covered
        )
        self.lips: Mask = _filled(flat[OUTER_LIPS]) & covered
        below = rows + 0.5 > flat[BRIDGE, 1]
        self.lower: Mask = self.face & below
        self.upper: Mask = self.face & ~below
        core = cv2.erode(self.face.astype(np.uint8), np.ones((RIM_PX, RIM_PX))) > 0
        self.rim: Mask = self.face & ~core

    def flatten(self, picture: Array, points: Array) -> Array:
        """(PLANE_PX, PLANE_PX, ...) of a crop (CROP_PX, CROP_PX, ...) with landmarks (478, 2)."""
        at = (points[self._corners] * self._shares[..., None]).sum(axis=1) - np.float32(0.5)
        at = np.asarray(at, np.float32).reshape(PLANE_PX, PLANE_PX, 2)
        return np.asarray(
            cv2.remap(picture, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )


def _filled(shape: NDArray[np.floating]) -> Mask:
    inside = np.zeros((PLANE_PX, PLANE_PX), np.uint8)
    cv2.fillPoly(inside, [np.rint((np.asarray(shape) - 0.5) * 8).astype(np.int32)], 1, shift=3)
    return inside > 0
