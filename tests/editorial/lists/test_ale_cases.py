"""ALE: headings on one line, clips over midnight, and the census of what is not listed."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.lists.ale_read import read_ale
from tests.editorial.cases_making import Case, all_said, assert_said, row_of
from tests.editorial.editorial_making import FILM_NTSC

CASE = Case("47", None, (("1A-1", None, (345600, 346720), 1),), (), "in.ale")


def log(*rows: str, heading: str = "FIELD_DELIM\tTABS\nFPS\t24", columns: str = "") -> ProbedCut:
    columns = columns or "Name\tTracks\tStart\tEnd\tDuration"
    return read_ale("\n".join(["Heading", heading, "", "Column", columns, "", "Data", *rows]))


def test_headings_on_one_line_are_read(shared: Path) -> None:
    cut = CASE.probed(shared)
    assert tuple(row_of(event) for event in cut.events) == CASE.rows
    assert cut.rate == FILM_NTSC


@pytest.mark.parametrize(
    "heading",
    [
        "FIELD_DELIM\tTABS\tFPS\t25",
        "FPS\t25\tVIDEO_FORMAT\t1080\tTAPE\tA 1",
        "VIDEO_FORMAT\t1080\tFPS\t25",
        "FIELD_DELIM\tTABS\nFPS\t25",
    ],
)
def test_the_rate_is_found_wherever_it_stands(heading: str) -> None:
    assert log("a\tV\t01:00:00:00\t01:00:01:00\t", heading=heading).rate == Fraction(25)


#: heading, columns, row, the words that tell of what is not listed
UNKNOWN = [
    ("FPS\t24\nTAPE_SPEED\t2", "", "a\tV\t01:00:00:00\t01:00:01:00\t", "TAPE_SPEED 2"),
    ("FPS\t24\nFIELD_DELIM\tCOMMAS", "", "a\tV\t01:00:00:00\t01:00:01:00\t", "COMMAS"),
    ("FPS\t24", "", "a\tV\t01:00:00:00\t01:00:01:00\t\textra", "extra"),
    ("FPS\t24", "", "a\tD1\t01:00:00:00\t01:00:01:00\t", "track 'D1'"),
    ("FPS\t24", "Name\tTracks\tStart\tEnd\tDuration\n\nand more", "a\tV\t\t\t", "'and more'"),
    ("FPS\t24", "", "a\tV\t01:00:00:00\t01:00:01:00\t00:00:02:00", "is not End minus Start"),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "columns", "row", "words"), UNKNOWN)
def test_what_is_not_listed_is_reported(heading: str, columns: str, row: str, words: str) -> None:
    assert words in all_said(log(row, heading=heading, columns=columns))
    assert words not in all_said(log("a\tV\t01:00:00:00\t01:00:01:00\t"))


def test_a_column_that_is_repeated_keeps_both_cells() -> None:
    cut = log(
        "a\tV\t01:00:00:00\t01:00:01:00\tx\ty", columns="Name\tTracks\tStart\tEnd\tNote\tNote"
    )
    assert cut.events[0].remarks == ("Note: x", "Note (2): y")


def test_tables_one_after_the_other_have_columns_of_their_own() -> None:
    cut = log("a\tV\t01:00:00:00\t01:00:01:00\t", "Column", "Start\tEnd\tName", "Data",
              "02:00:00:00\t02:00:01:00\tb")  # fmt: skip
    assert [row_of(event)[::2] for event in cut.events] == [
        ("a", (86400, 86424)), ("b", (172800, 172824)),
    ]  # fmt: skip


@pytest.mark.parametrize("duration", ["", "00:00:02:00"])
def test_a_clip_over_midnight_is_one_range(duration: str) -> None:
    cut = log(f"a\tV\t23:59:59:00\t00:00:01:00\t{duration}")
    assert row_of(cut.events[0])[2] == (2073576, 2073624)
    assert not cut.losses


def test_a_bad_row_costs_the_row() -> None:
    cut = log("a\tV\t01:00:00:99\t01:00:01:00\t", "b\tV\t01:00:00:00\t01:00:01:00\t")
    assert [event.source.start for event in cut.events if event.source] == [None, 86400]
    assert_said(cut, ["01:00:00:99 is not a timecode"])


def test_a_heading_that_begins_on_its_own_line_is_read() -> None:
    table = "Column\nName\tStart\tEnd\n\nData\na\t01:00:00:00\t01:00:01:00\n"
    cut = read_ale(f"Heading\tFIELD_DELIM\tTABS\tFPS\t25\n\n{table}")
    assert cut.timelines[0].rate == 25 and not cut.losses


def test_without_a_rate_a_time_that_is_no_timecode_is_said() -> None:
    text = "Heading\nFIELD_DELIM\tTABS\n\nColumn\nName\tStart\tEnd\n\nData\na\t01:00:00:00\tbad\n"
    assert_said(read_ale(text), ["'bad' is not a timecode"])


def test_tracks_are_listed_one_by_one() -> None:
    for text, tracks in [("VA1A2", "V1+A1+A2"), ("V1/A1-2", "V1+A1+A2"), ("A3", "A3"), ("", "V1")]:
        assert log(f"a\t{text}\t01:00:00:00\t01:00:01:00\t").events[0].track == tracks
