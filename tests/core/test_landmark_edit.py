"""Landmarks by hand: where they are put, with their neighbours, and only near their keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.landmark_edit import FADE, ONE_STRETCH, LandmarkKey, mended
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain

FIRST = 1000
_GRID = np.stack(np.meshgrid(np.arange(24) * 10.0, np.arange(20) * 10.0), -1).reshape(-1, 2)[:478]
TRACK = np.repeat(np.concatenate([_GRID, np.zeros((478, 1))], 1)[None], 80, 0).astype(np.float32)
places = st.floats(-100, 400).map(lambda v: round(v, 1))


@settings(max_examples=30)
@given(st.dictionaries(st.integers(0, 477), st.tuples(places, places), min_size=1, max_size=6),
       st.floats(5, 200))  # fmt: skip
def test_every_dragged_landmark_is_where_it_was_put(put, reach):
    keys = [LandmarkKey(1030, index, *place, reach) for index, place in put.items()]
    made = mended(TRACK, FIRST, keys)
    for index, place in put.items():
        np.testing.assert_allclose(made[30, index, :2], place, atol=0.05)
    assert (made[..., 2] == TRACK[..., 2]).all()


def test_neighbours_come_along_less_with_distance_and_none_beyond_reach():
    key = LandmarkKey(1030, 100, *(_GRID[100] + (8, 0)), 35)
    by = mended(TRACK, FIRST, [key])[30, :, 0] - TRACK[30, :, 0]
    assert by[100] > by[101] > by[102] > 0 and by[103] > 0 and by[104] == 0


def test_between_keys_the_offset_goes_straight_and_beside_them_it_fades_out():
    keys = [LandmarkKey(1030, 9, *(_GRID[9] + (4, 0))), LandmarkKey(1040, 9, *(_GRID[9] + (8, 0)))]
    by = mended(TRACK, FIRST, keys)[:, 9, 0] - TRACK[:, 9, 0]
    np.testing.assert_allclose(by[30:41], np.linspace(4, 8, 11), atol=1e-3)
    assert (np.diff(by[30 - FADE - 1 : 31]) > 0).all() and (np.diff(by[40 : 42 + FADE]) < 0).all()
    assert not by[: 30 - FADE].any() and not by[41 + FADE :].any()


def test_two_bad_stretches_do_not_touch_the_good_one_between_them():
    far = 1010 + ONE_STRETCH + 2 * FADE + 4
    keys = [LandmarkKey(frame, 9, 0, 0) for frame in (1010, far)]
    made = mended(TRACK, FIRST, keys)
    assert (made[11 + FADE : far - FIRST - FADE] == TRACK[11 + FADE : far - FIRST - FADE]).all()


def test_without_a_key_in_it_a_track_is_the_very_same():
    assert mended(TRACK, FIRST, ()) is TRACK
    assert mended(TRACK, FIRST, [LandmarkKey(5000, 1, 0, 0)]) is TRACK


def test_it_comes_back_from_a_tweak_file_and_an_unchanged_tweak_has_no_word_of_it():
    tweak = Tweak().mending(LandmarkKey(1030, 9, 1.5, 2)).mending(LandmarkKey(1020, 8, 3, 4, 40))
    assert [key.frame for key in tweak.landmarks] == [1020, 1030]
    assert from_plain(plain(tweak)) == tweak
    assert tweak.mending(LandmarkKey(1030, 9, 7, 7)).landmarks[1].x == 7
    assert tweak.unmended(1030).unmended(1020, 8) == Tweak()
    assert plain(Tweak().held("jaw", 1.1)) == {"jaw": 1.1}


@pytest.mark.parametrize("key", [
    (1, 478, 0, 0), (1, -1, 0, 0), (1, 0, float("nan"), 0), (1, 0, 0, 0, 0), (1, 0, 1e9, 0),
])  # fmt: skip
def test_what_is_no_place_of_a_landmark_is_refused(key):
    with pytest.raises(SettingsError):
        LandmarkKey(*key)
