"""How a driver moves, against the driver's own neutral face, in a whole take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import NoFace
from dubsync.core.face import BLENDSHAPES, LANDMARKS, FaceTrack
from dubsync.engine.geometry.mesh import FACE_CONTROLS
from dubsync.engine.geometry.pose import Pose, align_robustly, to_matrices, to_vectors
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.still.controls import QUICK
from dubsync.engine.still.own_expression import Scores, own_expression
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES

Values = NDArray[np.float64]

#: So many calm frames make a neutral face.
CALM_FRAMES = 5
#: Steadying, frames: pose and slow skin, lips and lids.
SLOW, FAST = 1.0, 0.4
#: Scores of Face Landmarker that tell no expression: gaze, the neutral itself, and those that some
#: people's calm faces have.
_NOT_EXPRESSION = tuple(
    n
    for n, name in enumerate(BLENDSHAPE_NAMES)
    if name == "_neutral" or "Look" in name or name.startswith(("browDown", "eyeSquint"))
)
_BLINKS = (BLENDSHAPE_NAMES.index("eyeBlinkLeft"), BLENDSHAPE_NAMES.index("eyeBlinkRight"))
_LOW = np.array([name.startswith(("mouth", "jaw", "cheek", "nose")) for name in BLENDSHAPE_NAMES])


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
        still = Neutral.of(faces[best], _part(pose, best))
        if scores is not None and unrest[best[0]] > NEVER_CALM:
            worn = own_expression(np.asarray(still.face, np.float32), scores, lids=True)
            still = Neutral(still.face - worn, still.pose)
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


#: A whole driver's least unrest above which the driver is never calm.
NEVER_CALM = 0.2


def expression_amount(scores: Array) -> float:
    """How far scores (52,) are from a calm face: about 0 calm, 1 a broad smile or an open jaw."""
    return _amount(scores, np.ones(BLENDSHAPES, bool)) + _blink(scores)


def expression_parts(scores: Array) -> tuple[float, float]:
    """The same of the mouth with jaw and cheeks, and of lids and brows."""
    return _amount(scores, _LOW), _amount(scores, ~_LOW) + _blink(scores)


def _amount(scores: Array, counted: NDArray[np.bool_]) -> float:
    kept = np.where(counted, np.asarray(scores, np.float64), 0.0)
    kept[list(_NOT_EXPRESSION + _BLINKS)] = 0
    return float(np.clip(np.sort(kept)[::-1][:6] - 0.08, 0, 1).sum() / 2)


def _blink(scores: Array) -> float:
    return max(0.0, float(np.asarray(scores, np.float64)[list(_BLINKS)].max()) - 0.25)


@dataclass(frozen=True, slots=True, eq=False)
class Neutral:
    """A neutral face (478, 3), and the head's pose that goes with it (one frame)."""

    face: Values
    pose: Pose

    @classmethod
    def of(cls, faces: Values, pose: Pose) -> Neutral:
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

    def glide(self, other: Neutral, share: float) -> Neutral:
        a, b = self.pose, other.pose
        turn = to_vectors(b.rotation @ a.rotation.transpose(0, 2, 1)) * share
        pose = Pose(
            a.scale + share * (b.scale - a.scale),
            to_matrices(turn) @ a.rotation,
            a.shift + share * (b.shift - a.shift),
        )
        return Neutral(self.face + share * (other.face - self.face), pose)


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


def joined_poses(poses: Sequence[Pose]) -> Pose:
    """The frames of several poses, one after another."""
    return Pose(
        np.concatenate([p.scale for p in poses]),
        np.concatenate([p.rotation for p in poses]),
        np.concatenate([p.shift for p in poses]),
    )
