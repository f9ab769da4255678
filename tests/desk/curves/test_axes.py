"""Frames, values and levels as pixels: there and back, nothing lost that can be seen."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.shot import playing
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.tweak.controls import CONTROLS
from dubsync.desk.curves.axes.level_columns import columns
from dubsync.desk.curves.axes.record_ticks import ticks
from dubsync.desk.curves.axes.time_axis import TimeAxis
from dubsync.desk.curves.axes.value_axis import ValueAxis, shown_range
from dubsync.desk.curves.axes.visible_line import visible
from tests.desk.curves.conftest import made_shot

lengths = st.integers(1, 20_000)
widths = st.integers(200, 3000)


@given(lengths, widths, st.lists(st.tuples(st.floats(0, 1), st.floats(0.2, 5)), max_size=6))
def test_a_zoom_keeps_the_frame_under_the_mouse_and_stays_in_the_shot(length, width, turns):
    axis = whole = TimeAxis.whole(1000, 1000 + length, width)
    for place, factor in turns:
        x = place * width
        before, seen = axis.edge(x), axis
        axis = axis.zoomed(x, factor)
        assert whole.left - 1e-6 <= axis.left < axis.right <= whole.right + 1e-6
        inside = whole.left + 1e-6 < axis.left and axis.right < whole.right - 1e-6
        if inside and seen.right - seen.left != axis.right - axis.left:
            assert axis.edge(x) == pytest.approx(before, abs=1e-6 * length + 1e-6)


@given(lengths, widths, st.data())
def test_the_middle_of_a_frame_is_in_that_frame(length, width, data):
    axis = TimeAxis.whole(1000, 1000 + length, width)
    frame = data.draw(st.integers(1000, 1000 + length - 1))
    axis = axis.showing(frame - 20, frame + 20)
    assert axis.frame(axis.middle(frame)) == frame
    assert axis.following(frame).left <= frame


@given(st.sampled_from(sorted(CONTROLS)), st.floats(0, 1), st.integers(48, 400))
def test_every_value_of_a_control_has_its_place_in_the_lane(name, share, height):
    known = CONTROLS[name]
    value = known.low + share * (known.high - known.low)
    low, high = shown_range(name, [value])
    axis = ValueAxis(low, high, height)
    assert low <= value <= high and 0 <= axis.y(value) <= height
    assert axis.value(axis.y(value)) == pytest.approx(value)


@given(st.integers(1, 3000), st.integers(1, 12), widths, st.integers(0, 99))
def test_no_peak_of_the_sound_is_lost_between_pixels(count, each, width, seed):
    levels = np.random.default_rng(seed).uniform(0, 1, (count * each, 2)).astype(np.float32)
    levels[:, 0] *= -1
    axis = TimeAxis.whole(1000, 1000 + count, width)
    found = columns(levels, each, axis, 1000)
    assert found[:, 1].max() == levels[:, 1].max() and found[:, 0].min() == levels[:, 0].min()


@given(st.integers(1, 20_000), widths, st.integers(0, 99))
def test_a_thinned_line_keeps_its_highest_and_lowest_point(count, width, seed):
    values = np.random.default_rng(seed).normal(0, 1, count)
    x, y = visible(values, 1000, TimeAxis.whole(1000, 1000 + count, width))
    assert len(x) == len(y) <= max(4 * width, 4)
    assert (y.max(), y.min()) == (values.max(), values.min())


MAPS = {
    "normal": lambda shot: shot.time,
    "twice as fast": lambda shot: playing(shot.record, shot.source, Fraction(2)),
    "in reverse": lambda shot: playing(shot.record, shot.source, Fraction(-1)),
    "ramped": lambda shot: TimeMap(
        ((Fraction(86400), Fraction(1008)), (Fraction(86450), Fraction(1030)),
         (Fraction(86520), Fraction(1128)))),
}  # fmt: skip


@pytest.mark.parametrize("name", MAPS)
def test_marks_stand_where_the_programme_shows_their_frames(name):
    shot = made_shot("SH010")
    shot = replace(shot, time=MAPS[name](shot))
    found = ticks(shot, 1000, 1136, 8.0)
    assert any(tick.labelled for tick in found)
    for tick in found:
        assert tick.edge == pytest.approx(float(shot.time.at(Fraction(tick.record))))


def test_a_freeze_has_no_marks():
    shot = made_shot("SH010")
    shot = replace(shot, time=playing(shot.record, shot.source, Fraction(0)))
    assert ticks(shot, 1000, 1136, 8.0) == []
