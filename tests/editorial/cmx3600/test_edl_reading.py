"""CMX3600 lists, made up and real, become cuts; or are refused with a reason."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pycmx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import DubsyncError, TimecodeError, TurnoverError
from dubsync.core.timeline.timecode import FrameRange, Timecode
from dubsync.editorial.read_cut import read_cut
from tests.editorial.editorial_making import (
    FILM,
    FILM_NTSC,
    NTSC,
    PAL,
    event_row,
    listing,
    read_edl,
)

TIMES = ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00")
#: Real lists, the rate they were made at, picture events, blocking warnings.
REAL = [
    ("cmx3600/25fps.edl", PAL, 4, 0),
    ("cmx3600/cdl.edl", FILM, 2, 0),
    ("cmx3600/dissolve_test_2.edl", FILM, 3, 0),
    ("cmx3600/dissolve_test_4.edl", FILM, 6, 0),
    ("cmx3600/gap_test.edl", FILM, 3, 0),
    ("cmx3600/no_spaces_test.edl", FILM, 9, 0),
    ("cmx3600/premiere_example.edl", FILM, 2, 0),
    ("cmx3600/speed_effects.edl", FILM, 548, 0),
    ("cmx3600/timecode_mismatch.edl", PAL, 20, 4),
    ("cmx3600/wipe_test.edl", FILM, 3, 0),
    ("edl/45S_SAMPLE.EDL", PAL, 29, 0),
    ("edl/KEY_TRANSITION.EDL", NTSC, 1, 0),
    ("edl/SIMPLE_DISSOLVE.EDL", PAL, 1, 0),
    ("edl/SPEEDUP_REVERSE_AND_FADEOUT.EDL", PAL, 1, 0),
    ("edl/TIMEWARP.EDL", PAL, 1, 0),
    ("edl/TRAILER_EDL.edl", PAL, 27, 0),
    ("edl/REEL_IS_CLIP.txt", PAL, 4, 0),
    ("pycmx/INS4_R1_010417.edl", FILM_NTSC, 287, 0),
    ("pycmx/ISSUE_14_conform_edl_issue_01.edl", FILM_NTSC, 3, 0),
    ("pycmx/ISSUE_14_conform_edl_issue_03.edl", FILM_NTSC, 42, 0),
    ("pycmx/STP R1 v082517.edl", FILM_NTSC, 250, 0),
    ("pycmx/ToD_R4_LOCK3.1_030618_Video.edl", FILM_NTSC, 376, 41),
    ("pycmx/cdl_example01.edl", FILM, 39, 0),
    ("pycmx/cdl_frmc_example01.edl", FILM, 1, 0),
    ("pycmx/test_24psf.edl", PAL, 7, 2),
    ("pycmx/test_edl_cdl.edl", FILM, 3, 0),
    ("python-edl/test.edl", PAL, 7, 0),
]


@pytest.mark.parametrize(("name", "rate", "events", "blocking"), REAL)
def test_a_real_list_is_read_at_its_rate(
    shared: Path, name: str, rate: Fraction, events: int, blocking: int
) -> None:
    cut = read_cut(shared / "timelines" / name, rate=rate)
    assert len(cut.events) == events
    assert sum(warning.blocking for warning in cut.warnings) == blocking
    names = [event.name.lower() for event in cut.events]
    assert len(set(names)) == events
    assert read_cut(shared / "timelines" / name, rate=rate) == cut


@pytest.mark.parametrize("name", ["INS4_R2_DX_092117.edl", "INS4_R4_DX_092117.edl"])
def test_a_list_of_sound_alone_is_refused(shared: Path, name: str) -> None:
    with pytest.raises(TurnoverError, match="all its events are sound"):
        read_cut(shared / "timelines/pycmx" / name, rate=FILM)


@pytest.mark.parametrize(("name", "rate", "events", "blocking"), REAL)
def test_events_have_the_timecodes_that_pycmx_finds(
    shared: Path, name: str, rate: Fraction, events: int, blocking: int
) -> None:
    cut = read_cut(shared / "timelines" / name, rate=rate)
    ours = {int(event.where.removeprefix("line ")): event for event in cut.events}
    with (shared / "timelines" / name).open(encoding="utf-8", errors="replace") as file:
        theirs = pycmx.parse_cmx3600(file)
    seen = 0
    for edit in (edit for event in theirs.events for edit in event.edits):
        event = ours.get(edit.line_number + 1)
        if event is None:
            empty = edit.record_in == edit.record_out  # a transition's outgoing half
            assert not edit.channels.video or edit.black or empty or edit.source == "GEN"
            continue
        seen += 1
        first = event.source.start
        if event.speed < 0 and edit.source != "AX":  # the frame that plays first; not in Premiere
            first = event.source.stop - 1
        result = [event.record.start, event.record.stop, first]
        printed = [edit.record_in, edit.record_out, edit.source_in]
        assert result == [Timecode.parse(time, rate, drop=cut.drop).frame for time in printed]
        # pycmx counts columns, which short reels printed close up do not keep to.
        assert event.reel == edit.source.split(" ")[0]
    # pycmx passes over the first event of dissolve_test_4 and the channels of REEL_IS_CLIP.
    assert seen >= len(cut.events) - 1 or name.endswith("REEL_IS_CLIP.txt")


@pytest.mark.parametrize("name", [name for name, *_ in REAL] + ["pycmx/INS4_R2_DX_092117.edl"])
@pytest.mark.parametrize("rate", [FILM, PAL, Fraction(30), FILM_NTSC, NTSC])
def test_a_real_list_at_any_rate_is_read_or_refused_with_a_reason(
    shared: Path, name: str, rate: Fraction
) -> None:
    try:
        read_cut(shared / "timelines" / name, rate=rate)
    except TurnoverError as refusal:
        assert refusal.hint


def test_a_list_without_a_rate_is_refused(shared: Path) -> None:
    with pytest.raises(TurnoverError, match="do not state their frame rate"):
        read_cut(shared / "timelines/cmx3600/25fps.edl", rate=None)


def test_a_frame_number_past_the_rate_names_the_line() -> None:
    text = listing(event_row(1, "A001", ("01:00:00:24", "01:00:01:24"), TIMES[1]))
    with pytest.raises(TimecodeError, match="line 3: 01:00:00:24 is not a timecode at 24 fps"):
        read_edl(text, FILM)


@pytest.mark.parametrize(
    ("name", "wrong", "right"),
    [
        ("pycmx/INS4_R1_010417.edl", PAL, "24"),
        ("pycmx/cdl_example01.edl", NTSC, "24"),
        ("cmx3600/25fps.edl", Fraction(30), "25"),
    ],
)
def test_a_list_read_at_the_wrong_rate_is_recognised_by_its_lengths(
    shared: Path, name: str, wrong: Fraction, right: str
) -> None:
    warnings = read_cut(shared / "timelines" / name, rate=wrong).warnings
    (warning,) = (d for d in warnings if d.about == "frame rate")
    assert f"at {right} frames" in warning.message
    assert any(d.blocking for d in warnings)


def test_reels_of_8_32_and_128_characters_are_kept() -> None:
    for length in (8, 32, 128):
        reel = ("A001_C003_0412_" * 10)[:length]
        (event,) = read_edl(listing(event_row(1, reel, *TIMES)), FILM).events
        assert event.reel == reel


def test_names_and_files_are_read_with_and_without_asterisk_and_space() -> None:
    for star in ("* ", "*", "", "** "):
        text = listing(
            event_row(1, "A001", *TIMES),
            f"{star}FROM CLIP NAME:  A001C003.mov ",
            f"{star}SOURCE FILE: /x/A001C003.mov",
        )
        (event,) = read_edl(text, FILM).events
        assert (event.clip, event.media, event.name) == (
            "A001C003.mov", "/x/A001C003.mov", "A001C003",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("fps", "source_out", "speed", "frames"),
    [
        ("048.0", "01:00:14:00", Fraction(2), 96),
        ("012.0", "01:00:11:00", Fraction(1, 2), 24),
        ("000.0", "01:00:10:01", Fraction(0), 1),
        ("23.976", "01:00:12:00", Fraction(1), 48),
    ],
)
def test_m2_is_a_speed_in_frames_per_second(
    fps: str, source_out: str, speed: Fraction, frames: int
) -> None:
    text = listing(
        event_row(1, "A001", ("01:00:10:00", source_out), TIMES[1]),
        f"M2   A001       {fps}                01:00:10:00",
    )
    cut = read_edl(text, FILM_NTSC)
    (event,) = cut.events
    assert (event.speed, len(event.source)) == (speed, frames)
    assert not cut.warnings


def test_m2_with_a_source_as_long_as_its_record_uses_the_frames_from_its_start() -> None:
    text = listing(
        event_row(1, "AX", *TIMES), "M2   AX             048.0                01:00:10:00"
    )
    cut = read_edl(text, FILM)
    assert len(cut.events[0].source) == 96
    assert [d.blocking for d in cut.warnings] == [False]
    assert "M2 states 048.0" in cut.warnings[0].message


@pytest.mark.parametrize("fps", ["fast", "1e9", "nan", "48,0"])
def test_an_m2_speed_that_is_not_a_number_blocks_its_event(fps: str) -> None:
    text = listing(event_row(1, "A001", *TIMES), f"M2   A001  {fps}   01:00:10:00")
    (warning,) = read_edl(text, FILM).warnings
    assert warning.blocking and "line 4" in warning.message


def test_a_broken_m2_line_blocks_its_event() -> None:
    cut = read_edl(listing(event_row(1, "A001", *TIMES), "M2   A001"), FILM)
    assert [(d.about, d.blocking) for d in cut.warnings] == [(cut.events[0].name, True)]


def test_a_source_longer_than_its_record_without_m2_blocks_its_event() -> None:
    cut = read_edl(listing(event_row(1, "A001", ("01:00:10:00", "01:00:14:00"), TIMES[1])), FILM)
    (warning,) = cut.warnings
    assert warning.blocking and warning.about == cut.events[0].name
    assert "96 source frames over 48 record frames" in warning.message


@pytest.mark.parametrize("kind", ["D", "W001"])
def test_the_incoming_clip_of_a_transition_is_an_event(kind: str) -> None:
    text = listing(
        event_row(1, "A001", *TIMES),
        "* FROM CLIP NAME: out.mov",
        event_row(2, "A001", ("01:00:12:00",) * 2, ("01:00:02:00",) * 2),
        event_row(
            2, "A002", ("02:00:00:00", "02:00:02:00"), ("01:00:02:00", "01:00:04:00"),
            transition=kind, length="024",
        ),
        "* FROM CLIP NAME: out.mov",
        "* TO CLIP NAME: in.mov",
    )  # fmt: skip
    cut = read_edl(text, FILM)
    assert [(e.clip, e.reel, e.number) for e in cut.events] == [
        ("out.mov", "A001", "001"), ("in.mov", "A002", "002"),
    ]  # fmt: skip
    assert [e.overlap for e in cut.events] == [(0, 24), (0, 0)]  # the one runs on under the other
    assert cut.warnings == ()


def test_a_transition_without_an_outgoing_event_is_a_warning() -> None:
    text = listing(
        event_row(1, "A001", *TIMES),
        event_row(2, "B009", ("07:00:12:00",) * 2, ("01:00:02:00",) * 2),
        event_row(
            2, "A002", ("02:00:00:00", "02:00:02:00"), ("01:00:02:00", "01:00:04:00"),
            transition="D", length="024",
        ),
    )  # fmt: skip
    cut = read_edl(text, FILM)
    assert [e.overlap for e in cut.events] == [(0, 0), (0, 0)]
    (warning,) = cut.warnings
    assert not warning.blocking and "024 frames from B009" in warning.message


def test_a_fade_to_black_shows_its_event_until_its_end() -> None:
    text = listing(
        event_row(1, "A001", *TIMES),
        event_row(2, "A001", ("01:00:12:00",) * 2, ("01:00:02:00",) * 2),
        event_row(
            2, "BL", ("00:00:00:00", "00:00:01:00"), ("01:00:02:00", "01:00:03:00"),
            transition="D", length="024",
        ),
    )  # fmt: skip
    cut = read_edl(text, FILM)
    assert [(e.reel, e.overlap) for e in cut.events] == [("A001", (0, 24))]
    assert cut.warnings == ()


def test_black_and_sound_are_not_picture_events() -> None:
    text = listing(
        event_row(1, "BL", ("00:00:00:00", "00:00:02:00"), ("01:00:00:00", "01:00:02:00")),
        event_row(2, "A001", TIMES[0], ("01:00:02:00", "01:00:04:00"), channels="A2"),
        event_row(3, "A001", TIMES[0], ("01:00:02:00", "01:00:04:00"), channels="AA/V"),
        event_row(4, "AX", TIMES[0], ("01:00:04:00", "01:00:06:00"), channels="B"),
    )
    assert [e.number for e in read_edl(text, FILM).events] == ["003", "004"]


def test_fcm_governs_unmarked_timecode_and_may_change_midway() -> None:
    times = ("01:00:00:00", "01:00:02:00")
    text = listing(
        event_row(1, "A001", times, times),
        "FCM: NON-DROP FRAME",
        event_row(2, "A001", times, ("01:00:02:00", "01:00:04:00")),
        mode="DROP FRAME",
    )
    cut = read_edl(text, NTSC)
    assert cut.drop
    assert [e.source.start for e in cut.events] == [107892, 108000]
    assert any("drop" in warning.message for warning in cut.warnings)


def test_marked_timecode_is_drop_frame_against_fcm() -> None:
    text = listing(
        event_row(1, "A001", ("01:00:00:00", "01:00:02:00"), ("01:00:00;00", "01:00:02;00"))
    )
    (event,) = read_edl(text, NTSC).events
    assert (event.source.start, event.record.start) == (108000, 107892)


def test_a_list_without_fcm_is_a_warning() -> None:
    text = event_row(1, "A001", *TIMES)
    assert "no FCM line" in read_edl(text, NTSC).warnings[0].message
    assert not read_edl(text, FILM).warnings


@pytest.mark.parametrize("rate", [FILM, PAL, Fraction(30)])
def test_drop_frame_is_refused_at_rates_that_have_none(rate: Fraction) -> None:
    text = listing(event_row(1, "A001", *TIMES), mode="DROP FRAME")
    with pytest.raises(TurnoverError, match="line 3: the list states DROP FRAME"):
        read_edl(text, rate)
    with pytest.raises(TimecodeError, match="line 3 is drop frame"):
        read_edl(text.replace("01:00:02:00", "01:00:02;00"), rate)


def test_an_unreadable_line_is_a_blocking_warning_and_the_rest_is_read() -> None:
    text = listing(
        event_row(1, "A001", *TIMES),
        "002  A001     V     C        01:00:10:00 01:00:1",
        event_row(3, "A001", ("01:00:75:00", "01:00:77:00"), ("01:00:02:00", "01:00:04:00")),
    )
    cut = read_edl(text, FILM)
    assert [event.source is None for event in cut.events] == [False, True]
    blocked = [("line 4", True), (cut.events[1].name, True)]
    assert [(d.about, d.blocking) for d in cut.warnings] == blocked


def test_overlapping_events_are_blocked() -> None:
    text = listing(
        event_row(1, "A001", *TIMES),
        event_row(2, "A002", TIMES[0], ("01:00:01:00", "01:00:03:00")),
        event_row(3, "A003", TIMES[0], ("01:00:03:00", "01:00:05:00")),
    )
    cut = read_edl(text, FILM)
    blocked = {d.about for d in cut.warnings if d.blocking}
    assert blocked == {cut.events[0].name, cut.events[1].name}


def test_source_and_record_run_past_midnight() -> None:
    late = ("23:59:59:00", "00:00:01:00")
    (event,) = read_edl(listing(event_row(1, "A001", late, late)), FILM).events
    assert len(event.source) == len(event.record) == 48


def test_an_event_that_ends_before_it_begins_is_a_blocking_warning() -> None:
    rows = event_row(1, "A001", ("01:00:02:00", "01:00:00:00"), TIMES[1])
    cut = read_edl(listing(rows, event_row(2, "A001", *TIMES)), FILM)
    (warning,) = (d for d in cut.warnings if "ends before it begins" in d.message)
    assert warning.blocking and warning.about == cut.events[0].name


def test_event_numbers_may_pass_999() -> None:
    rows = [
        f"{n:06d}  A001     V     C        "
        f"{Timecode(HOUR_IN + n, FILM)} {Timecode(HOUR_IN + n + 1, FILM)} "
        f"{Timecode(n, FILM)} {Timecode(n + 1, FILM)}"
        for n in range(990, 1100)
    ]
    cut = read_edl(listing(*rows), FILM)
    assert len(cut.events) == 110 and cut.events[-1].number == "001099"


HOUR_IN = 90000


@given(
    st.lists(
        st.tuples(st.integers(0, 2**21), st.integers(1, 500), st.integers(0, 50)),
        min_size=1, max_size=12,
    ),
    st.sampled_from([(FILM, False), (PAL, False), (FILM_NTSC, False), (NTSC, True), (NTSC, False)]),
)  # fmt: skip
def test_frames_survive_being_printed_and_read(
    events: list[tuple[int, int, int]], clock: tuple[Fraction, bool]
) -> None:
    rate, drop = clock
    at, rows, wanted = 1000, [], []
    for n, (source, length, hole) in enumerate(events, start=1):
        at += hole
        times = [str(Timecode(f, rate, drop)) for f in (source, source + length, at, at + length)]
        rows.append(event_row(n, f"R{n}", (times[0], times[1]), (times[2], times[3])))
        wanted.append(
            (FrameRange(source, source + length, rate), FrameRange(at, at + length, rate))
        )
        at += length
    mode = "DROP FRAME" if drop else "NON-DROP FRAME"
    cut = read_edl(listing(*rows, mode=mode), rate)
    assert [(e.source, e.record) for e in cut.events] == wanted
    assert cut.drop is drop and not cut.warnings


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    for body in (text, listing(event_row(1, "A001", *TIMES), text)):
        try:
            read_edl(body, FILM)
        except DubsyncError as refusal:
            assert str(refusal)


@given(st.data())
def test_a_damaged_list_is_read_or_refused(data: st.DataObject) -> None:
    text = listing(
        event_row(1, "A001", *TIMES), "* FROM CLIP NAME: x.mov", "M2   A001  012.0  01:00:10:00",
        event_row(2, "BL", ("00:00:00:00",) * 2, ("01:00:02:00",) * 2),
        event_row(2, "A2", TIMES[0], ("01:00:02:00", "01:00:04:00"), transition="D", length="010"),
    )  # fmt: skip
    at = data.draw(st.integers(0, len(text) - 1))
    stop = data.draw(st.integers(at, min(len(text), at + 12)))
    cut_in = data.draw(st.text(st.characters(codec="ascii"), max_size=5))
    try:
        read_edl(text[:at] + cut_in + text[stop:], FILM)
    except DubsyncError as refusal:
        assert str(refusal)
