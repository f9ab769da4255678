"""One clip without a timeline: driven by a dub or by a filmed take, with or without sound."""

from datetime import date

import pytest

from dubsync.core.settings import EngineSettings, Settings
from dubsync.service.clip import SPEAKER, sync_clip
from dubsync.service.plugins import allow_engine
from tests.service import drawn_engine
from tests.service.reel_making import ENGINE, consent, stem
from tests.service.test_bad_input import movie


@pytest.fixture
def clip(tmp_path, engine):
    """What every clip is synced with: a gray movie a.mov, a record, and the drawn engine."""
    movie(tmp_path / "a.mov", start="01:00:00:00")
    record = consent(tmp_path / "consent.toml", "elise-m", date.today(), "fr")
    allow_engine(ENGINE)
    settings = Settings(engine=EngineSettings(engine=ENGINE))
    return {"consent": record, "language": "fr-FR", "settings": settings,
            "out": tmp_path / "out.mov"}  # fmt: skip


def test_a_clip_is_driven_by_a_dub(tmp_path, clip):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.0)
    result = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert result.shot.status == "done" and (tmp_path / "out.mov").is_file()
    assert drawn_engine.DRIVEN == [(SPEAKER, None)]


def test_a_clip_is_driven_by_a_take_without_sound(tmp_path, clip):
    movie(tmp_path / "take.mov", start="01:00:00:00")
    result = sync_clip(tmp_path / "a.mov", dub=None, take=tmp_path / "take.mov", **clip)
    assert result.shot.status == "done", result.shot.reason
