"""Footage in which a mouth never opens is warned about; speech is not, nor are too few frames."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.face import FaceTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import LIP_CONTACTS
from dubsync.engine.track.landmarker import canonical_face
from dubsync.service.reel.still_mouth import still_mouth_warning


def track(opening: np.ndarray) -> FaceTrack:
    """The neutral face, its lower inner lip moved down by `opening` (T,), eye distances."""
    t = len(opening)
    neutral = np.array(canonical_face().points)
    eyes = np.linalg.norm(neutral[[33, 133]].mean(axis=0) - neutral[[263, 362]].mean(axis=0))
    points = np.tile(neutral, (t, 1, 1))
    upper, lower = LIP_CONTACTS.T
    points[:, lower] = points[:, upper]
    points[:, lower, 1] += eyes * opening[:, None]
    appearance = np.ones(4, np.float32) / 2
    frames = FrameRange(0, t, Fraction(25))
    return FaceTrack(1, frames, points, np.zeros((t, 52)), np.ones(t), appearance)


@pytest.mark.parametrize(
    ("opening", "says"),
    [
        (0.01 + 0.01 * np.sin(np.arange(60)), "never opens"),
        (0.25 + 0.01 * np.sin(np.arange(60)), "never moves"),
        (0.10 + 0.10 * np.sin(np.arange(60)), ""),
        (np.zeros(6), ""),
    ],
)
def test_only_a_mouth_that_does_not_move_is_warned_about(opening: np.ndarray, says: str) -> None:
    warning = still_mouth_warning("ANNA", [track(opening)])
    assert (warning is not None) == bool(says)
    if warning is not None:
        assert f"the mouth {says}" in warning.message and warning.hint and not warning.blocking


def test_one_shot_of_speech_is_enough_for_a_reel() -> None:
    shut, speaks = track(np.zeros(60)), track(0.1 + 0.1 * np.sin(np.arange(60)))
    assert still_mouth_warning("ANNA", [shut, speaks]) is None
