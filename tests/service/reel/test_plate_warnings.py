"""Footage in which a mouth never opens, and frames that mix two pictures, are warned about."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from dubsync.core.face import FaceTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import LIP_CONTACTS
from dubsync.engine.track.landmarker import canonical_face
from dubsync.service.project import Project
from dubsync.service.reel.plate_warnings import still_mouth_warning


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


def test_a_dissolve_inside_a_plate_is_warned_about_with_its_frames(reel: Path) -> None:
    """Two still pictures, mixed from frame 20 to 32 of a.mov."""
    path = reel.parent / "plates" / "a.mov"
    path.unlink()
    rng = np.random.default_rng(3)
    first, last = (cv2.resize(rng.random((9, 16)), (128, 72)) for _ in range(2))
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=24, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = 128, 72, "yuv420p"
        stream.metadata["timecode"] = "01:00:00:00"
        for n in range(60):
            share = float(np.clip((n - 20) / 12, 0, 1))
            picture = np.uint8(30 + 190 * (first * (1 - share) + last * share))
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, 24)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    a, b = Project.open(reel).sync()
    said = [w.message for w in a.warnings if "mix two pictures" in w.message]
    start = 24 * 3600
    assert len(said) == 1 and f"frames {start + 21} to {start + 31} mix two pictures" in said[0]
    assert not [w for w in b.warnings if "mix two pictures" in w.message]  # one grey that rises
