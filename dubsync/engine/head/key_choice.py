"""Which frames of the footage become key frames: well spread over poses and expressions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.learning.head import HeadRange, range_apart
from dubsync.engine.geometry.lips import gaps
from dubsync.engine.geometry.mesh import (
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    OUTER_LIPS,
    RIGHT_BROW,
    indices,
)
from dubsync.engine.head.head_path import HeadPath, Values, joined_path

#: Key frames at most.  With a hundred it is luck whether the right ones are among them: LPIPS of
#: woman_braids .026 to .030 by which hundred, .026 with 300 and with all (docs/benchmarks.md,
#: "Whole heads").
MOST_KEYS = 300
#: What each difference costs, in eye distances of face shape: per radian of turn, per eye distance
#: of shift, per natural logarithm of size; mouth, root of the lips' gap, brows, root of the lids'.
TURN, SHIFT, SIZE, MOUTH, GAP, BROWS, LIDS = 1.0, 0.15, 0.3, 0.5, 0.3, 0.7, 0.35
#: Openings below this, relative to an eye's width or distance, count as closed.
LEAST_OPEN = 0.01
#: Limits of the range, percentiles of the frames seen: one mistracked frame is no range.
LIMITS = (1.0, 99.0)
#: Upper lids, lower lids and corners of the right and left eye.
_RIGHT = (indices("158 159 160"), indices("153 145 144"), (33, 133))
_LEFT = (indices("385 386 387"), indices("380 374 373"), (263, 362))


@dataclass(frozen=True, slots=True, eq=False)
class Poses:
    """T frames of one actor, for choosing among them.

    path    plate pixels
    faces   (T, 478, 3) without head movement, model units
    gaze    (T, 4)
    """

    path: HeadPath
    faces: Array
    gaze: Array

    def __len__(self) -> int:
        return len(self.path)

    def __getitem__(self, which: NDArray[np.intp]) -> Poses:
        return Poses(self.path[which], self.faces[which], self.gaze[which])

    @classmethod
    def joined(cls, parts: Sequence[Poses]) -> Poses:
        """The frames of several shots, one after another."""
        return cls(
            joined_path([part.path for part in parts]),
            np.concatenate([part.faces for part in parts]),
            np.concatenate([part.gaze for part in parts]),
        )

    def features(self) -> Array:
        """(T, D): the Euclidean distance between two rows is how far two frames differ."""
        faces = np.asarray(self.faces, np.float64)
        mouth = np.concatenate([OUTER_LIPS, INNER_LIPS, JAW])
        brows = np.concatenate([RIGHT_BROW, LEFT_BROW])
        gap = np.sqrt(np.maximum(gaps(self.faces), 0) + LEAST_OPEN)
        parts = (
            self.path.turn * TURN,
            moved(self.path) * SHIFT,
            np.log(self.path.scale / self.path.rest_scale)[:, None] * SIZE,
            faces[:, mouth] * (MOUTH / np.sqrt(len(mouth))),
            gap * (GAP / np.sqrt(gap.shape[1])),
            faces[:, brows] * (BROWS / np.sqrt(len(brows))),
            np.sqrt(lids_of(faces) + LEAST_OPEN) * LIDS,
        )
        return np.concatenate([p.reshape(len(faces), -1) for p in parts], 1).astype(np.float32)


def moved(path: HeadPath) -> Values:
    """(T, 2) how far the head is from its rest, eye distances."""
    return np.asarray((path.shift - path.rest_shift) / path.rest_scale[:, None], np.float64)


def lids_of(faces: Array | Values) -> Values:
    """(T, 2) opening of the right and the left eye relative to its width."""
    faces = np.asarray(faces, np.float64)
    sides = []
    for upper, lower, (outer, inner) in (_RIGHT, _LEFT):
        apart = np.linalg.norm(faces[:, upper, :2] - faces[:, lower, :2], axis=-1).mean(axis=1)
        width = np.linalg.norm(faces[:, outer, :2] - faces[:, inner, :2], axis=-1)
        sides.append(apart / np.maximum(width, 1e-6))
    return np.stack(sides, axis=1)


def well_spread(features: Array, most: int) -> NDArray[np.intp]:
    """At most `most` rows of features (T, D), rising: half evenly in time, half the farthest.

    Evenly alone misses what was done once; the farthest alone are grimaces and slips of the
    tracker, and leave the pose in which most of a scene plays with one frame.
    """
    count = len(features)
    if count <= most:
        return np.arange(count)
    even = np.unique(np.linspace(0, count - 1, max(1, most // 2)).round().astype(np.intp))
    chosen = set(even.tolist())
    away = np.min([((features - features[n]) ** 2).sum(axis=1) for n in even], axis=0)
    while len(chosen) < most:
        farthest = int(np.argmax(away))
        chosen.add(farthest)
        away = np.minimum(away, ((features - features[farthest]) ** 2).sum(axis=1))
    return np.array(sorted(chosen), np.intp)


def range_of(poses: Poses) -> HeadRange:
    """What the frames show the head do."""
    turn = np.degrees(poses.path.turn)
    opening = np.maximum(gaps(poses.faces), 0)[:, 2:7].mean(axis=1)
    lids = lids_of(poses.faces).mean(axis=1)
    size = poses.path.scale / poses.path.rest_scale

    return HeadRange(
        _ends(turn), shifts_of(poses.path), _ends(size), _ends(opening), _ends(lids),
        range_apart(np.asarray(poses.path.turn, np.float32)),
    )  # fmt: skip


def shifts_of(path: HeadPath) -> Array:
    """(2, 2) `HeadRange.shift` of a path."""
    return _ends(moved(path))


def _ends(values: Values) -> Array:
    return np.asarray(np.percentile(values, LIMITS, axis=0), np.float32)
