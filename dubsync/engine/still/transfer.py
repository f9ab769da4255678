"""A driver's movement on another face: offsets from one neutral to another, and the head's pose."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.face import LANDMARKS
from dubsync.engine.geometry.lips import gaps, meet
from dubsync.engine.geometry.mesh import (
    CHIN,
    LEFT_CORNER,
    RIGHT_CORNER,
    Indices,
    lower_face,
    skull_weights,
)
from dubsync.engine.geometry.pose import Pose, align_robustly, to_matrices, to_vectors
from dubsync.engine.still.controls import (
    BROW_RING,
    CORNERS,
    EYES,
    IRISES,
    LID_RING,
    UPPER_LID,
)
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, canonical_face

Values = NDArray[np.float64]
_BLINKS = (BLENDSHAPE_NAMES.index("eyeBlinkRight"), BLENDSHAPE_NAMES.index("eyeBlinkLeft"))

#: The mouth's movement is scaled by the two mouths' widths and the two faces' heights, within this.
LEAST_SCALE, MOST_SCALE = 0.75, 1.3
#: Upper lids stay so far above lower ones, eye distances.
LIDS_APART = 0.006
#: Score of a blink above which lids close whatever the landmarks say, and over how much.
BLINKS, BLINKS_OVER = 0.45, 0.17
#: Difference of the two eyes' opening, shares, up to which they move as one, and over how much
#: more each goes its own way.
WINK, WINK_OVER = 0.35, 0.35
#: Degrees less that a still is turned for each that it is turned that way already; the least.
ASIDE, LEAST_MOST = 0.6, 4.0
BRIDGE = 6
#: Movement of the head's origin for a turn about the neck: (x, y, z) of the neck, model units.
NECK = np.array([0.0, 1.35, 1.1])


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of the driver's movement the still takes, 0..1 and more.

    expression  offsets of mouth, brows, lids and cheeks
    turn        of the head's rotation
    shift       of the head's movement and size
    own         of the still's own expression that is taken out: 1, a smiling still rests when the
                driver rests; 0, it goes on smiling beneath whatever the driver does
    body        of the head's movement that the shoulders follow
    most_turn   degrees; turns beyond three quarters of it are softly held back
    """

    expression: float = 1.0
    turn: float = 0.8
    shift: float = 0.4
    own: float = 0.95
    body: float = 0.35
    most_turn: float = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class StillFace:
    """The face of a still, ready to be driven.

    front   (478, 3) seen from the front, model units, as photographed
    worn    (478, 3) its own expression, model units (`own_expression`)
    pose    Pose of one frame: model units to the still's working pixels
    """

    front: Array
    worn: Array
    pose: Pose

    def __post_init__(self) -> None:
        seal(self, "front", LANDMARKS, 3)
        seal(self, "worn", LANDMARKS, 3)


@dataclass(frozen=True, slots=True, eq=False)
class DrivenFace:
    """What a still must show in one frame.

    landmarks  (478, 3) in the still's working pixels
    front      (478, 3) the same face seen from the front, model units
    pose       Pose of one frame
    turned     (3,) rotation vector from the still's own pose, degrees
    held_back  degrees of the wanted turn that were not given
    body       (2,) movement of the shoulders, eye distances
    """

    landmarks: Array
    front: Array
    pose: Pose
    turned: Array
    held_back: float = 0.0
    body: Array = field(default_factory=lambda: np.zeros(2, np.float32))

    def __post_init__(self) -> None:
        seal(self, "landmarks", LANDMARKS, 3)
        seal(self, "front", LANDMARKS, 3)
        seal(self, "turned", 3)
        seal(self, "body", 2)


def driven_face(still: StillFace, move: DriverMove, shares: Shares | None = None) -> DrivenFace:
    """The still's face moved as the driver's.

    The driver's offsets from the driver's own neutral are laid on the still's: those of the lower
    face scaled by the two mouths' widths and the two faces' heights, lids by the eyes' widths, gaze
    in eye widths; the gap of the lips is the still's own calm gap and the driver's change.
    """
    shares = shares or Shares()
    start = np.asarray(still.front - shares.own * still.worn, np.float64)
    front = moved_front(start, move, shares.expression, shares.own)
    pose, turned, held = _posed(still.pose, move, shares)
    return DrivenFace(
        np.asarray(pose.place(front[None])[0], np.float32),
        np.asarray(front, np.float32),
        pose,
        np.asarray(turned, np.float32),
        held,
        np.asarray(shares.body * shares.shift * move.shift, np.float32),
    )


def at_rest(still: StillFace) -> DrivenFace:
    """The still's face as photographed."""
    landmarks = np.asarray(still.pose.place(still.front[None])[0], np.float32)
    return DrivenFace(landmarks, still.front, still.pose, np.zeros(3, np.float32))


def moved_front(start: Values, move: DriverMove, amount: float = 1.0, own: float = 0.0) -> Values:
    """The face `start` (478, 3), seen from the front, with the driver's offsets on it.

    `amount` is `Shares.expression`, `own` is `Shares.own`.
    """
    neutral = np.asarray(move.neutral, np.float64)
    offsets = np.asarray(move.offsets, np.float64) * amount
    low = lower_face(canonical_face())[:, None]
    scale = _mouth_scale(start, neutral)
    result = start + offsets * (low * scale + (1 - low))
    _lids(result, start, move, amount)
    for eye in range(2):
        _rings(result, start, eye)
    own_gap, calm = gaps(start[None]), gaps(neutral[None])
    now = gaps((neutral + offsets)[None])
    relative = own_gap + (now - calm) * scale[1]
    # Lips that the driver shuts, shut: a still whose own smile is out parts them no wider.
    wanted = np.maximum(relative + own * (np.minimum(relative, now * scale[1]) - relative), 0)
    result = np.asarray(meet(result[None], _even(wanted))[0])
    for eye in range(2):
        _gaze(result, start, move, amount, eye)
    return result


def _even(gap: Values) -> Values:
    """A gap of the lips (1, 9) without the pairs' own noise: nearly closed lips would be ragged."""
    shut = float(np.clip(1 - gap.mean() / 0.06, 0, 1))
    wide = np.pad(gap, ((0, 0), (2, 2)), mode="edge")
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    smoothed = sum(k * wide[:, n : n + gap.shape[1]] for n, k in enumerate(kernel))
    return np.asarray(gap + shut * (smoothed - gap))


def _mouth_scale(start: Values, neutral: Values) -> Values:
    """(3,) by which the driver's lower face moves the still's: x, y, z."""

    def width(face: Values) -> float:
        return float(np.linalg.norm(face[RIGHT_CORNER] - face[LEFT_CORNER]))

    def height(face: Values) -> float:
        return float(abs(face[CHIN, 1] - face[BRIDGE, 1]))

    scale = np.array([width(start) / width(neutral), height(start) / height(neutral), 1.0])
    return np.asarray(np.clip(scale, LEAST_SCALE, MOST_SCALE))


def _lids(result: Values, start: Values, move: DriverMove, amount: float) -> None:
    """Lids move by the eyes' widths, and close where the driver's close."""
    neutral = np.asarray(move.neutral, np.float64)
    offsets = np.asarray(move.offsets, np.float64) * amount
    pairs = [_partners(start, eye) for eye in range(2)]
    shares = [
        _open_share(neutral, offsets, pair, float(move.scores[_BLINKS[eye]]) * min(amount, 1.0))
        for eye, pair in enumerate(pairs)
    ]
    # Eyes blink together; the tracker often sees one some frames before the other.  A wink stays.
    means = [float(share.mean()) for share in shares]
    together = 1 - min(max((abs(means[0] - means[1]) - WINK) / WINK_OVER, 0.0), 1.0)
    middle = sum(means) / 2
    for eye, (upper, lower) in enumerate(pairs):
        ids, ratio = EYES[eye], _eye_ratio(start, neutral, eye)
        share = shares[eye] + together * (middle - means[eye])
        own = start[lower, 1] - start[upper, 1]
        wider = (offsets[lower, 1] - offsets[upper, 1]) * ratio
        gap = np.where(share < 1, own * np.maximum(share, 0), own + np.maximum(wider, 0))
        result[ids, 1] = start[ids, 1] + offsets[ids, 1] * ratio
        below = ids[1:8]
        moved = result[below, 1].mean() - start[below, 1].mean()
        for n, under, wide in zip(upper, lower, gap, strict=True):
            own_move = result[under, 1] - start[under, 1]
            result[under, 1] = start[under, 1] + 0.5 * (own_move + moved)
            result[n, 1] = result[under, 1] - max(float(wide), LIDS_APART)


def _partners(start: Values, eye: int) -> tuple[Indices, Indices]:
    """Landmarks of an upper lid, and of those of the lower lid below them."""
    lower, upper = EYES[eye][1:8], EYES[eye][9:]
    nearest = np.abs(start[lower, 0][None] - start[upper, 0][:, None]).argmin(axis=1)
    return upper, lower[nearest]


def _open_share(
    neutral: Values, offsets: Values, pair: tuple[Indices, Indices], blink: float
) -> Values:
    """How open the lids are against the driver's calm ones, at each pair; 0 shut.

    The share, not the distance: lids that shut, shut on any eye.
    """
    upper, lower = pair
    calm = neutral[lower, 1] - neutral[upper, 1]
    left = np.clip((calm + offsets[lower, 1] - offsets[upper, 1]) / np.maximum(calm, 0.02), 0, None)
    return _open(left) * (1 - min(max((blink - BLINKS) / BLINKS_OVER, 0.0), 1.0))


def _eye_ratio(start: Values, neutral: Values, eye: int) -> float:
    a, b = CORNERS[eye]
    widths = [float(np.linalg.norm(face[a, :2] - face[b, :2])) for face in (start, neutral)]
    return float(np.clip(widths[0] / widths[1], 0.5, 1.6))


def _open(left: Values) -> Values:
    """The tracker sees closed lids some way apart: below a quarter of the opening they are shut."""
    return np.asarray(np.clip((left - 0.25) / 0.75, 0, None))


def _rings(result: Values, start: Values, eye: int) -> None:
    """Skin between lid and brow follows a falling lid less the nearer it is to the brow.

    Without it the brow is smeared over the lid.
    """
    lid, near, far = UPPER_LID[eye], LID_RING[eye], BROW_RING[eye]
    fall = float((result[lid, 1] - start[lid, 1]).mean())
    if fall <= 0:
        return
    brow = float(result[far[2], 1] - start[far[2], 1])
    result[near, 1] = start[near, 1] + 0.45 * fall + 0.3 * brow
    result[far, 1] = start[far, 1] + 0.12 * fall + 0.8 * brow


def _gaze(result: Values, start: Values, move: DriverMove, amount: float, eye: int) -> None:
    iris, (a, b) = IRISES[eye], CORNERS[eye]

    def offset(face: Values) -> Values:
        width = np.linalg.norm(face[a, :2] - face[b, :2])
        return np.asarray((face[iris[0], :2] - (face[a, :2] + face[b, :2]) / 2) / width)

    neutral = np.asarray(move.neutral, np.float64)
    change = (offset(neutral + move.offsets) - offset(neutral)) * amount
    width = float(np.linalg.norm(result[a, :2] - result[b, :2]))
    middle = (result[a, :2] + result[b, :2]) / 2 + (offset(start) + change) * width
    result[iris, :2] = middle + (start[iris, :2] - start[iris[0], :2])


def _posed(own: Pose, move: DriverMove, shares: Shares) -> tuple[Pose, Values, float]:
    vector = to_vectors(np.asarray(move.turn, np.float64)[None])[0] * shares.turn
    wanted = float(np.degrees(np.linalg.norm(vector)))
    # A head that looks aside already goes less far that way: its far cheek is nearly hidden.
    aside = np.degrees(float(to_vectors(own.rotation)[0] @ vector)) / max(np.radians(wanted), 1e-9)
    most = max(shares.most_turn - ASIDE * max(aside, 0.0), LEAST_MOST)
    given = softly_held(wanted, most)
    vector = vector * (given / wanted if wanted > 1e-9 else 1.0)
    rotation = to_matrices(vector[None]) @ own.rotation
    scale = own.scale * np.exp(shares.shift * move.size)
    shift = own.shift.copy()
    shift[:, :2] += own.scale[0] * shares.shift * np.asarray(move.shift, np.float64)
    return Pose(scale, rotation, shift), np.degrees(vector), max(wanted - given, 0.0)


def softly_held(value: float, most: float) -> float:
    """`value` (not negative) up to three quarters of `most`, then ever less, up to `most`."""
    free = 0.75 * most
    if value <= free:
        return value
    room = most - free
    return free + room * (1 - float(np.exp(-(value - free) / room)))


def seen_face(still: StillFace, landmarks: Array) -> DrivenFace:
    """The driven face that has these landmarks (478, 3), the still's working pixels: the same
    person, filmed."""
    skull = skull_weights(canonical_face())
    pose = align_robustly(np.asarray(landmarks)[None], still.front, skull)
    front = np.asarray(pose.remove(np.asarray(landmarks)[None])[0], np.float32)
    turn = to_vectors(pose.rotation @ still.pose.rotation.transpose(0, 2, 1))[0]
    return DrivenFace(landmarks, front, pose, np.asarray(np.degrees(turn), np.float32))
