"""Follows one person through captured frames, as fast as they come.

While the face is followed, one reading of the landmark network is all that a frame costs; the
detector looks for other people only now and then.  A face that was lost is taken up again where it
is the same person's by the face descriptor, however long it was gone.
"""

from __future__ import annotations

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.driven.live import DriverSeen, Rgb8
from dubsync.core.face import BLENDSHAPES, LANDMARKS, OTHER_FACE
from dubsync.core.picture import Frame
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.track import detector
from dubsync.engine.track.face_descriptor import face_chip
from dubsync.engine.track.face_network import describe_chips
from dubsync.engine.track.landmarker import (
    LEAST_PRESENCE,
    Face,
    Landmarker,
    box_of,
    same_face,
    square_of,
)

#: Frames between two looks for other people while the driver is followed.
LOOK_EVERY = 12
#: Frames without the face after which somebody else may have taken the seat.
LONG_GONE = 5
#: Least height of a driver's face, pixels.
LEAST_PX = 48


class DriverFollower:
    """Implements `core.driven.live.FollowDriver`.  Not to be shared between threads."""

    def __init__(self, landmarker: Landmarker | None = None) -> None:
        # One thread: the other core draws.
        self._landmarker = landmarker or Landmarker(threads=1)
        self._last: Array | None = None
        self._known = np.zeros((LANDMARKS, 3), np.float32)
        self._who: Array | None = None
        self._gone = self._number = self._others = 0
        self._same: bool | None = None
        # The descriptor's network is loaded now, not when somebody comes back.
        describe_chips(np.zeros((1, 150, 150, 3), np.float32))

    def forget(self) -> None:
        """Follow whoever is seen next, the largest face first."""
        self._last = self._who = self._same = None

    def __call__(self, rgb: Rgb8) -> DriverSeen:
        """The driver in the next frame (h, w, 3)."""
        frame = rgb_frame(rgb, self._number)
        self._number += 1
        face = self._continued(frame) or self._found(frame)
        if face is None:
            self._gone += 1
            self._last = None
            return DriverSeen(self._known, np.zeros(BLENDSHAPES, np.float32), 0.0, self._others)
        self._recognise(frame, face)
        self._last, self._known, self._gone = face.points, face.points, 0
        if self._number % LOOK_EVERY == 0:
            self._others = self._count_others(frame, face)
        scores = self._landmarker.expression(face.points)
        return DriverSeen(face.points, scores, face.presence, self._others, self._same)

    def _continued(self, frame: Frame) -> Face | None:
        """The face where it was in the last frame."""
        if self._last is None:
            return None
        face = self._landmarker.read(frame, square_of(self._last))
        return face if _usable(face) else None

    def _found(self, frame: Frame) -> Face | None:
        """The largest face of the frame; the nearest to the last one, where there are others."""
        squares = detector.search_squares(frame.format, 1)
        seen = self._landmarker.detect(frame, squares)
        if not seen:
            self._others = 0
            return None
        faces = [f for f in (self._landmarker.confirm(frame, one) for one in seen) if f]
        faces = [face for face in faces if _usable(face)]
        if not faces:
            return None
        self._others = len(faces) - 1
        if self._who is None or len(faces) == 1:
            return max(faces, key=lambda face: float(np.ptp(face.points[:, 1])))
        who = self._who
        return min(faces, key=lambda f: float(np.linalg.norm(_descriptor(frame, f) - who)))

    def _recognise(self, frame: Frame, face: Face) -> None:
        """Whether this is the driver: asked when a face appears, not in each frame."""
        if self._who is None:
            self._who, self._same = _descriptor(frame, face), None
        elif self._last is None and self._gone >= LONG_GONE:
            apart = float(np.linalg.norm(_descriptor(frame, face) - self._who))
            self._same = apart < OTHER_FACE
        elif self._last is None and self._same is None:
            self._same = True

    def _count_others(self, frame: Frame, face: Face) -> int:
        """How many more large faces the frame shows: one detection, one reading for each."""
        seen = self._landmarker.detect(frame, detector.search_squares(frame.format, 0))
        away = [s for s in seen if detector.contained(s.box, box_of(face.points)) < 0.4]
        read = [self._landmarker.read(frame, one.square()) for one in away]
        return sum(_usable(other) and not same_face(other, face) for other in read)


def _usable(face: Face) -> bool:
    return face.presence >= LEAST_PRESENCE and float(np.ptp(face.points[:, 1])) >= LEAST_PX


def _descriptor(frame: Frame, face: Face) -> Array:
    return np.asarray(describe_chips(face_chip(frame, face.points)[None])[0], np.float32)
