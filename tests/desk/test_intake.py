"""A new reel, from what lies around a dropped cut to the project that is made of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dubsync.desk.intake.reel_draft import STEPS, ReelDraft, drafted, in_language
from dubsync.desk.shell.window import DeskWindow
from dubsync.service.project import Project
from dubsync.service.survey.surroundings import survey

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "two_hander"


@pytest.fixture
def footage(tmp_path) -> Path:
    """The sample's files without its project."""
    folder = tmp_path / "turnover"
    for name in ("plates", "dub", "takes", "consent"):
        shutil.copytree(SAMPLE / name, folder / name)
    shutil.copy(SAMPLE / "two_hander.edl", folder)
    return folder


def test_a_dropped_cut_leads_to_a_project(qtbot, footage):
    window = DeskWindow()
    qtbot.addWidget(window)
    page = window.intake_page
    page.take(footage / "two_hander.edl")
    qtbot.waitUntil(lambda: page.draft.look is not None, timeout=30_000)
    assert page.draft.look.found == 7
    with qtbot.waitSignal(page.reel_made, timeout=30_000) as made:
        for _ in STEPS[1:]:
            page.next.click()
    project = Project.open(made.args[0])
    assert set(project.file.performers) == {"ELISE", "MARC"}
    assert not (footage / "dubsync.toml").exists()
    window.close()


def test_a_folder_without_a_cut_says_so_and_stays_on_the_first_page(qtbot, tmp_path):
    window = DeskWindow()
    qtbot.addWidget(window)
    page = window.intake_page
    page.take(tmp_path)
    qtbot.waitUntil(lambda: page.start.trouble.isVisibleTo(page), timeout=10_000)
    assert page.forms.currentWidget() is page.start
    window.close()


@pytest.mark.parametrize("step", STEPS[:3])
def test_a_step_that_lacks_something_says_what(step):
    assert ReelDraft().missing(step)


def test_another_language_takes_the_stems_that_lie_there_for_it(footage):
    draft = drafted(survey(footage))
    italian = in_language(draft, "it")
    assert {stem.name for stem in italian.dubs.values()} == {"ELISE_it.wav", "MARC_it.wav"}
    assert in_language(draft, "fr").dubs == draft.dubs


def test_what_dubsync_desk_is_given_is_opened_or_made_a_reel_of(qtbot, footage, own_reel):
    window = DeskWindow()
    qtbot.addWidget(window)
    window.take(footage / "two_hander.edl")
    qtbot.waitUntil(lambda: window.intake_page.draft.look is not None, timeout=30_000)
    window.take(own_reel)
    qtbot.waitUntil(lambda: bool(window.session.rows), timeout=60_000)
    window.close()


def test_one_movie_without_a_cut_says_how_it_becomes_a_reel(qtbot, tmp_path):
    movie = tmp_path / "clip.mov"
    movie.touch()
    window = DeskWindow()
    qtbot.addWidget(window)
    window.take(movie)
    said = window.intake_page.start.trouble
    qtbot.waitUntil(lambda: said.isVisibleTo(window.intake_page), timeout=10_000)
    assert "dubsync clip clip.mov" in said._words.text()
    window.close()
