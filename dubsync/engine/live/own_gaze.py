"""Gaze correction: the person at the camera is shown looking at it.

While the neutral face is taken the person looks at the camera.  From then on it is known where in
the eye an iris lies that looks at the camera: a head that turns leaves its irises behind, by an
amount that was measured on people who read a speech into the camera.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.driven.live import DriverSeen, Hold, LivePicture, Rgb8
from dubsync.engine.face_region.eye_layers import EYES
from dubsync.engine.face_region.eyeball import with_gaze
from dubsync.engine.geometry.mesh import skull_weights
from dubsync.engine.geometry.pose import Pose, align_robustly, to_vectors
from dubsync.engine.live.live_driver import LiveDriver, turned
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.track.landmarker import Landmarker, canonical_face

Values = NDArray[np.float64]

#: Way of the tracker's iris along the eye and across it, eye widths, for a radian of the head's yaw
#: and pitch, while the eyes stay on the camera.  Four speakers: .21 to .32, and .10 to .19.
LEFT_BEHIND = np.array([0.29, -0.18])
#: The same by an eye's own measures (9.9 mm from its centre to its iris, 27 mm wide): so much too
#: small is what the tracker sees of an iris's way.  Across the eye its lids hide more than half.
TRUE_WAY = np.array([0.29, 0.28]) / 0.37
#: Way of an iris as tracked, eye widths, up to which it may be an error, and from which on it is
#: corrected whole.
NOISE, CERTAIN = 0.012, 0.035
#: Way of an iris, eye widths, up to which it is corrected, and from which on the person is taken
#: to look elsewhere on purpose.
CORRECTED, ELSEWHERE = 0.22, 0.34
#: Turn of the head, degrees, up to which and from which on, the same.
FACING, ASIDE = 18.0, 30.0
#: Share of a new frame in the wanted place: a landmark's own noise would show as trembling.
NEW_SHARE = 0.5
#: Frames of the neutral face whose median counts.
MOST_FRAMES = 40
#: Opening of the lids, eye widths, from which an iris is seen well enough to count.
OPEN = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class EyesInHead:
    """Where the irises of a face are in its eyes.

    offsets  (2, 2) right and left iris from the middle of the eye's corners, along and across the
             eye as seen from the head's front, eye widths
    widths   (2,) of the eyes, model units
    yaw_pitch  (2,) of the head, radians
    opening  of the wider eye's lids, eye widths
    """

    offsets: Values
    widths: Values
    yaw_pitch: Values
    opening: float


class LiveGaze:
    """Implements `core.driven.live.DrawLive` for the camera's own picture."""

    def __init__(self) -> None:
        self._driver = LiveDriver(Landmarker(threads=1).expression)
        self._rest = np.asarray(neutral_units(), np.float64)
        self._skull = skull_weights(canonical_face())
        self._first: list[EyesInHead] = []
        self._by = np.zeros((2, 2))

    def take_neutral(self) -> None:
        """Find the irises' place anew: the person looks at the camera now."""
        self._driver.take_neutral()
        self._first = []

    def __call__(self, seen: DriverSeen, rgb: Rgb8, at: float) -> LivePicture:
        """The camera's picture, its irises towards the camera; itself where that cannot be."""
        move, share, hold = self._driver.step(seen, at)
        if seen.presence <= 0:
            self._by = np.zeros((2, 2))
            return LivePicture(rgb, hold)
        pose = align_robustly(seen.landmarks[None], self._rest, self._skull)
        eyes = eyes_in_head(seen.landmarks, pose)
        if hold in (Hold.STARTING, Hold.GRIMACE) and eyes.opening >= OPEN:
            self._first = [*self._first, eyes][-MOST_FRAMES:]
        if move is None or not self._first:
            return LivePicture(rgb, hold)
        self._by += NEW_SHARE * (_wanted_way(eyes, self._first) - self._by)
        amount = share * (1 - _ramp(turned(move), FACING, ASIDE))
        amount *= 1 - _ramp(float(np.linalg.norm(self._by, axis=1).max()), CORRECTED, ELSEWHERE)
        if amount <= 0:
            return LivePicture(rgb, hold)
        by = np.concatenate([self._by * eyes.widths[:, None], np.zeros((2, 1))], axis=1)
        pixels = (float(pose.scale[0]) * by @ pose.rotation[0].T)[:, :2]
        irises = np.asarray(seen.landmarks[[int(eye[1][0]) for eye in EYES], :2], np.float64)
        return LivePicture(_corrected(rgb, seen.landmarks, irises + pixels, amount), hold)


def eyes_in_head(landmarks: Array, pose: Pose) -> EyesInHead:
    """Where the irises are, of landmarks (478, 3) in pixels with their `pose` of one frame."""
    face = pose.remove(landmarks[None])[0]
    offsets, widths, openings = [], [], []
    for _, iris, corners, (upper, lower) in EYES:
        ends = face[list(corners), :2]
        width = max(float(np.linalg.norm(ends[0] - ends[1])), 1e-6)
        offsets.append((face[iris[0], :2] - ends.mean(axis=0)) / width)
        widths.append(width)
        openings.append(float(face[lower, 1] - face[upper, 1]) / width)
    pitch, yaw, _ = to_vectors(pose.rotation)[0]
    return EyesInHead(
        np.stack(offsets), np.array(widths), np.array([yaw, pitch]), max(openings)
    )  # fmt: skip


def _wanted_way(eyes: EyesInHead, first: Sequence[EyesInHead]) -> Values:
    """(2, 2) how the irises must move to look at the camera, eye widths.

    Args:
        first: of the frames in which the person looked at the camera.
    """
    at_camera = np.median(np.stack([one.offsets for one in first]), axis=0)
    facing = np.median(np.stack([one.yaw_pitch for one in first]), axis=0)
    wanted = at_camera + LEFT_BEHIND * (eyes.yaw_pitch - facing)
    # Both eyes look at one camera: their mean has less noise than either.
    way = np.broadcast_to((wanted - eyes.offsets).mean(axis=0), (2, 2))
    return np.asarray(way * _ramp(float(np.linalg.norm(way[0])), NOISE, CERTAIN) / TRUE_WAY)


def _corrected(rgb: Rgb8, landmarks: Array, wanted: Values, amount: float) -> Rgb8:
    """The picture with its irises moved; only the rows and columns round the eyes are worked on."""
    ring = np.concatenate([landmarks[eye[0], :2] for eye in EYES])
    room = 0.5 * float(np.ptp(ring[:, 0]))
    low = np.maximum(np.floor(ring.min(axis=0) - room), 0).astype(int)
    high = np.minimum(np.ceil(ring.max(axis=0) + room), rgb.shape[1::-1]).astype(int)
    if (high - low < 8).any():
        return rgb
    part = rgb[low[1] : high[1], low[0] : high[0]]
    points = landmarks[:, :2] - low
    picture = np.asarray(part, np.float32) * np.float32(1 / 255)
    made = with_gaze(picture, points, wanted - low, amount)
    if made is picture:
        return rgb
    result = rgb.copy()
    result[low[1] : high[1], low[0] : high[0]] = np.rint(np.clip(made, 0, 1) * 255)
    return result


def _ramp(value: float, low: float, high: float) -> float:
    share = float(np.clip((value - low) / (high - low), 0, 1))
    return share * share * (3 - 2 * share)
