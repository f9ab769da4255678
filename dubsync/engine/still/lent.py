"""What the other stills of a person lend the one that is moved: shut lids, open mouths, teeth.

For each frame the still whose mouth is most like the wanted one, and the one whose eyes are, by
Viterbi, so that they change seldom.  The moved still itself is always among them, and the others
must be clearly better: a warp of one picture is of one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.engine.geometry.mesh import CHIN, INNER_LIPS, LIP_CONTACTS, OUTER_LIPS
from dubsync.engine.geometry.pose import to_vectors
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.inlay.insets import (
    Shown,
    eye_insets,
    lay_inset,
    lips_inset,
)
from dubsync.engine.still.controls import BROWS, CORNERS, EYES
from dubsync.engine.still.still_model import WORKING_EYE, StillKey, StillModel
from dubsync.engine.still.transfer import DrivenFace

Values = NDArray[np.float64]

#: By how much another still must be nearer than the moved one, and what a change costs, in feature
#: distance; share of the distance between the two that a change costs too.
BETTER, CHANGE, APART = 0.10, 0.03, 0.5
#: Weight of the root of lips' and lids' opening, and of a radian of turn.
GAP, LIDS, TURN = 1.0, 2.0, 0.26


@dataclass(frozen=True, slots=True)
class Lent:
    """Numbers of the stills that mouth and eyes come from; 0 is the moved still's own."""

    mouth: int = 0
    eyes: int = 0


def choose_lent(still: StillModel, targets: Sequence[DrivenFace]) -> tuple[Lent, ...]:
    """For each target what is lent to it.  One target at a time serves a stream, less steadily."""
    if len(still.keys) == 1 or not targets:
        return tuple(Lent() for _ in targets)
    fronts = [key.face.front for key in still.keys]
    turns = [np.radians(_turn(still.key, key)) for key in still.keys]
    wanted = [target.front for target in targets]
    turned = [np.radians(np.asarray(target.turned, np.float64)) for target in targets]
    paths = [
        _path(
            np.stack([shape(f, t) for f, t in zip(wanted, turned, strict=True)]),
            np.stack([shape(f, t) for f, t in zip(fronts, turns, strict=True)]),
        )
        for shape in (_mouth, _eyes)
    ]
    return tuple(Lent(int(m), int(e)) for m, e in zip(*paths, strict=True))


def with_lent(part: Array, still: StillModel, wanted: Values, lent: Lent) -> Array:
    """`part` (h, w, 3), the moving part of the first still, with what is lent laid in, in place.

    Args:
        wanted: (478, 3) landmarks, working pixels of the part.
    """
    key = still.key
    canvas = Canvas(key.region, key.scale, WORKING_EYE)
    insets = []
    if lent.mouth:
        insets.append((lips_inset(wanted, WORKING_EYE, key.size), still.keys[lent.mouth]))
    if lent.eyes:
        eyes = eye_insets(wanted, WORKING_EYE, key.size)
        insets += [(inset, still.keys[lent.eyes]) for inset in eyes]
    for inset, lender in insets:
        if inset is None:
            continue
        source = Shown(lender.part, lender.tracked, lender.scale)
        lay_inset(part, inset, wanted, source, canvas)
    return part


def _path(wanted: Values, offered: Values) -> NDArray[np.intp]:
    """(T,) cheapest sequence of offered rows (K, D) for wanted rows (T, D)."""
    apart = np.linalg.norm(wanted[:, None] - offered[None], axis=2)
    apart[:, 1:] += BETTER
    change = CHANGE + APART * np.linalg.norm(offered[:, None] - offered[None], axis=2)
    np.fill_diagonal(change, 0)
    total, back = apart[0], np.zeros(apart.shape, np.intp)
    for t in range(1, len(apart)):
        through = total[:, None] + change
        back[t] = through.argmin(axis=0)
        total = through.min(axis=0) + apart[t]
    path = np.zeros(len(apart), np.intp)
    path[-1] = int(total.argmin())
    for t in range(len(apart) - 1, 0, -1):
        path[t - 1] = back[t, path[t]]
    return path


def _mouth(front: Array, turn: Values) -> Values:
    points = np.asarray(front, np.float64)
    ids = np.concatenate([OUTER_LIPS, INNER_LIPS, [CHIN]])
    shape = (points[ids] - points[6])[:, :2].ravel() / np.sqrt(len(ids))
    upper, lower = LIP_CONTACTS.T
    gap = np.maximum(points[lower, 1] - points[upper, 1], 0)
    return np.concatenate([shape, GAP * np.sqrt(gap + 0.004) * 0.35 / 3, TURN * turn])


def _eyes(front: Array, turn: Values) -> Values:
    points = np.asarray(front, np.float64)
    lids = []
    for eye in range(2):
        ring, (a, b) = EYES[eye], CORNERS[eye]
        width = np.linalg.norm(points[a, :2] - points[b, :2])
        open_by = max(float(points[ring[2:7], 1].mean() - points[ring[10:15], 1].mean()), 0.0)
        lids.append(np.sqrt(open_by / width + 0.01) * 0.5)
    ids = np.concatenate(BROWS)
    brows = (points[ids] - points[6])[:, :2].ravel() / np.sqrt(len(ids))
    return np.concatenate([LIDS * np.array(lids), brows, 0.3 * turn])


def _turn(moved: StillKey, other: StillKey) -> Values:
    """(3,) rotation vector, degrees, from the moved still's pose to another's."""
    between = other.face.pose.rotation @ moved.face.pose.rotation.transpose(0, 2, 1)
    return np.asarray(np.degrees(to_vectors(between)[0]))
