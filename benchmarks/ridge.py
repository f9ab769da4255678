"""Ridge regression: the baseline for ours."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def ridge(x: Values, y: Values, strictness: float) -> tuple[Values, Values, Values, Values]:
    """(level, spread, weights, mean): y is about (x - level) / spread @ weights + mean."""
    level, mean = x.mean(axis=0), y.mean(axis=0)
    spread = x.std(axis=0) + 0.3  # near-constant features are not amplified
    unit = (x - level) / spread
    if len(unit) >= unit.shape[1]:
        gram = unit.T @ unit + strictness * np.eye(unit.shape[1])
        weights = np.linalg.solve(gram, unit.T @ (y - mean))
    else:  # fewer frames than features: the same answer from the smaller system
        gram = unit @ unit.T + strictness * np.eye(len(unit))
        weights = unit.T @ np.linalg.solve(gram, y - mean)
    return level, spread, np.asarray(weights, np.float64), mean
