"""Exemplars chosen by a window of wanted motion: do the frames before and after help?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.rows import OURS, renderer
from benchmarks.heads.trial import Trial
from dubsync.core.arrays import Array
from dubsync.engine.head.head_path import path_of
from dubsync.engine.head_draw.choose.head_choice import Offered, choose, cuts, neighbours_at_cuts
from dubsync.engine.head_draw.choose.pose_features import HEAD, LIPS, Looks
from dubsync.engine.head_draw.head_plan import Chosen, kept_residuals
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.inlay.low_band import MOST, REACH
from dubsync.engine.head_draw.prepare_head import eye_features, looks_on
from dubsync.engine.motion.fit import fit

Values = NDArray[Any]

#: Standard deviation of the weights over a window, as a share of its length.
FALL = 0.2


def windowed(trial: Trial, frames: int) -> HeadRenderer:
    """Our renderer, its exemplars chosen by `frames` frames of motion round each."""
    made = renderer(trial, OURS)
    return made if frames == 1 else in_window(made, trial, frames)


def in_window(made: HeadRenderer, trial: Trial, frames: int) -> HeadRenderer:
    """A renderer of the trial's head, its exemplars chosen by `frames` frames round each."""
    keys = np.array([key.frame for key in trial.head.keys], np.int64)
    plates = tuple(key.plate for key in trial.head.keys)
    then = _looks(trial)
    wanted = made.canvas.working(made.plan.landmarks)
    now = looks_on(wanted, made.plan.rests, trial.actor.model)

    def chosen(part: Callable[[Looks], Array]) -> Chosen:
        offered = Offered(stacked(part(then), frames)[keys], plates, keys)
        path = choose(stacked(part(now), frames), offered)
        cut = cuts(path, offered)
        return Chosen(path, neighbours_at_cuts(path, cut, REACH, MOST), cut)

    whole = chosen(lambda one: one.features(HEAD))
    eyes = chosen(partial(eye_features, eye=0)), chosen(partial(eye_features, eye=1))
    return made.with_plan(replace(
        made.plan, kept=kept_residuals(trial.head, whole.path), head=whole,
        mouth=chosen(lambda one: one.features(LIPS)), eyes=eyes,
    ))  # fmt: skip


def stacked(features: Array, frames: int) -> Array:
    """(T, frames * D) features of the frames round each, weighted so that all weights' squares add
    up to 1."""
    half = frames // 2
    away = np.arange(-half, half + 1)
    share = np.exp(-0.5 * (away / (FALL * frames)) ** 2)
    share = np.sqrt(share / share.sum())
    rows = np.clip(np.arange(len(features))[:, None] + away, 0, len(features) - 1)
    together = features[rows] * share[None, :, None].astype(np.float32)
    return np.asarray(together.reshape(len(features), -1), np.float32)


def _looks(trial: Trial) -> Looks:
    """Looks of every frame learnt from, counted from the head's rest."""
    bank, basis = trial.bank.track(0, trial.learnt), trial.actor.model
    return looks_on(np.asarray(bank.landmarks, np.float64), path_of(fit(bank, basis)), basis)
