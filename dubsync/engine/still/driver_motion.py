"""How a driver moves, against the driver's own neutral face: whole takes, and frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import NoFace
from dubsync.core.face import BLENDSHAPES, LANDMARKS, FaceTrack
from dubsync.engine.geometry.mesh import FACE_CONTROLS, skull_weights
from dubsync.engine.geometry.pose import Pose, align_robustly, to_matrices, to_vectors
from dubsync.engine.motion.basis import learn_basis, neutral_units
from dubsync.engine.still.controls import QUICK
from dubsync.engine.still.own_expression import Scores, own_expression
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, canonical_face

Values = NDArray[np.float64]

#: So many calm frames make a neutral face.
CALM_FRAMES = 5
#: Steadying, frames: pose and slow skin, lips and lids.
SLOW, FAST = 1.0, 0.4
#: Share of a new frame in a stream: pose and slow skin, lips and lids.
STREAM_SLOW, STREAM_FAST = 0.55, 0.85
#: Scores of Face Landmarker that tell no expression: gaze, the neutral itself, and those that some
#: people's calm faces have.
_NOT_EXPRESSION = tuple(
    n
    for n, name in enumerate(BLENDSHAPE_NAMES)
    if name == "_neutral" or "Look" in name or name.startswith(("browDown", "eyeSquint"))
)
_BLINKS = (BLENDSHAPE_NAMES.index("eyeBlinkLeft"), BLENDSHAPE_NAMES.index("eyeBlinkRight"))


@dataclass(frozen=True, slots=True, eq=False)
class DriverMove:
    """One frame of a driver.  Model units: 1 is the distance between the eyes.

    neutral      (478, 3) the driver's neutral face seen from the front, model units
    offsets      (478, 3) this frame's face seen from the front, less `neutral`
    turn         (3, 3) rotation of the head from the neutral pose, in the camera's frame
    shift        (2,) movement of the head from the neutral pose, eye distances, x right, y down
    size         natural logarithm of the head's size against the neutral pose
    scores       (52,) Face Landmarker's expression scores
    landmarks    (478, 3) as tracked, pixels of the driver's own picture
    """

    neutral: Array
    offsets: Array
    turn: Array
    shift: Array
    size: float
    scores: Array
    landmarks: Array

    def __post_init__(self) -> None:
        for name in ("neutral", "offsets", "landmarks"):
            seal(self, name, LANDMARKS, 3)
        seal(self, "turn", 3, 3)
        seal(self, "shift", 2)
        seal(self, "scores", BLENDSHAPES)

    @property
    def face(self) -> Array:
        """(478, 3) this frame's face seen from the front, model units."""
        return self.neutral + self.offsets


@dataclass(frozen=True, slots=True, eq=False)
class DriverMotion:
    """A whole driver: one `DriverMove` for each frame.

    moves    None where the face is not seen
    neutral  numbers of the frames that the neutral face was taken from, calmest first
    calm     how far the calmest frame is from calm: below .2 (NEVER_CALM) it is a neutral face
    """

    moves: tuple[DriverMove | None, ...]
    neutral: tuple[int, ...]
    calm: float

    @classmethod
    def of(cls, track: FaceTrack, scores: Scores | None = None) -> DriverMotion:
        """The motion of a tracked driver, steadied.

        Args:
            scores: `Landmarker.expression`; with it, a driver who is never calm gets the neutral
                face that is left when the calmest frame's own expression is taken out.

        The neutral face is the mean of the frames nearest the driver's rest shape and usual pose
        with open lids, wherever in the track they are: a driver may start in mid-grimace.

        Raises:
            NoFace: no frame shows the face.
        """
        seen = np.asarray(track.confidence) > 0
        if not seen.any():
            raise NoFace("no frame of the driver shows a face", hint="film the driver's face")
        basis = learn_basis([track])
        pose = align_robustly(track.landmarks, basis.rest, np.asarray(basis.skull, np.float64))
        faces = _steadied_faces(pose.remove(track.landmarks))
        pose = _steadied_pose(pose)
        unrest = _unrest(faces, pose, track.blendshapes, np.asarray(basis.rest, np.float64))
        unrest[~seen] = np.inf
        best = np.argsort(unrest)[: min(CALM_FRAMES, int(seen.sum()))]
        still = _Neutral.of(faces[best], _part(pose, best))
        if scores is not None and unrest[best[0]] > NEVER_CALM:
            worn = own_expression(np.asarray(still.face, np.float32), scores, lids=True)
            still = _Neutral(still.face - worn, still.pose)
        moves = tuple(
            still.move(faces[t], _part(pose, [t]), track.blendshapes[t], track.landmarks[t])
            if seen[t]
            else None
            for t in range(len(faces))
        )
        return cls(moves, tuple(int(n) for n in best), float(unrest[best[0]]))

    def calm_like(self, frame: int) -> int:
        """The calm frame whose head is turned most like that of `frame`: its skin is what wrinkles
        are told from.  Not simply the neutral one: light turns with the head.
        """
        now = self.moves[frame]
        if now is None:
            return self.neutral[0]
        best, least = self.neutral[0], np.inf
        for n, move in enumerate(self.moves):
            if move is None:
                continue
            strength = float(np.sqrt((move.offsets[FACE_CONTROLS, :2] ** 2).sum(axis=1).mean()))
            apart = float(np.linalg.norm(_vector(move.turn) - _vector(now.turn)))
            if 2 * strength + 0.5 * apart < least:
                best, least = n, 2 * strength + 0.5 * apart
        return best


class DriverStream:
    """A driver frame by frame, as they come.  Not to be shared between threads.

    The neutral face is the mean of the calmest frames so far, so it gets better as the driver
    goes on; it glides, so that nothing jumps.  Until a calm frame has been seen, the expression
    that the landmarks show is taken out: a driver who starts in mid-grimace is not neutral.
    """

    def __init__(self, scores: Scores) -> None:
        """Args: scores: `Landmarker.expression`, asked only until the driver is calm."""
        self._scores = scores
        self._worn: tuple[float, Array] | None = None
        self._rest = np.asarray(neutral_units(), np.float64)
        self._skull = skull_weights(canonical_face())
        self._calm: list[tuple[float, Values, Pose]] = []
        self._turns: list[Values] = []
        self._face: Values | None = None
        self._pose: Pose | None = None
        self._neutral: _Neutral | None = None

    @property
    def calm(self) -> bool:
        """Whether a calm face has been seen, so that the neutral is the driver's own."""
        return bool(self._calm) and self._calm[0][0] < CALM_ENOUGH

    def push(self, landmarks: Array, scores: Array) -> DriverMove:
        """The move of the next frame.

        Args:
            landmarks: (478, 3) pixels of the driver's picture.
            scores: (52,) Face Landmarker's expression scores.
        """
        pose = align_robustly(np.asarray(landmarks)[None], self._rest, self._skull)
        face = pose.remove(np.asarray(landmarks)[None])[0]
        self._steady(face, pose)
        assert self._face is not None and self._pose is not None
        self._learn(scores)
        assert self._neutral is not None
        return self._neutral.move(self._face, self._pose, scores, landmarks)

    def _steady(self, face: Values, pose: Pose) -> None:
        if self._face is None or self._pose is None:
            self._face, self._pose = face, pose
            return
        share = np.full((LANDMARKS, 1), STREAM_SLOW)
        share[QUICK] = STREAM_FAST
        self._face = self._face + share * (face - self._face)
        old, new, k = self._pose, pose, STREAM_SLOW
        turn = to_vectors(new.rotation @ old.rotation.transpose(0, 2, 1)) * k
        self._pose = Pose(
            old.scale + k * (new.scale - old.scale),
            to_matrices(turn) @ old.rotation,
            old.shift + k * (new.shift - old.shift),
        )

    def _learn(self, scores: Array) -> None:
        assert self._face is not None and self._pose is not None
        vector = to_vectors(self._pose.rotation)[0]
        self._turns = [*self._turns[-USUAL_FRAMES:], vector]
        aside = float(np.abs(vector - np.median(self._turns, axis=0)).sum())
        unrest = expression_amount(scores) + 0.5 * aside
        self._calm = sorted([*self._calm, (unrest, self._face, self._pose)], key=lambda c: c[0])
        self._calm = self._calm[:CALM_FRAMES]
        near = [c for c in self._calm if c[0] < self._calm[0][0] + 0.05]
        faces = np.stack([c[1] for c in near])
        wanted = _Neutral.of(faces, _joined([c[2] for c in near]))
        if self._calm[0][0] > CALM_ENOUGH:
            if self._worn is None or self._calm[0][0] < self._worn[0] - 0.1:
                face = np.asarray(self._calm[0][1], np.float32)
                self._worn = self._calm[0][0], own_expression(face, self._scores, lids=True)
            share = min((self._calm[0][0] - CALM_ENOUGH) / CALM_ENOUGH, 1.0)
            wanted = _Neutral(wanted.face - share * self._worn[1], wanted.pose)
        self._neutral = wanted if self._neutral is None else self._neutral.glide(wanted, GLIDE)


#: A whole driver's least unrest above which the driver is never calm.
NEVER_CALM = 0.2
#: Amount of expression (`expression_amount`) up to which a face is calm.
CALM_ENOUGH = 0.25
#: Frames of a stream that its usual pose is the median of.
USUAL_FRAMES = 150
#: Share of the way that a stream's neutral goes to a better one, each frame.
GLIDE = 0.15


def expression_amount(scores: Array) -> float:
    """How far scores (52,) are from a calm face: about 0 calm, 1 a broad smile or an open jaw."""
    kept = np.array(scores, np.float64)
    kept[list(_NOT_EXPRESSION)] = 0
    blink = kept[list(_BLINKS)].max()
    kept[list(_BLINKS)] = 0
    strongest = np.sort(kept)[::-1][:6]
    return float(np.clip(strongest - 0.08, 0, 1).sum() / 2 + max(0.0, blink - 0.25))


@dataclass(frozen=True, slots=True, eq=False)
class _Neutral:
    """A neutral face (478, 3), and the head's pose that goes with it (one frame)."""

    face: Values
    pose: Pose

    @classmethod
    def of(cls, faces: Values, pose: Pose) -> _Neutral:
        middle = to_matrices(to_vectors(pose.rotation).mean(axis=0)[None])
        mean = Pose(pose.scale.mean(keepdims=True), middle, pose.shift.mean(axis=0, keepdims=True))
        return cls(faces.mean(axis=0), mean)

    def move(self, face: Values, pose: Pose, scores: Array, landmarks: Array) -> DriverMove:
        scale = float(self.pose.scale[0])
        return DriverMove(
            np.asarray(self.face, np.float32),
            np.asarray(face - self.face, np.float32),
            np.asarray(pose.rotation[0] @ self.pose.rotation[0].T, np.float32),
            np.asarray((pose.shift[0, :2] - self.pose.shift[0, :2]) / scale, np.float32),
            float(np.log(pose.scale[0] / scale)),
            np.asarray(scores, np.float32),
            np.asarray(landmarks, np.float32),
        )

    def glide(self, other: _Neutral, share: float) -> _Neutral:
        a, b = self.pose, other.pose
        turn = to_vectors(b.rotation @ a.rotation.transpose(0, 2, 1)) * share
        pose = Pose(
            a.scale + share * (b.scale - a.scale),
            to_matrices(turn) @ a.rotation,
            a.shift + share * (b.shift - a.shift),
        )
        return _Neutral(self.face + share * (other.face - self.face), pose)


def _vector(turn: Array) -> Values:
    return np.asarray(to_vectors(np.asarray(turn, np.float64)[None])[0])


def _unrest(faces: Values, pose: Pose, scores: Array, rest: Values) -> Values:
    """(T,) how far each frame is from a calm face in the usual pose."""
    vectors = to_vectors(pose.rotation)
    shape = np.sqrt(((faces - rest)[:, FACE_CONTROLS, :2] ** 2).sum(axis=2).mean(axis=1))
    turned = np.abs(vectors - np.median(vectors, axis=0)).sum(axis=1)
    amount = np.array([expression_amount(row) for row in scores])
    blink = np.maximum(0, np.asarray(scores)[:, list(_BLINKS)].max(axis=1) - 0.2)
    return np.asarray(shape + 0.5 * turned + 0.1 * amount + 0.3 * blink)


def _steadied_faces(faces: Values) -> Values:
    result = gaussian_filter1d(faces, SLOW, axis=0, mode="nearest")
    result[:, QUICK] = gaussian_filter1d(faces[:, QUICK], FAST, axis=0, mode="nearest")
    return np.asarray(result)


def _steadied_pose(pose: Pose) -> Pose:
    smooth = [
        gaussian_filter1d(values, SLOW, axis=0, mode="nearest")
        for values in (pose.scale, to_vectors(pose.rotation), pose.shift)
    ]
    return Pose(smooth[0], to_matrices(smooth[1]), smooth[2])


def _part(pose: Pose, rows: Sequence[int] | NDArray[np.intp]) -> Pose:
    return Pose(pose.scale[rows], pose.rotation[rows], pose.shift[rows])


def _joined(poses: Sequence[Pose]) -> Pose:
    return Pose(
        np.concatenate([p.scale for p in poses]),
        np.concatenate([p.rotation for p in poses]),
        np.concatenate([p.shift for p in poses]),
    )
