"""How hair, neck and shoulders depart from the rigid proxy, foretold from the pose.

A ridge regression from pose to the outline's residual against `outline.base`, learnt on the key
frames in which the outline was followed.  Gaussian processes and speeds as further inputs were
tried and foretell worse (docs/benchmarks.md, "Whole heads: the outline").
Source: Hoerl, Kennard 1970, "Ridge Regression"; the penalty by leaving out stretches of frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.engine.head.head_path import HeadPath, Values

#: Weights of the inputs, so that each counts by how far it moves hair: per radian of turn, per eye
#: distance of shift from the rest, per natural logarithm of size; the jaw's is 1.
TURN, SHIFT, SIZE = 4.0, 3.0, 6.0
#: Weight of squares and products.
SQUARES = 0.5
#: Inputs without squares: turn, shift, size, jaw.
INPUTS = 7
#: Penalties tried, and the stretches left out one by one to choose among them.
PENALTIES = (0.1, 0.3, 1.0, 3.0)
STRETCHES = 5
#: With fewer key frames than this there is no ridge.  With four it foretells a third to a tenth
#: better than the proxy alone already.
LEAST_KEYS = 4
#: Inputs are limited to these percentiles of the key frames.
LIMITS = (1.0, 99.0)


@dataclass(frozen=True, slots=True, eq=False)
class OutlineRidge:
    """See the module.

    middle    (f,)       mean features
    usual     (n, 2)     mean residual, working pixels
    weights   (f, 2 n)
    low, high (INPUTS,)  limits of the inputs
    error     (3,)       working pixels, root mean square over the key frames: the residual about
                         its mean; held out; held out, of the head and hair alone
    penalty   the one that was chosen
    """

    middle: Array
    usual: Array
    weights: Array
    low: Array
    high: Array
    error: Array
    penalty: float

    def __post_init__(self) -> None:
        f, n = len(self.middle), len(self.usual)
        for name, shape in (("middle", (f,)), ("usual", (n, 2)), ("weights", (f, 2 * n)),
                            ("low", (INPUTS,)), ("high", (INPUTS,)), ("error", (3,))):  # fmt: skip
            seal(self, name, *shape)

    def foretold(self, features: Array | Values) -> Values:
        """(T, n, 2) residuals, working pixels, of features (T, f); inputs are limited."""
        inputs = np.asarray(features, np.float64)[:, :INPUTS]
        away = with_squares(np.clip(inputs, self.low, self.high)) - self.middle
        moved = away @ np.asarray(self.weights, np.float64)
        return np.asarray(moved.reshape(len(away), -1, 2) + self.usual, np.float64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """For `from_arrays`."""
        names = ("middle", "usual", "weights", "low", "high", "error")
        return {name: getattr(self, name) for name in names} | {
            "penalty": np.array([self.penalty], np.float64)
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> OutlineRidge:
        """From `arrays()`."""
        names = ("middle", "usual", "weights", "low", "high", "error")
        return cls(**{n: arrays[n] for n in names}, penalty=float(arrays["penalty"][0]))


def features_of(path: HeadPath, jaw: Array | Values, middle_turn: Array | Values) -> Array:
    """(T, 12) what the ridge foretells from.

    Args:
        jaw: (T,) how far the jaw is open, as of `jaw_of`.
        middle_turn: (3,) the actor's median rotation vector, radians.
    """
    inputs = np.concatenate(
        [
            (path.turn - np.asarray(middle_turn, np.float64)) * TURN,
            (path.shift - path.rest_shift) / path.rest_scale[:, None] * SHIFT,
            np.log(path.scale / path.rest_scale)[:, None] * SIZE,
            np.asarray(jaw, np.float64)[:, None],
        ],
        axis=1,
    )
    return np.asarray(with_squares(inputs), np.float32)


def with_squares(inputs: Values) -> Values:
    """(T, 12): inputs (T, 7), the turn's squares, and two of its products."""
    turn = inputs[:, :3]
    products = np.stack([turn[:, 0] * turn[:, 1], turn[:, 1] * turn[:, 2]], axis=1)
    return np.concatenate([inputs, SQUARES * turn**2, SQUARES * products], axis=1)


def learn(features: Array, residuals: Array | Values, share: Array) -> OutlineRidge | None:
    """The ridge of k key frames in order of time; None where there are too few.

    Args:
        features: (k, f).
        residuals: (k, n, 2) followed outlines less `outline.base`, working pixels.
        share: (n,) of the outline.
    """
    k = len(features)
    if k < LEAST_KEYS:
        return None
    inputs = np.asarray(features, np.float64)
    moved = np.asarray(residuals, np.float64).reshape(k, -1)
    fold = np.arange(k) * STRETCHES // k
    left = {penalty: _left_out(inputs, moved, fold, penalty) for penalty in PENALTIES}
    best = min(PENALTIES, key=lambda penalty: float((left[penalty] ** 2).sum()))
    middle, usual, weights = _solved(inputs, moved, best)
    errors = left[best].reshape(k, -1, 2)
    low, high = np.percentile(inputs[:, :INPUTS], LIMITS, axis=0)
    head = errors[:, share > 0.7]
    figures = (moved - moved.mean(axis=0)).reshape(k, -1, 2), errors, head if head.size else errors
    return OutlineRidge(
        np.asarray(middle, np.float32),
        np.asarray(usual.reshape(-1, 2), np.float32),
        np.asarray(weights, np.float32),
        np.asarray(low, np.float32),
        np.asarray(high, np.float32),
        np.array([np.sqrt((part**2).sum(axis=-1).mean()) for part in figures], np.float32),
        best,
    )


def _left_out(inputs: Values, moved: Values, fold: NDArray[np.intp], penalty: float) -> Values:
    """(k, 2 n) errors of each frame foretold from the other stretches."""
    errors = np.empty_like(moved)
    for n in range(STRETCHES):
        out = fold == n
        middle, usual, weights = _solved(inputs[~out], moved[~out], penalty)
        errors[out] = (inputs[out] - middle) @ weights + usual - moved[out]
    return errors


def _solved(inputs: Values, moved: Values, penalty: float) -> tuple[Values, Values, Values]:
    middle, usual = inputs.mean(axis=0), moved.mean(axis=0)
    away = inputs - middle
    system = away.T @ away + penalty * np.eye(away.shape[1])
    return middle, usual, np.linalg.solve(system, away.T @ (moved - usual))
