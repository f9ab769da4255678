"""One clip without a timeline: driven by a dub or by a filmed take, with or without sound."""

from datetime import date

import numpy as np
import pytest

from dubsync.core.settings import EngineSettings, Settings
from dubsync.core.sound.tracks import SoundChoice
from dubsync.media.sound.stem import probe_sound, read_sound
from dubsync.service.clip import SPEAKER, clip_hint, sync_clip
from dubsync.service.plugins import allow_engine
from tests.media.sound_synthesis import Track, write_tracks
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
    assert "take.mov: it has no sound: the mouth follows its picture" in _said(result)


def _said(result):
    return " | ".join(f"{w.about}: {w.message}" for w in result.shot.warnings)


def test_a_shorter_dub_is_followed_by_silence_and_that_is_said(tmp_path, clip):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=1.5)
    result = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert "dub.wav: 1.00 s shorter than the clip; silence follows it" in _said(result)
    written = read_sound(tmp_path / "out.mov", rate=48000).samples
    assert len(written) == 120000 and not written[72000:].any()
    assert np.abs(written[:72000] - read_sound(tmp_path / "dub.wav", rate=48000).samples).max() == 0


def test_a_longer_dub_is_cut_and_that_is_said(tmp_path, clip):
    stem(tmp_path / "dub.wav", 0.4, 3.2, seconds=4.0)
    result = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert "dub.wav: 1.50 s longer than the clip; its last 1.50 s are cut" in _said(result)
    assert any("speech is heard there" in w.hint for w in result.shot.warnings)
    assert probe_sound(tmp_path / "out.mov").n_samples == 120000


def test_a_silent_dub_is_said_to_have_no_speech(tmp_path, clip):
    stem(tmp_path / "silence.wav", 0, 0, seconds=2.5)
    result = sync_clip(tmp_path / "a.mov", dub=tmp_path / "silence.wav", take=None, **clip)
    assert "no speech is heard in silence.wav" in _said(result)


@pytest.mark.parametrize("asked", [0, 2])
def test_the_track_that_is_heard_is_the_one_that_is_written(tmp_path, clip, asked):
    voices = [np.full((120000, n), 0.1 * n, np.float32) for n in (1, 6)]
    tracks = [Track(voices[0], language="fra", default=True),
              Track(voices[1], "5.1", language="deu", default=False)]  # fmt: skip
    write_tracks(tmp_path / "dub.mkv", tracks)
    result = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.mkv", take=None,
                       heard=SoundChoice(asked), **clip)  # fmt: skip
    assert ("track 1 (fra) is heard, by the language" in _said(result)) == (not asked)
    assert probe_sound(tmp_path / "out.mov").channels == (6 if asked else 1)


def test_the_hint_for_two_faces_is_an_option_that_clip_takes():
    hint = clip_hint(f"which? --face {SPEAKER}=682,339 or --face {SPEAKER}=120,300")
    assert hint == "which? --face 682,339 or --face 120,300"
