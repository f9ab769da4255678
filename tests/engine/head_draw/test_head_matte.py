"""The matte of a warped head."""

import cv2
import numpy as np

from dubsync.engine.head_draw import head_matte

SIZE = (60, 80)


def _disc(middle=(40, 30), radius=15):
    matte = np.zeros(SIZE, np.float32)
    cv2.circle(matte, middle, radius, 1.0, -1)
    return matte


def _still():
    y, x = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32) + np.float32(0.5)
    return np.stack([x, y], axis=-1)


def test_the_soft_matte_is_whole_round_the_person_and_nothing_far_away():
    wide = head_matte.soft(_disc())
    away = np.hypot(*(_still() - (40.5, 30.5)).transpose(2, 0, 1)) - 15
    assert (wide[away < 3] == 1).all()
    assert (wide[away > 16] == 0).all()
    assert (np.diff(wide[30, 40:]) <= 1e-6).all()


def test_the_difference_matte_finds_the_edge_that_the_segmentation_missed():
    rng = np.random.default_rng(0)
    plate = 0.5 + 0.1 * rng.random((*SIZE, 3)).astype(np.float32)
    person = _disc(radius=18)
    picture = np.where(person[..., None] > 0, np.float32(0.1), plate)
    tight = head_matte.difference(picture, plate, _disc(radius=15))
    assert tight[30, 56] > 0.7  # 16 px from the middle: the person, where the matte says not
    assert tight[30, 61] < 0.2  # background
    assert tight[30, 40] == 1


def test_where_the_plate_is_a_guess_the_segmentation_stays():
    plate = np.full((*SIZE, 3), 0.9, np.float32)
    picture = np.full((*SIZE, 3), 0.1, np.float32)
    seen = np.zeros(SIZE, bool)
    tight = head_matte.difference(picture, plate, _disc(), seen)
    assert tight[30, 60] < 0.05


def test_the_soft_matte_serves_a_still_head_and_the_tight_one_a_moving_head():
    wide, tight = head_matte.soft(_disc()), _disc()
    assert np.allclose(head_matte.by_movement(wide, tight, _still()), wide)
    assert np.allclose(head_matte.by_movement(wide, tight, _still() + np.float32(12)), tight)


def test_a_frame_full_of_person_is_all_matte():
    assert (head_matte.soft(np.ones(SIZE, np.float32)) == 1).all()


def test_a_frame_without_a_person_has_no_matte():
    nobody = np.zeros(SIZE, np.float32)
    picture = np.full((*SIZE, 3), 0.5, np.float32)
    assert head_matte.soft(nobody).max() == 0
    assert head_matte.difference(picture, picture, nobody).max() == 0


def test_a_light_that_would_be_dragged_along_is_told_from_an_even_wall():
    wall = np.concatenate([np.full((*SIZE, 3), 0.2), np.ones((*SIZE, 1))], -1).astype(np.float32)
    light = wall.copy()
    cv2.circle(light, (50, 30), 6, (0.7, 0.7, 0.5, 1.0), -1)
    found = head_matte.dragged(light, wall)
    assert found[30, 50] == 1 and (found[:, :30] == 0).all()
    assert (head_matte.dragged(wall + np.float32([0.005, 0.005, 0.005, 0]), wall) == 0).all()
    guessed = light.copy()
    guessed[..., 3] = 0
    assert (head_matte.dragged(guessed, wall) == 0).all()
