"""Where the landmarks of a face are in its render: moved by the mouth, and turned with the head."""

from __future__ import annotations

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.steps import Actor
from dubsync.engine.actor import ours
from dubsync.engine.motion.fit import moved_landmarks
from dubsync.engine.render.head_turn import turned_with_head


def target_landmarks(
    track: FaceTrack, original: MotionTrack, corrected: MotionTrack, actor: Actor
) -> Array:
    """Implements `Engine.landmarks`.

    Raises:
        ModelError: an actor of another engine, or motions of another basis.
        ShapeError: track and motions differ in their frames.
    """
    moved = moved_landmarks(track, original, corrected, ours(actor).model)
    return np.asarray(turned_with_head(moved, original, corrected), np.float32)
