"""EDLs with corrected clips in place, one per track; and EDLs of the corrected clips only."""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import pycmx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dubsync.core.timeline.losses import LOST
from dubsync.editorial.cmx3600.write import write_cmx, write_corrected_alone, write_tracks
from dubsync.editorial.tracks.verify import differences, only_track
from tests.editorial.delivered_making import (
    FILM,
    HOUR,
    clip,
    corrected,
    cut_of,
    dissolve,
    empty,
    marker,
    read,
)


def test_a_list_names_the_render_in_its_event_and_the_plate_in_a_remark() -> None:
    cut = cut_of(clip("A", 0, 48, 1000), markers=[marker("LOOK", 3), marker("FIRST", 1)])
    rows = write_cmx(cut, corrected(cut, 0)).data.decode("ascii").split("\r\n")
    assert rows == [
        "TITLE: R1",
        "FCM: NON-DROP FRAME",
        "001  A        V     C        00:00:41:16 00:00:43:16 01:00:00:00 01:00:02:00",
        "* FROM CLIP NAME:  SH000_v001.mov",
        "* SOURCE FILE: SH000_v001.mov",
        "* PLATE: A.mov",
        "* LOC: 01:00:00:01 RED     FIRST",
        "* LOC: 01:00:00:03 RED     LOOK",
        "",
    ]


def test_a_dissolve_is_two_lines_and_both_sides_have_their_frames(tmp_path: Path) -> None:
    cut = cut_of(
        clip("A", 0, 48), dissolve(42, 54), clip("B", 48, 100, 2000), clip("C", 100, 110, 9)
    )
    new = corrected(cut, 2)
    written = write_cmx(cut, new)
    assert written.losses.losses == ()
    text = written.data.decode()
    assert "002  A        V     C        00:00:43:10 00:00:43:10 01:00:01:18 01:00:01:18" in text
    assert "002  B        V     D    012 00:01:23:02 00:01:25:12 01:00:01:18 01:00:04:04" in text
    back = read(tmp_path, "r1.edl", written.data, FILM)
    assert differences(cut, new, back) == ()
    edits = [e for x in pycmx.parse_cmx3600(io.StringIO(text)).events for e in x.edits]
    assert len(edits) == 4 and edits[2].transition.operand == "012"


def test_dissolves_between_corrected_clips_are_kept_in_their_own_list(tmp_path: Path) -> None:
    cut = cut_of(
        clip("A", 0, 48), dissolve(42, 54), clip("B", 48, 100, 2000), clip("C", 100, 110, 9)
    )
    both, one = (
        write_corrected_alone(cut, corrected(cut, *which))[""] for which in ((0, 2), (0, 3))
    )
    assert both.losses.losses == ()
    assert "V     D    012 00:01:23:02 00:01:25:12 01:00:01:18 01:00:04:04" in both.data.decode()
    rows = [e.record for e in read(tmp_path, "both.edl", both.data, FILM).events if e.record]
    assert all(
        a.stop <= b.start for a, b in zip(rows, rows[1:], strict=False) if a.stop and b.start
    )
    text = one.data.decode()  # what fades into a plate is whole
    assert "V     D" not in text and "01:00:00:00 01:00:02:06" in text


def test_a_dissolve_is_printed_from_the_clip_before_where_its_list_names_the_incoming_reel_twice(
    tmp_path: Path,
) -> None:
    printed = b"""TITLE: R1
FCM: NON-DROP FRAME
001 A V C 01:00:00:00 01:00:01:00 10:00:00:00 10:00:01:00
002 B V C 01:00:01:00 01:00:01:00 10:00:01:00 10:00:01:00
002 B V D 012 02:00:00:00 02:00:01:00 10:00:01:00 10:00:02:00
"""
    cut = read(tmp_path, "r1.edl", printed, FILM)
    (written,) = write_tracks(cut, corrected(cut, 1)).values()
    back = read(tmp_path, "again.edl", written.data, FILM)
    assert back.events[1].outgoing == "A 01:00:01:00"


def test_each_track_with_a_corrected_clip_has_a_list(tmp_path: Path) -> None:
    cut = cut_of(
        clip("A", 0, 48), clip("B", 10, 20, 2000, track="V2"), clip("C", 0, 48, track="V3"),
        clip("S", 0, 48, track="A1"),
    )  # fmt: skip
    new = corrected(cut, 0, 1)
    lists = write_tracks(cut, new)
    assert list(lists) == ["V1", "V2"]
    for track, written in lists.items():
        back = read(tmp_path, f"{track}.edl", written.data, FILM)
        mine = [c for c in new if cut.events[c.event].track == track]
        assert differences(only_track(cut, track), mine, back) == ()
        assert [loss.kind for loss in written.losses] == [LOST]
    alone = write_corrected_alone(cut, new)  # one over the other: no list of both could be read
    assert list(alone) == ["V1", "V2"]
    for track, written in alone.items():
        (event,) = read(tmp_path, f"{track}_alone.edl", written.data, FILM).events
        assert event.name.startswith("SH") and not written.losses.losses


def test_overlapping_clips_of_one_track_have_separate_lists(
    tmp_path: Path,
) -> None:
    cut = cut_of(clip("A", 0, 48), clip("B", 60, 80, 2000), clip("C", 10, 20, 3000))
    lists = write_tracks(cut, ())
    assert list(lists) == ["V1", "V1 over 1"]
    for (track, written), names in zip(lists.items(), (["A", "B"], ["C"]), strict=True):
        shows = only_track(cut, track)
        assert [event.name for event in shows.events if event.enabled] == names
        back = read(tmp_path, f"{names[0]}.edl", written.data, FILM)
        assert [event.name for event in back.events] == names
        assert differences(shows, (), back) == ()


def test_corrected_clips_that_do_not_overlap_are_one_list(tmp_path: Path) -> None:
    cut = cut_of(clip("A", 0, 48), clip("B", 60, 80, 2000, track="V2"), clip("C", 80, 90))
    (written,) = write_corrected_alone(cut, corrected(cut, 0, 1, 2)).values()
    back = read(tmp_path, "alone.edl", written.data, FILM)
    assert [int(e.record.start or 0) - HOUR for e in back.events if e.record] == [0, 60, 80]


def test_clips_of_a_nest_are_printed_in_its_place() -> None:
    cut = cut_of(
        empty("nest", 0, 48, kind="compound"),
        clip("one", 0, 20, 3000, track="V1/V1"),
        clip("two", 20, 48, 4000, track="V1/V1"),
    )
    text = write_cmx(cut, corrected(cut, 2)).data.decode()
    assert "CLIP NAME:  one" in text and "SH002_v001.mov" in text and "nest" not in text


def test_drop_frame_is_stated_for_record_and_marked() -> None:
    rate = Fraction(30000, 1001)
    cut = cut_of(clip("A", 0, 30, rate=rate), rate=rate, drop=True)
    text = write_cmx(cut, corrected(cut, 0)).data.decode()
    assert "FCM: DROP FRAME" in text and ";" in text


pieces = st.tuples(
    st.integers(1, 60),
    st.integers(0, 20),
    st.sampled_from([1, 1, Fraction(1, 2), 2, Fraction(4, 5), -1, 0]),
    st.integers(0, 90_000),
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces, min_size=1, max_size=8), st.data())
def test_any_cut_shows_the_same_frames_when_read_back(
    tmp_path: Path, rows: list[tuple[int, int, Fraction | int, int]], data: st.DataObject
) -> None:
    events, at = [], 0
    for n, (length, hole, speed, source) in enumerate(rows):
        at += hole
        events.append(clip(f"c{n}", at, at + length, source + 500, speed=speed))
        at += length
    cut = cut_of(*events)
    chosen = data.draw(st.sets(st.sampled_from(range(len(events))), min_size=1))
    new = corrected(cut, *sorted(chosen))
    written = write_cmx(cut, new)
    assert not written.losses.of_kind(LOST)
    assert differences(cut, new, read(tmp_path, "r1.edl", written.data, FILM)) == ()
