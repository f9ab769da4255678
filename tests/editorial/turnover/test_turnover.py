"""A cut, plates, lines and takes become shots; anything unclear becomes a warning."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.errors import TimecodeError
from dubsync.core.shot import Cut, Line, Plate, Take, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.turnover.shot_time import shot_time
from dubsync.editorial.turnover.shots import NOBODY, SWITCHED_OFF, turnover
from tests.editorial.editorial_making import (
    FILM,
    FILM_NTSC,
    HOUR,
    ROOT,
    event_row,
    everything_linked,
    line,
    listing,
    plate,
    read_edl,
    take,
)

#: Two events of two seconds each, of plates A and B, from 01:00:00:00.
CUT = read_edl(
    listing(
        event_row(1, "A001", ("00:00:41:16", "00:00:43:16"), ("01:00:00:00", "01:00:02:00")),
        "* FROM CLIP NAME: A.mov",
        event_row(2, "B001", ("00:00:41:16", "00:00:43:16"), ("01:00:02:00", "01:00:04:00")),
        "* FROM CLIP NAME: B.mov",
    ),
    FILM,
    path="/show/r1.edl",
)
A, B = plate("A.mov", 900, 1200), plate("B.mov", 900, 1200)


def make(
    cut: Cut = CUT,
    plates: tuple[Plate, ...] = (A, B),
    lines: tuple[Line, ...] = (),
    takes: tuple[Take, ...] = (),
    handles: int = 8,
) -> Turnover:
    return turnover(cut, plates, lines, takes, handles=handles, roots=[ROOT])


def retimed(speed: str, source_out: str) -> Cut:
    return read_edl(
        listing(
            event_row(1, "A001", ("00:00:41:16", source_out), ("01:00:00:00", "01:00:02:00")),
            f"M2   A001     {speed}   00:00:41:16",
            "* FROM CLIP NAME: A.mov",
        ),
        FILM,
    )


def test_events_with_dubbed_speech_become_shots_and_the_rest_is_skipped() -> None:
    result = make(lines=(line("L1", HOUR + 10, HOUR + 30),))
    (shot,) = result.shots
    assert (shot.name, shot.plate, shot.characters) == ("A", A, ("ELISE",))
    assert shot.source == FrameRange(1000, 1048, FILM)
    assert shot.record == FrameRange(HOUR, HOUR + 48, FILM)
    assert shot.render == FrameRange(992, 1056, FILM)
    assert [(event.name, why) for event, why in result.skipped] == [("B", NOBODY)]
    assert not result.warnings and not shot.warnings


def test_a_line_over_a_cut_belongs_to_both_shots_and_one_in_the_handles_to_none() -> None:
    over = line("L1", HOUR + 40, HOUR + 56)
    handle = line("L2", HOUR + 48, HOUR + 52, character="MARC")
    result = make(lines=(over, handle))
    assert [shot.lines for shot in result.shots] == [(over,), (over, handle)]


def test_a_disabled_event_is_skipped() -> None:
    from dataclasses import replace

    off = replace(CUT, events=(replace(CUT.events[0], enabled=False), CUT.events[1]))
    result = make(off, lines=(line("L1", HOUR, HOUR + 20),))
    assert [why for _, why in result.skipped] == [SWITCHED_OFF, NOBODY]
    assert "is heard where the cut has no picture" in result.warnings[-1].message


def test_a_missing_plate_blocks_only_events_with_dubbed_speech() -> None:
    result = make(plates=(), lines=(line("L1", HOUR, HOUR + 20),))
    assert not result.shots
    assert [d.blocking for d in result.warnings] == [True, False]
    assert "missing plate" in result.skipped[0][1]
    assert result.skipped[1][1] == NOBODY


@pytest.mark.parametrize("handles", [0, 8, 100, 500])
def test_handles_end_with_the_plate_and_missing_ones_are_reported(handles: int) -> None:
    (shot,) = make(lines=(line("L1", HOUR, HOUR + 20),), handles=handles).shots
    assert shot.render.start == 1000 - min(handles, 100)
    assert shot.render.stop == 1048 + min(handles, 152)
    assert [d.blocking for d in shot.warnings] == ([False] if handles > 100 else [])


@pytest.mark.parametrize(
    ("speed", "source_out", "frames", "doubted"),
    [
        ("024.0", "00:00:43:16", 48, False),
        ("019.2", "00:00:43:07", 39, False),
        ("028.8", "00:00:44:02", 58, False),
        ("048.0", "00:00:45:16", 96, True),
        ("012.0", "00:00:42:16", 24, True),
    ],
)
def test_a_retimed_shot_renders_the_frames_it_uses(
    speed: str, source_out: str, frames: int, doubted: bool
) -> None:
    (shot,) = make(retimed(speed, source_out), lines=(line("L1", HOUR, HOUR + 20),)).shots
    assert len(shot.source) == frames and shot.render == shot.source.with_handles(8)
    assert [d.blocking for d in shot.warnings] == ([False] if doubted else [])
    seconds = [shot.record_seconds(f) for f in (shot.source.start, shot.source.stop)]
    assert seconds[0] == 3600
    assert abs(seconds[1] - 3602) <= 2 / shot.record.rate


@pytest.mark.parametrize(
    ("speed", "source_out", "step"),
    [("000.0", "00:00:41:17", 0), ("-024.0", "00:00:43:16", -1)],
)
def test_speech_over_a_freeze_or_a_reversed_shot_is_drawn_for_each_record_frame(
    speed: str, source_out: str, step: int
) -> None:
    cut = retimed(speed, source_out)
    (shot,) = make(cut, lines=(line("L1", HOUR, HOUR + 20),)).shots
    assert not shot.blocked and shot.speed == 1
    assert "drawn for each record frame" in shot.warnings[-1].message
    assert shot.source == shot.record and shot.render == shot.plate.frames
    shown = [shot.plate.file_frame(n) for n in range(shot.record.start, shot.record.stop)]
    assert {b - a for a, b in zip(shown, shown[1:], strict=False)} == {step}
    assert shown == [shot_time(shot.event, shot.file_source).frame(n)
                     for n in range(shot.record.start, shot.record.stop)]  # fmt: skip
    assert shot.plate.file_frames == A.frames
    assert make(cut).skipped[0][1] == NOBODY


def test_warnings_from_reading_are_attached_to_their_shot() -> None:
    odd = read_edl(
        listing(
            event_row(1, "A001", ("00:00:41:16", "00:00:43:00"), ("01:00:00:00", "01:00:02:00")),
            "* FROM CLIP NAME: A.mov",
        ),
        FILM,
    )
    result = make(odd, lines=(line("L1", HOUR, HOUR + 20),))
    assert result.shots[0].blocked and not result.warnings
    assert not any(d.blocking for d in make(odd).warnings)


def test_a_list_read_at_the_wrong_rate_names_both_rates() -> None:
    plates = tuple(plate(p.name, 900, 1200, rate=FILM_NTSC) for p in (A, B))
    result = make(plates=plates, lines=(line("L1", HOUR, HOUR + 20),))
    (asked,) = [warning for warning in result.shots[0].warnings if warning.blocking]
    assert "24000/1001 fps, the cut at 24" in asked.message
    assert 'rate = "24000/1001"' in asked.hint


def test_takes_follow_their_character_and_line() -> None:
    lines = (line("L1", HOUR, HOUR + 20), line("L2", HOUR + 60, HOUR + 80))
    takes = (take("t1", spoken="L1"), take("t2", spoken="L2"), take("t3", spoken="L1"))
    result = make(lines=lines, takes=takes)
    assert [tuple(t.name for t in shot.takes) for shot in result.shots] == [("t1", "t3"), ("t2",)]
    assert not result.warnings


@pytest.mark.parametrize(
    ("odd", "message", "hint"),
    [
        (take("t", spoken="L01"), "'L01', which is not dubbed", "did you mean L1?"),
        (take("t", character="ELSIE"), "who has no dubbed line", "did you mean ELISE?"),
        (take("t"), "does not say which of 2 lines", "for example L1"),
    ],
)
def test_a_take_without_a_line_is_a_warning(odd: Take, message: str, hint: str) -> None:
    lines = (line("L1", HOUR, HOUR + 20), line("L2", HOUR + 60, HOUR + 80))
    result = make(lines=lines, takes=(odd,))
    assert all(not shot.takes for shot in result.shots)
    (warning,) = result.warnings
    assert message in warning.message and hint in warning.hint and not warning.blocking


def test_a_take_that_names_no_line_is_used_if_there_is_only_one() -> None:
    result = make(lines=(line("L1", HOUR, HOUR + 20),), takes=(take("t"),))
    assert result.shots[0].takes == (take("t"),)


def test_a_line_without_picture_is_a_warning() -> None:
    result = make(lines=(line("late", HOUR + 500, HOUR + 520),))
    assert [d.about for d in result.warnings] == ["late"]


def test_a_line_at_another_rate_raises() -> None:
    with pytest.raises(TimecodeError):
        make(lines=(line("L1", HOUR, HOUR + 20, rate=Fraction(25)),))


def test_media_outside_the_roots_is_one_warning_for_the_whole_cut() -> None:
    from dataclasses import replace

    events = tuple(replace(e, media=f"/elsewhere/{e.clip}") for e in CUT.events)
    result = make(replace(CUT, events=events), lines=(line("L1", HOUR, HOUR + 20),))
    assert len(result.shots) == 1
    (warning,) = result.warnings
    assert "outside the media folders" in warning.message and "2 events" in warning.message


@given(
    st.lists(st.tuples(st.integers(0, 150), st.integers(1, 60)), max_size=8),
    st.integers(0, 40),
    st.integers(900, 1010),
    st.integers(1030, 1200),
)
def test_shots_are_consistent(
    spans: list[tuple[int, int]], handles: int, first: int, last: int
) -> None:
    lines = tuple(line(f"L{n}", HOUR + s, HOUR + s + d) for n, (s, d) in enumerate(spans))
    plates = (plate("A.mov", first, last), B)
    result = make(plates=plates, lines=lines, handles=handles)
    assert len(result.shots) + len(result.skipped) == len(CUT.events)
    for shot in result.shots:
        assert shot.plate.frames.holds(shot.render) and shot.render.holds(shot.source)
        assert shot.source.start - shot.render.start <= handles
        assert shot.lines and all(x.record.overlap(shot.record) for x in shot.lines)
    heard = {x.name for shot in result.shots for x in shot.lines}
    lost = {d.about for d in result.warnings}
    silent = {event.name for event, _ in result.skipped}
    for one in lines:
        assert one.name in heard or one.name in lost or silent


def test_a_real_reel_with_all_its_plates_is_linked_throughout(shared: Path) -> None:
    cut = read_cut(shared / "timelines/pycmx/INS4_R1_010417.edl", rate=FILM_NTSC)
    result = everything_linked(cut, every=2)
    assert len(result.shots) == 144 and len(result.skipped) == 143
    # Two freezes that Avid printed as reversed, and one it printed as a freeze.
    assert sum(shot.blocked for shot in result.shots) <= 3


def test_the_sample_reel_s_edl_and_otio_give_the_same_shots() -> None:
    folder = Path(__file__).parents[3] / "sample_projects/two_hander"
    cuts = [read_cut(folder / f"two_hander.{kind}", rate=FILM_NTSC) for kind in ("edl", "otio")]
    result = [
        [(s.name, s.source, s.record, s.speed) for s in everything_linked(cut).shots]
        for cut in cuts
    ]
    assert result[0] == result[1] and len(result[0]) >= 6
    assert not any(warning.blocking for cut in cuts for warning in cut.warnings)
