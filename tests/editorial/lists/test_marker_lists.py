"""Lists of markers alone: Avid, Nucoda, frame.io, Cubase; each file of ../shared/timelines."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.editorial.lists.marker_lists import read_markers
from dubsync.editorial.probe import probe_cut
from tests.editorial.cases_making import all_said
from tests.editorial.editorial_making import FILM, FILM_NTSC

#: file, markers, one of them: (timecode, frames, name, comment, colour, track)
LISTS = [
    ("GT3001 MASTER LOCK 11242020 Markers List.txt", 42,
     ("01:07:43:10", 1, "VFX - GT3001_SC47_Evan_CanWeTalk_V2.mov", "Isabel Yanes GT",
      "green", "V1")),
    ("GT3001 MASTER LOCK VFX 111720.txt", 91,
     ("01:43:25:16", 1, "VFX - MALIKA VIDEO TO BE COMP'D INTO PHONE\n01:00:40:03\nIMG_0168",
      "Isabel Yanes GT", "green", "V1")),
    ("GT_3002_Markers.txt", 92,
     ("01:00:14:19", 1, "Replace this with the comped shot from 3001", "Shane.2", "red", "V9")),
    ("GT4006_VFXMarkers_022822_Markers.txt", 236,
     ("00:00:01:00", 1, "Recap", "Katie_M", "green", "V1")),
    ("TOA_Reel_01_MARKERS.txt", 13,
     ("01:00:05:14", 1, "GDT - New retake needed", "gthorburn", "red", "V9")),
    ("GT4005 VFX MARKERS.txt", 138, None),
    ("avidTestList.txt", 42, None),
    ("sample_data_GT3001 MASTER LOCK VFX 111720.txt", 91, None),
    ("gt3002fromNucoda.csv", 98,
     ("01:34:06:10", 1, "missed retime or something that Dylan will need to re-deliver",
      "Composition, 11/12/2020 13:57:46.828", "3", "")),
    ("TOA_s007-013_ONLINE_111020_problemshotsList.csv", 17, None),
    ("gods_105_20210307_v25_IPP2_ah_checkfile.csv", 50,
     ("00:00:25:10", 1, "new hawk jet?", "Erick Geisler", "", "")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "count", "one"), LISTS, ids=lambda x: str(x)[:24])
def test_every_marker_of_a_production_is_read(
    shared: Path, name: str, count: int, one: tuple[object, ...] | None
) -> None:
    cut = probe_cut(shared / "timelines/edl_tools" / name, FILM)
    found = [
        (m.record.text[0], m.record.length, m.name, m.comment, m.colour, m.track)
        for m in cut.markers if m.record
    ]  # fmt: skip
    assert len(found) == count and not cut.events
    assert one is None or one in found
    assert all(length is not None for _, length, *_ in found)


def test_without_a_rate_timecode_is_listed_without_frames(shared: Path) -> None:
    cut = probe_cut(shared / "timelines/edl_tools/avidTestList.txt")
    assert cut.rate is None
    assert all(m.record and m.record.start is None for m in cut.markers)
    assert "states no frame rate" in all_said(cut)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\t01:00:00:00\tV1\tred\tx\t1\tmore\n", "cells after the length"),
        (
            "Timeline Bookmarks\nDate, Time\nodd line here\n1, 2, 3, x, 0, C, 01:00:00:00",
            "odd line",
        ),
        (
            "Comment,Timecode,Commenter,Mood\nhi,01:00:00:00,me,good\n",
            "columns: are not listed: Mood",
        ),
        ("Comment,Timecode,Commenter\nhi,later,me\nho,01:00:00:00,me\n", "'later' is no timecode"),
        ("a\t01:00:00:77\tV1\tred\tx\t1\n", "01:00:00:77 is not a timecode"),
    ],
)
def test_what_is_not_listed_is_reported(text: str, words: str) -> None:
    cut = read_markers(text, rate=FILM)
    assert words in all_said(cut) and len(cut.markers) == 1


def test_a_length_is_in_frames_and_a_comment_may_have_lines() -> None:
    cut = read_markers(
        "me\t01:00:00:00\tV1\tred\tone\ntwo\t24\nme\t01:00:01:00\tA2\tblue\tx\n", rate=FILM
    )
    assert [(m.name, m.record.length) for m in cut.markers if m.record] == [
        ("one\ntwo", 24),
        ("x", 1),
    ]


#: file, rate, (timecode, name, track) of some markers
CUBASE = [
    ("BasicMarkers.xml", FILM_NTSC, 3,
     [("01:00:00:00", "Marker at One Hour", "TC Markers")]),
    ("RoundingTest.xml", Fraction(30), 8,
     [("01:00:02:00", "Exact", "TC Markers"),
      ("01:00:01:29", "Exactly 1 frame before", "TC Markers")]),
    ("MusicalAndLinearTest.xml", Fraction(30), 20, [("01:00:02:00", "1", "TC Markers")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "rate", "count", "some"), CUBASE, ids=lambda x: str(x)[:16])
def test_marker_tracks_of_cubase_are_read(
    shared: Path, name: str, rate: Fraction, count: int, some: list[tuple[str, str, str]]
) -> None:
    cut = probe_cut(shared / "timelines/cubase" / name)
    assert (cut.rate, len(cut.markers)) == (rate, count)
    found = [(m.record.text[0], m.name, m.track) for m in cut.markers if m.record]
    assert [one for one in some if one not in found] == []


def test_a_musical_marker_is_where_the_linear_one_is(shared: Path) -> None:
    cut = probe_cut(shared / "timelines/cubase/RoundingTest.xml")
    musical, linear = (
        {
            m.name: m.record.start
            for m in cut.markers
            if m.record and (m.track == "TC Markers") is tc
        }
        for tc in (False, True)
    )
    assert musical["Exact"] == linear["Exact"] == 108060
    assert musical["Exactly 1 frame before"] == linear["Exactly 1 frame before"] == 108059


def test_an_archive_without_markers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tracks.xml"
    path.write_text(
        '<tracklist2><list name="track"><obj class="MAudioTrackEvent"/></list></tracklist2>'
    )
    with pytest.raises(TurnoverError, match="no marker track"):
        probe_cut(path)


def test_a_cubase_marker_whose_start_is_no_number_is_said(shared: Path, tmp_path: Path) -> None:
    text = (shared / "timelines/cubase/BasicMarkers.xml").read_text()
    path = tmp_path / "m.xml"
    path.write_text(text.replace('name="Start" value="1920"', 'name="Start" value="nan"', 1))
    assert "its start is 'nan', not a number" in all_said(probe_cut(path))


def test_without_a_rate_a_length_is_said_to_be_lost() -> None:
    row = "ann\t01:00:05:10\tV1\tred\tpick up\t{}\n"
    (said,) = (x.what for x in read_markers(row.format(24)).losses if "length" in x.what)
    assert said == "the length of the marker, 24 frames, is not listed"
    assert "'123456789'" in all_said(read_markers(row.format(123456789), rate=FILM))
