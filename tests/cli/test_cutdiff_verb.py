"""`dubsync cutdiff` as a user runs it."""

import csv
import io
import json
from pathlib import Path

from click.testing import CliRunner

from dubsync.cli.main import main

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "reel_change"


def cutdiff(*arguments):
    return CliRunner().invoke(main, ["cutdiff", *map(str, arguments)])


def test_a_table_a_sheet_and_a_page(tmp_path):
    sheet, page = tmp_path / "c.csv", tmp_path / "c.html"

    ran = cutdiff(SAMPLE / "old.edl", SAMPLE / "new.fcpxml", "--csv", sheet, "--html", page)

    assert ran.exit_code == 0, ran.output
    assert "moved -98, reordered" in ran.output and "1 retimed, 1 new" in ran.output
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(), newline="")))
    assert len(rows) == 9 and rows[1]["head"] == "-6" and rows[1]["kinds"] == "trimmed+moved"
    text = page.read_text()
    assert "(10 new frames)" in text and "(8 new frames)" in text  # 4 more: slipped
    assert "conversion notes" not in text.lower() + ran.output
    assert text.count("<rect") == 17 and "<script" not in text and "k-retimed" in text


def test_unchanged_neighbours_share_a_row():
    two_hander = SAMPLE.parent / "two_hander" / "two_hander"
    paths = two_hander.with_suffix(".edl"), two_hander.with_suffix(".otio")

    short, long = cutdiff(*paths), cutdiff(*paths, "--all")

    assert "001-008" in short.output and "8 events" in short.output
    assert "8 same; 0 source frames" in long.output and "007" in long.output


def test_json_has_every_event_and_exact_numbers():
    ran = json.loads(cutdiff(SAMPLE / "old.xml", SAMPLE / "new.otio", "--json").output)

    assert ran["schema"] == "dubsync.cutdiff/1"
    slip = next(change for change in ran["changes"] if "slipped" in change["kinds"])
    assert (slip["slipped"], slip["moved"], slip["new_frames"]) == (4, -10, 4)
    assert slip["new"]["record_timecode"] == ["01:00:13:22", "01:00:18:14"]


def test_two_edls_need_a_rate_and_no_file_is_overwritten(tmp_path):
    lists = SAMPLE / "old.edl", SAMPLE / "new.edl"

    assert "--rate" in cutdiff(*lists).output
    page = tmp_path / "c.html"
    page.write_text("mine")
    ran = cutdiff(*lists, "--rate", "23.976", "--html", page)
    assert ran.exit_code == 1 and page.read_text() == "mine"
