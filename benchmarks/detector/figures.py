"""The area under the curve of a detector's scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHOT = 24  #: frames whose mean score stands for a shot
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Scores of one shot's real and drawn frames, in the order of the plate."""

    shot: str
    real: Scores
    drawn: Scores


def area(real: Scores, drawn: Scores) -> float:
    """The chance that a drawn one scores above a real one, ties by half: .5 tells nothing."""
    above = drawn[:, None] > real[None]
    level = drawn[:, None] == real[None]
    return float(above.mean() + level.mean() / 2)


def shots(scores: Scores) -> Scores:
    """The means of successive SHOT frames; a rest of fewer than half a shot is left out."""
    parts = [scores[n : n + SHOT] for n in range(0, len(scores), SHOT)]
    return np.array([part.mean() for part in parts if len(part) >= SHOT // 2])


def areas(judged: list[Judged]) -> dict[str, float]:
    """Each shot's area by frames; their mean; the mean by shots; all together, both ways.

    Together, scores of several networks are compared, whose zero may differ.
    """
    each = {one.shot: area(one.real, one.drawn) for one in judged}
    real, drawn = ([getattr(one, side) for one in judged] for side in ("real", "drawn"))
    real_shots, drawn_shots = (list(map(shots, side)) for side in (real, drawn))
    by_shots = [area(a, b) for a, b in zip(real_shots, drawn_shots, strict=True)]
    return {
        **each,
        "mean": float(np.mean(list(each.values()))),
        "mean by shots": float(np.mean(by_shots)),
        "together": area(np.concatenate(real), np.concatenate(drawn)),
        "together by shots": area(np.concatenate(real_shots), np.concatenate(drawn_shots)),
    }
