"""`script` in dubsync.toml: lines get their text, and off-screen shots are skipped."""

import datetime
import json

import pytest
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.errors import SettingsError
from dubsync.service.project import Project
from dubsync.service.settings.project_file import read_project_file
from dubsync.service.settings.project_text import project_text
from tests.service.reel_making import make_reel

HEAD = "Nr;Figur;Von;TC Out;Fassung;O/S\n"
ELISE = "1;Elise;01:00:00:09;01:00:01:05;Bonjour.;{}\n"
MARC = "2;Marc;01:00:02:09;01:00:03:05;Salut.;{}\n"


@pytest.fixture
def folder(tmp_path):
    return make_reel(tmp_path, datetime.date.today())


def with_script(folder, text, more=""):
    """The project with a script, and its columns where the headings are not enough."""
    (folder / "cues.csv").write_text(text)
    toml = folder / "dubsync.toml"
    said = 'script = "cues.csv"\nscript_columns = {start = "Von", text = "Fassung"}\n' + more
    toml.write_text(toml.read_text().replace("[project]\n", "[project]\n" + said))
    return folder


def test_lines_have_their_text_and_an_off_screen_shot_is_skipped_with_the_reason(folder):
    turnover = Project.open(
        with_script(folder, HEAD + ELISE.format("") + MARC.format("OFF"))
    ).turnover()

    (shot,) = turnover.shots
    (left,) = turnover.skipped
    assert [(ln.text, ln.on_screen) for ln in shot.lines] == [("Bonjour.", None)]
    assert left[0].name == "b" and "off screen: MARC" in left[1]


def test_turnover_json_has_the_text_of_each_line(folder):
    with_script(folder, HEAD + ELISE.format("x") + MARC.format(""))

    result = json.loads(CliRunner().invoke(main, ["turnover", str(folder), "--json"]).stdout)

    (shot,) = result["shots"]
    assert list(shot["script"].values()) == [
        {"text": "Salut.", "on_screen": None, "unchecked": False}
    ]
    assert "off screen: ELISE" in result["skipped"][0]["reason"]  # O/S: ticked is off


def test_a_line_that_is_not_spoken_is_a_warning(folder):
    missing = "3;Marc;01:00:00:05;01:00:01:00;Encore ?;\n"

    turnover = Project.open(
        with_script(folder, HEAD + ELISE.format("") + MARC.format("") + missing)
    ).turnover()

    assert any("MARC is not heard at line 3" in warning.message for warning in turnover.warnings)


def test_the_projects_text_keeps_its_script(folder):
    project = read_project_file(with_script(folder, HEAD + MARC.format("")))

    (folder / "dubsync.toml").write_text(project_text(project))

    assert read_project_file(folder).script == project.script
    assert project.script.columns == {"start": "Von", "text": "Fassung"}


@pytest.mark.parametrize("said", ["script = 3", "script_columns = {}", 'script = ""'])
def test_a_script_that_is_not_a_path_is_refused(folder, said):
    toml = folder / "dubsync.toml"
    toml.write_text(toml.read_text().replace("[project]\n", f"[project]\n{said}\n"))

    with pytest.raises(SettingsError, match="script"):
        read_project_file(folder)
