"""What makes one frame stand in for another: features of a head, its mouth and its eyes.

Euclidean distances between rows say how far two frames differ, in eye distances.  Head, mouth and
eyes are chosen apart, so each has weights of its own.  The openings of lips and lids count by their
roots: what squeezes teeth and irises is the ratio of two openings, not their difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.geometry.mesh import (
    INNER_LIPS,
    JAW,
    LEFT_BROW,
    LEFT_EYE,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LIP_CONTACTS,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
)
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.motion.fit import gaze_of

Values = NDArray[Any]

MOUTH = np.concatenate([OUTER_LIPS, INNER_LIPS, JAW])
EYES = np.concatenate([RIGHT_EYE, LEFT_EYE])
BROWS = np.concatenate([RIGHT_BROW, LEFT_BROW])
#: Upper and lower lid, and the corners, of the right and the left eye.
_LIDS = (
    ([159, 158, 160], [145, 153, 144], RIGHT_EYE_OUTER, RIGHT_EYE_INNER),
    ([386, 385, 387], [374, 380, 373], LEFT_EYE_OUTER, LEFT_EYE_INNER),
)
LEAST_GAP, LEAST_OPENING = 0.004, 0.01
#: Scale of the lips' and lids' roots, of a gaze in eye widths.
GAP_SCALE, LID_SCALE, GAZE_SCALE = 0.35 / 3, 0.5, 0.5

HEAD: Mapping[str, float] = {
    "mouth": 0.5, "gap": 0.3, "eyes": 0.7, "brows": 0.7, "gaze": 0.1, "turn": 0.6,
    "shift": 0.04, "size": 0.15, "speed": 0.15,
}  # fmt: skip
LIPS: Mapping[str, float] = {"mouth": 1.0, "gap": 1.0, "turn": 0.26, "speed": 0.13}
LIDS: Mapping[str, float] = {"eyes": 2.0, "gaze": 0.8, "brows": 1.0, "turn": 0.3, "lids": 2.0}


@dataclass(frozen=True, slots=True, eq=False)
class Looks:
    """How T frames of one head look, without their light.

    mouth  (T, 3 * 57) lips and jaw in the head's own frame, root-mean-square eye distances
    gap    (T, 9)      roots of the lips' openings
    eyes   (T, 2 * 32) lids, brows (T, 2 * 20) alike
    lids   (T, 2)      roots of the lids' openings
    gaze   (T, 4)
    turn   (T, 3)      rotation vector, radians
    shift  (T, 2)      of the head across the picture, eye distances
    size   (T, 1)      logarithm of its size
    speed  (T, 2)      eye distances a frame
    """

    mouth: Array
    gap: Array
    eyes: Array
    brows: Array
    lids: Array
    gaze: Array
    turn: Array
    shift: Array
    size: Array
    speed: Array

    def __len__(self) -> int:
        return len(self.mouth)

    def features(self, weights: Mapping[str, float]) -> Array:
        """(T, D) with the weights HEAD, LIPS or LIDS."""
        parts = [getattr(self, name) * np.float32(weight) for name, weight in weights.items()]
        return np.concatenate(parts, axis=1)

    def of_eye(self, eye: int) -> Looks:
        """The same looks with one eye alone, the right (0) or the left (1): a wink is one eye's."""
        lids, brows = self.eyes.shape[1] // 2, self.brows.shape[1] // 2
        gaze = (1 - eye) * 2
        return replace(
            self,
            eyes=self.eyes[:, eye * lids : (eye + 1) * lids] * np.float32(np.sqrt(2)),
            brows=self.brows[:, eye * brows : (eye + 1) * brows] * np.float32(np.sqrt(2)),
            lids=self.lids[:, eye : eye + 1] * np.float32(np.sqrt(2)),
            gaze=self.gaze[:, gaze : gaze + 2] * np.float32(np.sqrt(2)),
        )

    def at(self, rows: NDArray[np.intp] | list[int]) -> Looks:
        """The looks of some of the frames."""
        return Looks(*(getattr(self, name)[rows] for name in Looks.__slots__))


def joined(parts: list[Looks]) -> Looks:
    """The frames of all `parts` after each other."""
    return Looks(*(np.concatenate([getattr(p, n) for p in parts]) for n in Looks.__slots__))


def looks_of(faces: Values, path: HeadPath, speed: Values | None = None) -> Looks:
    """The Looks of T frames of one head.

    Args:
        faces: (T, 478, 3) without head movement, model units.
        path: of the same frames; where a head is counts from its rest.
        speed: (T, 2) eye distances a frame; None: the frames are consecutive, and it is measured.

    Raises:
        ShapeError: no frames, or another number of them.
    """
    if faces.ndim != 3 or len(faces) != len(path) or not len(faces):
        raise ShapeError(f"no looks in faces {faces.shape} on a path of {len(path)}")
    shift = (path.shift - path.rest_shift) / path.rest_scale[:, None]
    if speed is None:
        speed = np.gradient(shift, axis=0) if len(shift) > 1 else np.zeros((1, 2))
    gap = np.linalg.norm(faces[:, LIP_CONTACTS[:, 0]] - faces[:, LIP_CONTACTS[:, 1]], axis=-1)
    parts = (
        _flat(faces[:, MOUTH]),
        np.sqrt(gap + LEAST_GAP) * GAP_SCALE,
        _flat(faces[:, EYES, :2]),
        _flat(faces[:, BROWS, :2]),
        lid_roots(faces),
        gaze_of(np.asarray(faces, np.float32)) * GAZE_SCALE,
        path.turn,
        shift,
        np.log(path.scale / path.rest_scale)[:, None],
        np.asarray(speed),
    )
    return Looks(*(np.asarray(part, np.float32) for part in parts))


def lid_roots(faces: Values) -> Array:
    """(T, 2) roots of the right and the left eye's opening, of its width."""
    result = []
    for upper, lower, outer, inner in _LIDS:
        apart = np.linalg.norm(faces[:, upper, :2] - faces[:, lower, :2], axis=-1).mean(axis=1)
        width = np.linalg.norm(faces[:, outer, :2] - faces[:, inner, :2], axis=-1)
        result.append(np.sqrt(apart / np.maximum(width, 1e-6) + LEAST_OPENING) * LID_SCALE)
    return np.asarray(np.stack(result, axis=1), np.float32)


def _flat(points: Values) -> Values:
    return np.asarray(points.reshape(len(points), -1) / np.sqrt(points.shape[1]))
