"""`dubsync script` lists a dub script and converts it to another format."""

import json

from click.testing import CliRunner

from dubsync.cli.main import main

SHEET = "Cue;Character;TC In;TC Out;Line;O/S\n7;ELISE;01:00:01:00;01:00:02:12;Wohin?;OFF\n"


def run(*args):
    return CliRunner().invoke(main, ["script", *map(str, args)])


def test_a_sheet_is_listed_and_written_as_dapt_that_reads_the_same(tmp_path):
    sheet, ttml = tmp_path / "cues.csv", tmp_path / "cues.ttml"
    sheet.write_text(SHEET)
    options = (sheet, "--rate", "24", "--language", "de-DE", "--start", "01:00:00:00")

    listed = run(*options, "--to", "dapt", ttml)
    again = json.loads(run(ttml, "--json").stdout)

    assert listed.exit_code == 0 and "ELISE" in listed.stdout and str(ttml) in listed.stdout
    (line,) = again["lines"]
    assert (line["in"], line["out"]) == ("01:00:01:00", "01:00:02:12")
    assert (line["text"], line["on_screen"], line["number"]) == ("Wohin?", "off", "7")
    assert again["schema"] == "dubsync.script/1" and again["language"] == "de-DE"


def test_no_file_is_overwritten_and_errors_have_a_remedy(tmp_path):
    sheet = tmp_path / "cues.csv"
    sheet.write_text(SHEET)

    over = run(sheet, "--rate", "24", "--to", "csv", sheet)
    unrated = run(sheet)
    unknown = run(sheet, "--rate", "24", "--map", "colour=A")

    assert sheet.read_text() == SHEET
    assert (over.exit_code, unrated.exit_code, unknown.exit_code) == (1, 1, 1)
    assert "--rate" in unrated.stderr and "row 2" in unrated.stderr
    assert "FIELD" in unknown.stderr
