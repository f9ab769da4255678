"""Hands on a control over time: keys stay in order, strokes are met, what is beside them stays."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak import curve_edits
from dubsync.core.tweak.curve import Curve, Span

SHOT = FrameRange(1000, 1200, Fraction(24))
values = st.floats(0, 2).map(lambda value: round(value, 2))
keyed = st.dictionaries(st.integers(1000, 1199), values, min_size=1, max_size=12).map(
    lambda keys: Curve(1.0, tuple(sorted(keys.items())))
)


@given(keyed, st.data(), st.integers(-300, 300), st.floats(-3, 3))
def test_keys_stay_in_order_and_in_range_under_any_drag(curve, data, by, rise):
    frames = [frame for frame, _ in curve.keys]
    chosen = data.draw(st.sets(st.sampled_from(frames), min_size=1))
    moved = curve_edits.moved_keys(curve, chosen, by, rise, 0, 2)
    assert len(moved.keys) == len(curve.keys)
    assert [frame for frame, _ in moved.keys] == sorted({frame for frame, _ in moved.keys})
    assert all(0 <= value <= 2 for _, value in moved.keys)
    order = [frame in chosen for frame in frames]
    ways = {new[0] - old for new, old, mine in zip(moved.keys, frames, order, strict=True) if mine}
    assert len(ways) == 1 and abs(ways.pop()) <= abs(by)


@given(keyed, st.data())
def test_a_drag_there_and_back_is_no_change(curve, data):
    chosen = data.draw(st.sampled_from([frame for frame, _ in curve.keys]))
    first, last = curve_edits.key_room(curve, chosen, SHOT)
    to = data.draw(st.integers(first, last))
    moved = curve_edits.moved_keys(curve, {chosen}, to - chosen, 0, 0, 2)
    assert dict(moved.keys)[to] == dict(curve.keys)[chosen]
    assert curve_edits.moved_keys(moved, {to}, chosen - to, 0, 0, 2) == curve


strokes = st.lists(values, min_size=2, max_size=60)


@given(keyed, st.integers(1000, 1139), strokes, st.sampled_from([0.02, 0.1]))
def test_a_stroke_is_met_by_few_keys(curve, first, stroke, tolerance):
    wanted = {first + n: value for n, value in enumerate(stroke)}
    drawn = curve_edits.drawn(curve, wanted, tolerance, 3, SHOT)
    under = [frame for frame, _ in drawn.keys if frame in wanted]
    assert len(under) <= curve_edits.MOST_DRAWN
    frames = FrameRange(first, first + len(stroke), SHOT.rate)
    away = np.abs(drawn.at(frames, 3) - list(wanted.values()))
    assert away.max() <= tolerance or len(under) == curve_edits.MOST_DRAWN


def test_a_stroke_leaves_the_rest_of_an_unkeyed_shot_as_it_was():
    wanted = {frame: 1.5 for frame in range(1050, 1061)}
    drawn = curve_edits.drawn(Curve(1.0), wanted, 0.02, 3, SHOT)
    values = drawn.at(SHOT, 3)
    assert (values[:46] == 1).all() and (values[65:] == 1).all()
    assert values[50:61] == pytest.approx(1.5)
    assert len(drawn.keys) == 4


def test_a_straight_level_stroke_is_two_keys():
    assert curve_edits.fitted([1.2] * 40, 1000, 0.01) == [(1000, 1.2), (1039, 1.2)]


@given(keyed, st.integers(1000, 1199), st.integers(1000, 1199))
def test_smoothing_moves_values_alone_and_never_beyond_the_neighbours(curve, one, other):
    first, last = min(one, other), max(one, other)
    smooth = curve_edits.smoothed(curve, first, last)
    assert [frame for frame, _ in smooth.keys] == [frame for frame, _ in curve.keys]
    for n, (frame, value) in enumerate(smooth.keys):
        if not first <= frame <= last or n in (0, len(curve.keys) - 1):
            assert value == curve.keys[n][1]
        else:
            around = [v for _, v in curve.keys[n - 1 : n + 2]]
            assert min(around) - 1e-9 <= value <= max(around) + 1e-9


@given(keyed, st.data(), st.integers(-200, 200))
def test_spreading_a_key_moves_its_neighbours_alone(curve, data, by):
    frames = [frame for frame, _ in curve.keys]
    frame = data.draw(st.sampled_from(frames))
    wide = curve_edits.spread(curve, frame, by, SHOT)
    n = frames.index(frame)
    for place, (old, new) in enumerate(zip(curve.keys, wide.keys, strict=True)):
        assert old[1] == new[1]
        if place not in (n - 1, n + 1):
            assert old == new
    assert [f for f, _ in wide.keys] == sorted({f for f, _ in wide.keys})


def test_the_last_key_that_goes_leaves_its_value():
    curve = Curve(1.0, ((1010, 1.2),))
    assert curve_edits.without_keys(curve, [1010]) == Curve(1.2)


def test_a_span_turned_inside_out_is_a_span_still():
    curve = Curve(1.0, (), (Span(1010, 1020, 1.3),))
    assert curve_edits.moved_span(curve, 0, 1030, 1020, 1.3).spans == (Span(1020, 1030, 1.3),)
