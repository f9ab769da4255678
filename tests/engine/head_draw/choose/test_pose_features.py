"""How two frames of a head are compared."""

import numpy as np
import pytest

from dubsync.core.errors import ShapeError
from dubsync.engine.geometry.mesh import skull_weights
from dubsync.engine.geometry.pose import align
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.head_draw.choose import pose_features
from dubsync.engine.motion.basis import neutral_units
from dubsync.engine.track.landmarker import canonical_face

REST = np.asarray(neutral_units(), np.float64)
SKULL = skull_weights(canonical_face())


def placed(degrees=0.0, by=(100, 100, 0), scale=50.0, opened=0.0, shut=0.0):
    face = REST.copy()
    face[[14, 17, 87, 317, 152], 1] += opened
    face[[159, 158, 160, 386, 385, 387], 1] += shut
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return scale * face @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]).T + by


def looks(*faces, speed=True):
    points = np.stack(faces)
    pose = align(points, REST, SKULL)
    rest = np.broadcast_to([100.0, 100], (len(points), 2)), np.full(len(points), 50.0)
    path = HeadPath(pose.rotation, pose.shift[:, :2], pose.scale, *rest)
    still = np.zeros((len(points), 2)) if speed else None
    return pose_features.looks_of(pose.remove(points), path, still)


def apart(a, b, weights):
    rows = looks(a, b).features(weights)
    return float(np.linalg.norm(rows[0] - rows[1]))


@pytest.mark.parametrize("weights", [pose_features.HEAD, pose_features.LIPS, pose_features.LIDS])
def test_a_frame_is_no_distance_from_itself_and_some_from_a_turned_one(weights):
    assert apart(placed(), placed(), weights) == 0
    assert apart(placed(), placed(15), weights) > 0.02


def test_the_mouth_decides_the_lips_choice_and_the_lids_the_eyes():
    opened, shut = placed(opened=0.2), placed(shut=0.1)
    assert apart(placed(), opened, pose_features.LIPS) > 4 * apart(
        placed(), opened, pose_features.LIDS
    )
    assert apart(placed(), shut, pose_features.LIDS) > 4 * apart(placed(), shut, pose_features.LIPS)


def test_where_the_head_is_counts_little():
    moved = apart(placed(), placed(by=(150, 100, 0)), pose_features.HEAD)
    assert 0 < moved < apart(placed(), placed(20), pose_features.HEAD)


def test_a_moving_head_is_not_like_a_still_one():
    still = looks(*[placed()] * 3, speed=False)
    moving = looks(*(placed(by=(100 + 10 * t, 100, 0)) for t in range(3)), speed=False)
    assert np.allclose(still.speed, 0, atol=1e-6)
    assert np.allclose(moving.speed, (0.2, 0), atol=1e-3)


def test_looks_of_parts_are_looks_of_the_whole():
    whole = looks(placed(), placed(5), placed(10))
    again = pose_features.joined([whole.at([0]), whole.at([1, 2])])
    assert np.array_equal(whole.features(pose_features.HEAD), again.features(pose_features.HEAD))


def _no_path():
    return HeadPath(np.zeros((0, 3, 3)), *(np.zeros((0, 2)), np.zeros(0)) * 2)


def test_no_frames_have_no_looks():
    with pytest.raises(ShapeError):
        pose_features.looks_of(np.zeros((0, 478, 3)), _no_path())


def test_an_eye_is_chosen_by_itself_so_that_one_may_wink():
    wink = REST.copy()
    wink[[386, 385, 387], 1] = wink[[374, 380, 373], 1]
    both = looks(50 * REST + (100, 100, 0), 50 * wink + (100, 100, 0))

    right, left = (both.of_eye(eye).features(pose_features.LIDS) for eye in (0, 1))

    assert np.linalg.norm(right[0] - right[1]) < 0.01
    assert np.linalg.norm(left[0] - left[1]) > 0.1
