"""The piecewise-affine warp."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from dubsync.core.errors import ShapeError
from dubsync.core.picture import Region
from dubsync.engine.head_draw import affine_warp

SIZE = (60, 80)


def _centres(size):
    y, x = np.mgrid[: size[0], : size[1]] + 0.5
    return np.stack([x, y], axis=-1)


def _scattered(seed=0, count=40):
    inside = np.random.default_rng(seed).uniform((3, 3), (77, 57), (count, 2))
    return np.concatenate([inside, affine_warp.pins(SIZE)])


@settings(max_examples=8, deadline=None)
@given(st.lists(st.floats(-0.3, 0.3), min_size=4, max_size=4), st.integers(0, 99))
def test_an_affine_movement_of_the_points_is_followed_by_every_pixel(turn, seed):
    matrix = np.eye(2) + np.reshape(turn, (2, 2))
    wanted = _scattered(seed)
    at = affine_warp.field(wanted, wanted @ matrix.T + (3, -2), SIZE)
    assert np.allclose(at, _centres(SIZE) @ matrix.T + (3, -2), atol=2e-3)


def test_points_that_do_not_move_leave_the_picture_as_it_is():
    wanted = _scattered()
    at = affine_warp.field(wanted, wanted, SIZE)
    picture = np.random.default_rng(1).random((*SIZE, 3)).astype(np.float32)
    assert np.allclose(affine_warp.sample(picture, at), picture, atol=2e-3)


def test_a_control_point_comes_from_its_source():
    wanted = _scattered(count=12)
    source = wanted.copy()
    source[:12] += np.random.default_rng(2).normal(0, 2, (12, 2))
    at = affine_warp.field(wanted, source, SIZE, step=1)
    assert (
        np.abs(
            affine_warp.sample(at, wanted[None, :12].astype(np.float32), cv2.INTER_LINEAR)[0]
            - source[:12]
        ).max()
        < 0.8
    )


def test_a_point_that_would_fold_the_picture_over_is_let_go():
    wanted = _scattered()
    source = wanted.copy()
    source[0] = source[0] + (25, 0) if source[0, 0] < 40 else source[0] - (25, 0)
    at = affine_warp.field(wanted, source, SIZE, step=1)
    assert np.allclose(at, _centres(SIZE), atol=1e-3)


def test_beyond_the_outermost_points_pixels_move_with_the_nearest():
    wanted = np.array([(20.0, 20), (40, 20), (30, 40)])
    at = affine_warp.field(wanted, wanted + (5, 0), SIZE)
    assert np.allclose(at[0, 0], (5.5, 0.5), atol=1e-4)


def test_two_points_at_one_place_are_one():
    wanted = np.concatenate([_scattered(), _scattered()])
    at = affine_warp.field(wanted, wanted + (1, 1), SIZE)
    assert np.allclose(at, _centres(SIZE) + 1, atol=1e-3)


@pytest.mark.parametrize("points", [np.zeros((2, 2)), np.stack([np.arange(9.0)] * 2, 1)])
def test_points_without_a_triangle_are_refused(points):
    with pytest.raises(ShapeError):
        affine_warp.field(points, points, SIZE)


def test_points_that_do_not_pair_are_refused():
    with pytest.raises(ShapeError):
        affine_warp.field(np.zeros((5, 2)), np.zeros((4, 2)), SIZE)


def test_an_enlarged_field_shows_the_same_movement_at_the_pixels_of_the_plate():
    at = (_centres(SIZE) * 1.1 + (2, -1)).astype(np.float32)
    full = affine_warp.enlarged(at, (150, 200), 2.5)
    assert np.allclose(full, _centres((150, 200)) * 1.1 + (5, -2.5), atol=1e-2)


def test_a_part_of_an_enlarged_field_is_that_part():
    at = (_centres(SIZE) * 0.9 + np.sin(_centres(SIZE) / 5)).astype(np.float32)
    full = affine_warp.enlarged(at, (150, 200), 2.5)
    box = Region(30, 11, 160, 149)
    assert np.allclose(affine_warp.enlarged(at, (150, 200), 2.5, box), full[box.rows, box.columns])


def test_triangles_know_barycentric_coordinates_as_scipy_does_and_a_line_has_none():
    line = np.stack([np.linspace(10, 50, 6), np.full(6, 30.0)], axis=1)
    for points in (_scattered(3), np.concatenate([affine_warp.pins(SIZE, 2), line])):
        ours, theirs = affine_warp.Triangles(points), Delaunay(points)
        assert np.allclose(ours.transform, theirs.transform, atol=1e-9, equal_nan=True)
        inside = np.random.default_rng(4).uniform((2, 2), (78, 58), (200, 2))
        assert np.array_equal(ours.find_simplex(inside), theirs.find_simplex(inside))


def test_a_picture_sampled_where_it_is_wanted_is_there_what_it_is_sampled_whole():
    draw = np.random.default_rng(5)
    picture = draw.random((90, 120, 3)).astype(np.float32)
    at = np.asarray(_centres((90, 120)) + draw.normal(0, 2, (90, 120, 2)), np.float32)
    wanted = np.hypot(*(_centres((90, 120)) - (70, 40)).transpose(2, 0, 1)) < 25
    whole = affine_warp.sample(picture, at)
    part = affine_warp.sample(picture, at, wanted=wanted)
    assert np.array_equal(part[wanted], whole[wanted])
    assert not part[:, :40].any()


@settings(max_examples=8, deadline=None)
@given(st.integers(1, 3), st.floats(0.4, 3.0), st.integers(0, 99))
def test_values_between_nodes_lie_on_the_line_between_them(count, px, seed):
    nodes = np.random.default_rng(seed).random((9, 11, count)).astype(np.float32)
    box = Region(2, 1, 17, 13)
    made = affine_warp.at_pixels(nodes, box, px)
    y, x = ((np.arange(*ends) + 0.5) / px - 0.5 for ends in ((1, 13), (2, 17)))
    down, across = np.clip(np.floor(y), 0, 7).astype(int), np.clip(np.floor(x), 0, 9).astype(int)
    rows = nodes[down] + (y - down)[:, None, None] * (nodes[down + 1] - nodes[down])
    known = rows[:, across]
    known = known + (x - across)[None, :, None] * (rows[:, across + 1] - known)
    assert made.shape == (12, 15, count)
    assert np.allclose(made, known, atol=1e-5)
