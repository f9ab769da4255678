"""Lids shut by hand, each eye by itself, from wherever they are.

An actor's basis holds what the footage shows, and people rarely shut one eye alone: lids that are
shut by hand are moved by geometry.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.geometry.mesh import LEFT_EYE, RIGHT_EYE, indices

Values = NDArray[np.float64]

#: The controls, in the order of `MotionTrack.lids`.
LIDS = ("blink_left", "blink_right")
EYES = (LEFT_EYE, RIGHT_EYE)
#: Lid skin above each upper lid, and the ring under the brow, outer corner to inner.
LID_RINGS = (indices("467 260 259 257 258 286 414"), indices("247 30 29 27 28 56 190"))
BROW_RINGS = (indices("445 444 443 442 441"), indices("225 224 223 222 221"))
#: Shares of the gap that the upper lid comes down and the lower one up; what is left is a shut eye.
UPPER, LOWER = 0.9, 0.05
#: Shares of the upper lid's way that the skin above it goes.
RING, BROW = 0.45, 0.1


def lids_by_hand(tweak: Tweak, frames: FrameRange, drawn: NDArray[np.bool_]) -> Array | None:
    """(T, 2) how far left and right lids are shut, 0 where not `drawn` (T,); None: nowhere."""
    if not any(tweak.overrides(name, frames) for name in LIDS):
        return None
    shut = np.stack([tweak.at(name, frames) for name in LIDS], axis=1)
    shut = np.where(drawn[:, None], shut, 0)
    return np.asarray(shut, np.float32) if shut.any() else None


def lid_change(faces: Array | Values, lids: Array) -> Array:
    """Displacements (T, 478, 3) of faces (T, 478, 3) whose lids are shut by `lids` (T, 2)."""
    faces = np.asarray(faces, np.float64)
    change = np.zeros(faces.shape)
    for n, eye in enumerate(EYES):
        share = np.asarray(lids, np.float64)[:, n, None, None]
        low, high = eye[1:8], eye[9:][::-1]  # the lower lid's landmarks; the upper lid's above them
        gap = faces[:, low] - faces[:, high]
        gap = np.where(gap[..., 1:2] > 0, gap, 0)
        change[:, high] = share * UPPER * gap
        change[:, low] = -share * LOWER * gap
        change[:, LID_RINGS[n]] = share * UPPER * RING * gap
        change[:, BROW_RINGS[n]] = share * UPPER * BROW * gap[:, 1:6]
    return np.asarray(change, np.float32)
