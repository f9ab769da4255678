"""A reel of two characters in two gray plates, whose engine draws nothing and records calls."""

from datetime import date

import pytest

from tests.service import drawn_engine
from tests.service.reel_making import make_reel
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


@pytest.fixture
def reel(tmp_path, engine):
    """The folder of a project: ELISE in a.mov (shot a), MARC in b.mov (shot b); both consented."""
    return make_reel(tmp_path, date.today())
