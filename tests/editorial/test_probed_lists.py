"""EDL, ALE and Pro Tools text are listed completely, and no frame rate is invented."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, ODD
from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.lists.ale_read import read_ale
from dubsync.editorial.protools.session import read_protools
from tests.editorial.editorial_making import FILM, FILM_NTSC, NTSC, PAL, event_row, listing
from tests.editorial.probed_making import ALE, session

PLAIN = event_row(1, "A001", ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00"))


def test_a_list_without_a_rate_is_listed_in_timecode_and_reported() -> None:
    result = read_cmx(listing(PLAIN))
    assert result.rate is None
    assert result.events[0].record is not None and result.events[0].record.start is None
    assert result.events[0].record.text == ("01:00:00:00", "01:00:02:00")
    assert [loss.kind for loss in result.losses] == [ASSUMED]
    assert "--rate" in result.losses.losses[0].hint


def test_a_list_with_its_rate_has_frame_numbers() -> None:
    event = read_cmx(listing(PLAIN), rate=FILM).events[0]
    assert event.record is not None and event.source is not None
    assert (event.record.start, event.record.stop) == (86400, 86448)
    assert (event.source.start, event.speed, event.reel) == (86640, 1, "A001")


def test_drop_frame_implies_the_rate() -> None:
    result = read_cmx(listing(PLAIN, mode="DROP FRAME"))
    assert result.rate == NTSC and result.timelines[0].drop
    assert result.losses.of_kind(ASSUMED)
    assert read_cmx(listing(PLAIN, mode="DROP FRAME"), rate=FILM).losses.of_kind(ODD)


def test_a_rate_too_slow_for_the_list_is_refused_with_its_line() -> None:
    row = event_row(1, "A", ("00:00:00:00", "00:00:00:24"), ("00:00:00:00", "00:00:00:24"))
    with pytest.raises(TimecodeError, match="line 3"):
        read_cmx(listing(row), rate=FILM)


def test_a_dissolve_names_its_outgoing_picture() -> None:
    result = read_cmx(
        listing(
            event_row(1, "A", ("01:00:02:00", "01:00:02:00"), ("01:00:02:00", "01:00:02:00")),
            event_row(1, "B", ("02:00:00:00", "02:00:02:00"), ("01:00:02:00", "01:00:04:00"),
                      transition="D", length="012"),
        ),
        rate=FILM,
    )  # fmt: skip
    assert [(e.kind, e.reel, e.transition) for e in result.events] == [
        ("cut", "A", None),  # wholly under the dissolve: it has no record frames of its own
        ("dissolve", "B", 12),
    ]
    assert result.events[0].record is not None and result.events[0].record.length == 0
    assert result.events[1].outgoing == "A 01:00:02:00"


@pytest.mark.parametrize(
    ("transition", "kind"), [("C", "cut"), ("W001", "wipe"), ("K B", "key"), ("D", "dissolve")]
)
def test_every_transition_is_recognised(transition: str, kind: str) -> None:
    row = event_row(1, "A", ("01:00:00:00", "01:00:01:00"), ("01:00:00:00", "01:00:01:00"),
                    transition=transition)  # fmt: skip
    assert read_cmx(listing(row), rate=PAL).events[0].kind == kind


def test_black_and_sound_are_events_too() -> None:
    times = ("01:00:00:00", "01:00:01:00"), ("01:00:00:00", "01:00:01:00")
    result = read_cmx(
        listing(event_row(1, "BL", *times), event_row(2, "S1", *times, channels="AA"),
                event_row(3, "A1", *times, channels="AA/V"), "AUD  3    4"),
        rate=PAL,
    )  # fmt: skip
    assert [event.kind for event in result.events] == ["black", "audio", "cut"]
    assert result.events[1].tracks == ("A1", "A2")
    assert result.events[2].tracks == ("V1", "A1", "A2", "A3", "A4")


@pytest.mark.parametrize(
    ("fps", "length", "speed"), [("048.0", 96, 2), ("012.0", 24, Fraction(1, 2))]
)
def test_m2_is_the_speed(fps: str, length: int, speed: Fraction) -> None:
    out = str(Timecode(86400 + length, FILM))
    row = event_row(1, "A", ("01:00:00:00", out), ("01:00:00:00", "01:00:02:00"))
    result = read_cmx(listing(row, f"M2   A       {fps}                 01:00:00:00"), rate=FILM)
    assert result.events[0].speed == speed
    assert not result.losses


def test_lengths_that_differ_without_m2_are_odd_and_give_no_speed() -> None:
    row = event_row(1, "A", ("01:00:00:00", "01:00:04:00"), ("01:00:00:00", "01:00:02:00"))
    result = read_cmx(listing(row), rate=FILM)
    assert result.events[0].speed is None
    assert result.losses.of_kind(ODD)


def test_locators_are_markers_in_record_time_with_their_colour() -> None:
    result = read_cmx(listing(PLAIN, "* LOC: 01:00:01:00 RED     ANIM FIX"), rate=FILM)
    marker = result.markers[0]
    assert (marker.name, marker.colour) == ("ANIM FIX", "RED")
    assert marker.record is not None and marker.record.start == 86424


def test_the_other_remarks_stay_with_their_event() -> None:
    result = read_cmx(listing(PLAIN, "* FROM CLIP NAME: x.mov", "*ASC_SAT 0.9"), rate=FILM)
    assert (result.events[0].name, result.events[0].remarks) == ("x.mov", ("*ASC_SAT 0.9",))


@given(
    start=st.integers(0, 2_000_000),
    lengths=st.lists(st.integers(1, 5000), min_size=1, max_size=12),
    rate=st.sampled_from(TIMECODE_RATES),
)
def test_any_printed_list_is_exact_to_the_frame(
    start: int, lengths: list[int], rate: Fraction
) -> None:
    rows, at = [], start
    for n, length in enumerate(lengths, start=1):
        times = str(Timecode(at, rate)), str(Timecode(at + length, rate))
        rows.append(event_row(n, f"R{n}", times, times))
        at += length
    result = read_cmx(listing(*rows), rate=rate)
    got = [(e.record.start, e.record.stop) for e in result.events if e.record]
    ends = [start + sum(lengths[:n]) for n in range(len(lengths) + 1)]
    assert got == list(zip(ends, ends[1:], strict=False))


def test_an_ale_has_the_rate_of_its_heading() -> None:
    result = read_ale(ALE)
    event = result.events[0]
    assert result.rate == FILM_NTSC and event.record is None and event.source is not None
    assert (event.source.start, event.source.stop) == (86400, 86448)
    assert (event.name, event.reel, event.tracks) == ("slate 1", "A001", ("V1", "A1", "A2"))
    assert event.remarks == ("Scene: 12A",)
    assert [loss.what for loss in result.losses] == ["headings are not listed: VIDEO_FORMAT 1080"]


def test_an_ale_without_a_rate_or_an_end_is_reported() -> None:
    assert read_ale(ALE.replace("FPS\t23.976\n", "")).losses.of_kind(ASSUMED)
    assert read_ale(ALE.replace("01:00:02:00", "")).losses.of_kind(ODD)
    assert read_ale(ALE.replace("23.976", "1e99999999")).losses.of_kind(ODD)
    with pytest.raises(TurnoverError, match="no Column"):
        read_ale("Heading\nFPS\t25\n")


@pytest.mark.parametrize(
    ("printed", "frames"),
    [
        ("01:00:10:00", 90250),
        ("01:00:10:00.50", Fraction(180501, 2)),
        ("15+10", 90250),
        ("0:10.040", 90251),
        ("480000", 90250),
    ],
)
def test_a_session_is_read_in_any_counter(printed: str, frames: Fraction | int) -> None:
    event = read_protools(session(printed, "01:00:12:00")).events[0]
    assert event.record is not None and event.record.start == frames


def test_a_session_lists_tracks_mutes_and_markers() -> None:
    result = read_protools(session())
    assert (result.events[0].track, result.events[0].enabled) == ("ELISE", False)
    assert [(m.kind, m.name) for m in result.markers] == [
        ("track comment", "{Actor=Anna}"), ("marker", "pop"),
    ]  # fmt: skip
    assert result.markers[1].record is not None and result.markers[1].record.start == 90025
    assert result.timelines[0].start_text == "01:00:00:00"


def test_minutes_and_bars_report_what_they_cannot_hold() -> None:
    assert read_protools(session("0:10.040", "0:12.040")).losses.of_kind(APPROXIMATE)
    assert read_protools(session("1|1|000", "2|1|000")).losses.of_kind("lost")
