"""The face region of a shot: brows, eyes, cheeks and wrinkles over the mouth that is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.picture import Frame
from dubsync.core.steps import Patch
from dubsync.core.tweak.choices import MOUTH_ONLY
from dubsync.core.tweak.choices import Region as DrawnRegion
from dubsync.engine.actor import LearntActor
from dubsync.engine.compositing.matte import eye_distance_px, region_of
from dubsync.engine.compositing.origin import from_elsewhere
from dubsync.engine.face_region.draw_face import BORDER, FaceDrawing
from dubsync.engine.face_region.face_plan import face_plan
from dubsync.engine.face_region.lids import no_further_than_shut
from dubsync.engine.face_region.open_gaze import with_seen_gaze
from dubsync.engine.motion.fit import moved_landmarks
from dubsync.engine.render.head_turn import with_face

Flags = NDArray[np.bool_]

#: Room round the border of what is drawn, eye distances.
ROOM = 0.1


class FaceAbove:
    """Draws the face region of one track, frame by frame."""

    def __init__(self, track: FaceTrack, drawing: FaceDrawing, active: Flags) -> None:
        """`active` (T,) the frames that it changes."""
        self._track = track
        self._drawing = drawing
        self._active = active

    def __call__(self, frame: Frame, below: Patch | None) -> Patch | None:
        """The face over the mouth drawn `below`; None where it is unchanged."""
        t = frame.number - self._track.frames.start
        if not 0 <= t < len(self._active) or not self._active[t]:
            return None
        landmarks = self._track.landmarks[t]
        unit = eye_distance_px(landmarks)
        region = region_of([landmarks[BORDER, :2]], ROOM * unit).aligned(frame.format)
        if region.width < 16 or region.height < 16:
            return None
        picture, _ = with_face(frame, region, below)
        drawn = self._drawing.draw(picture, region, t, unit)
        matte = np.asarray(np.rint(255 * drawn.matte), np.uint8)
        if not matte.any():
            return None
        return Patch(region, drawn.rgb, matte, origin=from_elsewhere(region))


def face_frames(region: Sequence[DrawnRegion] | None, track: FaceTrack) -> Flags:
    """(T,) where the face above the mouth is drawn too.

    Raises:
        ShapeError: not one region a frame.
    """
    if region is None:
        return np.zeros(len(track.frames), bool)
    if len(region) != len(track.frames):
        raise ShapeError(f"{len(region)} regions for {len(track.frames)} frames")
    return np.array([one != MOUTH_ONLY for one in region], bool)


def face_above(
    actor: LearntActor,
    track: FaceTrack,
    original: MotionTrack,
    corrected: MotionTrack,
    frames: Flags,
    *,
    may_own: bool = True,
) -> FaceAbove | None:
    """The FaceAbove of a shot; None where it changes no frame.

    Args:
        frames: (T,) where the region is the face.
        may_own: whether the plate's own eyes may be drawn from.
    """
    # What the mouth moves is in the picture that this is drawn over.
    moves = replace(corrected, mouth=original.mouth)
    wanted = moved_landmarks(track, original, moves, actor.model)
    asked = np.abs(wanted - track.landmarks).max(axis=(1, 2)) > 0
    active = frames & asked & (np.asarray(track.confidence) > 0)
    if not active.any():
        return None
    units = np.array([eye_distance_px(points) for points in track.landmarks])
    wanted = no_further_than_shut(track.landmarks, wanted, units)
    wanted = with_seen_gaze(track.landmarks, wanted)
    plan = face_plan(track.landmarks, wanted, active, actor.eyes, actor.model, may_own=may_own)
    return FaceAbove(track, FaceDrawing(track.landmarks, wanted, plan, actor.eyes), active)
