"""The lists of ../shared/cases/timelines, each with the values that its expected.txt states."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.timeline.losses import BLOCKS, WARNS
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from tests.editorial.cases_making import Case, assert_said, row_of
from tests.editorial.editorial_making import FILM, NTSC, PAL

HOUR = 86400
CASES = [
    Case("01", FILM, (("A001_C001", (864000, 864048), (HOUR, HOUR + 48), 1),
                      ("A002_C001", (864048, 864072), (172800, 172824), 1))),
    Case("02", FILM, (("PLATE_A", (HOUR, HOUR + 79), (0, 119), Fraction(3, 2)),
                      ("PLATE_B", (HOUR + 79, HOUR + 127), (240, 288), 1)), ("M2 states 036.0",)),
    Case("03", FILM, (("C207RPQX", (187681, 187781), (28828, 28937), Fraction(11, 10)),)),
    Case("04", PAL, (("117A", (90353, 90545), (278750, 278942), 1),
                     ("117B", (90545, 90610), (293334, 293399), 1),
                     ("200", (90610, 90660), (360000, 360050), 1))),
    Case("05", FILM, (("sh_010_v003", (HOUR, HOUR + 48), (HOUR, HOUR + 48), 1),
                      ("sh_020_v001", (HOUR + 48, HOUR + 72), (172920, 172944), 1))),
    Case("14", FILM, (("22A-1-D", (86564, 86614), (739476, 739526), 1),
                      ("30B-2-E", (86614, 86639), (1193698, 1193732), Fraction(317, 240))),
         ("M2 states 031.7",)),
    Case("16", FILM, (("ep.mp4", (0, 15742), (0, 15742), 1),) * 2),
    Case("17", FILM, ()),
    Case("18", FILM, (("START", (0, 1920), (0, 1920), 1), ("", (1920, 4200), (1920, 4200), 1),
                      ("", (4200, 7320), (4200, 7320), 1)),
         ("event 002 names no reel", "event 003 names no reel")),
    Case("29", Fraction(60000, 1001), (("AX", (216000, 216090), (645, 735), 1),
                                       ("AX", (216090, 216092), (1259, 1261), 1))),
    Case("30", PAL, (("TEST_20S.MOV", (90000, 90500), (90000, 90500), -1),),
         ("01:00:19:24 plays first and 01:00:00:00 last",)),
    Case("35", FILM, (("SEQ_0010_layout_v09.mov", (0, 55), (1009, 1064), 1),
                      ("SEQ_0020_layout_v04.mov", (55, 87), (1009, 1041), 1)),
         ("frame numbers, not timecode",)),
    Case("37", FILM, (("SEQ_0015_CMP_V0035.MOV", (HOUR, HOUR + 72), (79, 151), 1),)),
    Case("39", FILM, (("AX", (HOUR, HOUR + 48), (0, 48), 1),
                      *(("AX", (HOUR + 48, HOUR + 72), (0, 24), 1),) * 2)),
    Case("51", NTSC, (("T1", (109690, 109694), (1798, 1802), 1),
                      ("T2", (109694, 109698), (17980, 17984), 1))),
    Case("52", NTSC, (("T1", (107892, 107951), (None, None), 1),),
         ("line 3: 00:04:00;01 is a dropped number",)),  # type: ignore[arg-type]
    Case("61", FILM, (("fast.mov", (HOUR, HOUR + 48), (240, 336), 2),
                      ("slow.mov", (HOUR + 48, HOUR + 96), (1440, 1464), Fraction(1, 2)))),
    Case("62", FILM, (("T1", (HOUR, HOUR + 48), (HOUR, HOUR + 48), 1),
                      ("T2", (HOUR + 48, HOUR + 72), (172800, 172824), 1)),
         ("SPLIT:    AUDIO DELAY=  00:00:00:05' of event 001 is not applied",)),
    Case("69", FILM, (("T2", (HOUR + 48, HOUR + 72), (172800, 172824), 1),
                      ("T1", (HOUR, HOUR + 60), (HOUR, HOUR + 60), 1)),
         ("event 002 overlaps event 001 (line 3) by 12 frames",)),
]  # fmt: skip
BY_FOLDER = {case.folder: case for case in CASES}
#: Cases whose list is exact, so that nothing needs to be said.
SILENT = ("01", "03", "04", "05", "16", "17", "29", "37", "39", "51", "61")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_list_has_the_events_of_its_expected_values(shared: Path, case: Case) -> None:
    cut = case.probed(shared)
    assert tuple(row_of(event) for event in cut.events) == case.rows
    assert_said(cut, case.said)
    assert (case.folder in SILENT) == (not cut.losses)


@pytest.mark.parametrize(
    ("folder", "tracks"),
    [("04", ["V1", "V1+A1", "V1"]), ("16", ["V1", "A1+A2"]), ("39", ["V1+A2", "A5+A6", "V2"])],
)
def test_channels_are_tracks(shared: Path, folder: str, tracks: list[str]) -> None:
    assert [event.track for event in BY_FOLDER[folder].probed(shared).events] == tracks


def test_a_reel_of_128_characters_is_whole(shared: Path) -> None:
    reels = [event.reel for event in BY_FOLDER["14"].probed(shared).events]
    assert reels == ["D_0031C004_250101_101112_k9A2Q", "E_0020C009_250102_214837_k9B3R"]


@pytest.mark.parametrize(
    ("folder", "runs"),
    [
        # record frames, and (event, first source frame) of each picture
        ("04", [(90353, 90545, [(0, 278750)]), (90545, 90575, [(0, 278942), (1, 293334)]),
                (90575, 90610, [(1, 293364)]), (90610, 90660, [(2, 360000)])]),
        ("05", [(86400, 86448, [(0, 86400)]), (86448, 86472, [(0, 86448), (1, 172920)])]),
        ("30", [(90000, 90500, [(0, 90500)])]),  # the edge after the frame that plays first
        ("61", [(86400, 86448, [(0, 240)]), (86448, 86460, [(0, 336), (1, 1440)]),
                (86460, 86496, [(1, 1446)])]),
        ("69", [(86400, 86460, [(1, 86400)]), (86460, 86472, [(0, 172812)])]),
    ],
)  # fmt: skip
def test_transitions_retimes_and_overlaps_resolve(shared: Path, folder: str, runs: list) -> None:
    found = [
        (run.record.start, run.record.stop,
         [(shown.event, shown.map.keyframes[0][1]) for shown in run.shown if shown.map])
        for run in resolve(BY_FOLDER[folder].probed(shared))
    ]  # fmt: skip
    assert found == runs


def test_a_marker_list_of_resolve_has_markers_and_no_clips(shared: Path) -> None:
    cut = BY_FOLDER["17"].probed(shared)
    made = [(m.name, m.record.start, m.record.length, m.colour) for m in cut.markers if m.record]
    assert made == [("Marker 1", 86400, 1, "green"), ("Line 12, pick up", 86530, 24, "blue")]


@pytest.mark.parametrize(
    ("remark", "marker"),
    [
        ("|M:Pick up: line 3 | loud |C:ResolveColorRed |D:48",
         ("Pick up: line 3 | loud", 48, "red", "")),
        ("|D:12 |M:a |C:Blue", ("a", 12, "blue", "")),
        ("he says |no| |C:ResolveColorGreen |M:b", ("b", 1, "green", "he says |no|")),
        ("|C:ResolveColorGreen |M: |D:3", ("", 3, "green", "")),
    ],
)  # fmt: skip
def test_a_resolve_marker_has_its_values_in_any_order(remark: str, marker: tuple) -> None:
    at = "01:00:02:00 01:00:02:01"
    text = f"TITLE: M\n\n001  001      V     C        {at} {at}\n {remark}\n"
    cut = read_cmx(text, rate=FILM)
    assert not cut.events
    (one,) = cut.markers
    assert one.record is not None
    assert (one.name, one.record.length, one.colour, one.comment) == marker


def test_without_a_rate_the_length_of_a_marker_is_said_to_be_lost(shared: Path) -> None:
    cut = replace(BY_FOLDER["17"], rate=None).probed(shared)
    assert_said(cut, ("'Line 12, pick up', 24 frames, is not listed",))


def test_what_a_reader_cannot_be_sure_of_is_shown_to_a_person(shared: Path) -> None:
    turnovers = {
        folder: {loss.turnover for loss in BY_FOLDER[folder].probed(shared).losses}
        for folder in ("18", "30", "35", "52")
    }
    assert turnovers == {"18": {WARNS}, "30": {WARNS}, "35": {WARNS}, "52": {BLOCKS}}


def test_without_a_rate_frame_numbers_of_the_source_are_still_printed(shared: Path) -> None:
    cut = replace(BY_FOLDER["35"], rate=None).probed(shared)
    assert [event.source.text for event in cut.events if event.source] == [
        ("1009", "1064"), ("1009", "1041"),
    ]  # fmt: skip


#: Marker lists of real productions: file, events, markers, (timecode, name, comment) of one.
MARKER_LISTS = [
    ("GT3001 MASTER LOCK 11242020 Markers List.edl", 1, 43,
     ("00:58:20:00", "These are bars that can be deleted", "")),
    ("GT3001_MASTER_LOCK_VFX_111720.edl", 0, 91, ("01:41:26:05", "CREDITS", "")),
    ("gt4005_vfxMarkers_01.edl", 0, 43, ("00:00:00:00", "Black", "")),
    ("from.edl", 0, 93,
     ("00:23:56:20", "Erick Geisler", "@Erick Geisler, Apr 22 3:40am\nnew title")),
    ("KMP-4K_and_CTM_File_32_MarkersAtTheEnd.edl", 15, 4,
     ("01:00:25:10", "GTS3_Dylan", "This is a marker")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "events", "markers", "one"), MARKER_LISTS)
def test_a_marker_list_of_a_production_is_read(
    shared: Path, name: str, events: int, markers: int, one: tuple[str, str, str]
) -> None:
    cut = probe_cut(shared / "timelines/edl_tools" / name, FILM)
    assert (len(cut.events), len(cut.markers)) == (events, markers)
    made = [(m.record.text[0], m.name, m.comment) for m in cut.markers if m.record]
    assert one in made
    assert all(marker.record and marker.record.start is not None for marker in cut.markers)
