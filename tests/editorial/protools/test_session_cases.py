"""Pro Tools text: minutes and seconds, rulers, names with tabs and new lines, empty sessions,
sessions over midnight, and the census of what is not listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.protools.session import read_protools
from tests.editorial.cases_making import Case, all_said, assert_said, row_of

CASE = Case("32", None, (("Hello there", (86592, 88224), None, 1),
                         ("And so on", (103800, 103896), None, 1)),
            ("printed to a whole second",), "in.txt")  # fmt: skip
HEADING = (
    "SESSION NAME:\tR1\nSAMPLE RATE:\t48000.000000\nSESSION START TIMECODE:\t{start}\n"
    "TIMECODE FORMAT:\t24 Frame\n"
)
COLUMNS = "CHANNEL \tEVENT   \tCLIP NAME   \tSTART TIME    \tEND TIME      \tDURATION      \tSTATE"
CLIP = "1       \t1       \tHello       \t  01:00:00:00\t  01:00:02:00\t  00:00:02:00\tUnmuted"


def session(*rows: str, start: str = "01:00:00:00", top: str = "") -> ProbedCut:
    body = "\n".join(["T R A C K  L I S T I N G", "TRACK NAME:\tANNA", *rows])
    return read_protools(f"{HEADING.format(start=start)}{top}\n\n{body}\n")


def test_whole_seconds_are_counted_from_the_session_start(shared: Path) -> None:
    cut = CASE.probed(shared)
    assert tuple(row_of(event) for event in cut.events) == CASE.rows
    assert_said(cut, CASE.said)


FOLDER = "timelines/protools/SessionText_"
#: file, markers, (timecode, name, track, comment) of some
MARKERS = [
    ("MarkerRulersAndTrackMarkers_PT2023.12.txt", 7,
     [("01:00:01:00", "Marker 2", "Markers 2", "Some comments"),
      ("01:00:05:00", "Marker 6", "Audio 1", "More comments")]),
    ("ExtendedChars_UTF8Format_PT2023.3.txt", 4,
     [("01:00:00:00", "Test Ellipsis…", "", ""),
      ("01:03:00:00", "Right Side Quote’s Not An Apostrophe", "", "")]),
    ("ExtendedChars_TextEditFormat_PT2023.3.txt", 4,
     [("01:00:00:00", "Test Ellipsis…", "", ""), ("01:01:00:00", "Test Em Dash —", "", "")]),
    ("NewLinesAndTabs_DefaultExportOptions_PT2023.6.txt", 12,
     [("01:00:00:00", "Marker Name With New Line", "", ""),
      ("01:00:02:00", "Marker Name Again With New Line Again", "",
       "Comment Here Again With New Line Again"),
      ("01:00:06:00", "Marker Name With Tab", "", "Comments Here With Tab"),
      ("01:00:10:00", "Marker Name With Tab And Newline", "", "")]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "count", "some"), MARKERS, ids=lambda x: str(x)[:20])
def test_markers_of_new_exports_are_read(
    shared: Path, name: str, count: int, some: list[tuple[str, str, str, str]]
) -> None:
    cut = probe_cut(shared / f"{FOLDER}{name}")
    assert len(cut.markers) == count
    found = [(m.record.text[0], m.name, m.track, m.comment) for m in cut.markers if m.record]
    assert [one for one in some if one not in found] == []
    assert "the session lists no clips" in all_said(cut)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EmptySession_23-976fps_DefaultExportOptions_PT2020.3.txt", "no clips and no markers"),
        ("Plugins_23-976fps_DefaultExportOptions_PT2020.3.txt", "Audio 1 (Stereo), Audio 2"),
        ("UnrecognizedSection_23-976fps_DefaultExportOptions_PT2020.3.txt",
         "the section 'UNRECOGNIZED SECTION' is not known"),
    ],
)  # fmt: skip
def test_a_session_without_clips_says_what_is_missing(shared: Path, name: str, words: str) -> None:
    assert words in all_said(probe_cut(shared / f"{FOLDER}{name}"))


#: rows, further headings, the words that tell of what is not listed
UNKNOWN = [
    ([f"{COLUMNS}\tGAIN", f"{CLIP}\t-3 dB"], "", "columns of clips: are not listed: GAIN"),
    ([COLUMNS, f"{CLIP}\tmore"], "", "cells after the last column are not listed: more"),
    (["USER DELAY:\t96 Samples", COLUMNS, CLIP], "", "its delay of 96 Samples is not applied"),
    (["PLUG-INS: \tEQ3", COLUMNS, CLIP], "", "plug-ins 'EQ3' are not listed"),
    (["FADER:\t-6", COLUMNS, CLIP], "", "is no row of clips"),
    ([COLUMNS, CLIP, "", "V I D E O  L I S T I N G", "a.mov"], "", "'VIDEO LISTING' is not known"),
    ([COLUMNS, CLIP], "REFERENCE PITCH:\t440\n", "the heading 'REFERENCE PITCH' is not read: 440"),
    ([COLUMNS, CLIP, "TRACK NAME:\tBEN", COLUMNS], "", "tracks without clips are not listed: BEN"),
    ([COLUMNS, CLIP.replace("00:00:02:00", "00:00:05:00")], "", "not its end minus its start"),
    ([COLUMNS, CLIP, "M A R K E R S  L I S T I N G", "loose"], "", "'loose' is no marker"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "top", "words"), UNKNOWN, ids=lambda x: str(x)[-24:])
def test_what_is_not_listed_is_reported(rows: list[str], top: str, words: str) -> None:
    cut = session(*rows, top=top)
    assert words in all_said(cut)
    assert len(cut.events) == 1
    assert not session(COLUMNS, CLIP).losses


def test_a_session_over_midnight_is_one_count_of_frames() -> None:
    over = CLIP.replace("01:00:00:00", "23:59:59:00").replace("01:00:02:00", "00:00:01:00")
    rows = [COLUMNS, over, CLIP.replace("01:00:0", "00:00:1")]
    cut = session(*rows, start="23:59:50:00")
    assert [row_of(event)[1] for event in cut.events] == [
        (2073576, 2073624), (2073600 + 240, 2073600 + 288),
    ]  # fmt: skip


def test_a_bad_time_costs_its_clip_only() -> None:
    cut = session(COLUMNS, CLIP.replace("01:00:00:00", "01:00:00:77"), CLIP)
    assert [row_of(event)[1] for event in cut.events] == [(None, None), (86400, 86448)]
    assert_said(cut, ["01:00:00:77 is not a timecode"])
