"""Record times over midnight, reversed clips as each system prints them, and overlaps."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.timeline.losses import BLOCKS
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.runs import Run
from dubsync.core.timeline.timecode import Timecode
from dubsync.editorial.cmx3600.motion import stated_speed
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.cmx3600.write import write_tracks
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from tests.editorial.cases_making import all_said
from tests.editorial.editorial_making import FILM, FILM_NTSC, NTSC, event_row, listing

DAY = 24 * 3600 * 24


def code(frame: int) -> str:
    return str(Timecode(frame % DAY, FILM))


@settings(max_examples=40)
@given(
    st.lists(st.integers(1, 24 * 3600), min_size=2, max_size=8),
    st.integers(0, DAY - 1),
    st.randoms(),
)
def test_a_programme_over_midnight_is_one_count_of_frames(
    lengths: list[int], first: int, draw: object
) -> None:
    rows, at = [], first
    for n, length in enumerate(lengths, start=1):
        rows.append(event_row(n, "A", (code(0), code(length)), (code(at), code(at + length))))
        at += length
    draw.shuffle(rows)  # type: ignore[attr-defined]
    cut = read_cmx(listing(*rows), rate=FILM)
    (timeline,) = cut.timelines
    assert (timeline.start, timeline.length) == (first, sum(lengths))
    late = max(e.record.start for e in cut.events if e.record and e.record.start is not None)
    assert ("passes midnight" in all_said(cut)) == (late >= DAY)
    text = next(iter(write_tracks(cut, ()).values())).data.decode()
    assert {line.split()[6] for line in text.splitlines() if line[:1].isdigit()} == {
        row.split()[6] for row in rows
    }


def test_markers_over_midnight_move_with_their_events() -> None:
    text = listing(
        event_row(1, "A", (code(0), code(240)), (code(DAY - 240), code(DAY))),
        event_row(2, "A", (code(0), code(240)), (code(0), code(240))),
        "* LOC: 00:00:05:00 RED late",
    )
    (marker,) = read_cmx(text, rate=FILM).markers
    assert marker.record is not None and marker.record.start == DAY + 120


#: source in, source out, M2, the frames shown (lowest, past the highest), words of the loss
REVERSED = [
    ("01:00:19:23", "01:00:39:23", "-024.0", (86400, 86880), "as Avid and Final Cut Pro"),
    ("01:00:19:23", "01:00:20:00", "-024.0", (86400, 86880), "as Avid and Final Cut Pro"),
    ("01:00:39:23", "01:00:59:23", "-048.0", (86400, 87360), "as Avid and Final Cut Pro"),
    ("01:00:00:00", "01:00:20:00", "-24.0", (86400, 86880), "as Premiere"),
    ("00:00:00:00", "00:00:20:00", "-024.0", (0, 480), "as Premiere"),
    ("01:00:20:00", "01:00:00:00", "-024.0", (86400, 86880), "from its source in down"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "last", "fps", "shown", "words"), REVERSED)
def test_a_reversed_clip_shows_the_frames_of_its_dialect(
    first: str, last: str, fps: str, shown: tuple[int, int], words: str
) -> None:
    row = event_row(1, "A", (first, last), ("01:00:00:00", "01:00:20:00"))
    cut = read_cmx(listing(row, f"M2   A   {fps}   {first}"), rate=FILM)
    (event,) = cut.events
    assert event.source is not None and (event.source.start, event.source.stop) == shown
    assert event.speed is not None and event.speed < 0
    assert words in all_said(cut)
    text = next(iter(write_tracks(cut, ()).values())).data.decode()
    (again,) = read_cmx(text, rate=FILM).events
    assert again.source is not None and (again.source.start, again.source.stop) == shown


def test_a_reversed_clip_whose_lengths_fit_no_dialect_is_blocked() -> None:
    row = event_row(1, "A", ("01:00:00:00", "01:00:07:00"), ("01:00:00:00", "01:00:20:00"))
    cut = read_cmx(listing(row, "M2   A   -024.0   01:00:00:00"), rate=FILM)
    assert [loss.turnover for loss in cut.losses] == [BLOCKS]


def test_avids_reversed_clips_are_no_longer_contradictions(shared: Path) -> None:
    cut = probe_cut(shared / "timelines/pycmx/STP R1 v082517.edl", Fraction(24000, 1001))
    (event,) = (e for e in cut.events if e.speed is not None and e.speed < 0)
    assert event.source is not None and event.record is not None
    assert event.source.length == event.record.length
    assert event.source.stop == 1041243  # 12:03:05:02, one frame on
    assert not [loss for loss in cut.losses if loss.turnover == BLOCKS]


def test_events_are_written_without_overlaps(shared: Path) -> None:
    (folder,) = (shared / "cases/timelines").glob("45-*")
    cut = probe_cut(folder / "in.otio")
    text = next(iter(write_tracks(cut, ()).values())).data.decode()
    rows = [line.split() for line in text.splitlines() if line[:1].isdigit()]
    assert [(row[1], row[3], row[-4:]) for row in rows] == [
        ("a", "C", ["00:00:04:04", "00:00:04:04", "01:00:00:00", "01:00:00:00"]),
        ("b", "D", ["00:00:11:12", "00:00:14:12", "01:00:00:00", "01:00:03:00"]),
    ]
    assert rows[1][4] == "048"
    again = read_cmx(text, rate=FILM)
    assert not [loss for loss in again.losses if "overlaps" in loss.what]
    assert [_pictures(cut, run) for run in resolve(cut)] == [
        _pictures(again, run) for run in resolve(again)
    ]


def _pictures(cut: ProbedCut, run: Run) -> list[object]:
    """Record frames, and name and first and last source edge of each picture."""
    shown = [(cut.events[s.event].name, s.map.keyframes) for s in run.shown if s.map]
    return [run.record, *shown]


def test_a_dissolve_of_an_odd_length_is_written_as_it_is(shared: Path) -> None:
    (folder,) = (shared / "cases/timelines").glob("71-*")
    cut = probe_cut(folder / "in.otio")
    text = next(iter(write_tracks(cut, ()).values())).data.decode()
    assert "D    013" in text
    (made,) = (e for e in read_cmx(text, rate=FILM).events if e.kind == "dissolve")
    assert made.record is not None
    assert (made.record.start, made.transition) == (86418, 13)


def test_the_source_out_of_a_retimed_clip_is_kept(shared: Path) -> None:
    (folder,) = (shared / "cases/timelines").glob("03-*")
    cut = probe_cut(folder / "in.edl", FILM)
    text = next(iter(write_tracks(cut, ()).values())).data.decode()
    assert "00:20:01:04 00:20:05:17 02:10:20:01 02:10:24:05" in text
    assert read_cmx(text, rate=FILM).events[0].source == cut.events[0].source


def test_a_drop_frame_list_over_midnight_counts_a_shorter_day() -> None:
    text = listing(
        event_row(1, "A", ("00:00:00;00", "00:00:01;00"), ("23:59:59;00", "00:00:00;00")),
        event_row(2, "A", ("00:00:00;00", "00:00:01;00"), ("00:00:00;00", "00:00:01;00")),
        mode="DROP FRAME",
    )
    (timeline,) = read_cmx(text, rate=NTSC).timelines
    assert timeline.length == 60


@pytest.mark.parametrize(
    ("printed", "rate", "speed"),
    [
        ("-029.9", NTSC, -1), ("029.97", NTSC, 1), ("030.0", NTSC, 1), ("023.9", FILM_NTSC, 1),
        ("23.97", FILM_NTSC, 1), ("23.98", FILM_NTSC, 1), ("024.0", FILM_NTSC, 1),
        ("-023.976", FILM_NTSC, -1), ("023", FILM_NTSC, Fraction(23, 24)),
        ("029.9", Fraction(30), Fraction(299, 300)), ("012.0", FILM_NTSC, Fraction(1, 2)),
    ],
)  # fmt: skip
def test_normal_speed_is_known_however_its_rate_is_rounded(
    printed: str, rate: Fraction, speed: Fraction
) -> None:
    assert stated_speed(printed, rate) == speed


def test_a_freeze_frame_with_equal_ends_shows_its_frame() -> None:
    text = listing(
        event_row(1, "A", (code(240), code(240)), (code(0), code(48))),
        f"M2   A       000.0                {code(240)}",
    )
    (event,) = read_cmx(text, rate=FILM).events
    assert event.source is not None and (event.source.start, event.source.stop) == (240, 241)
    assert event.speed == 0 and not read_cmx(text, rate=FILM).losses
