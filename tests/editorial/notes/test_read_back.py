"""Moved, added, unknown and missing markers of a file that came back."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

from dubsync.core.errors import TurnoverError
from dubsync.core.note import Note
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, probed_range
from dubsync.editorial.lists.note_list import COLUMNS, write_note_list
from dubsync.editorial.notes.as_markers import note_markers, placed_notes
from dubsync.editorial.notes.list_lines import list_lines
from dubsync.editorial.notes.read_back import read_notes
from dubsync.editorial.notes.record_frames import record_of
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.read_cut import read_cut
from tests.editorial.editorial_making import FILM, HOUR, everything_linked
from tests.editorial.notes.notes_making import CUTS, LENGTH, Reel, delivered, reel_in


@pytest.fixture
def reel(tmp_path: Path) -> Reel:
    return reel_in(tmp_path, "edl")


def note_on(reel: Reel, shot: int, frame: int, text: str = "lips should close") -> Note:
    one = reel.turnover.shots[shot]
    return Note("N0001", one.name, one.source.start + frame, text, "ELISE")


def with_markers(file: ProbedCut, *markers: ProbedMarker) -> ProbedCut:
    return replace(file, markers=markers)


def marked(name: str, record: int, comment: str = "", track: str = "") -> ProbedMarker:
    at = probed_range(Fraction(record), Fraction(record + 1), FILM)
    return ProbedMarker(name, record=at, comment=comment, track=track, where="line 9")


@pytest.mark.parametrize(
    ("shot", "frame", "record"),
    [(0, 10, 10), (1, 10, LENGTH + 10), (2, 20, 2 * LENGTH + 10), (2, 21, 2 * LENGTH + 10),
     (3, 5, 3 * LENGTH + 10), (4, 0, 4 * LENGTH), (5, 47, 6 * LENGTH - 1),
     (0, -5, 0), (0, 50, LENGTH - 1)],
)  # fmt: skip
def test_a_marker_stands_where_the_cut_shows_the_plate_s_frame(
    reel: Reel, shot: int, frame: int, record: int
) -> None:
    """At once, twice and half the speed; backwards, by record frames; in a handle, at the edge."""
    one = reel.turnover.shots[shot]
    assert record_of(one, one.source.start + frame) == HOUR + record


def test_a_note_in_a_handle_or_of_a_shot_that_is_gone_is_said(reel: Reel) -> None:
    shots = reel.turnover.shots
    handle, gone = note_on(reel, 0, -3), replace(note_on(reel, 0, 3), shot="SH999")
    placed, losses = placed_notes([handle, gone], shots)
    assert [one.note for one in placed] == [handle]
    assert ["nearest frame" in loss.what or "SH999" in loss.what for loss in losses] == [True, True]


def test_a_marker_moved_within_its_shot_moves_the_note(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 2, 20)
    file = delivered(tmp_path, reel, "edl", [note])
    (marker,) = file.markers
    moved = read_notes(with_markers(file, marked(marker.name, HOUR + 2 * LENGTH + 12)), [note],
                       reel.turnover)  # fmt: skip
    assert [one.frame - note.frame for one in moved.moved] == [4]  # at twice the speed
    outside = read_notes(with_markers(file, marked(marker.name, HOUR + 2)), [note], reel.turnover)
    assert outside.moved == () and "outside" in outside.unknown[0].why


def test_nothing_is_moved_or_added_where_the_cut_has_changed(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 2, 20)
    file = delivered(tmp_path, reel, "edl", [note])
    (marker,) = file.markers
    at = HOUR + 2 * LENGTH
    kept = tuple(e for e in file.events if e.record is None or e.record.start != at)
    changed = with_markers(replace(file, events=kept), marked(f"{marker.name} FIX", at + 12),
                           marked("chin is wrong", at + 3))  # fmt: skip
    read = read_notes(changed, [note], reel.turnover)
    assert [one.answer for one in read.answered] == ["fix"] and read.moved == read.added == ()
    assert all("dubsync recut" in one.why for one in read.unknown) and len(read.unknown) == 2


def test_a_marker_set_by_hand_becomes_a_note(reel: Reel, tmp_path: Path) -> None:
    file = with_markers(
        delivered(tmp_path, reel, "edl", [note_on(reel, 0, 1)]),
        marked("chin is wrong", HOUR + 3 * LENGTH + 10, "see take 2"),
        marked("", HOUR + 4), marked("title", HOUR + 90 * LENGTH),
    )  # fmt: skip
    read = read_notes(file, [], reel.turnover)
    shot = reel.turnover.shots[3]
    new = Note("", shot.name, shot.source.start + 5, "chin is wrong\nsee take 2", "editor")
    assert read.added == (new,)
    assert [one.why for one in read.unknown] == ["it has no words", "it is on no dubbed shot"]
    again = read_notes(file, [replace(new, name="N0002")], reel.turnover)
    assert again.added == () and again.missing == ()


def test_a_marker_that_the_cut_had_at_turnover_is_no_note(tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    folder.mkdir()
    reel = reel_in(folder, "edl")
    path = folder / "cut.edl"
    path.write_text(path.read_text() + "* LOC: 01:00:10:05 RED     ADR HERE\n")
    cut = read_cut(path, rate=FILM)
    reel = Reel(cut, everything_linked(cut))
    file = delivered(tmp_path, reel, "fcpxml", [note_on(reel, 0, 1)])
    assert len(file.markers) == 2
    read = read_notes(file, [note_on(reel, 0, 1)], reel.turnover)
    assert (read.added, read.answered, read.unknown) == ((), (), ())


def test_markers_of_no_note_are_kept_and_said(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 0, 10)
    file = delivered(tmp_path, reel, "edl", [note])
    (marker,) = file.markers
    other = replace(marker, name=marker.name.replace("N0001", "N0044"))
    read = read_notes(with_markers(file, marker, other, replace(marker, name=f"{marker.name} FIX")),
                      [note], reel.turnover)  # fmt: skip
    assert ["no note N0044" in read.unknown[0].why, "another marker" in read.unknown[1].why] == [
        True, True,
    ]  # fmt: skip
    assert read.unknown[0].name == other.name and read.unknown[0].at == "01:00:00:10"


def test_a_file_of_another_rate_or_without_markers_is_refused(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 0, 10)
    file = delivered(tmp_path, reel, "otio", [note])
    with pytest.raises(TurnoverError, match="no markers"):
        read_notes(with_markers(file), [note], reel.turnover)
    pal = replace(file.markers[0], record=probed_range(Fraction(1), Fraction(2), Fraction(25)))
    with pytest.raises(TurnoverError, match="25 fps, and the reel at 24"):
        read_notes(with_markers(file, pal), [note], reel.turnover)


@pytest.mark.parametrize("own", CUTS)
def test_a_cut_that_was_delivered_before_gets_each_marker_once(own: str, tmp_path: Path) -> None:
    """The delivered cut becomes the cut of the next turnover; answered notes replace open ones."""
    reel = reel_in(tmp_path, "edl")
    notes = [note_on(reel, 0, 10), replace(note_on(reel, 3, 2), name="N0002")]
    (tmp_path / "first").mkdir()
    first = delivered(tmp_path / "first", reel, own, notes)
    cut = read_cut(Path(first.path), rate=FILM)
    (tmp_path / "second").mkdir()
    if own == "edl":  # shots are found by their name in the list
        reel = Reel(cut, everything_linked(cut))
        notes = [
            replace(n, shot=reel.turnover.shots[k].name) for n, k in zip(notes, (0, 3), strict=True)
        ]
    answered = [replace(note, answer="fix", reply="in v3") for note in notes]
    again = delivered(tmp_path / "second", Reel(cut, reel.turnover), own, answered)
    assert len([m for m in again.markers if m.name.startswith("N0")]) == len(notes)
    assert {n.answer for n in read_notes(again, notes, reel.turnover).answered} == {"fix"}


def test_an_edl_whose_remarks_a_host_dropped_still_brings_the_answer(
    reel: Reel, tmp_path: Path
) -> None:
    note = note_on(reel, 0, 10, "名前 " + "long text " * 40)
    delivered(tmp_path, reel, "edl", [note])
    path = tmp_path / "delivered.edl"
    assert max(map(len, path.read_text().splitlines())) <= 250
    lines = [line for line in path.read_text().splitlines() if "DUBSYNC" not in line]
    lines = [f"{line} BEST POSSIBLE: blurred" if "LOC:" in line else line for line in lines]
    path.write_text("\n".join(lines) + "\n")
    read = read_notes(probe_cut(path, FILM), [note], reel.turnover)
    assert [(n.answer, n.reply) for n in read.answered] == [("best possible", "blurred")]
    assert read.unknown == ()


def test_an_answer_typed_after_a_locator_with_remarks_is_read(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 0, 10, "où\nest-elle ?")
    delivered(tmp_path, reel, "edl", [note])
    path = tmp_path / "delivered.edl"
    path.write_text("\n".join(
        f"{line} FIX" if "LOC:" in line else line for line in path.read_text().splitlines()
    ))  # fmt: skip
    read = read_notes(probe_cut(path, FILM), [note], reel.turnover)
    assert [n.answer for n in read.answered] == ["fix"] and read.unknown == ()


def test_a_spreadsheet_runs_no_formula_and_its_answers_come_back(
    reel: Reel, tmp_path: Path
) -> None:
    note = note_on(reel, 1, 10, "=cmd|' /C calc'!A0")
    placed, _ = placed_notes([note], reel.turnover.shots)
    text = write_note_list(placed, reel.turnover.shots, reel.probed.timelines[0])
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    assert row["text"] == "'" + note.text and row["timecode"] == "01:00:02:10"
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, delimiter=";")  # as Excel saves it in most of Europe
    writer.writeheader()
    writer.writerow({**row, "answer": "Best possible", "reply": "+1 frame"})
    writer.writerow({"timecode": "01:00:00:05", "text": "chin", "author": "Zoë"})
    path = tmp_path / "notes.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    read = read_notes(probe_cut(path, FILM), [note], reel.turnover)
    assert [(n.answer, n.reply, n.text) for n in read.answered] == [
        ("best possible", "+1 frame", note.text)
    ]
    assert [(n.author, n.text) for n in read.added] == [("Zoë", "chin")] and read.unknown == ()


def test_opentimelineio_and_pycmx_read_the_markers(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 3, 5)
    delivered(tmp_path, reel, "otio", [note])
    made = otio.adapters.read_from_file(str(tmp_path / "delivered.otio"))
    (marker,) = made.tracks.markers
    assert (marker.name, marker.color) == ("N0001 [2] ELISE: lips should close (dubsync)", "YELLOW")
    assert marker.marked_range.start_time.value == 3 * LENGTH + 10
    pycmx = pytest.importorskip("pycmx")
    delivered(tmp_path, reel, "edl", [note])
    with (tmp_path / "delivered.edl").open() as file:
        listed = pycmx.parse_cmx3600(file)
    assert any("N0001" in str(e) for one in listed.events for e in one.edits) or listed is not None


def test_a_locator_fits_a_list(reel: Reel) -> None:
    placed, _ = placed_notes([note_on(reel, 0, 1)], reel.turnover.shots)
    (marker,) = note_markers(placed, reel.probed.timelines[0])
    assert list_lines(marker) == [
        "* LOC: 01:00:00:01 YELLOW  N0001 [2] ELISE: lips should close (dubsync)"
    ]


def test_damaged_remarks_below_a_locator_leave_its_own_words(reel: Reel, tmp_path: Path) -> None:
    note = note_on(reel, 0, 10, "où")
    delivered(tmp_path, reel, "edl", [note])
    path = tmp_path / "delivered.edl"
    whole = path.read_text()
    for damage in ("1/1: <" + "[" * 100_000 + ">", "1/2: <[>", '1/1: <{"a": 1}>', "1/1: <>"):
        lines = whole.splitlines()
        lines = [f"* DUBSYNC N0001 {damage}" if "DUBSYNC" in x else x for x in lines]
        path.write_text("\n".join(lines))
        read = read_notes(probe_cut(path, FILM), [note], reel.turnover)
        assert (read.answered, read.unknown, read.missing) == ((), (), ())
