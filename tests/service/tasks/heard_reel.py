"""A reel whose dubs were heard, copied for each test: two shots, two actors, a drawn engine."""

import shutil
from datetime import date

import pytest

from dubsync.service.project import Project
from tests.service.reel_making import make_reel


@pytest.fixture(scope="session")
def heard_reel(tmp_path_factory):
    """The folder that holds a REEL whose stems were analysed; tests must not change it."""
    home = tmp_path_factory.getbasetemp() / "heard_reel"
    if not home.is_dir():  # other modules have this fixture too
        home.mkdir()
        Project.open(make_reel(home, date.today())).turnover()
    return home


@pytest.fixture
def reel(heard_reel, tmp_path, engine):
    """A copy of the REEL, with its plates and stems beside it, that a test may change."""
    shutil.copytree(heard_reel, tmp_path, dirs_exist_ok=True)
    return tmp_path / "REEL"
