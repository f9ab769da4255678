"""Which expression scores each control sets, at full, in one actor's face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.engine.expression.scores import SCORES

Values = NDArray[np.float64]

#: A score that peaks lower than this above neutral is not shown by the footage.
SHOWN = 0.15
#: How far a control goes at 1 where the footage shows less: a clear expression, not a grimace.
USUAL = 0.6
#: Frames of at least this part of the peak say what else moves with a score.
NEAR_PEAK = 0.85


@dataclass(frozen=True, slots=True)
class Made:
    """A control: its scores, others that go with them as the actor's do, and their sign."""

    scores: tuple[str, ...]
    along: tuple[str, ...] = ()
    sign: float = 1.0


def _both(*names: str) -> tuple[str, ...]:
    return tuple(f"{name}{side}" for name in names for side in ("Left", "Right"))


#: The control and its direction -> what it sets.  "-" is the control below 0; where there is no
#: such entry a control below 0 takes away what it adds above 0.
CONTROL_SCORES: Mapping[str, Made] = {
    "brow_in": Made(("browInnerUp",)),
    "brow_in-": Made(_both("browDown")),
    "brow_out": Made(_both("browOuterUp")),
    "smile": Made(_both("mouthSmile"), _both("eyeSquint", "cheekSquint", "mouthDimple")),
    "frown": Made(_both("mouthFrown"), ("mouthShrugLower",)),
    "cheeks": Made(_both("cheekSquint", "eyeSquint")),
    "lips": Made(_both("mouthPress"), ("mouthRollLower", "mouthRollUpper")),
}
ROWS = tuple(CONTROL_SCORES)


def full_scores(above: Values, peak: Values) -> Values:
    """(K, S) scores above neutral of each of ROWS at 1: as this actor does it at their fullest.

    Args:
        above: (T, S) scores above neutral of the actor's frames.
        peak: (S,) of them.
    """
    result = np.zeros((len(ROWS), len(SCORES)))
    for row, made in enumerate(CONTROL_SCORES.values()):
        own = [SCORES.index(name) for name in made.scores]
        along = [SCORES.index(name) for name in made.along]
        strength = above[:, own].mean(axis=1) if len(above) else np.zeros(0)
        most = float(np.quantile(strength, 0.98)) if len(strength) else 0.0
        result[row, own] = np.maximum(peak[own], USUAL)
        if most >= SHOWN:
            near = strength >= NEAR_PEAK * most
            result[row, own] *= max(most, USUAL) / max(float(result[row, own].mean()), 1e-6)
            shown = np.maximum(above[near][:, along].mean(axis=0), 0)
            result[row, along] = shown * max(most, USUAL) / most
    return np.clip(result, 0, 1)
