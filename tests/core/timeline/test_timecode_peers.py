"""Timecode agrees with two independent libraries, at every rate, drop and non-drop.

A dense sample of more than a day; `python -m benchmarks.timecode` compares every frame.
"""

from fractions import Fraction

import pytest

from benchmarks.timecode import COUNTINGS, by_otio, by_timecode, printed
from dubsync.core.timeline.timecode import DROP_RATES, TIMECODE_RATES, Timecode, counting_base

IDS = [f"{rate}{' drop' if drop else ''}" for rate, drop in COUNTINGS]


def sampled(rate: Fraction, hours: int) -> list[int]:
    """The frames on both sides of every minute, and a scatter of others, through `hours`."""
    minute = counting_base(rate) * 60
    edges = {m * minute + d for m in range(hours * 60 + 1) for d in (-3, -2, -1, 0, 1, 2, 3)}
    drifted = {round(m * 60 * rate) + d for m in range(hours * 60) for d in (-1, 0, 1)}
    return sorted(f for f in edges | drifted if 0 <= f < hours * 60 * minute)


def test_every_rate_in_use_is_supported():
    assert set(COUNTINGS) == {(r, False) for r in TIMECODE_RATES} | {(r, True) for r in DROP_RATES}


@pytest.mark.parametrize(("rate", "drop"), COUNTINGS, ids=IDS)
def test_a_day_is_printed_as_other_libraries_print_it(rate, drop):
    pytest.importorskip("timecode", reason="the peer library is not installed")
    within = round(86400 * rate) if drop else 86400 * counting_base(rate)
    frames = [f for f in sampled(rate, 24) if f < within]
    mine = [printed(f, rate, drop) for f in frames]
    assert mine == by_timecode(frames, rate, drop)


@pytest.mark.parametrize(("rate", "drop"), COUNTINGS, ids=IDS)
def test_opentimelineio_prints_the_same_day(rate, drop):
    if (theirs := by_otio([0], rate, drop)) is None:
        pytest.skip(f"OpenTimelineIO gives {rate} no timecode")
    frames = sampled(rate, 23)
    mine = [printed(f, rate, drop) for f in frames]
    theirs = by_otio(frames, rate, drop)
    assert mine == theirs


@pytest.mark.parametrize(("rate", "drop"), COUNTINGS, ids=IDS)
def test_every_sampled_frame_of_three_days_reads_back(rate, drop):
    for frame in sampled(rate, 72)[::3]:
        text = printed(frame, rate, drop)
        assert Timecode.parse(text, rate) == Timecode(frame, rate, drop)


def test_hours_go_on_past_midnight():
    assert printed(25 * 3600 * 24, Fraction(24), False) == "25:00:00:00"
    assert Timecode.parse("25:00:00;00", DROP_RATES[0]).frame == 25 * 107892
