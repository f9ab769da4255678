"""What decides whether one picture of an eye can stand in for another.

The lids' shape and opening, the brow, the gaze and the turn of the head, of each eye by itself, so
that one eye may wink.  Openings count by their root: what changes an eye is the ratio of two
openings, not their difference, and a nearly shut eye must not be drawn from a wide one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ShapeError
from dubsync.engine.geometry.mesh import LEFT_BROW, LEFT_EYE, RIGHT_BROW, RIGHT_EYE
from dubsync.engine.geometry.pose import align_robustly, to_vectors
from dubsync.engine.motion.basis import Basis
from dubsync.engine.motion.fit import gaze_of

Values = NDArray[np.float64]

#: What each difference costs, in root-mean-square eye distances of the lids' shape: measured by
#: `benchmarks.eyes`.
LIDS, BROWS, GAZE, LID_ROOT, TURN = 2.0, 1.0, 0.8, 2.0, 0.3
#: Smallest opening, squared, that counts, eye widths; and the root's own weight.
LEAST_OPENING, ROOT_SHARE = 0.01, 0.5
#: Column of the root: after 16 lid points, 10 brow points and the gaze.
ROOT_AT = 2 * (16 + 10 + 1)
#: A gaze in eye widths counts half beside lids in eye distances.
GAZE_SHARE = 0.5
#: Ring, brow, the lids' middles (upper, lower), corners, and columns of `MotionTrack.gaze`.
_EYES = (
    (RIGHT_EYE, RIGHT_BROW, ((159, 158, 160), (145, 153, 144)), (33, 133), (2, 3)),
    (LEFT_EYE, LEFT_BROW, ((386, 385, 387), (374, 380, 373)), (362, 263), (0, 1)),
)


@dataclass(frozen=True, slots=True, eq=False)
class EyeFeatures:
    """Features of T faces; the Euclidean distance of two rows says how far two pictures differ.

    eyes   (2, T, D)  of the right eye, and of the left
    brows  (T, E)     of both brows
    """

    eyes: Array
    brows: Array

    def __post_init__(self) -> None:
        if self.eyes.ndim != 3 or len(self.eyes) != 2 or self.eyes.shape[1] != len(self.brows):
            raise ShapeError(f"features of eyes {self.eyes.shape} and brows {self.brows.shape}")

    def __len__(self) -> int:
        return len(self.brows)

    def rows(self, which: NDArray[np.intp]) -> EyeFeatures:
        return EyeFeatures(self.eyes[:, which], self.brows[which])

    @property
    def openings(self) -> Array:
        """(2, T) roots of the lids' openings, as they are weighed."""
        return self.eyes[..., ROOT_AT]

    @property
    def both(self) -> Array:
        """(T, 2 D) of both eyes, to spread a bank by."""
        return np.concatenate([self.eyes[0], self.eyes[1]], axis=1)


def eye_features(landmarks: Array, basis: Basis) -> EyeFeatures:
    """The EyeFeatures of faces with landmarks (T, 478, 3), pixels, of the actor of `basis`."""
    if landmarks.ndim != 3 or len(landmarks) == 0:
        raise ShapeError(f"no eyes in landmarks {landmarks.shape}")
    pose = align_robustly(landmarks, basis.rest, np.asarray(basis.skull, np.float64))
    faces = pose.remove(landmarks)
    turn = to_vectors(pose.rotation) * TURN
    gaze = gaze_of(faces)
    eyes, brows = [], []
    for ring, brow, (upper, lower), corners, columns in _EYES:
        width = np.linalg.norm(faces[:, corners[0], :2] - faces[:, corners[1], :2], axis=1)
        apart = np.linalg.norm(faces[:, upper, :2] - faces[:, lower, :2], axis=2).mean(axis=1)
        root = np.sqrt(apart / np.maximum(width, 1e-6) + LEAST_OPENING) * ROOT_SHARE
        lids = faces[:, ring, :2].reshape(len(faces), -1) / np.sqrt(len(ring))
        over = faces[:, brow, :2].reshape(len(faces), -1) / np.sqrt(len(brow))
        looks = gaze[:, columns] * GAZE_SHARE
        parts = [lids * LIDS, over * BROWS, looks * GAZE, root[:, None] * LID_ROOT, turn]
        eyes.append(np.concatenate(parts, axis=1))
        brows.append(over * BROWS)
    return EyeFeatures(
        np.asarray(np.stack(eyes), np.float32),
        np.asarray(np.concatenate([*brows, turn], axis=1), np.float32),
    )
