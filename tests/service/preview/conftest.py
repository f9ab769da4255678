"""The reel of two characters, with an engine that paints mouths."""

from datetime import date

import pytest

from dubsync.service.plugins import allow_engine
from dubsync.service.preview.previewed_shot import open_preview
from dubsync.service.project import Project
from tests.service.preview import painting_engine
from tests.service.reel_making import ENGINE, make_reel

PAINTING = "tests.service.preview.painting_engine:build"


def paint(reel):
    """Let the painting engine draw the reel."""
    allow_engine(PAINTING)
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace(ENGINE, PAINTING))
    painting_engine.DRIVEN.clear()
    painting_engine.PAINTED.clear()
    return reel


@pytest.fixture
def painted(reel):
    """The folder of the project, whose shots a and b have one painted mouth each."""
    return paint(reel)


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory):
    """Shot a, opened once for the tests that only look at it."""
    made = make_reel(tmp_path_factory.mktemp("reel"), date.today())
    opened = open_preview(Project.open(paint(made)), "a")
    yield opened
    opened.close()


@pytest.fixture
def project(painted):
    return Project.open(painted)
