"""Refined landmarks move back to the actor's own skin, and no further."""

import numpy as np
import pytest

from dubsync.engine.exemplars import refine
from dubsync.engine.exemplars.refine import FARTHEST_PX, PX, ROUNDS, Appearance
from dubsync.engine.geometry.mesh import LIPS
from dubsync.engine.geometry.thin_plate import CONTROLS
from tests.engine.exemplars.drawn_footage import EYE_PX
from tests.engine.network.textured_footage import (
    TexturedPlate,
    displaced,
    learnt,
    picture_of,
    talking_track,
)

PLATE = TexturedPlate(talking_track())
ROWS = [9, 22, 48, 74, 100, 126]


@pytest.fixture(scope="module")
def ada():
    return learnt(PLATE)


@pytest.fixture(scope="module")
def appearance(ada):
    return ada.appearance


def off_by(row, most=1.5):
    truth = PLATE.track.landmarks[row]
    points = truth.copy()
    points[:, :2] += displaced(truth, most, row)
    return truth, points


def error(points, truth, rows=CONTROLS):
    return float(np.linalg.norm(points[rows, :2] - truth[rows, :2], axis=1).mean())


def test_displaced_landmarks_return_to_the_skin(appearance):
    before, after, lips = [], [], []
    for row in ROWS:
        truth, points = off_by(row)
        result = appearance.refined(picture_of(truth), points)
        before.append(error(points, truth))
        after.append(error(result, truth))
        lips.append(error(result, truth, LIPS) / error(points, truth, LIPS))

    assert np.mean(after) < 0.5 * np.mean(before)
    assert max(a / b for a, b in zip(after, before, strict=True)) < 2 / 3
    assert np.median(lips) < 2 / 3


def test_landmarks_in_place_stay(appearance):
    for row in ROWS[:3]:
        truth = PLATE.track.landmarks[row]

        assert error(appearance.refined(picture_of(truth), truth), truth) < 0.006 * EYE_PX


@pytest.mark.parametrize("light", [{"gain": 0.7}, {"gain": 0.6, "offset": 0.15}, {"gain": 1.05}])
def test_the_light_does_not_move_them(appearance, light):
    truth, points = off_by(48)

    plain = appearance.refined(picture_of(truth), points)
    lit = appearance.refined(picture_of(truth, **light), points)

    assert error(lit, plain) < 0.1 * error(points, plain)


def test_a_picture_four_times_larger_moves_them_four_times_as_far(appearance):
    truth, points = off_by(22)

    small = appearance.refined(picture_of(truth), points)
    large = appearance.refined(picture_of(truth * 4, scale=4), points * 4)

    assert error(large / 4, truth) < 0.5 * error(points, truth)
    assert error(large / 4, small) < 0.4 * error(points, small)


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_unlike_the_actor_moves_them_by_a_bounded_step_at_most(appearance, seed):
    picture = np.random.default_rng(seed).uniform(size=(220, 240, 3)).astype(np.float32)
    points = PLATE.track.landmarks[seed]
    most = ROUNDS * FARTHEST_PX / PX * np.ptp(points[CONTROLS, :2], axis=0).max() * 1.6

    moved = appearance.refined(picture, points) - points

    assert np.isfinite(moved).all()
    assert np.linalg.norm(moved[:, :2], axis=1).max() < most


def test_depth_is_unchanged_and_points_without_depth_move_alike(appearance):
    truth, points = off_by(74)
    picture = picture_of(truth)

    result = appearance.refined(picture, points)

    np.testing.assert_array_equal(result[:, 2], points[:, 2])
    np.testing.assert_array_equal(appearance.refined(picture, points[:, :2]), result[:, :2])


def test_the_same_picture_gives_the_same_landmarks(appearance):
    truth, points = off_by(100)
    kept = points.copy()

    np.testing.assert_array_equal(
        appearance.refined(picture_of(truth), points), appearance.refined(picture_of(truth), points)
    )
    np.testing.assert_array_equal(points, kept)


def test_an_appearance_reads_back_as_it_was_saved(ada, appearance):
    truth, points = off_by(126)
    again = Appearance.from_arrays(ada.bank.model, appearance.arrays())

    np.testing.assert_array_equal(
        again.refined(picture_of(truth), points), appearance.refined(picture_of(truth), points)
    )


def test_too_few_faces_give_no_appearance_model():
    bank = learnt(PLATE, most=5, refined=False).bank

    assert refine.learn(bank.pictures, bank.points, bank.model) is None
    assert learnt(PLATE, most=5).appearance is None


def test_a_banks_own_landmarks_are_refined_when_it_is_learnt(ada):
    plain, refined = learnt(PLATE, refined=False).bank, ada.bank
    pushed = np.array([displaced(p, 1.5, n) for n, p in enumerate(plain.points)])

    _, result = refine.learn(plain.pictures, plain.points + pushed, plain.model)

    rows = range(len(plain))
    before = np.mean([error(plain.points[n] + pushed[n], plain.points[n]) for n in rows])
    assert np.mean([error(result[n], plain.points[n]) for n in rows]) < 0.85 * before
    assert 0 < np.mean([error(refined.points[n], plain.points[n]) for n in rows]) < 0.15
