"""How far a step stands out from the steps around it, in all that motion can explain.

Of a person who is cut to another moment of the same take everything that moves jumps at once: head,
hair, shoulders and mouth, each elsewhere than the frames before and after lead to.  A blink or a
word changes one place, a fast turn is led up to, and a lamp moves nothing.  A head has weight,
too: from one step to the next its pace changes by little, however fast it moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.media.cut_detection.steps import Steps

Values = NDArray[np.float32]

#: Steps on each side that a step is compared with.
NEAR = 3
#: Steps of 0..255 that noise and coding make of the same picture: as it is, and after motion is
#: taken out.
_NOISE, _NOISE_LEFT = 0.4, 0.3
#: A part of the picture in which nothing ever changes by more does not count.
_ACTIVE = 1.0
#: No part counts for more than this, as a log of its ratio: a blink is far above what was there.
_MOST = 1.5
#: A step that changes less than this share of what one near it does is no cut.
_LEAST = 0.8
#: Motion that is no motion, in samples: of one step, and of what is usual; the same in one part.
_STILL, _USUAL = 0.02, 0.1
_STILL_PART, _USUAL_PART = 0.05, 0.15
#: So many parts leave their way, or look different, at least as far as is measured: both eyes are
#: less, a head is more.
_MANY = 12


@dataclass(frozen=True, slots=True)
class Break:
    """How far a step stands out, as logs.

    Of ratios to the most that is near it, above 0 where it does:

    changed      in the mean of the picture
    left         the same, after motion is taken out
    spread       in the parts of the picture that change at all, each for itself: their mean
    spread_left  the same, after motion is taken out
    path         how far the parts leave the way on which they were, against the most of any step
    typical      the same of each part against itself: their median

    Of sizes, in samples of motion or steps of 0..255:

    wrench       how far _MANY parts leave the way on which they were, at least
    unexplained  what is left in _MANY parts at least, beyond what is left near it
    unsteady     how far parts near it leave theirs
    busy         the most that any part near it changes
    """

    changed: float
    left: float
    spread: float
    spread_left: float
    path: float
    typical: float
    wrench: float
    unexplained: float
    unsteady: float
    busy: float

    @property
    def values(self) -> tuple[float, ...]:
        """Every measure, in the order above."""
        return astuple(self)


def likely_steps(steps: Steps) -> NDArray[np.intp]:
    """Steps that change nearly as much of the picture as any step near them, or more."""
    total = steps.changed.mean(axis=1)
    most = np.zeros_like(total)
    for away in range(1, NEAR + 1):
        most[away:] = np.maximum(most[away:], total[:-away])
        most[:-away] = np.maximum(most[:-away], total[away:])
    return np.flatnonzero(total >= _LEAST * most)


def measured(steps: Steps, n: int, before: Sequence[int], after: Sequence[int]) -> Break:
    """Step `n` against the steps `before` and `after` it, in order, at least one in all."""
    near = np.array([*before, *after])
    changed, left = steps.changed[n], steps.left[n]
    most, most_left = steps.changed[near].max(axis=0), steps.left[near].max(axis=0)
    above = np.clip(np.maximum(most, changed) - _ACTIVE, 0, None)
    active = np.sqrt(above)
    whole = float(active.sum()) + 1e-3

    def spread(now: Values, usual: Values, noise: float) -> float:
        stands = np.clip(np.log((now + 0.3) / (usual + 0.3 + noise)), -_MOST, _MOST)
        return float((active * stands).sum()) / whole

    leaves, others = _leaves(steps.motion, n, before, after)
    usual = max((float((active * other).sum()) / whole for other in others), default=0.0)
    away = float((active * leaves).sum()) / whole
    each = np.log((leaves + _STILL_PART) / (np.max([*others, 0 * leaves], axis=0) + _USUAL_PART))
    return Break(
        changed=_stands(steps.changed, n, near, _NOISE),
        left=_stands(steps.left, n, near, _NOISE_LEFT),
        spread=spread(changed, most, _NOISE),
        spread_left=spread(left, most_left, _NOISE_LEFT),
        path=float(np.log((away + _STILL) / (usual + _USUAL))),
        typical=_median(np.clip(each, -_MOST, _MOST), active),
        wrench=_many(leaves * np.minimum(above, 1)),
        unexplained=_many(left - most_left - _NOISE_LEFT),
        unsteady=float(np.log(usual + _STILL_PART)),
        busy=float(np.log(float(steps.changed[near].max()) + _NOISE)),
    )


def _stands(values: Values, n: int, near: NDArray[np.intp], noise: float) -> float:
    """The mean of step `n` over the largest of those near it."""
    usual = float(values[near].mean(axis=1).max()) + noise
    return float(np.log((float(values[n].mean()) + 1e-3) / usual))


def _leaves(
    motion: Values, n: int, before: Sequence[int], after: Sequence[int]
) -> tuple[Values, list[Values]]:
    """How far each part leaves its way in step `n`, and in each step near it; in samples."""

    def apart(one: Values, other: Values) -> Values:
        return np.asarray(np.hypot(*(one - other)), np.float32)

    around = [motion[side] for side in (*before[-1:], *after[:1])]
    if before and after:
        around.append((motion[before[-1]] + motion[after[0]]) / 2)
    leaves = np.min([apart(motion[n], each) for each in around], axis=0)
    others = [apart(motion[one], motion[one + 1]) for side in (before, after) for one in side[:-1]]
    return np.asarray(leaves, np.float32), others


def _many(values: Values) -> float:
    """The log of what _MANY parts reach."""
    reached = float(np.partition(values, -_MANY)[-_MANY])
    return float(np.log(max(reached, 0.0) + 0.1))


def _median(values: Values, weights: Values) -> float:
    """The value that half of the `weights` lie up to; the least where there are none."""
    order = np.argsort(values)
    shares = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(shares, shares[-1] / 2)])
