"""A reel of two characters in two gray plates, whose engine draws nothing and records calls."""

import shutil
from datetime import date

import pytest

from tests.service import drawn_engine
from tests.service.reel_making import heard_once, synced_once
from tests.speech.whisper_double import whisper, whisper_folder  # noqa: F401


@pytest.fixture
def engine():
    """The engine of `reel`, with no call recorded yet."""
    kept = dict(drawn_engine.FINDS), drawn_engine.VERSION[0]
    drawn_engine.ASKED.clear()
    drawn_engine.DRIVEN.clear()
    yield drawn_engine
    drawn_engine.FINDS.update(kept[0])
    drawn_engine.FAILS.clear()
    drawn_engine.CUT_OFF.clear()
    drawn_engine.VERSION[0] = kept[1]


@pytest.fixture(scope="session")
def heard_reel():
    """The folder that `reel` is a copy of; tests must not change it."""
    return heard_once(date.today())


@pytest.fixture(scope="session")
def drawn_reel():
    """The folder that `synced_reel` is a copy of; tests must not change it."""
    return synced_once(date.today())


@pytest.fixture
def reel(heard_reel, tmp_path, engine):
    """The folder of a project: ELISE in a.mov (shot a), MARC in b.mov (shot b); both consented."""
    return shutil.copytree(heard_reel, tmp_path, dirs_exist_ok=True) / "REEL"


@pytest.fixture
def synced_reel(drawn_reel, tmp_path, engine):
    """The same with both shots drawn; the engine's record of calls is empty."""
    return shutil.copytree(drawn_reel, tmp_path, dirs_exist_ok=True) / "REEL"
