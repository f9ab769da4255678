"""`dubsync transcribe` writes a machine-made script; `dubsync script` shows that it is one."""

import json

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from tests.service.reel_making import add_language


def run(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.fixture
def words(whisper):
    whisper.says = lambda samples: [(" Bonjour.", 0.2, 0.9, 0.3)]


def test_the_sheet_is_named_counted_and_shown_as_machine_made(reel, words, whisper_folder):
    made = run("transcribe", reel, "--model", whisper_folder)
    sheet = reel / f"{reel.name}_fr-FR_machine.xlsx"
    listed = run("script", sheet, "--rate", "24")
    rows = json.loads(run("script", sheet, "--rate", "24", "--json").stdout)["lines"]

    assert made.exit_code == 0 and str(sheet) in made.stdout
    assert "2 lines of 2 characters, 2 unsure words" in made.stdout
    assert f'script = "{sheet.name}"' in made.stdout
    assert "2 machine-made lines unchecked" in listed.stdout
    assert listed.stdout.count("[machine-made] Bonjour. (?)") == 2
    assert all(row["unchecked"] and row["text"] == "Bonjour. (?)" for row in rows)


def test_json_counts_what_was_heard(reel, words, whisper_folder):
    out = reel / "words.tsv"

    said = run("transcribe", reel, "--model", whisper_folder, "-o", out, "--json")

    answer = json.loads(said.stdout)
    assert answer.pop("schema") == "dubsync.transcribe/1" and len(answer.pop("model")) == 64
    assert answer == {
        "language": "fr-FR", "file": str(out), "lines": 2, "characters": ["ELISE", "MARC"],
        "unsure_words": 2, "lines_without_words": 0, "warnings": [],
    }  # fmt: skip


def test_each_language_has_its_own_sheet_and_one_file_takes_one(reel, words, whisper_folder):
    add_language(reel, "de-DE", ELISE=(0.4, 1.2))

    both = run("transcribe", reel, "--model", whisper_folder)
    one = run("transcribe", reel, "--model", whisper_folder, "-o", reel / "words.csv")

    assert both.exit_code == 0 and one.exit_code == 2 and "--language" in one.stderr
    assert {path.name for path in reel.glob("*_machine.xlsx")} == {
        f"{reel.name}_fr-FR_machine.xlsx", f"{reel.name}_de-DE_machine.xlsx",
    }  # fmt: skip
    assert "[languages.de-DE]\n  script = " in both.stdout


def test_a_wrong_folder_is_an_error_with_the_way_to_a_model(reel, whisper, tmp_path):
    said = run("transcribe", reel, "--model", tmp_path / "nothing")

    assert said.exit_code == 1 and "not a folder with a Whisper model" in said.stderr
    assert "downloads no model" in said.stderr
