"""Mouth and eyes laid into a drawn head, and low bands faded at cuts."""

import cv2
import numpy as np
import pytest

from dubsync.core.picture import Region
from dubsync.engine.geometry.mesh import OUTER_LIPS
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.inlay import insets, low_band
from dubsync.engine.head_draw.inlay.insets import Shown
from tests.engine.head_draw.test_visible_points import UNIT, turned

SIZE = (300, 300)


def _textured(seed=0):
    rng = np.random.default_rng(seed)
    return (0.4 + 0.2 * rng.random((*SIZE, 3))).astype(np.float32)


def _canvas(px=1.0):
    return Canvas(Region(0, 0, round(300 * px), round(300 * px)), px, UNIT)


def _laid(inset, source, picture=None, px=1.0, others=()):
    picture = np.full((*SIZE, 3), 0.5, np.float32) if picture is None else picture
    insets.lay_inset(picture, inset, turned(0), source, _canvas(px), others)
    return picture


def test_a_mouth_from_the_same_frame_changes_nothing():
    picture = _textured()
    inset = insets.lips_inset(turned(0), UNIT, SIZE)
    made = _laid(inset, Shown(picture.copy(), turned(0), 1.0), picture.copy())
    assert np.abs(made - picture).max() < 5e-3


def test_only_the_mouth_changes():
    inset = insets.lips_inset(turned(0), UNIT, SIZE)
    made = _laid(inset, Shown(_textured(), turned(0), 1.0))
    changed = np.abs(made - 0.5).max(axis=-1) > 0
    rows, columns = np.nonzero(changed)
    lips = turned(0)[OUTER_LIPS]
    assert rows.min() > lips[:, 1].min() - 0.4 * UNIT
    assert columns.max() < lips[:, 0].max() + 0.4 * UNIT


def test_a_mouth_filmed_in_other_light_meets_the_skin_round_it():
    picture = _textured()
    inset = insets.lips_inset(turned(0), UNIT, SIZE)
    darker = Shown(picture * np.float32(0.8), turned(0), 1.0)
    made = _laid(inset, darker, picture.copy())
    assert np.abs(made - picture).mean() < 1e-3
    assert np.abs(made - picture).max() < 0.05


def test_an_inset_is_laid_at_the_pixels_of_the_plate():
    big = cv2.resize(_textured(), None, fx=2.3, fy=2.3, interpolation=cv2.INTER_CUBIC)
    inset = insets.eye_insets(turned(0), UNIT, SIZE)[0]
    made = _laid(inset, Shown(big, turned(0), 2.3), big.copy(), 2.3)
    assert np.abs(made - big).max() < 0.01


def test_beside_a_cut_a_mouths_shade_lies_between_the_two():
    inset = insets.lips_inset(turned(0), UNIT, SIZE)
    bright = np.full((*SIZE, 3), 0.5, np.float32)
    lips = bright.copy()
    lips[185:200, 140:160] = 0.3
    made = _laid(inset, Shown(bright, turned(0), 1.0), others=[(Shown(lips, turned(0), 1.0), 1.0)])
    assert made[192, 150, 0] == pytest.approx(0.4, abs=0.03)
    assert made[20, 20, 0] == 0.5


def test_both_eyes_have_an_inset_and_one_outside_the_picture_has_none():
    assert len(insets.eye_insets(turned(0), UNIT, SIZE)) == 2
    assert insets.lips_inset(turned(0) + (1000, 0, 0), UNIT, SIZE) is None


def test_at_a_cut_the_low_band_is_mixed_and_the_detail_is_the_pictures_own():
    rng = np.random.default_rng(0)
    fine = rng.normal(0, 0.05, (64, 64, 3)).astype(np.float32)
    picture, other = 0.4 + fine, np.full((64, 64, 3), 0.6, np.float32)
    change = low_band.low_change(picture, [(other, 1.0)])
    assert change.mean() == pytest.approx(0.1, abs=0.01)
    assert np.std(picture + change) > 0.95 * np.std(picture)


def test_away_from_cuts_nothing_is_mixed_in():
    assert low_band.low_change(_textured(), []) is None
