"""A head's path without the tracker's noise."""

import numpy as np

from dubsync.engine.geometry.pose import Pose, to_matrices
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.head_draw.choose.steady_path import SHIFT, TURN, moved_with, steadied

FRAMES, EYE = 60, 50.0


def path_of(turn, across):
    rest = np.broadcast_to([100.0, 90.0], (FRAMES, 2))
    shift = rest + np.stack([across, np.zeros(FRAMES)], axis=1)
    return HeadPath(to_matrices(turn), shift, np.full(FRAMES, EYE), rest, np.full(FRAMES, EYE))


def jumps(values):
    return np.sqrt((np.diff(values, 2, axis=0) ** 2).mean())


def test_a_pose_that_is_held_is_held_still():
    rng = np.random.default_rng(2)
    noisy = path_of(rng.normal(0, TURN, (FRAMES, 3)), rng.normal(0, SHIFT * EYE, FRAMES))
    calm = steadied(noisy)
    assert jumps(calm.turn) < 0.4 * jumps(noisy.turn)
    assert jumps(calm.shift) < 0.4 * jumps(noisy.shift)
    assert np.array_equal(calm.rest_shift, noisy.rest_shift)
    own = np.arange(FRAMES) < 30  # the shot's own frames, in which noise does not show
    half = steadied(noisy, ~own)
    assert np.array_equal(half.shift[own], noisy.shift[own])
    assert np.array_equal(half.shift[~own], calm.shift[~own])


def test_a_shaken_head_is_shaken_as_far():
    shake = 0.15 * np.sin(np.arange(FRAMES) * 2 * np.pi / 7)
    turn = np.stack([np.zeros(FRAMES), shake, np.zeros(FRAMES)], axis=1)
    calm = steadied(path_of(turn, 60 * shake))
    assert np.abs(calm.turn[:, 1] - shake).max() < 0.02 * 0.15
    assert np.abs(calm.shift[:, 0] - 100 - 60 * shake).max() < 0.02 * 9


def test_landmarks_move_as_the_head_does():
    rng = np.random.default_rng(4)
    turn = rng.normal(0, 0.1, (FRAMES, 3))
    one, other = path_of(turn, np.zeros(FRAMES)), path_of(turn + 0.02, np.full(FRAMES, 3.0))
    face = rng.normal(0, 1, (FRAMES, 9, 3))
    depth = np.concatenate([one.shift, np.zeros((FRAMES, 1))], axis=1)
    points = Pose(one.scale, one.rotation, depth).place(face)
    moved = moved_with(points, Pose(one.scale, one.rotation, depth), one, other)
    depth[:, :2] = other.shift
    assert np.allclose(moved, Pose(other.scale, other.rotation, depth).place(face))
