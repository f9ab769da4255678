"""Warp pictures onto landmarks: thin-plate splines, and one bicubic resampling.

The spline maps target landmarks to source landmarks, so that every new pixel samples the source
once. It is evaluated at coarse nodes and interpolated linearly at the pixels, which makes it cheap.
Source: Bookstein 1989, "Principal Warps: Thin-Plate Splines and the Decomposition of Deformations";
smoothing after Wahba 1990, "Spline Models for Observational Data", chapter 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from dubsync.core.arrays import Array
from dubsync.core.picture import Region
from dubsync.engine.geometry.constant import constant
from dubsync.engine.geometry.lanczos import lanczos
from dubsync.engine.geometry.mesh import INNER_LIPS, JAW, OUTER_LIPS, indices

Points = NDArray[Any]

_SKIN = indices(
    "1 4 6 18 33 36 48 57 64 83 92 93 97 98 101 106 118 129 133 147 164 165 167 168 169 170 171 "
    "175 187 192 194 195 199 200 202 203 204 205 206 207 211 212 214 216 234 263 266 278 280 287 "
    "294 313 322 323 326 327 330 335 347 352 362 376 391 393 394 395 396 406 411 416 418 422 423 "
    "424 425 426 427 428 431 432 434 436 454"
)
#: Control points of the spline: every point of both lips' edges, the jaw, some of the skin.
CONTROLS = np.unique(np.concatenate([OUTER_LIPS, INNER_LIPS, JAW, _SKIN]))
#: Smoothing: how far control points may be missed, squared pixels at 64 pixels per eye distance.
SMOOTHING = 2e-4
#: Nodes per eye distance.
NODES = 13


@dataclass(frozen=True, slots=True, eq=False)
class Spline:
    """A spline from the target picture to K sources.

    unit      target pixels per spline unit
    middle    (2,) target point of spline coordinate 0
    controls  (n, 2) in spline units
    weights   (n + 3, 2K) of the kernel, then constant, x, y
    """

    unit: float
    middle: Points
    controls: Points
    weights: Points

    def at_nodes(self, region: Region, step: float) -> Points:
        """(rows, columns, 2K) source points of nodes about `step` pixels apart.

        The first and last nodes are at the centres of the first and last pixels of `region`.
        """
        grid, shape = _grid(region, step)
        return self.at_points(grid).reshape(*shape, -1)

    def at_points(self, target: Points) -> Points:
        """(m, 2K) source points of target points (m, 2)."""
        points = ((target - self.middle) / self.unit).astype(np.float32)
        spread = _kernel(points, self.controls.astype(np.float32))
        return _evaluated(spread, points, self.weights)


def fit_spline(
    wanted: Points, sources: Points, unit: float, smoothing: float = SMOOTHING
) -> Spline:
    """The spline that maps `wanted` (n, 2) to `sources` (n, 2K), all in pixels.

    Args:
        unit: an eye distance of the target picture, pixels.
    """
    middle, controls, system = _system(wanted, unit, smoothing)
    # torch, which runs on one thread (device.py): numpy's BLAS wakes every core for this small
    # system and on a busy machine waits a hundred times longer than it works.
    weights = torch.linalg.solve(torch.from_numpy(system), _known(sources)).numpy()
    return Spline(unit, middle, controls, weights)


class SplineFrom:
    """All splines from one set of points, for one grid of nodes: what they share is solved once.

    Bit for bit what `fit_spline` and `at_nodes` give, in a tenth of the time.
    """

    def __init__(self, wanted: Points, unit: float, region: Region, step: float) -> None:
        """As for `fit_spline` and `Spline.at_nodes`."""
        middle, controls, system = _system(wanted, unit, SMOOTHING)
        self._factors = torch.linalg.lu_factor(torch.from_numpy(system))
        target, self._shape = _grid(region, step)
        self._points = ((target - middle) / unit).astype(np.float32)
        self._spread = _kernel(self._points, controls.astype(np.float32))

    def at_nodes(self, sources: Points) -> Points:
        """(rows, columns, 2K) source points of the nodes, for `sources` (n, 2K)."""
        weights = torch.linalg.lu_solve(*self._factors, _known(sources)).numpy()
        return _evaluated(self._spread, self._points, weights).reshape(*self._shape, -1)


def _system(wanted: Points, unit: float, smoothing: float) -> tuple[Points, Points, Points]:
    """The middle (2,) of `wanted`, its points in spline units, and the equations' left side."""
    middle = wanted.mean(axis=0)
    controls = (wanted - middle) / unit
    n = len(controls)
    system = np.zeros((n + 3, n + 3))
    system[:n, :n] = _kernel(controls, controls)
    system[np.arange(n), np.arange(n)] += smoothing
    system[:n, n] = 1
    system[:n, n + 1 :] = controls
    system[n:, :n] = system[:n, n:].T
    return middle, controls, system


def _known(sources: Points) -> torch.Tensor:
    """The equations' right side."""
    known = np.zeros((len(sources) + 3, sources.shape[1]))
    known[: len(sources)] = sources
    return torch.from_numpy(known)


def _evaluated(spread: Points, points: Points, weights: Points) -> Points:
    """Source points (m, 2K) of points (m, 2) in spline units, whose kernel is `spread` (m, n)."""
    n, weights = spread.shape[1], weights.astype(np.float32)
    # einsum, not BLAS: on a busy machine BLAS threads wait longer than they work.
    result = np.einsum("gn,nk->gk", spread, weights[:n])
    result += weights[n] + np.einsum("gc,ck->gk", points, weights[n + 1 :])
    return np.asarray(result, np.float32)


def _grid(region: Region, step: float) -> tuple[Points, tuple[int, int]]:
    """The nodes (m, 2) of a region, and how many rows and columns of them there are."""
    x = _nodes(region.left, region.right, step)
    y = _nodes(region.top, region.bottom, step)
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2), (len(y), len(x))


def to_pixels(nodes: Points, size: tuple[int, int], device: torch.device) -> torch.Tensor:
    """Node values (rows, columns, C) interpolated at each pixel of a picture, (*size, C)."""
    values = torch.as_tensor(np.asarray(nodes, np.float32), device=device).permute(2, 0, 1)
    full = functional.interpolate(values[None], size=size, mode="bilinear", align_corners=True)
    return full[0].permute(1, 2, 0)


def resample(picture: torch.Tensor, at: torch.Tensor, mode: str = "bicubic") -> torch.Tensor:
    """`picture` (3, H, W) at points `at` (h, w, 2), pixel centres at .5; edges are repeated."""
    grid = at / constant((picture.shape[2], picture.shape[1]), at.device)
    grid = grid.mul_(2).sub_(1)
    read = functional.grid_sample(
        picture[None], grid[None], mode=mode, padding_mode="border", align_corners=False
    )
    return read[0]


def resample_sharply(picture: torch.Tensor, at: torch.Tensor) -> torch.Tensor:
    """As `resample`, by eight points a side: it keeps the octave that bicubic weakens.

    Source: Lanczos 1956, "Applied Analysis", the sigma factors, as a window of four lobes.
    """
    if at.device.type != "cpu":
        return lanczos(picture, at)
    x, y = (at - 0.5).to(torch.float32).permute(2, 0, 1).contiguous().numpy()
    read = cv2.remap(
        cv2.merge([*picture.contiguous().numpy()]), x, y,
        cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return torch.from_numpy(read.transpose(2, 0, 1)).to(at.device)


def downscaled(picture: Array, ratio: float) -> Array:
    """`picture` (H, W, 3) scaled down by about `ratio`, so that sampling it does not alias."""
    size = (max(8, round(picture.shape[1] / ratio)), max(8, round(picture.shape[0] / ratio)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _kernel(a: Points, b: Points) -> Points:
    """r^2 log r between points (m, 2) and (n, 2)."""
    squares = (a[:, None, 0] - b[:, 0]) ** 2
    squares += (a[:, None, 1] - b[:, 1]) ** 2
    np.maximum(squares, 1e-12, out=squares)
    kernel: Points = np.log(squares)
    kernel *= squares
    kernel *= 0.5
    return kernel


def _nodes(start: int, stop: int, step: float) -> Points:
    return np.linspace(start + 0.5, stop - 0.5, max(2, int(np.ceil((stop - start) / step)) + 1))
