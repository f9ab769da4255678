"""Plates at another rate than the cut: in real time, frame for frame, or asked."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Event, Plate
from dubsync.core.timeline.timecode import FrameRange, Timecode, counting_base
from dubsync.editorial.turnover.other_rate import EACH, REAL, Answers, played, ways_to_play

FILM, NTSC_FILM, PAL, FAST = Fraction(24), Fraction(24000, 1001), Fraction(25), Fraction(50)
NTSC = Fraction(30000, 1001)
FORMAT = PictureFormat(1280, 720, "yuv", 8)


def plate(rate: Fraction, seconds: int = 120) -> Plate:
    first, base = 3600 * counting_base(rate), counting_base(rate)
    return Plate("A.mov", "/plates/A.mov", "A001", FrameRange(first, first + seconds * base, rate),
                 FORMAT)  # fmt: skip


def frame(text: str, rate: Fraction) -> int:
    return Timecode.parse(text, rate).frame


def listed(record: int, first: str, last: str, rate: Fraction = PAL, speed: Fraction = Fraction(1)):
    """An event of a printed list, from 10:00:00:00, whose source is counted at the cut's rate."""
    start = 36000 * counting_base(rate)
    source = FrameRange(frame(first, rate), frame(last, rate), rate)
    return Event("1", "A", "A.mov", "A001", "", FrameRange(start, start + record, rate), source,
                 speed, printed=False)  # fmt: skip


@pytest.mark.parametrize(
    ("rate", "event", "how", "shown"),
    [
        (FILM, listed(250, "01:00:10:00", "01:00:20:00"), REAL, 240),
        (NTSC_FILM, listed(250, "01:00:10:00", "01:00:20:00"), REAL, 240),
        (FILM, listed(240, "01:00:10:00", "01:00:20:00"), EACH, 240),
        (FAST, listed(257, "01:00:10:00", "01:00:20:07"), REAL, 514),
        (FILM, listed(250, "01:00:10:00", "01:00:20:00", speed=Fraction(24, 25)), EACH, 240),
    ],
)  # fmt: skip
def test_lengths_of_a_list_tell_how_its_plates_play(rate, event, how, shown) -> None:
    way, told = played(event, plate(rate), None)
    assert way is not None and way.how == how and not told[0].blocking
    assert way.source.rate == rate and way.source.start == frame("01:00:10:00", rate)
    assert abs(len(way.source) - shown) <= 1


def test_a_list_that_fits_both_ways_is_asked_about_and_the_answer_counts() -> None:
    event = listed(12, "01:00:10:00", "01:00:10:12")
    way, told = played(event, plate(FILM), None)
    assert way is not None and told[0].blocking
    assert 'plays = "real time" or plays = "frame for frame"' in told[0].hint
    assert "[shots.A]" in told[0].hint
    for answer in (REAL, EACH):
        way, told = played(event, plate(FILM), Answers(None, {"A": answer}).of("A"))
        assert way is not None and way.how == answer and not told[0].blocking


def test_ways_that_show_the_same_frames_are_no_question() -> None:
    event = listed(900, "01:00:10:00", "01:00:47:12", rate=NTSC_FILM)
    way, told = played(event, plate(FILM), None)
    assert way is not None and not told[0].blocking
    shown = [way.time.frame(event.record.start + n) for n in range(900)]
    assert shown == list(range(shown[0], shown[0] + 900))


def test_timecode_beyond_the_plate_s_rate_is_counted_at_the_cut_s() -> None:
    event = listed(250, "01:00:10:24", "01:00:20:24")
    ways = ways_to_play(event, plate(FILM))
    assert {way.source.start for way in ways} == {frame("01:00:10:23", FILM)}
    assert ways[0].time.at(Fraction(event.record.start)) == 3610 * 24 + Fraction(24 * 24, 25)


@pytest.mark.parametrize(("frames", "how"), [(2880, EACH), (3000, REAL)])
def test_the_length_of_its_media_tells_how_a_stated_source_plays(frames: int, how: str) -> None:
    """The cut counts 25 fps: as many frames as the plate has, or as many seconds."""
    event = replace(
        listed(50, "01:00:10:00", "01:00:12:00"), printed=None,
        available=FrameRange(90000, 90000 + frames, PAL),
    )  # fmt: skip
    way, told = played(event, plate(FILM), None)
    assert way is not None and way.how == how and not told[0].blocking
    first = way.time.at(Fraction(event.record.start)) - 86400
    assert first == (250 if how == EACH else 240)
    assert way.time.steady == (1 if how == EACH else Fraction(24, 25))


@pytest.mark.parametrize(
    ("own", "first"),
    [(FILM, "01:00:00:00"), (NTSC_FILM, "01:00:00:00"), (FAST, "01:00:00:00"),
     (NTSC, "01:00:00:00"), (NTSC, "01:00:00;00")],
)  # fmt: skip
def test_a_timecode_stated_at_the_cut_s_rate_is_that_of_the_file(own, first) -> None:
    """Ten seconds after a file's first timecode is ten seconds into it, at 23.976 fps too."""
    made = plate(own)
    whole = replace(made.frames, start=frame(first, own))
    made = replace(made, frames=whole, drop=";" in first)
    event = replace(listed(50, "01:00:10:00", "01:00:12:00"), printed=None)
    (way,) = [way for way in ways_to_play(event, made) if way.how == REAL]
    seconds = (way.time.at(Fraction(event.record.start)) - made.frames.start) / own
    assert abs(seconds - 10) < Fraction(1, 100)
    assert played(event, made, None)[1][0].blocking  # nothing says that it plays so


RATES = st.sampled_from([FILM, NTSC_FILM, PAL, Fraction(30), Fraction(30000, 1001), FAST])


@given(RATES, RATES, st.integers(1, 2000), st.integers(0, 500))
def test_in_real_time_a_plate_never_drifts_by_a_frame(rate, own, length, into) -> None:
    """Whatever the rates, the plate frame shown is the one of that moment of the file."""
    start = 36000 * counting_base(rate)
    source = FrameRange(1000 + into, 1000 + into + length, rate)
    event = Event("1", "A", "A.mov", "A001", "", FrameRange(start, start + length, rate), source,
                  available=FrameRange(1000, 200_000, rate))  # fmt: skip
    made = Plate("A.mov", "/A.mov", "", FrameRange(0, 10**7, own), FORMAT, has_timecode=False)
    if rate == own:
        return
    (way,) = [way for way in ways_to_play(event, made) if way.how == REAL]
    for record in (0, length // 2, length - 1):
        seconds = Fraction(into + record) / rate
        shown = Fraction(way.time.frame(start + record)) / own
        assert shown <= seconds < shown + 1 / own
