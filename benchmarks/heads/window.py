"""Exemplars chosen by a window of wanted motion: do the frames before and after help?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.rows import OURS, renderer
from benchmarks.heads.trial import Trial
from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.engine.head.head_path import HeadPath, path_of
from dubsync.engine.head_draw.head_choice import Offered, choose, cuts, neighbours_at_cuts
from dubsync.engine.head_draw.head_plan import Chosen, HeadPlan, kept_residuals
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.low_band import MOST, REACH
from dubsync.engine.head_draw.pose_features import HEAD, LIDS, LIPS, Looks
from dubsync.engine.head_draw.prepare_head import looks_on
from dubsync.engine.motion.fit import fit

Values = NDArray[Any]

#: Standard deviation of the weights over a window, as a share of its length.
FALL = 0.2


def windowed(trial: Trial, frames: int) -> HeadRenderer:
    """Our renderer, its exemplars chosen by `frames` frames of motion round each."""
    made = renderer(trial, OURS)
    if frames == 1:
        return made
    bank = trial.bank.track(0, trial.learnt)
    keys = np.array([key.frame for key in trial.head.keys], np.int64)
    plates = tuple(key.plate for key in trial.head.keys)
    rest = path_of(fit(bank, trial.actor.model))
    then, now = _looks(trial, bank, rest), _looks(trial, trial.track, rest)
    chosen: dict[str, Chosen] = {}
    for name, weights in (("head", HEAD), ("mouth", LIPS), ("eyes", LIDS)):
        offered = Offered(stacked(then.features(weights), frames)[keys], plates, keys)
        path = choose(stacked(now.features(weights), frames), offered)
        cut = cuts(path, offered)
        chosen[name] = Chosen(path, neighbours_at_cuts(path, cut, REACH, MOST), cut)
    kept = kept_residuals(trial.head, chosen["head"].path)
    return made.with_plan(_planned(made.plan, kept, chosen))


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


def _planned(plan: HeadPlan, kept: Values, chosen: dict[str, Chosen]) -> HeadPlan:
    return replace(plan, kept=kept, **chosen)  # type: ignore[arg-type]


def _looks(trial: Trial, track: FaceTrack, rest: HeadPath) -> Looks:
    """Looks counted from one rest: the bank's."""
    basis, count = trial.actor.model, len(track.frames)
    path = replace(
        path_of(fit(track, basis)),
        rest_shift=np.broadcast_to(rest.rest_shift[0], (count, 2)),
        rest_scale=np.full(count, rest.rest_scale[0]),
    )
    return looks_on(np.asarray(track.landmarks, np.float64), path, basis)
