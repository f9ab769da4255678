"""Whether the actor's own frames show what a dub wants of them, told before anything is drawn."""

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

#: A face this far from every exemplar is lacking: as far as a head turned 15 degrees further than
#: any seen, or lips a row of the map (core.coverage.OPENINGS) further apart.  Faces that the
#: footage does hold lie within 0.04 of it on the sample reel.
FAR = 0.05
#: Pairs of inner lips that tell how far the mouth is open: the middle five.
MIDDLE = slice(2, 7)


def coverage(actor: Actor, wanted: Sequence[MotionTrack]) -> Coverage:
    """How near the actor's bank comes to every frame of `wanted`, motions in the actor's basis.

    Compared are the mouth's shape and opening and the head's turn, as when exemplars are
    chosen; light and blur, which drawing makes up for, are not.

    Raises:
        ModelError: motions of another basis, or an actor of another engine.
    """
    learnt = ours(actor)
    bank, straight = learnt.bank, _straight(learnt.bank.model, learnt.model)
    result = [_still(selection.looks(placed(m, learnt.model), bank.model)) for m in wanted]
    offered = _still(bank.looks).features
    away = [selection.distances(looks.features, offered).min(axis=1) for looks in result]
    return Coverage(
        _frames(bank.looks, straight),
        np.concatenate([np.zeros((0, 2), np.float32), *(_frames(x, straight) for x in result)]),
        np.concatenate([np.zeros(0), *away]),
        FAR,
    )


def _frames(looks: PoseFeatures, straight: Array) -> Array:
    """(T, 2): turn in degrees, + to picture right, and lips apart in eye distances."""
    ahead = to_matrices(looks.turn) @ straight @ np.array([0, 0, -1.0])
    turn = np.degrees(np.arctan2(ahead[:, 0], -ahead[:, 2]))
    return np.asarray(np.stack([turn, looks.gap[:, MIDDLE].mean(axis=1)], axis=1), np.float32)


def _straight(model: Array, basis: Basis) -> Array:
    """(3, 3) the turn from a head looking straight ahead to the head that looks count from."""
    pose = align_robustly(model[None], basis.rest, np.asarray(basis.skull, np.float64))
    return np.asarray(pose.rotation[0], np.float32)


def _still(looks: PoseFeatures) -> PoseFeatures:
    return replace(looks, speed=np.zeros_like(looks.speed))
