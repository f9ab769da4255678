"""A driver's motion is told against the driver's own calm face, wherever in the take that is."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import NoFace
from dubsync.core.face import BLENDSHAPES, FaceTrack
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import lower_face
from dubsync.engine.geometry.pose import to_matrices, to_vectors
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.motion.prior import mouth_moves
from dubsync.engine.still.driver_motion import DriverMotion
from dubsync.engine.still.driver_stream import DriverStream
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES, Landmarker, canonical_face

Values = NDArray[np.float64]
JAW_OPEN = BLENDSHAPE_NAMES.index("jawOpen")


def _track(opening: Values, yaw: Values, seen: Values | None = None) -> FaceTrack:
    """A driver whose jaw opens by `opening` (T,) and who turns by `yaw` (T,) radians."""
    face = np.asarray(neutral_units(), np.float64)
    jaw = mouth_moves(neutral_units(), lower_face(canonical_face()))[0]
    faces = face + opening[:, None, None] * jaw
    turns = to_matrices(np.stack([0 * yaw, yaw, 0 * yaw], axis=1))
    points = 60 * faces @ turns.transpose(0, 2, 1) + (200, 180, 0)
    points += np.random.default_rng(5).normal(0, 0.05, points.shape)
    scores = np.zeros((len(yaw), BLENDSHAPES), np.float32)
    scores[:, JAW_OPEN] = np.clip(opening, 0, 1)
    confidence = np.ones(len(yaw), np.float32) if seen is None else seen.astype(np.float32)
    frames = FrameRange(0, len(yaw), Fraction(25))
    return FaceTrack(
        1, frames, points.astype(np.float32), scores, confidence, np.zeros(8, np.float32)
    )


def test_a_driver_who_starts_in_mid_grimace_is_not_taken_as_neutral() -> None:
    opening = np.r_[np.full(20, 1.0), np.zeros(20)]
    motion = DriverMotion.of(_track(opening, np.zeros(40)))
    assert min(motion.neutral) >= 22
    first, last = motion.moves[0], motion.moves[-1]
    assert first is not None and last is not None
    assert first.offsets[152, 1] > 0.1, "the open jaw of the start is an offset"
    assert abs(float(last.offsets[152, 1])) < 0.01


def test_a_turn_is_told_from_the_usual_pose() -> None:
    yaw = np.radians(10 + 8 * np.sin(np.arange(60) / 6))
    motion = DriverMotion.of(_track(np.zeros(60), yaw))
    turns = [move.turn for move in motion.moves if move is not None]
    got = to_vectors(np.asarray(turns, np.float64))[:, 1]
    assert np.corrcoef(got, yaw)[0, 1] > 0.99
    assert abs(float(np.median(got))) < np.radians(2)


def test_frames_without_a_face_have_no_move() -> None:
    seen = np.ones(12)
    seen[4:7] = 0
    motion = DriverMotion.of(_track(np.zeros(12), np.zeros(12), seen))
    assert [move is None for move in motion.moves] == [not s for s in seen]
    with pytest.raises(NoFace):
        DriverMotion.of(_track(np.zeros(3), np.zeros(3), np.zeros(3)))


@pytest.fixture(scope="module")
def landmarker() -> Landmarker:
    return Landmarker(threads=1)


def test_a_stream_that_starts_open_mouthed_learns_that_it_was(landmarker: Landmarker) -> None:
    track = _track(np.r_[np.full(10, 1.0), np.zeros(30)], np.zeros(40))
    stream = DriverStream(landmarker.expression)
    moves = [stream.push(*pair) for pair in zip(track.landmarks, track.blendshapes, strict=True)]
    assert moves[0].offsets[152, 1] > 0.05, "the first frame is not taken as neutral"
    assert stream.calm
    assert abs(float(moves[-1].offsets[152, 1])) < 0.02
    assert moves[0].face[152, 1] == pytest.approx(track_chin(track, 0), abs=0.05)


def track_chin(track: FaceTrack, frame: int) -> float:
    return float((track.landmarks[frame, 152, 1] - 180) / 60)


def test_a_driver_who_is_never_calm_has_a_neutral_of_calm_parts() -> None:
    jaw, brow = 152, 105
    scores = {"jawOpen": 0, "browInnerUp": 1}
    numbers = [BLENDSHAPE_NAMES.index(name) for name in scores]

    def frame(opened: float, raised: float) -> tuple[Array, Array]:
        face = np.array(neutral_units(), np.float64)
        face[jaw, 1] += 0.3 * opened
        face[brow, 1] -= 0.2 * raised
        shown = np.zeros(BLENDSHAPES, np.float32)
        shown[numbers] = opened, raised
        return np.asarray(face * 60 + (200, 180, 0), np.float32), shown

    stream = DriverStream(lambda points: np.zeros(BLENDSHAPES, np.float32))
    for n in range(20):
        stream.consider(*(frame(1, 0) if n % 2 else frame(0, 1)))
    assert stream.calm
    move = stream.push(*frame(1, 1))
    assert move.offsets[jaw, 1] == pytest.approx(0.3, abs=0.04)
    assert move.offsets[brow, 1] == pytest.approx(-0.2, abs=0.04)


def test_a_better_neutral_comes_softly() -> None:
    track = _track(np.r_[np.full(20, 1.0), np.zeros(30)], np.zeros(50))
    shown = np.asarray(track.blendshapes)
    stream = DriverStream(lambda points: np.zeros(BLENDSHAPES, np.float32))
    moves = [stream.push(*pair) for pair in zip(track.landmarks, shown, strict=True)]
    steps = np.abs(np.diff(np.stack([move.neutral for move in moves]), axis=0)).max()
    assert steps < 0.02
