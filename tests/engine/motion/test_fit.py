"""The actor's linear model: fit and reconstruction agree, heads turn and mouths stay, lips
close.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ModelError, NoFace, ShapeError
from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.lips import gaps
from dubsync.engine.geometry.mesh import (
    CHIN,
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    LEFT_IRIS,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    RIGHT_IRIS,
    lower_face,
)
from dubsync.engine.geometry.pose import Pose, align, to_matrices, to_vectors
from dubsync.engine.motion.basis import Basis, coefficients, lip_metric, neutral_units
from dubsync.engine.motion.fit import (
    channels,
    fit,
    frontal,
    learn_basis,
    mouth_shape,
    moved_landmarks,
    placed,
    shape,
)
from dubsync.engine.motion.prior import mouth_moves
from dubsync.engine.track.landmarker import canonical_face
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

RATE = Fraction(24)
DESCRIPTOR = np.ones(4, np.float32) / 2


def face_track(points: np.ndarray) -> FaceTrack:
    t = len(points)
    return FaceTrack(1, FrameRange(0, t, RATE), points, np.zeros((t, 52)), np.ones(t), DESCRIPTOR)


def talking(t: int = 90, seed: int = 0) -> np.ndarray:
    """Faces without head movement (T, 478, 3), model units: drawn moves at speech's pace."""
    rng = np.random.default_rng(seed)
    rest = neutral_units()
    moves = mouth_moves(rest, lower_face(canonical_face()))
    beat = np.arange(t)[:, None] / rng.uniform(3, 9, len(moves)) + rng.uniform(0, 6, len(moves))
    amount = np.sin(beat) * 0.5
    amount[:, :3] = np.clip(np.sin(beat[:, :3]), 0, 1)
    amount[: t // 6] = 0
    return rest + np.tensordot(amount, moves, axes=1)


def headed(faces: np.ndarray, turn: np.ndarray, scale: float = 120.0) -> np.ndarray:
    t = len(faces)
    shift = np.tile([640.0, 360.0, 0.0], (t, 1))
    return Pose(np.full(t, scale), to_matrices(turn), shift).place(faces)


@pytest.fixture(scope="module")
def basis() -> Basis:
    return learn_basis([face_track(headed(talking(), np.zeros((90, 3))))])


@pytest.fixture(scope="module")
def learnt(real: Callable[[str], FaceTrack]) -> Callable[[str], Basis]:
    known: dict[str, Basis] = {}

    def learn(name: str) -> Basis:
        if name not in known:
            known[name] = learn_basis([real(name)])
        return known[name]

    return learn


@pytest.fixture(scope="module")
def real(shared: Path) -> Callable[[str], FaceTrack]:
    tracker, known = FaceTracker(), {}

    def read(name: str) -> FaceTrack:
        if name not in known:
            plate = probe_plate(shared / "footage" / name)
            span = FrameRange(plate.frames.start, plate.frames.start + 110, plate.frames.rate)
            with open_plate(plate) as reader:
                known[name] = tracker(reader.frames(span), span, shot=name, progress=silent)[0]
        return known[name]

    return read


@pytest.mark.parametrize(
    "name", ["woman_braids_720p_24s.mp4", "katiehill_512_8s.mp4", "andrew_a_25s.mov"]
)
def test_a_real_clip_comes_back_from_its_numbers_within_one_percent(real, learnt, name):
    track, basis = real(name), learnt(name)
    motion = fit(track, basis)

    back = placed(motion, basis)

    away = np.linalg.norm((back - track.landmarks)[..., :2], axis=2) / motion.head[:, 6:7]
    assert away.mean() < 0.01
    assert np.quantile(away, 0.98) < 0.03


def test_model_units_and_origin_are_the_eyes(basis):
    right = (basis.rest[RIGHT_EYE_OUTER] + basis.rest[RIGHT_EYE_INNER]) / 2
    left = (basis.rest[LEFT_EYE_OUTER] + basis.rest[LEFT_EYE_INNER]) / 2

    assert np.linalg.norm(left - right) == pytest.approx(1, abs=0.02)
    np.testing.assert_allclose((left + right) / 2, 0, atol=0.02)
    assert basis.rest[CHIN, 1] > 0.9, "y runs down"


def test_coefficient_zero_is_closed_lips(basis, learnt):
    for result in (basis, learnt("katiehill_512_8s.mp4")):
        rest = channels(result.rest + mouth_shape(np.zeros((1, len(result.mouth_low))), result))
        assert abs(rest.opening[0]) < 1e-4
        assert np.abs(gaps(result.rest[None])).max() < 1e-4


@settings(max_examples=20)
@given(st.floats(-0.6, 0.6), st.floats(-0.35, 0.35), st.floats(-0.5, 0.5), st.floats(40, 400))
def test_turning_the_head_leaves_the_mouth_where_it_was(basis, yaw, pitch, roll, scale):
    faces = talking(12, seed=4)
    straight = fit(face_track(headed(faces, np.zeros((12, 3)))), basis)
    turn = np.tile([pitch, yaw, roll], (12, 1))

    turned = fit(face_track(headed(faces, turn, scale)), basis)

    largest = float(np.abs(straight.mouth).max())
    assert np.abs(turned.mouth - straight.mouth).max() < 0.02 * largest
    np.testing.assert_allclose(turned.head[:, :3], to_vectors(to_matrices(turn)), atol=0.02)
    np.testing.assert_allclose(turned.head[:, 6], scale, rtol=0.02)


def test_noise_in_the_landmarks_moves_the_mouth_little(basis):
    faces = headed(talking(40, seed=2), np.zeros((40, 3)))
    noise = np.random.default_rng(0).normal(0, 0.003 * 120, faces.shape)

    clean, noisy = fit(face_track(faces), basis), fit(face_track(faces + noise), basis)

    moved = mouth_shape(noisy.mouth - clean.mouth, basis)
    assert np.sqrt((moved**2).mean()) < 0.003


def test_equal_motions_leave_the_landmarks_bit_for_bit(real, learnt):
    track, basis = real("woman_braids_720p_24s.mp4"), learnt("woman_braids_720p_24s.mp4")
    motion = fit(track, basis)
    mouth = np.array(motion.mouth)
    mouth[40:60] *= 0.5
    halved = replace(motion, mouth=mouth)

    moved = moved_landmarks(track, motion, halved, basis)

    np.testing.assert_array_equal(moved[:40], track.landmarks[:40])
    np.testing.assert_array_equal(moved[60:], track.landmarks[60:])
    assert np.abs(moved[40:60] - track.landmarks[40:60]).max() > 1
    upper = np.flatnonzero(basis.share == 0)
    np.testing.assert_allclose(moved[:, upper], track.landmarks[:, upper], atol=1e-3)


def test_a_mouth_sent_to_rest_closes_on_the_plate(real, learnt):
    track, basis = real("katiehill_512_8s.mp4"), learnt("katiehill_512_8s.mp4")
    motion = fit(track, basis)
    resting = replace(motion, mouth=np.zeros_like(motion.mouth))

    moved = moved_landmarks(track, motion, resting, basis)

    closed = channels(frontal(face_track(moved), basis))
    wide = channels(frontal(track, basis)).opening > 0.1
    assert wide.any() and np.abs(closed.opening[wide]).max() < 0.01


def test_moving_the_mouth_by_numbers_moves_the_measured_mouth_by_as_much(basis):
    track = face_track(headed(talking(30, seed=7), np.zeros((30, 3))))
    motion = fit(track, basis)
    wanted = replace(motion, mouth=motion.mouth[::-1].copy())

    moved = face_track(moved_landmarks(track, motion, wanted, basis))

    measured = channels(frontal(moved, basis)).opening
    requested = channels(shape(wanted, basis)).opening
    assert np.corrcoef(measured, requested)[0, 1] > 0.99
    assert np.abs(measured - requested).max() < 0.02


def test_channels_follow_what_they_are_called(basis):
    rest = basis.rest.astype(np.float64)
    jaw, _, upper, spread, pucker, smile = mouth_moves(basis.rest, basis.share)[:6]
    still = channels(rest[None].astype(np.float32))

    def measured(move: np.ndarray):  # type: ignore[no-untyped-def]
        return channels((rest + move)[None].astype(np.float32))

    assert measured(jaw).opening[0] > still.opening[0] + 0.05
    assert measured(jaw).jaw[0] > still.jaw[0] + 0.05
    assert measured(upper).upper_lip[0] > still.upper_lip[0] + 0.02
    assert measured(spread).width[0] > still.width[0] + 0.05
    assert measured(pucker).width[0] < still.width[0] - 0.05
    assert measured(pucker).protrusion[0] > still.protrusion[0] + 0.02
    assert measured(smile).corners[0] > still.corners[0] + 0.02


def test_one_still_is_enough_for_a_basis_that_opens_and_closes():
    still = face_track(headed(talking(90)[50:51], np.zeros((1, 3))))
    basis = learn_basis([still])
    jaw = mouth_moves(basis.rest, basis.share)[:1].astype(np.float64)
    opened = coefficients(jaw, basis.mouth_moves, lip_metric())

    assert (opened <= basis.mouth_high).all() and (opened >= basis.mouth_low).all()
    assert len(basis.mouth_low) >= 10
    assert abs(channels(basis.rest[None]).opening[0]) < 1e-4
    assert channels(basis.rest + mouth_shape(np.float32(opened), basis)).opening[0] > 0.08
    assert fit(still, basis).mouth.shape == (1, len(basis.mouth_low))


def test_ranges_hold_what_the_actor_did(basis):
    motion = fit(face_track(headed(talking(), np.zeros((90, 3)))), basis)
    inside = (motion.mouth >= basis.mouth_low - 1e-3) & (motion.mouth <= basis.mouth_high + 1e-3)

    assert inside.mean() > 0.94


def test_gaze_is_counted_in_eye_widths(basis):
    faces = talking(4)
    for iris, inner, outer in (
        (LEFT_IRIS, LEFT_EYE_INNER, LEFT_EYE_OUTER),
        (RIGHT_IRIS, RIGHT_EYE_INNER, RIGHT_EYE_OUTER),
    ):
        width = np.linalg.norm(faces[0, inner] - faces[0, outer])
        middle = (faces[0, inner] + faces[0, outer]) / 2
        faces[:, iris, :2] += middle[:2] - faces[:, iris[:1], :2] + np.array([0.2, -0.1]) * width

    gaze = fit(face_track(headed(faces, np.zeros((4, 3)))), basis).gaze

    np.testing.assert_allclose(gaze, np.tile([0.2, -0.1, 0.2, -0.1], (4, 1)), atol=0.01)


def test_a_basis_survives_being_written_as_arrays(basis):
    again = Basis.from_arrays({name: np.array(a) for name, a in basis.arrays().items()})

    assert again.digest == basis.digest
    with pytest.raises(ModelError, match="rest"):
        Basis.from_arrays({k: v for k, v in basis.arrays().items() if k != "rest"})


def test_motion_of_another_actor_is_refused(basis):
    track = face_track(headed(talking(5), np.zeros((5, 3))))
    motion = fit(track, basis)
    other = replace(motion, basis="somebody else")

    with pytest.raises(ModelError, match="fit|basis"):
        moved_landmarks(track, motion, other, basis)
    later = replace(motion, frames=FrameRange(5, 10, RATE))
    with pytest.raises(ShapeError):
        moved_landmarks(track, motion, later, basis)


def test_an_actor_never_seen_is_refused():
    unseen = face_track(headed(talking(5), np.zeros((5, 3))))
    unseen = replace(unseen, confidence=np.zeros(5))

    with pytest.raises(NoFace):
        learn_basis([unseen])


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_align_recovers_any_similarity(seed):
    rng = np.random.default_rng(seed)
    model = rng.normal(size=(20, 3))
    pose = Pose(
        rng.uniform(0.1, 300, 3),
        to_matrices(rng.uniform(-1.5, 1.5, (3, 3))),
        rng.normal(size=(3, 3)),
    )

    result = align(pose.place(model), model, rng.uniform(0.1, 1, 20))

    np.testing.assert_allclose(result.scale, pose.scale, rtol=1e-6)
    np.testing.assert_allclose(result.rotation, pose.rotation, atol=1e-6)
    np.testing.assert_allclose(result.place(model), pose.place(model), atol=1e-6 * 300)


def test_motions_are_whole(real, learnt):
    motion = fit(real("andrew_a_25s.mov"), learnt("andrew_a_25s.mov"))

    assert isinstance(motion, MotionTrack)
    assert motion.head[:, 5].any() == np.False_, "translation in depth is not counted"
    assert motion.mouth.shape[1] == 16 and motion.upper.shape[1] == 10
