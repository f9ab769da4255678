"""Appearance regression: predict the flattened face for a target mouth shape, head pose and light.

A Gaussian process from pose features (`selection.PoseFeatures`) and from the light on the skin
round the matte to the modes of the actor's flattened face. It is solved in closed form within
seconds, predicts what many exemplars agree on (wrinkles, shading, visible teeth), and is free of
one exemplar's noise. `solve` also returns its cross-validated predictions of the training frames,
each made without the frame's neighbours in time: they show where it may be trusted. Source:
Rasmussen, Williams 2006, "Gaussian Processes for Machine Learning", equations 2.25 (mean) and 5.4.2
(cross-validation), modes after Cootes, Edwards, Taylor 2001.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.compositing import colour_match
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.flat_face import Plane

Values = NDArray[np.float64]
Mask = NDArray[np.bool_]

MODES = 150
FOLDS = 6
#: The ring is averaged over a grid of cells; cells with less than this share of it are dropped.
CELLS, LEAST_SHARE = 12, 0.3
RING_MODES = 24
#: Limit of a plate's ring coefficients, relative to the range of the training frames.
BEYOND = 1.2
#: Hyperparameters tried in cross-validation: length scales over poses (times the median distance to
#: the tenth nearest pose), length scales over rings, weight of the linear kernel in poses, noise.
#: There is no linear kernel in rings: it extrapolates a plate's light too far (DR007).
POSE_LENGTHS, RING_LENGTHS = (3.0, 6.0), (1.0, 3.0, 1e3)
POSE_LINES, NOISES = (0.0, 0.1), (0.03, 0.2)
NEAREST = 10


@dataclass(frozen=True, slots=True, eq=False)
class Kernel:
    """Gaussian plus linear kernel of poses and rings; see `Kernel.between`."""

    pose_length: float
    ring_length: float
    pose_line: float
    noise: float

    def between(self, a: tuple[Values, Values], b: tuple[Values, Values]) -> Values:
        """(n, m) for poses and rings (n, D), (n, r) and (m, D), (m, r)."""
        poses = selection.distances(a[0], b[0]) / self.pose_length
        rings = selection.distances(a[1], b[1]) / self.ring_length
        curved = np.exp(-0.5 * (poses**2 + rings**2))
        straight = self.pose_line * (a[0] @ b[0].T) / self.pose_length**2
        return np.asarray(curved + straight, np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A solved regression.

    mean     (px, px, 3)       flattened face in the reference light
    modes    (k, px * px * 3)  orthonormal
    weights  (N, k)            of each training frame
    middle   (k,)              mean coefficients
    poses    (N, D)            training poses, minus pose_mean (D,)
    rings    (N, r)            their rings, by ring_modes (r, m) after subtracting ring_mean (m,)
    kernel   (4,)              see Kernel
    """

    plane: Plane
    mean: Array
    modes: Array
    weights: Array
    middle: Array
    poses: Array
    pose_mean: Array
    rings: Array
    ring_modes: Array
    ring_mean: Array
    kernel: Array

    def to_reference_light(self, flat: Array, seen: Mask) -> tuple[Array, colour_match.Fit]:
        """A flattened plate (px, px, 3) in the reference light, and the Fit that brought it there.

        Pixels that are not `seen` (px, px) are replaced by the mean face.
        """
        ring = self.plane.ring() & seen
        fit = colour_match.fit_colour(flat, self.mean, ring, ring)
        relit = np.where(seen[..., None], flat * fit.gain + fit.offset, self.mean)
        return np.asarray(relit, np.float32), fit

    def predict(self, pose: Array, flat_plate: Array, seen: Mask) -> Array:
        """(px, px, 3) the flattened face for pose features (D,), in the plate's own light.

        Args:
            flat_plate: (px, px, 3) the plate flattened; only its ring is read.
            seen: (px, px) where it shows the face.
        """
        relit, fit = self.to_reference_light(flat_plate, seen)
        ring = (ring_cells(relit, self.plane.ring()) - self.ring_mean) @ self.ring_modes.T
        most = BEYOND * np.abs(self.rings).max(axis=0)
        query = (
            (pose - self.pose_mean)[None].astype(np.float64),
            np.clip(ring, -most, most)[None].astype(np.float64),
        )
        known = (self.poses.astype(np.float64), self.rings.astype(np.float64))
        alike = Kernel(*self.kernel.tolist()).between(query, known)[0].astype(np.float32)
        return self.reconstruct(alike @ self.weights + self.middle, fit)

    def reconstruct(self, coefficients: Array, fit: colour_match.Fit) -> Array:
        """(px, px, 3) the flattened face of mode coefficients (k,), out of the reference light."""
        away = coefficients.astype(np.float32) @ self.modes
        face = self.mean + away.reshape(self.mean.shape)
        return np.asarray((face - fit.offset) / fit.gain, np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "plane"}
        return {**arrays, "modes": self.modes.astype(np.float16)}

    @classmethod
    def from_arrays(cls, model: Array, arrays: Mapping[str, NDArray[Any]]) -> Regression:
        """From `arrays()`, on the plane of head `model`."""
        plane = Plane.of(model, arrays["mean"].shape[0])
        return cls(plane, **{**arrays, "modes": arrays["modes"].astype(np.float32)})


def ring_cells(flat: Array, ring: NDArray[np.bool_]) -> Array:
    """(m,) mean colour of the ring's cells."""
    share = cv2.resize(ring.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    held = np.ascontiguousarray(flat * ring[..., None], np.float32)
    cells = cv2.resize(held, (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    kept = share > LEAST_SHARE
    return np.asarray((cells[kept] / share[kept][:, None]).ravel(), np.float32)


def solve(
    plane: Plane, flats: Array, poses: Array, blocks: NDArray[np.intp]
) -> tuple[Regression, Array]:
    """Learn from N flattened faces.

    Args:
        flats: (N, px, px, 3) working colour, in their own light; converted to the reference light
            in place.
        poses: (N, D) their pose features.
        blocks: (N,) which of FOLDS blocks of time each frame belongs to.

    Returns:
        The regression, and the (N, k) coefficients it predicts for each frame from the frames of
        the other blocks.
    """
    ring = plane.ring()
    reference = np.median(flats[:: max(1, len(flats) // 60)], axis=0).astype(np.float32)
    for flat in flats:
        fit = colour_match.fit_colour(flat, reference, ring, ring)
        flat *= fit.gain
        flat += fit.offset
    mean, modes, coefficients = _modes(flats.reshape(len(flats), -1))
    cells = np.stack([ring_cells(flat, ring) for flat in flats])
    ring_mean, ring_modes, rings = _ring_modes(cells)
    pose_mean = poses.mean(axis=0)
    known = ((poses - pose_mean).astype(np.float64), rings.astype(np.float64))
    kernel, apart = _validated(known, coefficients, blocks)
    middle = coefficients.mean(axis=0)
    system = kernel.between(known, known)
    system[np.diag_indices(len(system))] += kernel.noise
    weights = np.linalg.solve(system, coefficients - middle)
    regression = Regression(
        plane,
        np.asarray(mean.reshape(reference.shape), np.float32),
        np.asarray(modes.astype(np.float16), np.float32),  # as they are saved
        np.asarray(weights, np.float32),
        np.asarray(middle, np.float32),
        np.asarray(known[0], np.float32),
        np.asarray(pose_mean, np.float32),
        np.asarray(rings, np.float32),
        ring_modes,
        ring_mean,
        np.array([getattr(kernel, f.name) for f in fields(kernel)], np.float64),
    )
    return regression, apart


def _modes(rows: Array) -> tuple[Array, Array, Values]:
    """Mean (p,), modes (k, p) and coefficients (N, k) of rows (N, p), N much less than p."""
    mean = rows.mean(axis=0)
    away = rows - mean
    values, vectors = np.linalg.eigh((away @ away.T).astype(np.float64))
    count = max(1, min(MODES, len(rows) - 1))
    sizes = np.sqrt(np.maximum(values[-count:], 1e-6))
    vectors = vectors[:, -count:]
    modes = ((vectors / sizes).T.astype(np.float32)) @ away
    return mean, modes, np.asarray(vectors * sizes, np.float64)


def _ring_modes(cells: Array) -> tuple[Array, Array, Array]:
    """Mean (m,), modes (r, m), the strongest of unit deviation, and coefficients (N, r)."""
    mean = cells.mean(axis=0)
    _, sizes, axes = np.linalg.svd(cells - mean, full_matrices=False)
    count = max(1, min(RING_MODES, len(sizes)))
    unit = max(float(sizes[0]) / np.sqrt(len(cells)), 1e-6)
    modes = np.asarray(axes[:count] / unit, np.float32)
    return mean, modes, np.asarray((cells - mean) @ modes.T, np.float32)


def _validated(
    known: tuple[Values, Values], wanted: Values, blocks: NDArray[np.intp]
) -> tuple[Kernel, Array]:
    """The kernel with the least cross-validation error over blocks, and its predictions."""
    usual = np.sort(selection.distances(known[0], known[0]), axis=1)
    unit = max(float(np.median(usual[:, min(NEAREST, len(usual) - 1)])), 1e-4)
    best: tuple[float, Kernel, Values] | None = None
    for pose_length, ring_length, pose_line, noise in product(
        POSE_LENGTHS, RING_LENGTHS, POSE_LINES, NOISES
    ):
        kernel = Kernel(pose_length * unit, ring_length, pose_line, noise)
        result = _predicted_held_out(kernel.between(known, known), noise, wanted, blocks)
        error = float(((result - wanted) ** 2).sum())
        if best is None or error < best[0]:
            best = error, kernel, result
    assert best is not None
    return best[1], np.asarray(best[2], np.float32)


def _predicted_held_out(
    alike: Values, noise: float, wanted: Values, blocks: NDArray[np.intp]
) -> Values:
    result = np.tile(wanted.mean(axis=0), (len(wanted), 1))
    for block in np.unique(blocks):
        out, kept = blocks == block, blocks != block
        if not kept.any():
            continue
        middle = wanted[kept].mean(axis=0)
        system = alike[np.ix_(kept, kept)] + noise * np.eye(int(kept.sum()))
        solved = np.linalg.solve(system, wanted[kept] - middle)
        result[out] = alike[np.ix_(out, kept)] @ solved + middle
    return result
