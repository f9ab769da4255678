"""Heads turn about their necks, and eyes look where controls say, as far as they say."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.geometry.mesh import CHIN, LEFT_EYE_OUTER, NOSE_TIP, RIGHT_EYE_OUTER
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.motion.by_hand import gaze_by_hand, head_by_hand, stopped
from dubsync.engine.motion.face_shape import shape_change
from dubsync.engine.motion.fit import fit, moved_landmarks, placed
from dubsync.engine.motion.lids import lids_by_hand
from dubsync.engine.motion.turn import neck_of
from tests.engine.drive.drive_synthesis import face_track, talk

TRACK = face_track(talk(1, Fraction(25), seed=4), size=100)
BASIS = learn_basis([TRACK])
MOTION = fit(TRACK, BASIS)
FRAMES = MOTION.frames
NECK = neck_of(BASIS.rest)


def moved(tweak):
    """(T, 478, 2) how far the face's points go, eye distances."""
    head = head_by_hand(MOTION.head, tweak, FRAMES, NECK)
    before, after = (placed(replace(MOTION, head=h), BASIS) for h in (MOTION.head, head))
    return (after - before)[..., :2] / MOTION.head[:, None, 6:]


@pytest.mark.parametrize(
    ("name", "axis", "sign"),
    [("yaw", 0, 1), ("pitch", 1, -1), ("nod", 1, 1), ("roll", 0, 1), ("shift_x", 0, 1),
     ("shift_y", 1, -1)],
)  # fmt: skip
def test_a_control_moves_the_nose_the_way_it_says(name, axis, sign):
    there = moved(Tweak().held(name, 1.0 if "shift" in name else 8.0))
    assert (sign * there[:, NOSE_TIP, axis] > 0.03).all()
    back = moved(Tweak().held(name, -1.0 if "shift" in name else -8.0))
    assert (sign * back[:, NOSE_TIP, axis] < -0.03).all()


def test_a_nod_keeps_the_neck_and_brings_the_chin_in():
    head = head_by_hand(MOTION.head, Tweak().held("nod", 10), FRAMES, NECK)
    places = [h[:, 3:6] + h[:, 6:] * (to_matrices(h[:, :3]) @ NECK) for h in (MOTION.head, head)]
    np.testing.assert_allclose(places[0][:, :2], places[1][:, :2], atol=0.05)
    assert (moved(Tweak().held("nod", 10))[:, CHIN, 1] > 0).all()


def test_a_roll_to_the_right_lowers_the_eye_at_the_right_of_the_picture():
    there = moved(Tweak().held("roll", 10))
    assert (there[:, LEFT_EYE_OUTER, 1] > there[:, RIGHT_EYE_OUTER, 1]).all()


def test_controls_at_zero_leave_heads_and_eyes_bit_for_bit():
    tweak = Tweak(ease=0).spanned("yaw", FRAMES.start + 10, FRAMES.start + 12, 5.0)
    tweak = tweak.spanned("gaze_x", FRAMES.start + 10, FRAMES.start + 12, 0.5)
    head = head_by_hand(MOTION.head, tweak, FRAMES, None)
    gaze = gaze_by_hand(MOTION.gaze, head, tweak, FRAMES, None)
    rest = np.r_[0:10, 13 : len(FRAMES)]
    np.testing.assert_array_equal(head[rest], MOTION.head[rest])
    np.testing.assert_array_equal(gaze[rest], MOTION.gaze[rest])
    assert (gaze[10:13, [0, 2]] > MOTION.gaze[10:13, [0, 2]] + 0.05).all()


@given(st.floats(-25, 25), st.floats(-15, 15))
def test_who_looks_at_the_camera_counter_turns_the_eyes(yaw, pitch):
    tweak = Tweak().held("yaw", yaw).held("pitch", pitch).chosen("look_at", "camera")
    facing = np.zeros_like(MOTION.head)
    facing[:, 6] = 100
    head = head_by_hand(facing, tweak, FRAMES, NECK)
    ahead = np.array([0.05, -0.09, -0.05, -0.09])
    gaze = gaze_by_hand(MOTION.gaze, head, tweak, FRAMES, ahead)
    away = gaze[0] - ahead
    np.testing.assert_allclose(away[:2], away[2:], atol=1e-6)
    if abs(yaw) > 1:  # a head turned to the right looks back to the left
        assert np.sign(away[0]) == -np.sign(yaw)
    if abs(pitch) > 1:  # a head tilted back looks down its nose
        assert np.sign(away[1]) == np.sign(pitch)


def test_a_point_at_the_side_is_looked_at_and_off_looks_where_the_plate_does():
    right, left = (
        gaze_by_hand(MOTION.gaze, MOTION.head, Tweak().chosen("look_at", at), FRAMES, None)
        for at in ("5000,300", "-5000,300")
    )
    assert (right[:, 0] > left[:, 0] + 0.1).all()
    off = Tweak(ease=0).chosen("look_at", "camera").chosen("look_at", "off", FRAMES.start, 2000000)
    gaze = gaze_by_hand(MOTION.gaze, MOTION.head, Tweak(), FRAMES, None)
    np.testing.assert_array_equal(gaze, MOTION.gaze)
    assert off.look_at.spans


@given(st.floats(-30, 30), st.floats(0, 1))
def test_a_soft_stop_never_turns_farther_and_within_reach_not_at_all(yaw, share):
    reach = np.concatenate([np.radians([[-5] * 3, [5] * 3]), [[-0.2] * 4, [0.2] * 4]], axis=1)
    facing = np.zeros_like(MOTION.head)
    facing[:, 6] = 100
    head = head_by_hand(facing, Tweak().held("yaw", yaw), FRAMES, NECK)
    soft = Tweak().held("soft_stop", share)
    there, gaze = stopped(head, MOTION.gaze, soft, FRAMES, reach, NECK)
    assert (np.abs(there[:, 1]) <= np.abs(head[:, 1]) + 1e-6).all()
    assert np.degrees(np.abs(stopped(head, gaze, Tweak().held("soft_stop", 1), FRAMES, reach,
                                     NECK)[0][:, 1]).max()) <= 14 + 1e-3  # fmt: skip
    if abs(yaw) <= 5:
        np.testing.assert_allclose(there, head, atol=1e-4)


@pytest.mark.parametrize("n", range(5))
def test_a_change_of_shape_is_smooth_even_and_small(n):
    change = shape_change(0.1 * np.eye(5, dtype=np.float32)[n : n + 1], BASIS.rest)[0]
    assert 0.004 < np.abs(change).max() < 0.2
    wanted = replace(MOTION, face_shape=np.tile(0.1 * np.eye(5)[n], (len(FRAMES), 1)))
    points = moved_landmarks(TRACK, MOTION, wanted, BASIS)
    assert np.abs(points - TRACK.landmarks).max() > 0.3
    same = replace(MOTION, face_shape=np.zeros((len(FRAMES), 5)))
    np.testing.assert_array_equal(moved_landmarks(TRACK, MOTION, same, BASIS), TRACK.landmarks)


@pytest.mark.parametrize(("name", "eye"), [("blink_left", 0), ("blink_right", 1)])
def test_a_blink_shuts_its_own_eye_from_wherever_the_lids_are(name, eye):
    tweak = Tweak(ease=2).spanned(name, FRAMES.start + 10, FRAMES.start + 10, 1.0)
    lids = lids_by_hand(tweak, FRAMES, np.ones(len(FRAMES), bool))
    points = moved_landmarks(TRACK, MOTION, replace(MOTION, lids=lids), BASIS)

    def gaps(landmarks, pair):
        return np.linalg.norm(landmarks[:, pair[1], :2] - landmarks[:, pair[0], :2], axis=1)

    own, other = [((386, 374), (159, 145))[n] for n in (eye, 1 - eye)]
    before, after = gaps(TRACK.landmarks, own), gaps(points, own)
    assert after[10] < 0.08 * before[10]
    assert (after[8:13] <= before[8:13] + 1e-4).all()
    np.testing.assert_array_equal(gaps(points, other), gaps(TRACK.landmarks, other))
    np.testing.assert_array_equal(points[14:], TRACK.landmarks[14:])
    assert lids_by_hand(Tweak(), FRAMES, np.ones(len(FRAMES), bool)) is None
