"""Whether a face found again a few frames later is the one that was lost there.

Compares the direction of edges in each part of two small pictures, which light changes little.  Who
a face is across shots is the descriptor's to say (face_descriptor.py).
"""

from __future__ import annotations

import cv2
import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.picture import Frame
from dubsync.engine.geometry.mesh import CHIN, FOREHEAD, LEFT_EYE, RIGHT_EYE
from dubsync.engine.geometry.sampling import Square, sample

PICTURE_PX, CELLS, DIRECTIONS = 64, 8, 8
#: Least similarity of two small pictures of one face a few frames apart.
SAME_PICTURE = 0.85


def small_picture(frame: Frame, points: Array) -> Array:
    """(64, 64, 3) working colour of the face from brows to chin, eyes level."""
    flat = points[:, :2].astype(np.float64)
    right, left = flat[RIGHT_EYE].mean(axis=0), flat[LEFT_EYE].mean(axis=0)
    across = left - right
    down = np.array([-across[1], across[0]])
    size = float(np.linalg.norm(flat[CHIN] - flat[FOREHEAD]))
    middle = (right + left) / 2 + down / max(np.linalg.norm(down), 1e-6) * size * 0.18
    angle = float(np.arctan2(across[1], across[0]))
    return sample(frame, Square(middle[0], middle[1], size * 0.95, angle), PICTURE_PX)


def alike(a: Array, b: Array) -> float:
    """Similarity of two `small_picture`s, 0..1, by their edges."""
    return float(_unit(_edges(a).ravel()) @ _unit(_edges(b).ravel()))


def _edges(picture: Array) -> Array:
    """(8, 8, 8) histogram of edge directions in each cell, each cell of unit length.

    Source: after Dalal and Triggs 2005, "Histograms of Oriented Gradients for Human Detection".
    """
    luma = np.log(0.04 + picture @ np.array([0.2126, 0.7152, 0.0722], np.float32))
    luma = cv2.GaussianBlur(luma, (0, 0), 1)
    across, down = (cv2.Sobel(luma, cv2.CV_32F, *axis) for axis in ((1, 0), (0, 1)))
    strength = np.hypot(across, down)
    at = np.arctan2(down, across) % np.pi / np.pi * DIRECTIONS
    low, share = np.floor(at).astype(np.intp) % DIRECTIONS, at - np.floor(at)
    cells = np.empty((CELLS, CELLS, DIRECTIONS), np.float32)
    for n in range(DIRECTIONS):
        part = np.where(low == n, 1 - share, 0) + np.where((low + 1) % DIRECTIONS == n, share, 0)
        cells[..., n] = cv2.resize(
            (strength * part).astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA
        )
    return np.asarray(cells / (np.linalg.norm(cells, axis=2, keepdims=True) + 0.02), np.float32)


def _unit(values: Array) -> Array:
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-9), np.float32)
