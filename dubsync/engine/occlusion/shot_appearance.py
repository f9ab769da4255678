"""How unlike the rest of its own shot a face looks, pixel by pixel; no actor is needed.

A robust principal component model of the shot's own frames is fitted to each frame, in two folds of
time, so that a frame is never explained by its own second.  The residual of lightness, colour and
gradient, each relative to its usual size at that place, is the score.
Source: Gross, Matthews, Baker 2006, "Active Appearance Models with Occlusion"; weights of Geman,
McClure 1987.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.occlusion.face_plane import PLANE_PX, FacePlane

#: Modes of a model, at most; reference frames, at least and at most, and their share of all.
MODES, LEAST_FRAMES, MOST_FRAMES, NEAREST = 10, 40, 150, 0.7
#: Frames of a block of time: blocks take turns between the two folds.
FOLD_FRAMES = 25
ROUNDS, ROBUST_SCALE, RIDGE, BLUR_PX = 6, 6.0, 0.02, 1.2
#: Weight of each Lab channel.
CHANNELS = np.array([1.0, 1.5, 1.5], np.float32)
#: Residuals are relative to their 80th percentile plus these: Lab, and gradient.
USUAL, GRAIN, USUAL_GRADIENT = 80, np.array([2.0, 1.0, 1.0], np.float32), 0.4
MOST = 8.0

Frames = NDArray[np.uint8]


def shot_scores(plane: FacePlane, flats: Frames) -> Array | None:
    """(T, PLANE_PX, PLANE_PX) scores: 1 is usual, 3 is clearly something else.

    Args:
        plane: of the track.
        flats: (T, PLANE_PX, PLANE_PX, 3) R'G'B' of every frame, 8 bits.

    Returns:
        None where there are too few frames to know what is usual.
    """
    if len(flats) < LEAST_FRAMES:
        return None
    labs = np.stack([_lab(flat) for flat in flats])
    middle = np.median(labs[:: max(1, len(labs) // 200)], axis=0)
    wanted = np.median(middle[plane.upper], axis=0)
    labs = np.stack([_in_light(lab, wanted, plane) for lab in labs])
    chosen = _references(labs, middle, plane)
    fold = np.arange(len(labs)) // FOLD_FRAMES % 2
    models = []
    for own in (0, 1):
        others = chosen[fold[chosen] != own]
        models.append(
            _Model.of(labs[others if len(others) >= LEAST_FRAMES // 2 else chosen], plane)
        )
    residuals, gradients = (
        np.stack(each)
        for each in zip(*(models[fold[n]].residual(lab) for n, lab in enumerate(labs)), strict=True)
    )
    usual = np.percentile(np.abs(residuals[chosen]), USUAL, axis=0).astype(np.float32) + GRAIN
    usual_gradient = np.percentile(gradients[chosen], USUAL, axis=0).astype(np.float32)
    usual = cv2.GaussianBlur(usual, (0, 0), 1.5)
    usual_gradient = cv2.GaussianBlur(usual_gradient + np.float32(USUAL_GRADIENT), (0, 0), 1.5)
    return np.stack(
        [_score(e / usual, g / usual_gradient) for e, g in zip(residuals, gradients, strict=True)]
    )


def _score(residual: Array, gradient: Array) -> Array:
    light = _smooth(np.minimum(np.abs(residual[..., 0]), MOST), 1.5)
    colour = _smooth(np.minimum(np.hypot(residual[..., 1], residual[..., 2]), MOST), 1.5)
    edge = np.minimum(gradient, MOST)
    return np.asarray(np.sqrt((light**2 + colour**2 + edge**2) / 3), np.float32)


def _lab(flat: Frames) -> Array:
    lab = cv2.cvtColor(flat.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return _smooth(lab, 0.8)


def _smooth(values: Array, by: float) -> Array:
    return np.asarray(cv2.GaussianBlur(values.astype(np.float32), (0, 0), by), np.float32)


def _in_light(lab: Array, wanted: Array, plane: FacePlane) -> Array:
    """`lab` with `wanted` (3,) as the median light and colour of its upper face."""
    mine = np.median(lab[plane.upper], axis=0)
    result = lab.copy()
    result[..., 0] *= wanted[0] / max(float(mine[0]), 1.0)
    result[..., 1:] += wanted[1:] - mine[1:]
    return np.asarray(result, np.float32)


def _references(labs: Array, middle: Array, plane: FacePlane) -> NDArray[np.intp]:
    """The frames nearest to the shot's median face, spread over time."""
    away = np.abs(labs - middle)
    odd = (away.sum(axis=3) > 18)[:, plane.lower].mean(axis=1)
    far = np.median(away[:, plane.face].reshape(len(labs), -1), axis=1) + 20 * odd
    nearest = np.sort(np.argsort(far)[: max(LEAST_FRAMES, int(NEAREST * len(labs)))])
    return nearest[:: max(1, len(nearest) // MOST_FRAMES)]


@dataclass(frozen=True, slots=True, eq=False)
class _Model:
    """mean (n,) and modes (k, n) of the weighted Lab values inside the face; the median picture."""

    plane: FacePlane
    middle: Array
    modes: Array

    @classmethod
    def of(cls, labs: Array, plane: FacePlane) -> _Model:
        """The principal components of (N, PLANE_PX, PLANE_PX, 3), outliers clipped."""
        middle = np.asarray(np.median(labs, axis=0), np.float32)
        rows = ((labs - middle) * CHANNELS)[:, plane.face].reshape(len(labs), -1)
        spread = 1.48 * np.median(np.abs(rows), axis=0) + 1
        _, _, modes = np.linalg.svd(np.clip(rows, -3 * spread, 3 * spread), full_matrices=False)
        return cls(plane, middle, np.asarray(modes[: min(MODES, len(labs) // 8)], np.float32))

    def residual(self, lab: Array) -> tuple[Array, Array]:
        """(PLANE_PX, PLANE_PX, 3) what the modes do not explain, and the gradient's difference."""
        face = self.plane.face
        wanted = ((lab - self.middle) * CHANNELS)[face].ravel()
        weight, at = np.ones_like(wanted), np.zeros(len(self.modes), np.float32)
        error = wanted
        for _ in range(ROUNDS):
            weighted = self.modes * weight
            system = weighted @ self.modes.T + np.eye(len(at)) * RIDGE * weight.mean()
            at = np.linalg.solve(system, weighted @ wanted).astype(np.float32)
            error = wanted - at @ self.modes
            size = np.zeros((PLANE_PX, PLANE_PX), np.float32)
            size[face] = np.sqrt((error.reshape(-1, 3) ** 2).sum(axis=1))
            size = _smooth(size, BLUR_PX)
            weight = np.repeat(1 / (1 + (size[face] / ROBUST_SCALE) ** 2) ** 2, 3)
        left = np.zeros((PLANE_PX, PLANE_PX, 3), np.float32)
        left[face] = error.reshape(-1, 3)
        explained = self.middle.copy()
        explained[face] += (at @ self.modes).reshape(-1, 3) / CHANNELS
        return left, _gradient_difference(lab[..., 0], explained[..., 0])


def _gradient_difference(a: Array, b: Array) -> Array:
    apart = [
        cv2.Sobel(a, cv2.CV_32F, dx, 1 - dx, ksize=3)
        - cv2.Sobel(b, cv2.CV_32F, dx, 1 - dx, ksize=3)
        for dx in (1, 0)
    ]
    return np.sqrt(_smooth((apart[0] / 8) ** 2 + (apart[1] / 8) ** 2, 2.0))
