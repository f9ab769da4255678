"""The matte shaped by hand: cut-outs between their keys, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.digest import digest
from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.carry import carry, moved
from dubsync.core.tweak.matte_edit import CutOut
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain

coordinates = st.floats(-500, 5000, allow_nan=False).map(lambda x: round(x, 3))
points = st.tuples(coordinates, coordinates)


@st.composite
def cut_outs(draw: st.DrawFn) -> CutOut:
    size = draw(st.integers(3, 8))
    frames = sorted(draw(st.sets(st.integers(900, 1100), min_size=1, max_size=5)))
    keys = tuple(
        (frame, tuple(draw(st.lists(points, min_size=size, max_size=size)))) for frame in frames
    )
    first = draw(st.none() | st.integers(900, 1000))
    last = draw(st.none() | st.integers(1000, 1100))
    return CutOut("collar", keys, first, last, draw(st.booleans()), draw(st.floats(0, 50)))


@given(cut_outs(), st.integers(800, 1200))
def test_each_point_stays_between_the_same_point_of_its_neighbouring_keys(one, frame):
    before = [key for key in one.keys if key[0] <= frame][-1:] or [one.keys[0]]
    after = [key for key in one.keys if key[0] >= frame][:1] or [one.keys[-1]]
    for (x, y), (ax, ay), (bx, by) in zip(one.at(frame), before[0][1], after[0][1], strict=True):
        assert min(ax, bx) - 1e-6 <= x <= max(ax, bx) + 1e-6
        assert min(ay, by) - 1e-6 <= y <= max(ay, by) + 1e-6


@given(cut_outs())
def test_it_is_its_key_at_every_key_and_held_outside(one):
    assert all(one.at(frame) == outline for frame, outline in one.keys)
    assert one.at(one.keys[0][0] - 50) == one.keys[0][1]
    assert one.at(one.keys[-1][0] + 50) == one.keys[-1][1]


@given(cut_outs(), st.integers(-100, 100), st.integers(800, 1200))
def test_moved_in_time_it_shows_the_same_later(one, by, frame):
    there = one.moved(by)
    assert there.applies(frame + by) == one.applies(frame)
    assert there.at(frame + by) == one.at(frame)


@given(cut_outs())
def test_it_comes_back_from_a_tweak_file_as_it_was(one):
    tweak = Tweak().held("matte_grow", 4).cutting(one)
    assert from_plain(plain(tweak)) == tweak


def test_a_tweak_without_cut_outs_keeps_the_digest_it_always_had():
    tweak = Tweak().held("jaw", 1.2)
    assert plain(tweak) == {"jaw": 1.2}
    assert digest(plain(tweak)) == digest({"jaw": 1.2})


@pytest.mark.parametrize("outline", [
    ((0, 0), (1, 1)), ((0, 0), (1, 1), (float("nan"), 2)), ((0, 0), (1, 1), (2, float("inf"))),
])  # fmt: skip
def test_an_outline_without_an_inside_or_a_place_is_refused(outline):
    with pytest.raises(SettingsError):
        CutOut("hand", ((1000, outline),))


def test_keys_of_one_shape_have_the_same_number_of_points():
    one = CutOut("hand", ((1000, ((0, 0), (9, 0), (9, 9))),))
    with pytest.raises(SettingsError, match="4 points, and 3"):
        one.keyed(1010, ((0, 0), (9, 0), (9, 9), (0, 9)))


@pytest.mark.parametrize("name", ["", " hand", "a=b", "two\nlines", "x" * 61])
def test_a_name_that_a_setting_could_not_say_is_refused(name):
    with pytest.raises(SettingsError):
        CutOut(name, ((1000, ((0, 0), (9, 0), (9, 9))),))


def test_a_cut_out_belongs_to_its_picture_and_is_not_carried_to_another_shot():
    one = CutOut("hand", ((1000, ((0, 0), (9, 0), (9, 9))),))
    source = Tweak().held("matte_grow", 3).cutting(one)
    result = carry(source, Tweak())
    assert result.tweak == Tweak().held("matte_grow", 3)
    assert ("cut-outs", "they belong to the picture of one shot") in result.left
    assert moved(source, 5).cut_outs[0].keys[0][0] == 1005


def test_what_shapes_the_matte_does_not_move_the_mouth():
    one = CutOut("hand", ((1000, ((0, 0), (9, 0), (9, 9))),))
    jaw = Tweak().held("jaw", 1.1)
    assert jaw.held("matte_feather", 9).cutting(one).moving == jaw


def test_growth_is_keyed_as_every_other_control():
    tweak = Tweak().keyed("matte_grow", 1000, 0).keyed("matte_grow", 1010, 10)
    frames = FrameRange(1000, 1011, Fraction(24))
    shape = tweak.matte_shape(frames)
    assert shape.grow[0] == 0
    assert shape.grow[5] == pytest.approx(5, abs=1e-4)
    assert (shape.at_scale(0.5).grow == shape.grow / 2).all()
    assert Tweak().matte_shape(frames) is None


def test_a_hidden_cut_out_is_kept_and_cuts_nothing():
    one = CutOut("hand", ((1000, ((0, 0), (9, 0), (9, 9))),), 990, 1010)
    assert one.applies(1010)
    assert not one.applies(1011)
    assert not replace(one, shown=False).applies(1000)
