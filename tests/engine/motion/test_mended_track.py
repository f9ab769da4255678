"""Landmarks mended by hand move the mouth of those frames, and of no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dubsync.core.progress import silent
from dubsync.core.tweak.landmark_edit import FADE, LandmarkKey, mended
from dubsync.engine import actor as actors
from dubsync.engine.motion.fit import fit
from tests.engine.exemplars.drawn_footage import DrawnPlate, drawn_track


def test_the_mouth_follows_mended_landmarks_near_their_keys_alone():
    plate = DrawnPlate(drawn_track(np.abs(np.sin(np.arange(40) / 4)), sway=0.04))
    ada = actors.learn("Ada", [plate.footage()], most=25, widest_px=1024, progress=silent)
    track, first = plate.track, plate.track.frames.start
    at = first + 20
    lip = track.landmarks[20, 17, :2]  # the middle of the lower lip
    keys = [LandmarkKey(at, 17, float(lip[0]), float(lip[1]) + 6, 30.0)]
    by_hand = replace(track, landmarks=mended(track.landmarks, first, keys))

    moved = np.abs(fit(by_hand, ada.model).mouth - fit(track, ada.model).mouth).max(axis=1)

    near = np.abs(np.arange(40) - 20) <= FADE
    assert moved[20] > 10 * max(moved[~near].max(), 1e-4)
    assert moved[20] == moved.max()
