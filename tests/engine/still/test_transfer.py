"""A driver's movement fits another face: lids never cross, lips never pass, turns are held."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.face import BLENDSHAPES, LANDMARKS
from dubsync.engine.geometry.lips import gaps
from dubsync.engine.geometry.pose import Pose, to_matrices
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.still.controls import EYES
from dubsync.engine.still.driver_motion import DriverMove
from dubsync.engine.still.idle import breath_of, idle_faces
from dubsync.engine.still.transfer import Shares, StillFace, at_rest, driven_face, softly_held
from dubsync.engine.track.landmarker import BLENDSHAPE_NAMES

FRONT = neutral_units()
POSE = Pose(np.array([50.0]), to_matrices(np.array([[0.05, -0.1, 0.0]])), np.array([[90.0, 80, 0]]))
STILL = StillFace(FRONT, np.zeros((LANDMARKS, 3), np.float32), POSE)


def _move(offsets: np.ndarray, yaw: float = 0.0, blink: float = 0.0) -> DriverMove:
    scores = np.zeros(BLENDSHAPES, np.float32)
    scores[[BLENDSHAPE_NAMES.index(f"eyeBlink{s}") for s in ("Left", "Right")]] = blink
    turn = to_matrices(np.radians([[0.0, yaw, 0.0]]))[0]
    return DriverMove(
        FRONT, offsets.astype(np.float32), turn.astype(np.float32), np.zeros(2, np.float32), 0.0,
        scores, FRONT * 60 + 100,
    )  # fmt: skip


def test_a_driver_at_rest_leaves_a_calm_still_as_it_is() -> None:
    drawn = driven_face(STILL, _move(np.zeros((LANDMARKS, 3))))
    np.testing.assert_allclose(drawn.landmarks, at_rest(STILL).landmarks, atol=0.4)


def test_a_still_that_smiles_stops_when_the_driver_rests() -> None:
    worn = np.zeros((LANDMARKS, 3), np.float32)
    worn[[61, 291], 1] = -0.06
    smiling = StillFace(FRONT + worn, worn, POSE)
    rested = driven_face(smiling, _move(np.zeros((LANDMARKS, 3))), Shares(own=1.0))
    kept = driven_face(smiling, _move(np.zeros((LANDMARKS, 3))), Shares(own=0.0))
    np.testing.assert_allclose(rested.front[61, 1], FRONT[61, 1], atol=0.01)
    np.testing.assert_allclose(kept.front[61, 1], FRONT[61, 1] - 0.06, atol=0.01)


@given(st.integers(0, 2**32 - 1), st.floats(0, 0.15), st.floats(0, 1))
def test_lids_never_cross_and_lips_never_pass_each_other(
    seed: int, strength: float, blink: float
) -> None:
    offsets = np.random.default_rng(seed).normal(0, strength, (LANDMARKS, 3))
    front = driven_face(STILL, _move(offsets, blink=blink)).front
    for ring in EYES:
        middle = front[ring[3:6], 1].mean() - front[ring[11:14], 1].mean()
        assert middle > 0
    assert (gaps(front[None]) > -1e-5).all()


def test_a_full_blink_shuts_the_lids_though_the_landmarks_leave_a_gap() -> None:
    offsets = np.zeros((LANDMARKS, 3))
    for upper, lower in ((159, 145), (386, 374)):
        offsets[upper, 1] = 0.6 * (FRONT[lower, 1] - FRONT[upper, 1])
    shut = driven_face(STILL, _move(offsets, blink=0.8)).front
    ajar = driven_face(STILL, _move(offsets)).front
    for upper, lower in ((159, 145), (386, 374)):
        assert shut[lower, 1] - shut[upper, 1] < 0.03
        assert ajar[lower, 1] - ajar[upper, 1] > shut[lower, 1] - shut[upper, 1]


def test_turns_are_held_softly_and_told() -> None:
    small = driven_face(STILL, _move(np.zeros((LANDMARKS, 3)), yaw=5), Shares(turn=1.0))
    large = driven_face(STILL, _move(np.zeros((LANDMARKS, 3)), yaw=40), Shares(turn=1.0))
    assert small.held_back == 0
    assert 11 < np.linalg.norm(large.turned) <= 15
    assert large.held_back > 20
    values = [softly_held(v, 15) for v in np.linspace(0, 60, 200)]
    assert (np.diff(values) >= 0).all()


def test_waiting_begins_and_ends_at_rest_and_loops_without_a_seam() -> None:
    faces = idle_faces(STILL, 200, 25, seed=3)
    points = np.stack([face.landmarks for face in faces])
    np.testing.assert_allclose(points[0], at_rest(STILL).landmarks, atol=0.4)
    steps = np.abs(np.diff(np.concatenate([points, points[:1]]), axis=0)).max(axis=(1, 2))
    assert steps[-1] <= np.percentile(steps, 90) + 0.1, "the seam is a step like others"
    again = idle_faces(STILL, 200, 25, seed=3)
    assert all((a.landmarks == b.landmarks).all() for a, b in zip(faces, again, strict=True))
    other = idle_faces(STILL, 200, 25, seed=4)
    assert any((a.landmarks != b.landmarks).any() for a, b in zip(faces, other, strict=True))
    assert max(abs(float(face.body[1])) for face in faces) > 0.005, "it breathes"
    breath = breath_of(200, 25)
    assert breath[0] == 0 and np.abs(np.diff(np.r_[breath, breath[0]])).max() < 0.06
