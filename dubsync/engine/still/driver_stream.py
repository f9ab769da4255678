"""How a driver moves, frame by frame as they come, against the calmest of what was seen so far."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import LANDMARKS
from dubsync.engine.geometry.mesh import lower_face, skull_weights
from dubsync.engine.geometry.pose import Pose, align_robustly, to_matrices, to_vectors
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.still.controls import QUICK
from dubsync.engine.still.driver_motion import (
    CALM_FRAMES,
    DriverMove,
    Neutral,
    expression_parts,
    joined_poses,
)
from dubsync.engine.still.own_expression import Scores, own_expression
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[np.float64]

#: Share of a new frame: pose and slow skin, lips and lids.
SLOW, FAST = 0.55, 0.85
#: Amount of expression, of mouth and of lids and brows together, up to which a face is calm.
CALM_ENOUGH = 0.25
#: Frames that are little less calm than the calmest count too.
AS_CALM = 0.05
#: A calmer frame by so much makes the driver's expression be worked out anew.
CALMER = 0.1
#: Frames that the usual pose is the median of.
USUAL_FRAMES = 150
#: Share of the way that the neutral goes to a better one, each frame: about a second in all.
GLIDE = 0.07


class CalmParts:
    """The calmest mouths and the calmest lids and brows so far, each with its face.

    Who sings or talks without a pause never has a calm face; but the lips meet at some moment, and
    at another the brows rest.
    """

    def __init__(self) -> None:
        self._low: list[tuple[float, Values, Pose]] = []
        self._high: list[tuple[float, Values, Pose]] = []
        self._share = np.asarray(lower_face(canonical_face()), np.float64)[:, None]
        self._turns: list[Values] = []

    @property
    def amount(self) -> float:
        """Expression of the face that the parts make: below CALM_ENOUGH it is calm."""
        return self._low[0][0] + self._high[0][0] if self._low else np.inf

    def add(self, face: Values, pose: Pose, scores: Array) -> bool:
        """Take a face (478, 3), seen from the front, into account; whether it is among the best."""
        vector = to_vectors(pose.rotation)[0]
        self._turns = [*self._turns[-USUAL_FRAMES:], vector]
        aside = 0.5 * float(np.abs(vector - np.median(self._turns, axis=0)).sum())
        low, high = (part + aside for part in expression_parts(scores))
        before = self._low, self._high
        self._low = _best([*self._low, (low, face, pose)])
        self._high = _best([*self._high, (high, face, pose)])
        return any(
            len(was) != len(now) or any(a is not b for a, b in zip(was, now, strict=True))
            for was, now in zip(before, (self._low, self._high), strict=True)
        )

    def neutral(self) -> Neutral:
        """The face of the calm parts, in the pose of their frames."""
        low, high = _alike(self._low), _alike(self._high)
        pose = joined_poses([kept[2] for kept in (*low, *high)])
        parts = [np.stack([kept[1] for kept in part]).mean(axis=0) for part in (high, low)]
        face = parts[0] + self._share * (parts[1] - parts[0])
        return Neutral.of(face[None], pose)


def _best(parts: list[tuple[float, Values, Pose]]) -> list[tuple[float, Values, Pose]]:
    return sorted(parts, key=lambda part: part[0])[:CALM_FRAMES]


def _alike(parts: list[tuple[float, Values, Pose]]) -> list[tuple[float, Values, Pose]]:
    return [part for part in parts if part[0] <= parts[0][0] + AS_CALM]


class DriverStream:
    """A driver frame by frame, as they come.  Not to be shared between threads.

    The neutral face is made of the calmest parts so far, so it gets better as the driver goes on;
    it glides, so that nothing jumps.  Until they are calm, the expression that the landmarks show
    is taken out: a driver who starts in mid-grimace is not neutral.
    """

    def __init__(self, scores: Scores) -> None:
        """Args: scores: `Landmarker.expression`, asked only until the driver is calm."""
        self._scores = scores
        self._worn: tuple[float, Array] | None = None
        self._rest = np.asarray(neutral_units(), np.float64)
        self._skull = skull_weights(canonical_face())
        self._parts = CalmParts()
        self._face: Values | None = None
        self._pose: Pose | None = None
        self._neutral: Neutral | None = None
        self._wanted: Neutral | None = None

    @property
    def calm(self) -> bool:
        """Whether the neutral is the driver's own, and no expression is taken out of it."""
        return self._parts.amount < CALM_ENOUGH

    def consider(self, landmarks: Array, scores: Array) -> None:
        """Look for calm parts in a frame that is not drawn.  Args as of `push`."""
        face, pose = self._front(landmarks)
        if self._parts.add(face, pose, scores):
            self._wanted = None

    def push(self, landmarks: Array, scores: Array) -> DriverMove:
        """The move of the next frame.

        Args:
            landmarks: (478, 3) pixels of the driver's picture.
            scores: (52,) Face Landmarker's expression scores.
        """
        face, pose = self._steadied(*self._front(landmarks))
        if self._parts.add(face, pose, scores):
            self._wanted = None
        if self._wanted is None:
            self._wanted = self._best_neutral()
        before = self._neutral
        self._neutral = self._wanted if before is None else before.glide(self._wanted, GLIDE)
        return self._neutral.move(face, pose, scores, landmarks)

    def _front(self, landmarks: Array) -> tuple[Values, Pose]:
        pose = align_robustly(np.asarray(landmarks)[None], self._rest, self._skull)
        return np.asarray(pose.remove(np.asarray(landmarks)[None])[0], np.float64), pose

    def _steadied(self, face: Values, pose: Pose) -> tuple[Values, Pose]:
        if self._face is not None and self._pose is not None:
            share = np.full((LANDMARKS, 1), SLOW)
            share[QUICK] = FAST
            face = self._face + share * (face - self._face)
            old, k = self._pose, SLOW
            turn = to_vectors(pose.rotation @ old.rotation.transpose(0, 2, 1)) * k
            pose = Pose(
                old.scale + k * (pose.scale - old.scale),
                to_matrices(turn) @ old.rotation,
                old.shift + k * (pose.shift - old.shift),
            )
        self._face, self._pose = face, pose
        return face, pose

    def _best_neutral(self) -> Neutral:
        wanted, amount = self._parts.neutral(), self._parts.amount
        if amount <= CALM_ENOUGH:
            return wanted
        if self._worn is None or amount < self._worn[0] - CALMER:
            face = np.asarray(wanted.face, np.float32)
            self._worn = amount, own_expression(face, self._scores, lids=True)
        share = min((amount - CALM_ENOUGH) / CALM_ENOUGH, 1.0)
        return Neutral(wanted.face - share * self._worn[1], wanted.pose)
