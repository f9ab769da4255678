"""The rows of the heads' table: ways to re-make a held-out frame of one actor."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.heads.judge import Judge, Parts
from benchmarks.heads.trial import Trial
from dubsync.core.arrays import Array
from dubsync.core.picture import Frame
from dubsync.engine.exemplars.selection import distances
from dubsync.engine.geometry.mesh import FACE_OVAL
from dubsync.engine.head.own_outline import OwnFrames
from dubsync.engine.head.person_matte import PersonMatte
from dubsync.engine.head_draw import affine_warp
from dubsync.engine.head_draw.choose.pose_features import HEAD
from dubsync.engine.head_draw.cut_out import share_of
from dubsync.engine.head_draw.head_renderer import HeadRenderer
from dubsync.engine.head_draw.prepare_head import Sources, looks_on, offered_keys, prepare_head

#: No pixel of the person in the frames to be made is drawn from.
OURS = Sources(own=False)

Draw = Callable[[Frame], Array]


def renderer(trial: Trial, sources: Sources, followed: bool = True) -> HeadRenderer:
    """The trial's renderer: every held-out frame is made, none of its own pixels of the person.

    Args:
        followed: whether a frame's parameters hold, besides landmarks and pose, the outline of hair
            and shoulders as followed in it: what a shot offers.
    """
    return prepare_head(
        trial.actor, trial.head, trial.plate, trial.track, trial.motion, trial.motion,
        np.ones(len(trial.track.frames), np.float32), plate_name=trial.plate_name, sources=sources,
        frames=OwnFrames(trial.clip.read) if followed else None,
    )  # fmt: skip


def drawn_by(made: HeadRenderer) -> Draw:
    """Draws the whole canvas of a frame."""

    def draw(frame: Frame) -> Array:
        drawn = made.draw(frame, everything=True)
        assert drawn is not None
        return drawn.rgb

    return draw


def nearest(trial: Trial) -> Draw:
    """The nearest key frame, laid on by a similarity of the face's outline, over the plate."""
    made = renderer(trial, OURS)
    plan, canvas = made.plan, made.canvas
    basis, points = trial.actor.model, canvas.working(plan.landmarks)
    keys, _ = offered_keys(trial.head, basis)
    costs = distances(looks_on(points, plan.rests, basis).features(HEAD), keys.features(HEAD))

    def draw(frame: Frame) -> Array:
        t = frame.number - trial.track.frames.start
        key = made.shelf.key(int(np.argmin(costs[t])))
        wanted = canvas.working(plan.landmarks[t])[FACE_OVAL, :2]
        there = np.asarray(key.landmarks[FACE_OVAL, :2])
        matrix, _ = cv2.estimateAffinePartial2D(
            wanted.astype(np.float32), there.astype(np.float32), method=cv2.LMEDS
        )
        at = _mapped(matrix, canvas.size)
        region = canvas.region
        place = type(region)(0, 0, region.width, region.height)
        full = affine_warp.at_pixels(at * np.float32(key.scale), place, canvas.px)
        picture = affine_warp.sample(key.picture, full)
        edges = affine_warp.sample(key.edges, full, cv2.INTER_LINEAR)
        share = share_of(edges, np.ones((*edges.shape[:2], 1), np.float32))
        plate = trial.plate.at(frame.number)
        return np.asarray(plate + share * (picture - plate), np.float32)

    return draw


def judged(trial: Trial, draw: Draw, every: int = 1) -> Mapping[str, float]:
    """The figures of one row, over every `every`th held-out frame."""
    judge = Judge()
    for n in trial.numbers[::every]:
        truth = np.asarray(trial.clip.frames[n], np.float32) / np.float32(255)
        frame = trial.clip.frame(n)
        began = time.thread_time()
        made = draw(frame)
        judge.add(made, truth, _parts(trial, n, truth), time.thread_time() - began)
    return judge.figures()


_KEPT: dict[tuple[str, int], Parts] = {}
_PERSON: list[PersonMatte] = []


def _parts(trial: Trial, n: int, truth: Array) -> Parts:
    if (trial.name, n) not in _KEPT:
        if not _PERSON:
            _PERSON.append(PersonMatte())
        landmarks = trial.track.landmarks[n - trial.track.frames.start]
        _KEPT[trial.name, n] = Parts.of(landmarks, _PERSON[0](truth, landmarks))
    return _KEPT[trial.name, n]


def _mapped(matrix: NDArray[Any], size: tuple[int, int]) -> Array:
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    return np.asarray(np.stack([x, y], -1) @ matrix[:, :2].T + matrix[:, 2], np.float32)
