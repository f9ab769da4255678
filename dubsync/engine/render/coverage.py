"""Coverage: whether the actor's own frames show the poses that a dub needs, before rendering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.coverage import Coverage
from dubsync.core.face import MotionTrack
from dubsync.core.steps import Actor
from dubsync.engine.actor import ours
from dubsync.engine.exemplars import selection
from dubsync.engine.exemplars.selection import PoseFeatures
from dubsync.engine.geometry.pose import align_robustly, to_matrices
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import placed

#: A pose this far from every exemplar is lacking: the distance of a head turned 15 degrees further
#: than any seen, or of lips one row of the map (core.coverage.OPENINGS) further apart.  Poses that
#: the footage does contain lie within 0.04 on the sample reel.
FAR = 0.05
#: Pairs of inner lips by which the opening is measured: the middle five.
MIDDLE = slice(2, 7)


def coverage(actor: Actor, wanted: Sequence[MotionTrack]) -> Coverage:
    """Distance of the actor's bank to every frame of `wanted`, motions in the actor's basis.

    Compared are the mouth's shape and opening and the head's rotation, as in exemplar selection;
    light and motion blur, which rendering corrects, are not.

    Raises:
        ModelError: motions of another basis, or an actor of another engine.
    """
    learnt = ours(actor)
    bank, straight = learnt.bank, _frontal_rotation(learnt.bank.model, learnt.model)
    poses = [
        _without_speed(selection.pose_features(placed(m, learnt.model), bank.model)) for m in wanted
    ]
    offered = _without_speed(bank.pose).features
    away = [selection.distances(pose.features, offered).min(axis=1) for pose in poses]
    return Coverage(
        _frames(bank.pose, straight),
        np.concatenate([np.zeros((0, 2), np.float32), *(_frames(x, straight) for x in poses)]),
        np.concatenate([np.zeros(0), *away]),
        FAR,
    )


def _frames(pose: PoseFeatures, straight: Array) -> Array:
    """(T, 2): head rotation in degrees, + to picture right, and lip opening in eye distances."""
    ahead = to_matrices(pose.turn) @ straight @ np.array([0, 0, -1.0])
    turn = np.degrees(np.arctan2(ahead[:, 0], -ahead[:, 2]))
    return np.asarray(np.stack([turn, pose.gap[:, MIDDLE].mean(axis=1)], axis=1), np.float32)


def _frontal_rotation(model: Array, basis: Basis) -> Array:
    """(3, 3) the rotation from a head looking straight ahead to the bank's reference head."""
    pose = align_robustly(model[None], basis.rest, np.asarray(basis.skull, np.float64))
    return np.asarray(pose.rotation[0], np.float32)


def _without_speed(pose: PoseFeatures) -> PoseFeatures:
    return replace(pose, speed=np.zeros_like(pose.speed))
