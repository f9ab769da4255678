"""Draw a mesh that hides parts of itself: which triangle each pixel shows, and from where.

Triangles are drawn from the farthest to the nearest, so that nearer ones hide what is behind them.
Points count pixel centres at .5; z is smaller nearer to the camera.
Source: Newell, Newell and Sancha 1972, "A Solution to the Hidden Surface Problem".
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array

Points = NDArray[Any]
Labels = NDArray[np.int32]

#: Bits of a pixel that a corner is drawn at.
BITS = 4
#: A pixel that no triangle covers.
NOTHING = -1


def shown(points: Points, triangles: NDArray[Any], size: tuple[int, int], fine: int = 1) -> Labels:
    """(fine h, fine w) the number of the triangle that each pixel of a picture (h, w) shows.

    Args:
        points: (n, 3) pixels.
        triangles: (m, 3) those that may be seen, in any winding.
        fine: how many times finer than the picture it is drawn.
    """
    labels = np.full((size[0] * fine, size[1] * fine), NOTHING, np.int32)
    order = np.argsort(-np.asarray(points)[triangles, 2].mean(axis=1), kind="stable")
    corners = (np.asarray(points)[triangles][..., :2] * fine - 0.5) * (1 << BITS)
    corners = np.rint(np.clip(corners, -(1 << 20), 1 << 20)).astype(np.int32)
    for n in order:
        cv2.fillConvexPoly(labels, corners[n], int(n), cv2.LINE_8, BITS)
    return labels


def traced(labels: Labels, triangles: NDArray[Any], points: Points, values: Points) -> Array:
    """(h, w, c) values (n, c) of the mesh's points where its triangles are shown; else 0."""
    height, width = labels.shape
    result = np.zeros((height, width, values.shape[1]), np.float32)
    rows, columns = np.nonzero(labels != NOTHING)
    if not len(rows):
        return result
    which = triangles[labels[rows, columns]]
    a, b, c = (np.asarray(points, np.float64)[which[:, n], :2] for n in range(3))
    at = np.stack([columns, rows], axis=1) + 0.5
    ab, ac, here = b - a, c - a, at - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    to_b = (here[:, 0] * ac[:, 1] - here[:, 1] * ac[:, 0]) / area
    to_c = (ab[:, 0] * here[:, 1] - ab[:, 1] * here[:, 0]) / area
    # Fine drawing reaches a part of a pixel outside; what is shown there is the triangle's edge.
    shares = np.clip(np.stack([1 - to_b - to_c, to_b, to_c], axis=1), 0, 1)
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-9)
    of_corners = np.asarray(values, np.float64)[which]
    result[rows, columns] = (shares[..., None] * of_corners).sum(axis=1)
    return result


def spread_out(values: Array, known: NDArray[np.bool_]) -> Array:
    """`values` (h, w, c), where they are not `known` those of the nearest pixel that is."""
    if known.all() or not known.any():
        return values
    _, nearest = cv2.distanceTransformWithLabels(
        np.asarray(~known, np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    place = np.zeros(int(nearest.max()) + 1, np.intp)
    place[nearest[known]] = np.flatnonzero(known)
    flat = values.reshape(-1, values.shape[-1])
    return np.asarray(flat[place[nearest.ravel()]].reshape(values.shape), np.float32)


def coverage(labels: Labels, fine: int) -> Array:
    """(h, w) 0..1 how much of each pixel is covered, of labels drawn `fine` times finer."""
    inside = np.asarray(labels != NOTHING, np.float32)
    size = (labels.shape[1] // fine, labels.shape[0] // fine)
    return np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_AREA), np.float32)
