"""Mouth and eyes laid into a drawn head, and low bands faded at cuts."""

import numpy as np
import pytest

from dubsync.engine.geometry.mesh import OUTER_LIPS
from dubsync.engine.head_draw import insets, low_band
from dubsync.engine.head_draw.insets import Shown

from .test_visible_points import UNIT, turned

SIZE = (300, 300)


def _textured(seed=0):
    rng = np.random.default_rng(seed)
    return (0.4 + 0.2 * rng.random((*SIZE, 3))).astype(np.float32)


def _laid(inset, source, picture=None, scale=1.0, origin=(0, 0)):
    face = turned(0)
    picture = np.full((*SIZE, 3), 0.5, np.float32) if picture is None else picture
    at = insets.inset_field(inset, face, source.landmarks, UNIT)
    insets.lay_inset(picture, inset, at, source, scale, np.array(origin))
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
    big = np.repeat(np.repeat(_textured(), 2, axis=0), 2, axis=1)
    inset = insets.eye_insets(turned(0), UNIT, SIZE)[0]
    part = big[100:400, 60:460].copy()
    made = _laid(inset, Shown(big, turned(0), 2.0), part.copy(), 2.0, (30, 50))
    assert np.abs(made - part).max() < 0.01


def test_both_eyes_have_an_inset_and_one_outside_the_picture_has_none():
    assert len(insets.eye_insets(turned(0), UNIT, SIZE)) == 2
    assert insets.lips_inset(turned(0) + (1000, 0, 0), UNIT, SIZE) is None


def test_at_a_cut_the_low_band_is_the_others_and_the_detail_its_own():
    rng = np.random.default_rng(0)
    fine = rng.normal(0, 0.05, (64, 64, 3)).astype(np.float32)
    picture, other = 0.4 + fine, np.full((64, 64, 3), 0.6, np.float32)
    made = low_band.mixed(picture, [(other, 1.0)], 2.0)
    assert made.mean() == pytest.approx(0.5, abs=0.01)
    assert np.std(made - low_band.low(made, 2.0)) > 0.95 * np.std(fine - low_band.low(fine, 2.0))


def test_away_from_cuts_the_picture_is_untouched():
    picture = _textured()
    assert low_band.mixed(picture, [], 2.0) is picture


def test_a_smaller_picture_of_the_neighbour_serves_as_well():
    picture, small = _textured(), np.full((150, 150, 3), 0.7, np.float32)
    made = low_band.mixed(picture, [(small, 1.0)], 2.0)
    assert made.shape == picture.shape
    assert made.mean() == pytest.approx((0.5 + 0.7) / 2, abs=0.01)
