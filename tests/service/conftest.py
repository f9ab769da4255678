"""A reel of two characters in two gray plates, whose engine draws nothing and records calls."""

from datetime import date

import pytest

from tests.service import drawn_engine
from tests.service.reel_making import make_reel, make_synced_reel
from tests.speech.whisper_double import whisper, whisper_folder  # noqa: F401


@pytest.fixture
def engine():
    """The engine of `reel`, with no call recorded yet."""
    kept = dict(drawn_engine.FINDS), drawn_engine.VERSION[0]
    forget(drawn_engine)
    yield drawn_engine
    drawn_engine.FINDS.update(kept[0])
    drawn_engine.FAILS.clear()
    drawn_engine.CUT_OFF.clear()
    drawn_engine.VERSION[0] = kept[1]


@pytest.fixture(scope="session")
def heard_once(tmp_path_factory):
    """What `reel` is a copy of: record_slow counts it to each test, whoever pays for it."""
    make_reel(tmp_path_factory.mktemp("heard"), date.today())


@pytest.fixture(scope="session")
def synced_once(tmp_path_factory):
    """The same for `synced_reel`."""
    make_synced_reel(tmp_path_factory.mktemp("synced"), date.today())


@pytest.fixture
def reel(heard_once, tmp_path, engine):
    """The folder of a project: ELISE in a.mov (shot a), MARC in b.mov (shot b); both consented."""
    made = make_reel(tmp_path, date.today())
    forget(engine)
    return made


@pytest.fixture
def synced_reel(synced_once, tmp_path, engine):
    """The same with both shots drawn; the engine's record of calls is empty."""
    made = make_synced_reel(tmp_path, date.today())
    forget(engine)
    return made


def forget(engine):
    """No call of the engine is recorded."""
    engine.ASKED.clear()
    engine.DRIVEN.clear()
