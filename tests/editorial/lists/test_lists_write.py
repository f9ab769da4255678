"""ALE, shot list and pull list have what a bin, a spreadsheet and a conforming system need."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from dubsync.core.errors import DeliveryError
from dubsync.editorial.lists.ale_write import write_ale
from dubsync.editorial.lists.pull_list import write_pull_list
from dubsync.editorial.lists.shot_list import harmless, write_shot_list
from dubsync.editorial.tracks.corrected_clips import corrected_events
from tests.editorial.delivered_making import FILM, clip, corrected, cut_of, read
from tests.editorial.editorial_making import everything_linked, rendered


def test_an_ale_reads_back_as_the_renders_whole_files(tmp_path: Path) -> None:
    cut = cut_of(clip("A", 0, 48, 86400, reel="A001"), clip("B", 48, 60, 90000, reel="A002"))
    written = write_ale(cut, corrected(cut, 0, 1))
    back = read(tmp_path, "r1.ale", written.data)
    assert [e.name for e in back.events] == ["SH000_fr-FR_v001", "SH001_fr-FR_v001"]
    assert [e.reel for e in back.events] == ["A001", "A002"]
    assert [e.source.text for e in back.events if e.source] == [
        ("00:59:59:16", "01:00:02:08"), ("01:02:29:16", "01:02:30:20"),
    ]  # fmt: skip
    assert back.rate == FILM
    assert all("headings are not listed" in loss.what for loss in back.losses)
    assert "Handles: 8+8" in back.events[0].remarks


def test_an_ale_has_one_rate_and_reports_other_clips() -> None:
    ntsc = Fraction(24000, 1001)
    cut = cut_of(clip("A", 0, 48), clip("B", 48, 60), clip("C", 60, 70, rate=ntsc))
    written = write_ale(cut, corrected(cut, 0, 1, 2))
    assert b"SH002" not in written.data
    assert [loss.where for loss in written.losses] == ["SH002_fr-FR_v001"]


def test_tabs_and_line_ends_in_names_break_no_row(tmp_path: Path) -> None:
    cut = cut_of(clip("A", 0, 48, reel="A\t0\n01"))
    back = read(tmp_path, "r1.ale", write_ale(cut, corrected(cut, 0)).data)
    assert [e.reel for e in back.events] == ["A 0 01"]


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =cmd|' /C calc'!A0"])
def test_a_cell_that_begins_a_formula_is_made_text(cell: str) -> None:
    cut = cut_of(clip(cell, 0, 48))
    row = next(csv.DictReader(io.StringIO(write_shot_list(cut, corrected(cut, 0)).data.decode(
        "utf-8-sig"))))  # fmt: skip
    assert row["clip"] == f"'{cell}" == harmless(cell)


def test_a_shot_list_has_record_range_and_file_of_each_clip() -> None:
    cut = cut_of(clip("A", 0, 40, 86400, speed=Fraction(4, 5)))
    text = write_shot_list(cut, corrected(cut, 0)).data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert (row["record in"], row["record out"]) == ("01:00:00:00", "01:00:01:16")
    assert (row["source in"], row["source frames"], row["speed"]) == ("01:00:00:00", "32", "80 %")
    assert (row["head handle"], row["tail handle"]) == ("8", "8")


def shots_of(tmp_path: Path) -> tuple:
    from tests.editorial.conform.test_edl_write import cut_of as read_cut_of
    from tests.editorial.editorial_making import event_row, listing

    body = listing(
        event_row(1, "A001", ("10:00:00:00", "10:00:02:00"), ("01:00:00:00", "01:00:02:00")),
        event_row(2, "A002", ("11:00:00:00", "11:00:01:00"), ("01:00:02:00", "01:00:03:00")),
    )
    cut = read_cut_of(tmp_path, body, "r1.edl")
    return cut, everything_linked(cut)


def test_a_pull_list_covers_the_handles_and_can_be_conformed(tmp_path: Path) -> None:
    _, result = shots_of(tmp_path)
    lists = write_pull_list("R1", result.shots)
    back = read(tmp_path, "pull.edl", lists["edl"].data, FILM)
    assert [e.source.length for e in back.events if e.source] == [48 + 16, 24 + 16]
    assert [e.record.text[0] for e in back.events if e.record] == ["01:00:00:00", "01:00:02:16"]
    assert not back.losses.losses
    log = read(tmp_path, "pull.ale", lists["ale"].data)
    assert [e.source.text[0] for e in log.events if e.source] == ["09:59:59:16", "10:59:59:16"]
    assert lists["csv"].data.decode("utf-8-sig").count("\r\n") == 3


def test_renders_find_their_events(tmp_path: Path) -> None:
    from dubsync.editorial.probe import probe_cut

    cut, result = shots_of(tmp_path)
    probed = probe_cut(Path(cut.path), FILM)
    made = corrected_events(probed, rendered(result.shots), language="fr-FR")
    assert [one.event for one in made] == [0, 1]
    assert [one.name for one in made] == [f"{s.name}_fr-FR_v001" for s in result.shots]
    with pytest.raises(DeliveryError, match="both renders of"):
        corrected_events(probed, rendered(result.shots[:1]) * 2, language="fr-FR")
    other = replace(probed, events=probed.events[1:])
    with pytest.raises(DeliveryError, match="is not an event of the current cut"):
        corrected_events(other, rendered(result.shots), language="fr-FR")
