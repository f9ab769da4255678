"""The white where an iris was: it meets the filmed one, and lids throw their shade on it."""

import numpy as np
import pytest

from dubsync.engine.face_region.eyeball import with_gaze
from tests.engine.face_region.drawn_eyes import drawn, face, lid_area

AHEAD, ASIDE = face(), face((0.2, 0.0))
WIDTH = abs(AHEAD[133, 0] - AHEAD[33, 0])
LEFT, RIGHT = 0.75, 1.0


@pytest.fixture(scope="module")
def made():
    """Eyes that look aside, in a light that falls off from one side of the whites to the other."""
    light = np.interp(np.arange(300), (AHEAD[33, 0], AHEAD[133, 0]), (LEFT, RIGHT))
    picture = (drawn(AHEAD) * light[None, :, None]).astype(np.float32)
    return picture, with_gaze(picture, AHEAD, ASIDE[[468, 473], :2])


def _white_row(picture, away):
    """Brightness at `away` eye widths beside where the iris was, half way between the lids."""
    x = round(AHEAD[468, 0] + away * WIDTH)
    rows = np.flatnonzero(lid_area(AHEAD)[:, x])
    return picture[rows, x].mean(axis=-1)


def test_the_fill_goes_over_into_the_filmed_white_beside_it(made):
    _, aside = made
    middle = [np.median(_white_row(aside, away)) for away in np.linspace(-0.33, -0.1, 8)]
    assert np.abs(np.diff(middle)).max() < 0.05


def test_the_fill_is_darker_at_both_lids_than_between_them(made):
    _, aside = made
    column = _white_row(aside, -0.12)
    brightest = column.max()
    assert 0.25 * len(column) < column.argmax() < len(column) - 3
    assert column[2:4].mean() < 0.9 * brightest
    assert column[-3:-1].mean() < 0.97 * brightest
