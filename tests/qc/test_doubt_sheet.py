"""A doubtful join is shown large, with what changes at it."""

import numpy as np

from dubsync.qc.burn_in import within
from dubsync.qc.drawing import DOUBT
from dubsync.qc.pictures.doubt_sheet import PICTURE, Doubt, changed, doubt_sheet


def picture(value):
    return np.full((90, 160, 3), value, np.uint8)


def test_what_changes_is_orange_and_what_stays_is_grey():
    after = picture(80)
    after[20:60, 100:140] = 220

    shown = changed(picture(80), after).astype(int)

    assert np.abs(shown[40, 120] - DOUBT).max() < 8
    assert np.ptp(shown[40, 40]) == 0


def test_a_page_shows_each_join_with_two_pictures_on_each_side():
    pictures = [within(picture(value), PICTURE) for value in (40, 50, 200, 210)]
    doubt = Doubt("cut at 01:00:00:10?", "not in the list", pictures, ["a", "b", "c", "d"])

    page = doubt_sheet([doubt, doubt], "R3: 2 doubtful joins")

    assert page.shape[1] > 5 * PICTURE[0]
    for value in (40, 50, 200, 210):
        assert (page == value).all(axis=2).mean() > 0.1


def test_dark_pictures_are_brightened_alike():
    pictures = [within(picture(value), PICTURE) for value in (20, 20, 30, 30)]

    page = doubt_sheet([Doubt("cut?", "", pictures, ["a", "b", "c", "d"])], "R3")

    for value in (80, 120):
        assert (page == value).all(axis=2).mean() > 0.1
