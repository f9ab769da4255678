"""Kernel regression from audio features to a mouth, solved in closed form within a second."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from dubsync.core.arrays import Array, seal

Values = NDArray[np.float64]

POINTS = 400  #: inducing points
FOLDS, GAP_S = 4, 0.5  #: folds of the cross-validation; seconds dropped beside each


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """Kernel regression from F numbers to D: similarity to P inducing points on Q principal axes.

    level, spread  (F,)    standardisation
    axes           (F, Q)  principal axes
    points         (P, Q)  inducing points
    weights        (P, D)
    mean           (D,)
    """

    level: Array
    spread: Array
    axes: Array
    points: Array
    weights: Array
    mean: Array

    def __post_init__(self) -> None:
        f, q, p, d = *self.axes.shape, len(self.points), len(self.mean)
        seal(self, "level", f)
        seal(self, "spread", f)
        seal(self, "axes", f, q)
        seal(self, "points", p, q)
        seal(self, "weights", p, d)
        seal(self, "mean", d)

    def predict(self, x: Values) -> Values:
        """(N, D) for `x` (N, F)."""
        at = (x - self.level) / self.spread @ np.asarray(self.axes, np.float64)
        return np.asarray(_alike(at, self.points) @ self.weights + self.mean, np.float64)

    def arrays(self, name: str) -> dict[str, Array]:
        """The fields as `name.field`."""
        return {f"{name}.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.float32]], name: str) -> Regression:
        """The inverse of `arrays(name)`.  Raises KeyError or ShapeError."""
        return cls(*(np.asarray(arrays[f"{name}.{field.name}"]) for field in fields(cls)))


def constant(width: int, mean: Array) -> Regression:
    """A regression from `width` numbers that always predicts `mean`."""
    none = np.zeros((0, 1), np.float32)
    return Regression(
        np.zeros(width, np.float32), np.ones(width, np.float32), np.zeros((width, 1), np.float32),
        none, np.zeros((0, len(mean)), np.float32), np.asarray(mean, np.float32),
    )  # fmt: skip


def fit_regression(x: Values, y: Values, axes: int, noise: float) -> Regression:
    """The regression from `x` (N, F) to `y` (N, D).

    A Gaussian kernel of the distance on the principal `axes` of x, with some 400 evenly spread
    inducing points.

    Source: subset of regressors, Rasmussen, Williams 2006, "Gaussian Processes for Machine
    Learning", equation 8.14, with noise variance `noise`.
    """
    level = x.mean(axis=0)
    spread = (x.std(axis=0) + 0.3) * np.sqrt(x.shape[1])  # near-constant features are not amplified
    unit = (x - level) / spread
    last = x.shape[1] - 1
    _, directions = eigh(unit.T @ unit, subset_by_index=[max(last - axes + 1, 0), last])
    main = directions[:, ::-1]
    main = main * np.where(main[np.abs(main).argmax(axis=0), np.arange(main.shape[1])] < 0, -1, 1)
    at = unit @ main
    points = at[:: -(-len(at) // POINTS)]
    mean = y.mean(axis=0)
    alike, among = _alike(at, points), _alike(points, points)
    system = alike.T @ alike + noise * among + 1e-6 * np.eye(len(points))
    weights = np.linalg.solve(system, alike.T @ (y - mean))
    return Regression(
        *(np.array(v, np.float32, order="C") for v in (level, spread, main, points, weights, mean))
    )


def cross_validated(x: Values, y: Values, axes: int, noise: float, rate: float) -> Values:
    """y predicted by 4-fold cross-validation, with half a second beside each fold left out.

    Args:
        rate: rows per second.
    """
    predicted = np.repeat(y.mean(axis=0)[None], len(y), axis=0)
    total, gap = len(x), round(GAP_S * rate)
    for fold in range(FOLDS):
        start, stop = fold * total // FOLDS, (fold + 1) * total // FOLDS
        other = np.r_[0 : max(start - gap, 0), min(stop + gap, total) : total]
        if len(other) > 2 and stop > start:
            predicted[start:stop] = fit_regression(x[other], y[other], axes, noise).predict(
                x[start:stop]
            )
    return predicted


def _alike(one: Values, other: Array) -> Values:
    square = (one**2).sum(axis=1)[:, None] + (np.asarray(other, np.float64) ** 2).sum(axis=1)
    return np.asarray(np.exp(-np.maximum(square - 2 * one @ other.T, 0) / 2), np.float64)
