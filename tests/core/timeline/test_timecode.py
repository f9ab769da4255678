"""Time is exact: frames, timecode and samples agree at every rate."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import (
    DROP_RATES,
    FRAMES_A_FOOT,
    TIMECODE_RATES,
    FeetFrames,
    FrameRange,
    Timecode,
    exact_rate,
    parse_rate,
)

rates = st.sampled_from(TIMECODE_RATES)
frames = st.integers(0, 3_000_000)


@given(frames, rates)
def test_printed_timecode_reads_back_as_the_same_frame(frame, rate):
    assert Timecode.parse(str(Timecode(frame, rate)), rate).frame == frame


@given(frames, st.sampled_from(DROP_RATES))
def test_drop_frame_timecode_reads_back_as_the_same_frame(frame, rate):
    assert Timecode.parse(str(Timecode(frame, rate, drop=True)), rate).frame == frame


@pytest.mark.parametrize("rate", DROP_RATES)
def test_drop_frame_keeps_clock_time_over_an_hour(rate):
    an_hour = round(3600 * rate)
    assert str(Timecode(an_hour, rate, drop=True)) in ("01:00:00;00", "00:59:59;59")


@pytest.mark.parametrize(
    "text", ["01:00:00", "01:00:60:00", "01:60:00:00", "01:00:00:24", "aa:bb:cc:dd", "", "-1:0:0:0"]
)
def test_invalid_timecode_is_refused_and_named(text):
    with pytest.raises(TimecodeError):
        Timecode.parse(text, Fraction(24))


def test_dropped_numbers_are_refused():
    with pytest.raises(TimecodeError, match="dropped number"):
        Timecode.parse("00:01:00;00", Fraction(30000, 1001))
    assert Timecode.parse("00:10:00;00", Fraction(30000, 1001)).frame == 17982


@given(
    st.integers(0, 500_000), st.integers(1, 5000), st.integers(1, 5000), rates,
    st.sampled_from([16000, 44100, 48000, 96000]),
)  # fmt: skip
def test_abutting_frames_abut_in_samples(start, first, second, rate, sample_rate):
    a = FrameRange(start, start + first, rate).samples(sample_rate)
    b = FrameRange(start + first, start + first + second, rate).samples(sample_rate)
    assert a.stop == b.start
    assert abs(len(a) - first * sample_rate / rate) <= 1


def test_a_frame_of_23_976_owns_exactly_2002_samples():
    rate = Fraction(24000, 1001)
    assert all(len(FrameRange(f, f + 1, rate).samples(48000)) == 2002 for f in range(86400, 86500))


def test_empty_and_negative_ranges_are_refused():
    with pytest.raises(TimecodeError):
        FrameRange(10, 10, Fraction(24))
    with pytest.raises(TimecodeError):
        FrameRange(0, 1, Fraction(0))


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("24000/1001", Fraction(24000, 1001)),
        ("25", Fraction(25)),
        ("59.94", Fraction(60000, 1001)),
    ],
)
def test_a_persons_spelling_of_a_rate_is_made_exact(text, rate):
    assert parse_rate(text) == rate


@pytest.mark.parametrize("value", [0.0, -24.0, float("nan"), float("inf"), 23.5, 1e9])
def test_a_rate_near_none_in_use_is_refused(value):
    with pytest.raises(TimecodeError):
        exact_rate(value)


def test_ranges_of_two_rates_do_not_overlap():
    with pytest.raises(TimecodeError):
        FrameRange(0, 5, Fraction(24)).overlap(FrameRange(0, 5, Fraction(25)))


@pytest.mark.parametrize("text", ["1e999999999", "2" * 5000, "1E9", ""])
def test_a_rate_that_would_fill_the_memory_is_refused_at_once(text):
    with pytest.raises(TimecodeError, match="not a frame rate"):
        parse_rate(text)


@given(st.integers(0, 10**7))
def test_feet_and_frames_read_back_as_the_same_frame(frame):
    feet, frames = str(FeetFrames(frame)).split("+")
    assert int(feet) * FRAMES_A_FOOT + int(frames) == frame
    assert FeetFrames.parse(f"{feet}+{frames}") == FeetFrames(frame)


def test_a_thousand_foot_reel_lasts_eleven_minutes():
    assert FeetFrames.parse("1000+00").frame == 16000  # and so 11:06:16 at 24


@pytest.mark.parametrize("text", ["10+16", "10+1", "+05", "10-05", "1e9+00", "-1+00", "", "9" * 50])
def test_invalid_footage_is_refused(text):
    with pytest.raises(TimecodeError):
        FeetFrames.parse(text)


def test_premieres_semicolons_throughout_mean_drop_frame():
    printed = Timecode.parse("01;00;00;00", Fraction(30000, 1001))
    assert (printed.frame, printed.drop) == (107892, True)
