"""An eye that narrows keeps its iris, round and where it was, cut by the lids."""

import numpy as np
import pytest

from dubsync.engine.face_region.narrowed_eye import with_own_iris
from tests.engine.face_region.drawn_eyes import dark_middle, drawn, face, lid_area

OPEN = face()
PLATE = drawn(OPEN)
#: A picture whose lids have come down, with nothing but white between them.
NARROW = face(opening=0.6)
EMPTY = np.where(lid_area(NARROW, 0)[..., None] | lid_area(NARROW, 1)[..., None],
                 np.float32(0.8), drawn(NARROW)).astype(np.float32)  # fmt: skip


def wanted(opening, gaze=(0.0, 0.0)):
    return face(gaze, opening)


@pytest.mark.parametrize("eye", [0, 1])
def test_the_iris_is_seen_between_the_lids_where_it_was(eye):
    made = with_own_iris(EMPTY, NARROW, wanted(0.6), PLATE, OPEN)
    area = lid_area(NARROW, eye)
    filmed = drawn(NARROW)
    assert dark_middle(made, NARROW, eye) == pytest.approx(
        dark_middle(filmed, NARROW, eye), abs=0.03
    )
    dark, should = ((one.mean(axis=2) < 0.4)[area].sum() for one in (made, filmed))
    assert 0.7 * should < dark < 1.15 * should


def test_nothing_outside_the_lids_changes():
    made = with_own_iris(EMPTY, NARROW, wanted(0.6), PLATE, OPEN)
    eyes = lid_area(NARROW, 0, grown=1) | lid_area(NARROW, 1, grown=1)
    assert np.array_equal(made[~eyes], EMPTY[~eyes])


def test_a_lid_that_falls_throws_its_shade_on_the_eyeball():
    made = with_own_iris(EMPTY, NARROW, wanted(0.6), PLATE, OPEN)
    # A column of white beside the iris, right below the lid and in the middle of the eye.
    width = abs(OPEN[133, 0] - OPEN[33, 0])
    x = round(OPEN[468, 0] + 0.27 * width)
    rows = np.flatnonzero(lid_area(NARROW)[:, x])
    assert made[rows[2], x].mean() < made[rows[len(rows) // 2 + 1], x].mean()


@pytest.mark.parametrize("opening", [1.0, 0.95, 0.1])
def test_an_eye_as_open_as_the_plates_or_shut_is_left_bit_for_bit(opening):
    lids = face(opening=opening)
    picture = drawn(lids)
    assert with_own_iris(picture, lids, lids, PLATE, OPEN) is picture


def test_an_eye_that_looks_elsewhere_or_was_shut_is_not_the_plates():
    elsewhere = wanted(0.6, (0.15, 0.0))
    assert with_own_iris(EMPTY, NARROW, elsewhere, PLATE, OPEN) is EMPTY
    shut = face(opening=0.3)
    assert with_own_iris(EMPTY, NARROW, wanted(0.6), drawn(shut), shut) is EMPTY
