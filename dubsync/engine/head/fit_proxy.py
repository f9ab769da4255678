"""Fit the rigid proxy to frames in which the outline was followed: each point's depth and share.

The ellipsoid guesses how deep hair and neck lie and how far they go with the head.  A head that was
seen to turn tells: a deep point moves more than a near one, a lock on the shoulder less than one
above the ear.  Unlike the ridge, what is learnt here holds beyond the poses that were seen.
Source: ours; least squares with a prior, one unknown at a time.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.engine.head.head_path import HeadPath, Values
from dubsync.engine.head.outline import Outline, base, hanging

#: How much the guess weighs: squared working pixels of evidence at which it counts half.
DEPTH_PRIOR, SHARE_PRIOR = 1000.0, 3000.0
ROUNDS = 2


def fit_proxy(
    outline: Outline,
    reference: HeadPath,
    path: HeadPath,
    grids: Values,
    seen: NDArray[np.bool_] | None = None,
) -> Outline:
    """The outline with the depths and shares that explain the frames best.

    Args:
        reference: of the frame that the outline lies on; points move along its line of sight.
        path: (k) of the frames, each in its own working pixels.
        grids: (k, n, 2) the outline followed in them.
        seen: (k, n) whether the frame shows the point; None: all.
    """
    sight = reference.rotation[0].T @ np.array([0.0, 0.0, 1.0])
    deeper = path.scale[:, None] * (path.rotation @ sight)[:, :2]  # (k, 2) pixels per model unit
    guessed, share = np.asarray(outline.model, np.float64), np.asarray(outline.share, np.float64)
    away, depth = share.copy(), np.zeros(len(outline))
    counts = 1.0 if seen is None else np.asarray(seen, np.float64)[..., None]
    for _ in range(ROUNDS):
        fitted = _with(outline, guessed + depth[:, None] * sight, away)
        moves = counts * away[None, :, None] * deeper[:, None]
        missed = grids - base(fitted, path)
        weight = (moves**2).sum(axis=(0, 2))
        depth = ((moves * missed).sum(axis=(0, 2)) + weight * depth) / (weight + DEPTH_PRIOR)
        fitted = _with(outline, guessed + depth[:, None] * sight, away)
        still = hanging(outline, path)
        apart = counts * (path.placed(fitted.model) - still)
        weight = (apart**2).sum(axis=(0, 2))
        went = (apart * (grids - still)).sum(axis=(0, 2))
        away = np.clip((went + SHARE_PRIOR * share) / (weight + SHARE_PRIOR), 0, 1)
    return _with(outline, guessed + depth[:, None] * sight, away)


def _with(outline: Outline, model: Values, share: Values) -> Outline:
    return replace(
        outline, model=np.asarray(model, np.float32), share=np.asarray(share, np.float32)
    )
