"""Landmarks that carry a face's skin from one picture to another, and which of them face us."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import FACE_CONTROLS
from dubsync.engine.track.landmarker import canonical_face

Points = NDArray[Any]

#: Squared pixels at 64 per eye distance by which a control may be missed.
SMOOTHING = 2e-4


def carried(
    wanted: Points, source: Points, region: Region, unit: float, *, nodes: float = 10.0,
    controls: NDArray[np.intp] = FACE_CONTROLS,
) -> Array:  # fmt: skip
    """(h, w, 2) where in a picture with landmarks `source` each pixel of `region` lies.

    Args:
        wanted, source: (478, 2 or 3) landmarks in the region's picture and in the source, pixels.
        unit: an eye distance, pixels of `wanted`.
        nodes: at which the spline is evaluated, per eye distance.
    """
    spline = thin_plate.fit_spline(
        np.asarray(wanted[controls, :2], np.float64),
        np.asarray(source[controls, :2], np.float64),
        unit,
        SMOOTHING,
    )
    at = spline.at_nodes(region, max(unit / nodes, 1.0))
    rows, columns = at.shape[:2]
    x = np.linspace(0, columns - 1, region.width, dtype=np.float32)
    y = np.linspace(0, rows - 1, region.height, dtype=np.float32)
    across, down = np.meshgrid(x, y)
    nodes_at = np.asarray(at, np.float32)
    return np.asarray(cv2.remap(nodes_at, across, down, cv2.INTER_LINEAR), np.float32)


def facing(points: Points) -> Array:
    """(468,) how far the skin at each landmark faces the camera, of landmarks (478, 3).

    1: straight at it; 0: seen from the side; negative: hidden.
    """
    triangles = canonical_face().triangles
    triangles = triangles[(triangles < SURFACE).all(axis=1)]
    corners = np.asarray(points, np.float64)[triangles]
    flat = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals = np.zeros((SURFACE, 3))
    for n in range(3):
        np.add.at(normals, triangles[:, n], flat)
    front = np.asarray(canonical_face().points, np.float64)[triangles]
    outward = np.cross(front[:, 1] - front[:, 0], front[:, 2] - front[:, 0])[:, 2].sum()
    length = np.maximum(np.linalg.norm(normals, axis=1), 1e-9)
    return np.asarray(normals[:, 2] / length * np.sign(outward), np.float32)


SURFACE = 468  #: landmarks on the face's surface; the others are the irises'
