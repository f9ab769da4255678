"""The points that control a head's warp."""

import numpy as np

from dubsync.engine.geometry.mesh import EYE_RINGS, FACE_CONTROLS, FACE_OVAL, LEFT_BROW, RIGHT_BROW
from dubsync.engine.head_draw import visible_points
from dubsync.engine.track.landmarker import canonical_face

UNIT = 50.0


def turned(degrees):
    """The canonical face, turned about the vertical and placed in a 300 px picture, (478, 3)."""
    points = np.asarray(canonical_face().points, np.float64)
    points = points * (UNIT / 6.3)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    return points @ turn.T + (150, 150, 0)


def test_a_frontal_face_looks_at_the_camera():
    assert visible_points.facing(turned(0))[[4, 10, 50, 280, 152]].min() > 0.3


def test_the_far_cheek_of_a_turned_head_looks_away():
    sides = visible_points.facing(turned(60))[[234, 454]]
    assert sides.min() < 0.1 < sides.max()


def test_every_control_serves_between_two_like_heads():
    kept = visible_points.visible_controls(turned(20), turned(20))
    assert np.array_equal(kept, FACE_CONTROLS)


def test_sides_of_the_face_that_a_turn_hides_or_shows_are_let_go():
    kept = visible_points.visible_controls(turned(35), turned(0))
    gone = np.setdiff1d(FACE_CONTROLS, kept)
    x = turned(0)[np.intersect1d(gone, FACE_OVAL), 0]
    assert 3 < len(x) < len(gone) < 60
    assert np.abs(x - 150).min() > 0.3 * UNIT


def test_a_lids_ring_that_a_rising_brow_leaves_behind_is_let_go():
    brow = np.concatenate([RIGHT_BROW, LEFT_BROW])
    risen = turned(0)
    risen[brow, 1] -= 0.25 * UNIT
    gone = np.setdiff1d(FACE_CONTROLS, visible_points.visible_controls(risen, turned(0)))
    assert len(gone)
    assert np.isin(gone, EYE_RINGS).all()


def test_the_irises_control_nothing():
    assert FACE_CONTROLS.max() < 468


def test_grid_points_within_the_face_are_let_go():
    face = turned(0)
    middle = face[FACE_OVAL, :2].mean(axis=0)
    far = np.array([[10.0, 10], [290, 150]])
    grid = np.concatenate([far, middle[None], far])
    source = np.concatenate([far, far[:1], middle[None], far[1:]])
    kept = visible_points.beside_face(grid, source, face, face, UNIT)
    assert kept.tolist() == [True, True, False, False, True]


def test_points_far_beyond_the_picture_are_let_go():
    points = np.array([(10.0, 10), (-5, 10), (-70, 10), (10, 130), (10, 200)])
    kept = visible_points.near_frame(points, (100, 100), 60)
    assert kept.tolist() == [True, True, False, True, False]


def test_the_frames_edge_moves_with_hair_that_it_cuts_and_stays_elsewhere():
    border = np.array([(100.0, 0), (107, 0), (300, 0)])
    hair = np.stack(np.meshgrid(np.arange(60.0, 141, 10), np.arange(4.0, 40, 10)), -1)
    hair = hair.reshape(-1, 2)
    found, persons = visible_points.carried(border, border + (1, 0), hair, hair + (-9, 5))
    assert np.abs(found[:2] - border[:2] - (-9, 5)).max() < 0.5
    assert np.abs(found[2] - border[2] - (1, 0)).max() < 1e-6
    assert persons[:2].min() > 0.9 and persons[2] < 0.01


def test_hair_that_the_frame_cut_comes_in_stretched_and_not_from_beyond_the_picture():
    down = np.arange(0.0, 100, 4)
    points = np.stack([np.full(len(down), 50.0), down], 1)
    border = np.array([(0.0, 0), (100, 0)])
    wanted = np.concatenate([points, border])
    source = wanted - (0, 8)  # the head comes down by 8
    found = visible_points.drawn_in(wanted, source, np.ones(len(wanted)), (100, 100), (100, 100))
    assert np.allclose(found[0], (50, 0))
    steps = np.diff(found[: len(down), 1])
    assert (steps > 0.4 * 4).all() and np.allclose(steps[8:], 4)
    assert np.allclose(found[8 : len(down)], source[8 : len(down)])
    wall = visible_points.drawn_in(wanted, source, np.zeros(len(wanted)), (100, 100), (100, 100))
    assert np.array_equal(wall, source)
