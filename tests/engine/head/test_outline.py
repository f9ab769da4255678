"""Hair, neck and shoulders follow a head's pose."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import ShapeError
from dubsync.core.learning.head import HeadRange
from dubsync.engine.geometry.mesh import CHIN, FACE_OVAL
from dubsync.engine.head import join_keys
from dubsync.engine.head import ridge as ridges
from dubsync.engine.head.fit_proxy import fit_proxy
from dubsync.engine.head.follow import follow, keyed
from dubsync.engine.head.head_path import HeadPath, degrees_between, joined_path
from dubsync.engine.head.outline import base, outline_on
from dubsync.engine.head.read_keys import Look
from tests.engine.head.drawn_head import (
    REST,
    drawn_matte,
    landmarks_on,
    path_of_turns,
    textured,
)

STRAIGHT = path_of_turns(np.zeros((1, 3)))
WHOLE_RANGE = HeadRange(
    np.zeros((2, 3)), np.zeros((2, 2)), np.zeros(2), np.zeros(2), np.zeros(2), 10.0
)


@pytest.fixture(scope="module")
def outline():
    return outline_on(drawn_matte(), landmarks_on(STRAIGHT), STRAIGHT, REST)


def test_points_lie_on_the_person_and_off_the_face(outline):
    matte = cv2.dilate(drawn_matte(), np.ones((11, 11), np.uint8))
    across, down = np.floor(outline.points).astype(int).T
    assert (matte[down, across] > 0).all()
    oval = landmarks_on(STRAIGHT)[FACE_OVAL, :2]
    inside = [cv2.pointPolygonTest(oval, (float(x), float(y)), True) for x, y in outline.points]
    assert max(inside) < 1 and 30 < outline.contour < len(outline)


def test_hair_goes_with_the_head_and_shoulders_stay(outline):
    chin = landmarks_on(STRAIGHT)[CHIN, 1]
    above, low = outline.points[:, 1] < chin - 40, outline.points[:, 1] > chin + 75
    np.testing.assert_allclose(outline.share[above], 1)
    np.testing.assert_allclose(outline.share[low], 0)
    moved = base(outline, path_of_turns(np.zeros((1, 3)), [[9, -4]]))[0] - outline.points
    np.testing.assert_allclose(moved[above], np.tile([9, -4], (above.sum(), 1)), atol=1e-4)
    np.testing.assert_allclose(moved[low], 0, atol=1e-4)


@given(st.tuples(*[st.floats(-0.3, 0.3)] * 3))
def test_on_its_own_frame_the_proxy_is_the_outline_whatever_the_pose(turn):
    path = path_of_turns([turn])
    points = landmarks_on(path)
    found = outline_on(drawn_matte(), points, path, REST)
    np.testing.assert_allclose(base(found, path)[0], found.points, atol=1e-3)


def test_shoulders_follow_the_rest_of_another_plate(outline):
    other = HeadPath(
        STRAIGHT.rotation, STRAIGHT.shift + 30, STRAIGHT.scale, STRAIGHT.rest_shift + 30,
        STRAIGHT.rest_scale,
    )  # fmt: skip
    np.testing.assert_allclose(base(outline, other)[0], outline.points + 30, atol=1e-3)


def test_a_head_seen_to_turn_tells_how_deep_its_hair_lies(outline):
    turns = np.stack([np.zeros(80), np.linspace(-0.4, 0.4, 80), np.zeros(80)], axis=1)
    path = path_of_turns(turns)
    deep = np.asarray(outline.model) + [0, 0, 0.5]
    share = np.asarray(outline.share, float)[None, :, None]
    grids = share * path.placed(deep) + (1 - share) * np.asarray(outline.points)
    fitted = fit_proxy(outline, STRAIGHT, path, grids)
    hair = outline.share > 0.99
    assert np.abs(base(outline, path) - grids)[:, hair].max() > 5
    beyond = path_of_turns([[0, 0.5, 0]])
    truth = beyond.placed(deep)[0][hair]
    assert np.abs(base(fitted, beyond)[0][hair] - truth).max() < 1.5
    # One frame tells nothing: the guess stays.
    alone = fit_proxy(outline, STRAIGHT, STRAIGHT, base(outline, STRAIGHT))
    np.testing.assert_allclose(alone.model, outline.model, atol=1e-4)


def test_the_ridge_foretells_what_goes_with_the_pose_and_no_farther_than_seen(outline):
    rng = np.random.default_rng(0)
    turns = rng.uniform(-0.25, 0.25, (60, 3))
    path = path_of_turns(turns, rng.normal(0, 4, (60, 2)))
    features = ridges.features_of(path, rng.uniform(0, 0.5, 60), np.zeros(3))
    away = 12.0 * turns[:, None, 1:2] * np.ones((1, len(outline), 2))
    model = ridges.learn(features, away, np.asarray(outline.share))
    assert model is not None and model.error[1] < 0.3 < model.error[0]
    np.testing.assert_allclose(model.foretold(features), away, atol=0.4)
    far = features[:1].copy()
    far[0, : ridges.INPUTS] = [0, 0.9 * ridges.TURN, 0, 0, 0, 0, 0.2]
    assert np.abs(model.foretold(far)).max() < 12 * 0.27
    again = ridges.OutlineRidge.from_arrays(model.arrays())
    np.testing.assert_array_equal(again.foretold(features), model.foretold(features))


def test_few_frames_teach_no_ridge(outline):
    path = path_of_turns(np.zeros((3, 3)))
    features = ridges.features_of(path, np.zeros(3), np.zeros(3))
    still = np.zeros((3, len(outline), 2))
    assert ridges.learn(features, still, np.asarray(outline.share)) is None


def test_the_outline_is_followed_where_the_guess_is_some_pixels_off(outline):
    picture, matte = textured(), drawn_matte()
    height, width = matte.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    by = 4 * np.sin(y / 60)  # hair sways: pixel (x, y) of the new frame was at (x - by, y)
    moved = cv2.remap(picture, x - by, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    moved_matte = cv2.remap(matte, x - by, y, cv2.INTER_LINEAR)
    points = landmarks_on(STRAIGHT)
    swayed = points.copy()
    swayed[:, 0] += 4 * np.sin(points[:, 1] / 60)
    truth = outline.points.copy()
    truth[:, 0] += 4 * np.sin((truth[:, 1] - 0.5) / 60)
    found = follow(
        keyed(picture, matte, points), outline.points, keyed(moved, moved_matte, swayed),
        np.asarray(outline.points, np.float64),
    )  # fmt: skip
    inside = cv2.erode(matte, np.ones((15, 15), np.uint8))
    across, down = np.floor(outline.points).astype(int).T
    sure = inside[down, across] > 0
    assert np.abs(outline.points - truth)[sure].max() > 3
    assert np.median(np.abs(found - truth)[sure]) < 0.4


def test_a_path_in_a_crop_is_the_same_heads():
    path = path_of_turns([[0.1, 0.2, 0]], [[3, 5]])
    crop = path.in_picture((20, 10), 2.0)
    np.testing.assert_allclose(crop.placed(REST) * 2 + (20, 10), path.placed(REST))
    assert len(joined_path([path, crop])) == 2 and len(path[0]) == 1


def test_degrees_between_turns():
    one = path_of_turns([[0, 0, 0], [0, np.radians(10), 0]]).rotation
    np.testing.assert_allclose(degrees_between(one, one[1:])[:, 0], [10, 0], atol=1e-5)


def test_a_head_of_no_size_is_refused():
    nothing = np.zeros((1, 2))
    with pytest.raises(ShapeError, match="no size"):
        HeadPath(np.eye(3)[None], nothing, np.zeros(1), nothing, np.ones(1))
    with pytest.raises(ShapeError, match="one frame"):
        outline_on(drawn_matte(), landmarks_on(STRAIGHT), path_of_turns(np.zeros((2, 3))), REST)


def look_of(picture, matte, rows, turn):
    """A frame that shows the uppermost `rows` of a drawn head."""
    path = path_of_turns([turn])
    points = landmarks_on(path)
    kept = np.ascontiguousarray(matte[:rows])
    return Look(
        "drawn", 0, np.ascontiguousarray(picture[:rows]).astype(np.float16), (0, 0), 1.0, points,
        kept, path, ridges.features_of(path, np.zeros(1), np.zeros(3))[0], rows < len(matte), False,
        keyed(np.ascontiguousarray(picture[:rows]), kept, points),
    )  # fmt: skip


def test_shoulders_that_most_frames_cut_away_stay_where_the_others_show_them():
    picture, matte = textured(), drawn_matte()
    turns = [[0, 0.02 * n, 0.01 * (n % 3)] for n in range(8)]
    looks = [look_of(picture, matte, 260 if n == 0 else 190, turn) for n, turn in enumerate(turns)]
    head = join_keys.joined(looks, "drawn", REST, np.zeros(3), WHOLE_RANGE)
    low = np.asarray(head.outline.points)[:, 1] > 215
    assert low.sum() > 10
    there = base(head.outline, head.keys[5].path)[0][low]
    assert np.abs(head.keys[5].grid[low] - there).max() < 1
    foretold = head.foretold(head.keys[5].path, head.keys[5].features[None])[0]
    assert np.abs(foretold[low] - there).max() < 1
