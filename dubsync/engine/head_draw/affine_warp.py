"""Piecewise-affine warp: where each pixel of a picture comes from, given points that move.

The wanted points are joined into triangles (Delaunay), and each triangle is mapped onto the source
points by the affine map of its corners. The map is evaluated at coarse nodes and interpolated
linearly, at the working size; `enlarged` brings it to the plate's pixels, where the picture is
sampled once. Points count pixel centres at .5.
Source: Goshtasby 1986, "Piecewise Linear Mapping Functions for Image Registration".
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Delaunay, QhullError, cKDTree

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.engine.geometry.sample_where import sample_where

Points = NDArray[Any]
Size = tuple[int, int]

#: Control points nearer to each other than this are one, pixels.
SAME_POINT = 0.05
#: Rounds in which folded control points are let go.
FOLD_ROUNDS = 3
#: Reciprocal condition of a triangle's matrix below which it counts as a line, as in scipy.
LEAST_SLIVER = 1000 * np.finfo(float).eps


class Triangles(Delaunay):  # type: ignore[misc]
    """The triangles of points (n, 2).  As scipy's, but for the time that `transform` takes there.

    Raises:
        QhullError: the points span no triangle.
    """

    @cached_property
    def transform(self) -> Points:
        """(m, 3, 2) points to barycentric coordinates; nan where a triangle has no area."""
        corners = self.points[self.simplices]
        to, origin = corners[:, :2] - corners[:, 2:], corners[:, 2]
        area = to[:, 0, 0] * to[:, 1, 1] - to[:, 0, 1] * to[:, 1, 0]
        # Of each triangle the matrix that takes coordinates to points has `to` for columns.
        turned = np.stack([to[:, 1, 1], -to[:, 1, 0], -to[:, 0, 1], to[:, 0, 0]], axis=1)
        size = np.abs(to).sum(axis=2).max(axis=1)
        back = np.maximum(*(np.abs(turned[:, n::2]).sum(axis=1) for n in (0, 1)))
        flat = np.abs(area) < LEAST_SLIVER * size * back
        turned /= np.where(flat, np.nan, area)[:, None]
        return np.concatenate([turned.reshape(-1, 2, 2), origin[:, None]], axis=1)


def field(wanted: Points, source: Points, size: Size, step: int = 3) -> Array:
    """(h, w, 2) the source point of each pixel of a picture of `size` (h, w).

    Beyond the outermost wanted points a pixel moves with the nearest of them.

    Args:
        wanted: (n, 2) control points in the picture to be made, pixels.
        source: (n, 2) the same points in the picture that is sampled, pixels.
        step: pixels between nodes.

    Raises:
        ShapeError: points of two lengths, or no triangle among them.
    """
    wanted, source = np.asarray(wanted, np.float64), np.asarray(source, np.float64)
    if wanted.shape != source.shape or wanted.ndim != 2 or wanted.shape[1] != 2:
        raise ShapeError(f"control points {wanted.shape} and {source.shape} do not pair")
    kept = _apart(wanted)
    triangles, source = _unfolded(wanted[kept], source[kept])
    wanted = triangles.points
    height, width = size
    across, down = max(2, width // step + 1), max(2, height // step + 1)
    x = np.linspace(0.5, width - 0.5, across)
    y = np.linspace(0.5, height - 0.5, down)
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    at = _mapped(nodes, triangles, source - wanted)
    return spread(np.asarray(at.reshape(down, across, 2), np.float32), size)


def spread(nodes: Array, size: Size) -> Array:
    """Node values (rows, columns, C), from first to last pixel centre, at every pixel (h, w, C)."""
    rows, columns = nodes.shape[:2]
    return _between(nodes, np.linspace(0, rows - 1, size[0]), np.linspace(0, columns - 1, size[1]))


def enlarged(at: Array, size: Size, scale: float, box: Region | None = None) -> Array:
    """A field at the working size at the plate's pixels, (h, w, 2), in source pixels.

    Args:
        at: (h, w, 2) source points of a working picture's pixels, working pixels.
        size: of the picture at the plate's pixels; it covers the same part of the plate.
        scale: source picture's pixels per working pixel.
        box: the part of the picture that is wanted; None: all of it.
    """
    box = box or Region(0, 0, size[1], size[0])
    y = (np.arange(box.top, box.bottom) + 0.5) * (at.shape[0] / size[0]) - 0.5
    x = (np.arange(box.left, box.right) + 0.5) * (at.shape[1] / size[1]) - 0.5
    return _between(at * np.float32(scale), y, x)


def at_pixels(
    values: Array, box: Region, px: float, corner: tuple[float, float] = (0.0, 0.0)
) -> Array:
    """Values of a working picture (h, w, C) at the pixels of `box` of a larger picture.

    Args:
        px: larger picture's pixels per working pixel.
        corner: x, y of the working picture's corner, working pixels from the larger one's corner.
    """
    y = (np.arange(box.top, box.bottom) + 0.5) / px - corner[1] - 0.5
    x = (np.arange(box.left, box.right) + 0.5) / px - corner[0] - 0.5
    return _between(values, y, x)


def sample(
    picture: Array, at: Array, mode: int = cv2.INTER_LANCZOS4,
    wanted: NDArray[np.bool_] | None = None, beyond: int = cv2.BORDER_REPLICATE,
) -> Array:  # fmt: skip
    """`picture` (H, W[, C]) at source points `at` (h, w, 2).

    Args:
        wanted: (h, w) pixels that count; None: all.
        beyond: what lies beyond the picture's edge, a border of OpenCV; else the edge is repeated.
    """
    numbers = np.subtract(at, np.float32(0.5), dtype=np.float32)
    return sample_where(picture, numbers, mode, wanted, beyond)


def pins(size: Size, count: int = 7) -> Points:
    """(4 count - 4, 2) points on the border of a picture (h, w): the corners, and others evenly."""
    height, width = size
    x, y = np.linspace(0, width, count), np.linspace(0, height, count)
    inner = y[1:-1]
    return np.concatenate([
        np.stack([x, np.zeros(count)], 1), np.stack([x, np.full(count, height)], 1),
        np.stack([np.zeros(count - 2), inner], 1), np.stack([np.full(count - 2, width), inner], 1),
    ])  # fmt: skip


def _between(nodes: Array, y: Points, x: Points) -> Array:
    """(len(y), len(x), C) `nodes` at rows `y` and columns `x`: linear, and continued outside.

    Not by cv2.remap, whose positions are rounded to 1/32.
    """
    rows = _lines_between(nodes, y)
    # Whole lines are copied much faster than single pixels.
    turned = np.asarray(cv2.transpose(rows)).reshape(nodes.shape[1], len(y), nodes.shape[2])
    columns = np.asarray(cv2.transpose(_lines_between(turned, x)))
    return columns.reshape(len(y), len(x), nodes.shape[2])


def _lines_between(nodes: Array, at: Points) -> Array:
    """(len(at), w, C) lines at positions between those of `nodes` (h, w, C)."""
    before, share = _steps(at, nodes.shape[0])
    low = np.asarray(nodes.take(before, axis=0), np.float32)
    rise = nodes.take(before + 1, axis=0)
    rise -= low
    rise *= share[:, None, None]
    low += rise
    return low


def _steps(at: Points, count: int) -> tuple[NDArray[np.intp], Array]:
    """The node before each position, and how far it is on the way to the next."""
    low = np.clip(np.floor(at).astype(np.intp), 0, count - 2)
    return low, np.asarray(at - low, np.float32)


def _mapped(nodes: Points, triangles: Triangles, moved: Points) -> Points:
    """(m, 2) source points of `nodes`, given how far each control point moves (n, 2)."""
    inside = triangles.find_simplex(nodes)
    found = np.maximum(inside, 0)
    # How far a triangle's points move is linear in where they are: its slope, and its move at 0, 0.
    to_shares, corners = triangles.transform, moved[triangles.simplices]
    slope = np.einsum("mkc,mkx->mcx", corners[:, :2] - corners[:, 2:], to_shares[:, :2])
    start = corners[:, 2] - np.einsum("mcx,mx->mc", slope, to_shares[:, 2])
    table = np.concatenate([slope.reshape(-1, 4), start], axis=1).take(found, axis=0)
    shift = table[:, 4:] + table[:, [0, 2]] * nodes[:, :1] + table[:, [1, 3]] * nodes[:, 1:]
    # A sliver of no area has no barycentric coordinates.
    outside = (inside < 0) | ~np.isfinite(shift).all(axis=1)
    if outside.any():
        _, nearest = cKDTree(triangles.points).query(nodes[outside])
        shift[outside] = moved[nearest]
    return np.asarray(nodes + shift)


def _unfolded(wanted: Points, source: Points) -> tuple[Triangles, Points]:
    """The triangles of `wanted`, and `source`, without points at which the source is folded over.

    Where a triangle's corners turn the other way in the source, a strip of the picture would be
    shown mirrored: a brow over a lid, an ear on a cheek.
    """
    triangles = _triangles(wanted)
    for _ in range(FOLD_ROUNDS):
        corners = triangles.simplices
        was, now = _area(source[corners]), _area(wanted[corners])
        folded = was * np.sign(now) < 0
        if not folded.any():
            break
        # The point that the most folded area hangs on goes first; its neighbours may then be well.
        blame = np.bincount(
            corners[folded].ravel(), np.repeat(np.abs(now[folded]), 3), minlength=len(wanted)
        )
        worst = np.array([corner[np.argmax(blame[corner])] for corner in corners[folded]])
        kept = np.setdiff1d(np.arange(len(wanted)), worst)
        if len(kept) < 4:
            break
        wanted, source = wanted[kept], source[kept]
        triangles = _triangles(wanted)
    return triangles, source


def _triangles(points: Points) -> Triangles:
    try:
        return Triangles(points)
    except (QhullError, ValueError) as problem:
        raise ShapeError(f"{len(points)} control points span no triangle") from problem


def _area(corners: Points) -> Points:
    """(m,) twice the signed area of triangles (m, 3, 2)."""
    one, other = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return np.asarray(one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0])


def _apart(points: Points) -> NDArray[np.intp]:
    """Indices of `points` without those that fall on an earlier one."""
    cells = np.round(points / SAME_POINT).astype(np.int64)
    _, first = np.unique(cells, axis=0, return_index=True)
    return np.sort(first)
