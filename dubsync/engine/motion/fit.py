"""Fit the original performance: FaceTrack to MotionTrack in an actor's linear model."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.engine.geometry.lips import gaps, meet
from dubsync.engine.geometry.mesh import (
    CHIN,
    LEFT_CORNER,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LEFT_IRIS,
    LIP_CONTACTS,
    LOWER_INNER_LIP,
    RIGHT_CORNER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    RIGHT_IRIS,
    UPPER_INNER_LIP,
    skull_weights,
)
from dubsync.engine.geometry.pose import Pose, align_robustly, to_matrices, to_vectors
from dubsync.engine.motion.basis import (
    Basis,
    coefficients,
    learn_basis,
    lip_metric,
    neutral_units,
)
from dubsync.engine.motion.face_shape import shape_change
from dubsync.engine.motion.lids import lid_change
from dubsync.engine.track.landmarker import canonical_face

Values = NDArray[np.float64]

#: Movement of the lips, model units, above which a corrected mouth takes the model's own gap.
CLEARLY_MOVED = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Channels:
    """The mouth's measures, in model units (1 = distance between the eyes), each (T,).

    Positions are in the skull's frame; compare people by their differences from rest.

    opening     between the inner lips, mean of the middle five pairs; 0 closed
    width       between the corners
    jaw         how low the chin is
    protrusion  how far forward the lips are
    corners     how high the corners are
    upper_lip   how high the upper lip's inner edge is
    lower_lip   how low the lower lip's inner edge is
    """

    opening: Array
    width: Array
    jaw: Array
    protrusion: Array
    corners: Array
    upper_lip: Array
    lower_lip: Array

    def stacked(self) -> Array:
        """(T, 7) in the order of `CHANNELS`."""
        return np.stack([getattr(self, name) for name in CHANNELS], axis=1)


CHANNELS = tuple(field.name for field in fields(Channels))


def fit(track: FaceTrack, basis: Basis) -> MotionTrack:
    """Pose, mouth, upper face and gaze of every frame of `track`, in `basis`.

    The head is the similarity that aligns the rest face's skull with the landmarks, robust to
    outliers. The residual is split by `basis.share` and fitted by least squares with a light ridge,
    lips weighted most. Frames without a face keep what the tracker interpolated there.

    Source: ours; the pose after Umeyama 1991 (engine/geometry/pose.py).
    """
    pose = head_pose(track, basis)
    apart = pose.remove(track.landmarks) - basis.rest
    share = np.asarray(basis.share, np.float64)[:, None]
    ones = np.ones(len(share))
    upper_share = (1 - share) * _without_irises()
    head = np.zeros((len(apart), 7))
    head[:, :3] = to_vectors(pose.rotation)
    head[:, 3:5], head[:, 6] = pose.shift[:, :2], pose.scale
    return MotionTrack(
        track.frames,
        basis.digest,
        np.asarray(coefficients(apart * share, basis.mouth_moves, lip_metric()), np.float32),
        np.asarray(coefficients(apart * upper_share, basis.upper_moves, ones), np.float32),
        np.asarray(head, np.float32),
        gaze_of(apart + basis.rest),
        track.blendshapes,
    )


def frontal(track: FaceTrack, basis: Basis | None = None) -> Array:
    """The track's faces without head movement, (T, 478, 3) in model units.

    Aligned with `basis.rest`, or with the canonical face where no actor is known.
    """
    return np.asarray(head_pose(track, basis).remove(track.landmarks), np.float32)


def head_pose(track: FaceTrack, basis: Basis | None = None) -> Pose:
    """Rotation, scale and position of the track's faces, aligned as in `frontal`."""
    if basis is None:
        model, skull = neutral_units(), skull_weights(canonical_face())
    else:
        model, skull = basis.rest, np.asarray(basis.skull, np.float64)
    return align_robustly(track.landmarks, model, skull)


def mouth_shape(mouth: Array, basis: Basis) -> Array:
    """Displacements (T, 478, 3), model units, of mouth coefficients (T, M)."""
    return _spanned(mouth, basis.mouth_moves)


def shape(motion: MotionTrack, basis: Basis) -> Array:
    """The motion's faces without head movement, (T, 478, 3), model units, gaze included."""
    _same_basis(motion, basis)
    faces = basis.rest + mouth_shape(motion.mouth, basis)
    faces = faces + _spanned(motion.upper, basis.upper_moves)
    if motion.face_shape is not None:
        faces = faces + shape_change(motion.face_shape, basis.rest)
    if motion.lids is not None:
        faces = faces + lid_change(faces, motion.lids)
    for n, (iris, inner, outer) in enumerate(_EYES):
        corners = faces[:, [inner, outer]]
        width = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1, keepdims=True)
        middle = corners.mean(axis=1)
        middle[:, :2] += motion.gaze[:, 2 * n : 2 * n + 2] * width
        middle[:, 2] = faces[:, iris[0], 2]
        faces[:, iris] = basis.rest[iris] - basis.rest[iris[0]] + middle[:, None]
    return np.asarray(faces, np.float32)


def placed(motion: MotionTrack, basis: Basis) -> Array:
    """The motion's faces in the plate, (T, 478, 3) plate pixels; z from the model's origin."""
    return np.asarray(_pose(motion).place(shape(motion, basis)), np.float32)


def moved_landmarks(
    track: FaceTrack, original: MotionTrack, corrected: MotionTrack, basis: Basis
) -> Array:
    """Tracked landmarks with mouth, upper face and gaze of `corrected`, (T, 478, 3) plate pixels.

    The tracked points are moved by the difference of the two models, so what the model does not
    explain stays; where the coefficients are equal the points are unchanged bit for bit.  Where the
    lips clearly move, their gap becomes the corrected model's own, so that a closed mouth closes.
    The head is not turned here: head_turn.py does that to the finished picture.

    Raises:
        ShapeError: the three differ in their frames.
        ModelError: motions of another basis.
    """
    if not track.frames == original.frames == corrected.frames:
        raise ShapeError(f"{track.frames}, {original.frames} and {corrected.frames} differ")
    _same_basis(original, basis)
    _same_basis(corrected, basis)
    change = _spanned(corrected.mouth - original.mouth, basis.mouth_moves)
    change = change + _spanned(corrected.upper - original.upper, basis.upper_moves)
    pose = _pose(original)
    now = pose.remove(track.landmarks)
    wanted = basis.rest + mouth_shape(corrected.mouth, basis)
    gap = np.maximum(gaps(wanted), 0)
    lips = np.abs(change[:, LIP_CONTACTS.ravel()]).max(axis=(1, 2))
    change = change + _gaze_change(now, corrected.gaze - original.gaze)
    if corrected.face_shape is not None:
        change = change + shape_change(corrected.face_shape, basis.rest)
    if corrected.lids is not None:
        change = change + lid_change(now + change, corrected.lids)
    moved = meet(now + change, gap, np.clip(lips / CLEARLY_MOVED, 0, 1))
    turned = (moved - now) @ pose.rotation.transpose(0, 2, 1) * pose.scale[:, None, None]
    same = (corrected.mouth == original.mouth).all(axis=1)
    same &= (corrected.upper == original.upper).all(axis=1)
    same &= (corrected.gaze == original.gaze).all(axis=1)
    if corrected.face_shape is not None:
        same &= (corrected.face_shape == 0).all(axis=1)
    if corrected.lids is not None:
        same &= (corrected.lids == 0).all(axis=1)
    result = np.where(same[:, None, None], track.landmarks, track.landmarks + turned)
    return np.asarray(result, np.float32)


def channels(faces: Array) -> Channels:
    """The mouth's measures of faces without head movement (T, 478, 3): `frontal`, `shape`, or
    `basis.rest + mouth_shape(...)`."""
    if faces.ndim != 3:
        raise ShapeError(f"faces are (T, 478, 3), not {faces.shape}")
    lips = [0, 17, 37, 267, 84, 314, UPPER_INNER_LIP, LOWER_INNER_LIP]
    corners = faces[:, [RIGHT_CORNER, LEFT_CORNER]]
    result = (
        gaps(faces)[:, 2:7].mean(axis=1),
        np.linalg.norm(corners[:, 0] - corners[:, 1], axis=1),
        faces[:, CHIN, 1],
        -faces[:, lips, 2].mean(axis=1),
        -corners[:, :, 1].mean(axis=1),
        -faces[:, UPPER_INNER_LIP, 1],
        faces[:, LOWER_INNER_LIP, 1],
    )
    return Channels(*(np.asarray(values, np.float32) for values in result))


#: Iris, inner and outer corner; left then right, in the order of MotionTrack.gaze.
_EYES = (
    (LEFT_IRIS, LEFT_EYE_INNER, LEFT_EYE_OUTER),
    (RIGHT_IRIS, RIGHT_EYE_INNER, RIGHT_EYE_OUTER),
)


def gaze_of(faces: Array | Values) -> Array:
    """(T, 4) gaze direction of faces without head movement, as `MotionTrack.gaze`."""
    result = []
    for iris, inner, outer in _EYES:
        width = np.linalg.norm(faces[:, inner] - faces[:, outer], axis=1, keepdims=True)
        middle = (faces[:, inner] + faces[:, outer]) / 2
        result.append((faces[:, iris[0], :2] - middle[:, :2]) / width)
    return np.asarray(np.concatenate(result, axis=1), np.float32)


def _gaze_change(faces: Values, gaze: Array) -> Array:
    """Displacements of a change of gaze (T, 4) on faces without head movement: the irises move."""
    change = np.zeros(faces.shape, np.float32)
    for n, (iris, inner, outer) in enumerate(_EYES):
        width = np.linalg.norm(faces[:, inner] - faces[:, outer], axis=1, keepdims=True)
        change[:, iris, :2] = (gaze[:, 2 * n : 2 * n + 2] * width)[:, None]
    return change


def _spanned(values: Array, moves: Array) -> Array:
    return np.asarray(np.tensordot(values, moves, axes=1), np.float32)


def _pose(motion: MotionTrack) -> Pose:
    head = np.asarray(motion.head, np.float64)
    return Pose(head[:, 6], to_matrices(head[:, :3]), head[:, 3:6])


def _without_irises() -> Values:
    kept = np.ones((478, 1))
    kept[[*LEFT_IRIS, *RIGHT_IRIS]] = 0
    return kept


def _same_basis(motion: MotionTrack, basis: Basis) -> None:
    if motion.basis != basis.digest:
        raise ModelError(
            f"the motion is in basis {motion.basis[:12]}, not in the actor's {basis.digest[:12]}",
            hint="fit the track again with this actor",
        )


__all__ = [
    "CHANNELS",
    "Basis",
    "Channels",
    "channels",
    "fit",
    "frontal",
    "learn_basis",
    "mouth_shape",
    "moved_landmarks",
    "placed",
    "shape",
]
