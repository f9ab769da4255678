"""Face descriptor: one unit vector per face, enough to tell a reel's few people apart.

It uses no face-identity network: the direction of edges in each part of the face, which light
changes little, and the proportions of the face from the landmarks, seen from the front.  On the
project's test clips two shots of one person in similar light score above every pair of strangers
(0.88 at most); the same person years apart, in other light, does not always. So it links faces that
are clearly alike, ranks the others, and leaves the decision to a person. It does not prove
identity.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.engine.geometry.mesh import CHIN, FOREHEAD, LEFT_EYE, RIGHT_EYE
from dubsync.engine.geometry.pose import align_robustly
from dubsync.engine.geometry.sampling import Square, sample

PICTURE_PX, CELLS, DIRECTIONS = 64, 8, 8
#: Weight of edges in the descriptor; facial proportions have the rest.
EDGE_SHARE = 0.7
#: Similarity above which two faces are the same person, and below which they hardly are.
SAME, OTHER = 0.92, 0.70
#: Least similarity of two small pictures of one face a few frames apart.
SAME_PICTURE = 0.85


def small_picture(frame: Frame, points: Array) -> Array:
    """(64, 64, 3) working colour of the face from brows to chin, eyes level."""
    aspect = float(frame.format.pixel_aspect)
    flat = points[:, :2].astype(np.float64) * (aspect, 1)
    right, left = flat[RIGHT_EYE].mean(axis=0), flat[LEFT_EYE].mean(axis=0)
    across = left - right
    down = np.array([-across[1], across[0]])
    size = float(np.linalg.norm(flat[CHIN] - flat[FOREHEAD]))
    middle = (right + left) / 2 + down / max(np.linalg.norm(down), 1e-6) * size * 0.18
    angle = float(np.arctan2(across[1], across[0]))
    return sample(frame, Square(middle[0], middle[1], size * 0.95, angle), PICTURE_PX)


def describe(
    pictures: Sequence[Array], points: Array, canonical: Array, steady: NDArray[np.float64]
) -> Array:
    """The descriptor of a run.

    Args:
        pictures: `small_picture`s of some of its frames.
        points: (T, 478, 3) its landmarks.
        canonical: (478, 3) the neutral face that proportions are relative to.
        steady: (478,) weights of landmarks that move with the skull alone.
    """
    edges = _unit(np.mean([_edges(picture) for picture in pictures], axis=0).ravel())
    bones = _unit(_bones(points, canonical, steady))
    parts = [EDGE_SHARE**0.5 * edges, (1 - EDGE_SHARE) ** 0.5 * bones]
    return np.asarray(_unit(np.concatenate(parts)), np.float32)


def similarity(a: FaceTrack | Array, b: FaceTrack | Array) -> float:
    """Similarity of two faces: 1 the same, strangers about 0.72; see SAME and OTHER.

    Raises:
        ShapeError: descriptors of different versions.
    """
    first = a.appearance if isinstance(a, FaceTrack) else a
    second = b.appearance if isinstance(b, FaceTrack) else b
    if first.shape != second.shape:
        raise ShapeError(f"face descriptors of {first.shape} and {second.shape} cannot be compared")
    return float(first @ second)


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


def _bones(points: Array, canonical: Array, steady: NDArray[np.float64]) -> Array:
    """Difference of the run's median face from the neutral one, where expression moves little."""
    step = max(1, len(points) // 60)
    pose = align_robustly(points[::step], canonical, steady)
    face = np.median(pose.remove(points[::step]), axis=0)
    unit = np.linalg.norm(canonical[RIGHT_EYE].mean(axis=0) - canonical[LEFT_EYE].mean(axis=0))
    departs = (face - canonical) / unit * np.sqrt(steady)[:, None]
    return np.asarray(departs.ravel(), np.float32)


def _unit(values: Array) -> Array:
    return np.asarray(values / max(float(np.linalg.norm(values)), 1e-9), np.float32)
