"""Upper face and head of a take, as offsets from its own neutral, in the target actor's basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from dubsync.core.arrays import Array
from dubsync.core.face import LANDMARKS
from dubsync.core.steps import TakeCue
from dubsync.engine.geometry.mesh import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from dubsync.engine.geometry.pose import Pose, to_matrices, to_vectors
from dubsync.engine.motion.basis import Basis, coefficients
from dubsync.engine.motion.fit import gaze_of
from dubsync.engine.motion.turn import neck_of

Values = NDArray[np.float64]

#: Upper and lower lid in the middle, right eye and left.
LIDS = ((159, 145), (386, 374))
#: Limits of the lids' gain, which makes the actor's eyes shut as far as the take's.
LEAST_LID, MOST_LID = 0.5, 3.0
#: The gain is fitted on frames in which the take's lids are closed at least this far.
CLOSED_LIDS = 0.4
#: Difference of the two eyes' opening, shares of each at rest, from which one eye winks, and over
#: how much more it goes its own way.  Eyes blink together, and the tracker often sees one first.
WINK, WINK_OVER = 0.3, 0.2
#: Least opening, share, that an eye's lids are opened again from, and by how many times at most.
LEAST_OPEN, MOST_OPENED = 0.1, 4.0
#: Largest change of gaze, eye widths, and of head rotation, radians: more would uncover what the
#: plate does not show.
MOST_GAZE, MOST_TURN = 0.12, 0.07
#: Share of a take's movement and change of size that a whole head takes over: a voice actor sways
#: before the microphone more than a shot allows.
MOVED_SHARE = 0.6
#: Standard deviation of the smoothing of the head rotation, frames.
STEADY_TURN = 1.5
#: The same of winks.
STEADY_LIDS = 0.6


@dataclass(frozen=True, slots=True, eq=False)
class UpperFaceMotion:
    """What T frames of a take add to a plate's upper face and head at share 1.

    brows, blinks  (T, U)  coefficients in the target's basis
    gaze           (T, 4)  as in `core.face.Performance`
    head           (T, 7)  as in `core.face.Performance`; the turn alone
    whole_gaze     (T, 4)  gaze that is not limited, for regions that redraw the eyes
    whole_head     (T, 7)  head that is not limited, for region "head": the turn; the movement of
                   the neck in eye distances, not in pixels
    lids           (T, 2)  left and right lids of a wink, as `core.face.Performance`
    """

    brows: Values
    blinks: Values
    gaze: Values
    head: Values
    whole_gaze: Values
    whole_head: Values
    lids: Values

    def stacked(self) -> Values:
        """(T, 2 U + 24) all of them side by side."""
        parts = (self.brows, self.blinks, self.gaze, self.head, self.whole_gaze, self.whole_head)
        return np.concatenate((*parts, self.lids), axis=1)

    @classmethod
    def none(cls, frames: int, basis: Basis) -> UpperFaceMotion:
        """Nothing at all, of T frames."""
        u = len(basis.upper_moves)
        return cls(*(np.zeros((frames, width)) for width in (u, u, 4, 7, 4, 7, 2)))

    @classmethod
    def from_stacked(cls, values: Values) -> UpperFaceMotion:
        """What `stacked` came from."""
        u = (values.shape[1] - 24) // 2
        ends = np.cumsum([u, u, 4, 7, 4, 7])
        return cls(*np.split(values, ends, axis=1))


def take_upper_face(
    cue: TakeCue, faces: Array, pose: Pose, own: Basis, basis: Basis
) -> UpperFaceMotion:
    """Brows, lids, gaze and head of a take, from its own neutral, for the actor of `basis`.

    Lids are scaled so that the actor's eyes shut as far as the take's.  Cheeks go with brows.

    Args:
        cue: the take, T frames.
        faces: (T, 478, 3) its faces without head movement, model units of `own`.
        pose: the head movement itself.
        own: the take's own linear model; its rest is the take's median upper face.
        basis: the target actor's.
    """
    apart = np.asarray(faces - own.rest, np.float64)
    upper = (1 - np.asarray(basis.share, np.float64))[:, None] * np.ones((LANDMARKS, 1))
    upper[[*RIGHT_IRIS, *LEFT_IRIS]] = 0
    lids = np.zeros((LANDMARKS, 1))
    lids[[*RIGHT_EYE, *LEFT_EYE]] = 1
    ones = np.ones(LANDMARKS)
    blinks = coefficients(apart * upper * lids, basis.upper_moves, ones)
    blinks = blinks * _lid_gain(faces, own, blinks, basis)
    return UpperFaceMotion(
        coefficients(apart * upper * (1 - lids), basis.upper_moves, ones),
        blinks,
        _limited(gaze_of(faces) - gaze_of(own.rest[None]), MOST_GAZE),
        _head(cue, pose, MOST_TURN),
        np.asarray(gaze_of(faces) - gaze_of(own.rest[None]), np.float64),
        _whole_head(cue, pose, own),
        _winks(faces, own, blinks, basis),
    )


def _winks(faces: Array, own: Basis, blinks: Values, basis: Basis) -> Values:
    """(T, 2) how far left and right lids shut beyond `blinks`, where the take's eyes differ.

    Few people's footage shows a wink, so the actor's basis shuts both eyes half.  Below 0 an eye
    is opened again; lids that are at 0 are as `blinks` has them.
    """
    theirs = _openings(faces) / np.maximum(_openings(own.rest[None]), 1e-6)
    moved = basis.rest + np.tensordot(blinks, np.asarray(basis.upper_moves, np.float64), axes=1)
    ours = _openings(moved) / np.maximum(_openings(basis.rest[None]), 1e-6)
    apart = np.abs(theirs[:, 0] - theirs[:, 1])
    share = np.clip((apart - WINK) / WINK_OVER, 0, 1)[:, None]
    opened = np.clip(theirs, 0, 1) / np.clip(ours, LEAST_OPEN, None)
    lids = share * (1 - np.minimum(opened, MOST_OPENED))
    return np.asarray(gaussian_filter1d(lids, STEADY_LIDS, axis=0, mode="nearest"), np.float64)


def _lid_gain(faces: Array, own: Basis, blinks: Values, basis: Basis) -> float:
    """Gain that makes the actor's eyes shut as far as the take's, each relative to its height."""
    theirs = 1 - _eye_heights(faces) / _eye_heights(own.rest[None])
    moved = basis.rest + np.tensordot(blinks, np.asarray(basis.upper_moves, np.float64), axes=1)
    ours = 1 - _eye_heights(moved) / _eye_heights(basis.rest[None])
    shut = (theirs > CLOSED_LIDS) & (ours > 0.05)
    if not shut.any():
        return 1.0
    gain = float(theirs[shut] @ ours[shut] / (ours[shut] @ ours[shut]))
    return float(np.clip(gain, LEAST_LID, MOST_LID))


def _eye_heights(faces: Array | Values) -> Values:
    """(T,) distance between the lids at the middle of the eye, mean of both eyes, model units."""
    return np.asarray(_openings(faces).mean(axis=1), np.float64)


def _openings(faces: Array | Values) -> Values:
    """(T, 2) distance between the lids of the left and the right eye, model units."""
    apart = [faces[:, low, 1] - faces[:, up, 1] for up, low in reversed(LIDS)]
    return np.asarray(np.stack(apart, axis=1), np.float64)


def _whole_head(cue: TakeCue, pose: Pose, own: Basis) -> Values:
    """(T, 7) turns from the take's median pose in full; MOVED_SHARE of neck movement and size.

    Source of the shares: ours, tried by driving five actors with four takes.
    """
    offset = _head(cue, pose, None)
    seen = np.asarray(cue.track.confidence) > 0
    neck = neck_of(own.rest)
    where = pose.shift + pose.scale[:, None] * (pose.rotation @ neck)
    size = float(np.median(pose.scale[seen]))
    away = (where - np.median(where[seen], axis=0))[:, :2] / size
    offset[:, 3:5] = MOVED_SHARE * away
    offset[:, 6] = MOVED_SHARE * np.log(pose.scale / size)
    offset[:, 3:] = gaussian_filter1d(offset[:, 3:], STEADY_TURN, axis=0, mode="nearest")
    return offset


def _head(cue: TakeCue, pose: Pose, most: float | None) -> Values:
    """(T, 7) rotations from the take's median pose; position and size stay the plate's.

    Args:
        most: largest rotation, radians; None: as far as the take turns.
    """
    seen = np.asarray(cue.track.confidence) > 0
    usual = np.median(to_vectors(pose.rotation)[seen], axis=0)
    back = to_matrices(usual[None])[0].T
    offset = np.zeros((len(seen), 7))
    turns = to_vectors(back @ pose.rotation)
    turns = turns if most is None else _limited(turns, most)
    offset[:, :3] = gaussian_filter1d(turns, STEADY_TURN, axis=0, mode="nearest")
    return offset


def _limited(values: Array | Values, most: float) -> Values:
    """Values softly limited to `most` in either direction."""
    return np.asarray(most * np.tanh(np.asarray(values, np.float64) / most), np.float64)
