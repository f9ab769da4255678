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


def test_grid_points_far_outside_the_picture_are_let_go():
    points = np.array([(10.0, 10), (-5, 10), (10, 130), (10, 200)])
    assert visible_points.near_frame(points, (100, 100), 60).tolist() == [True, False, True, False]
