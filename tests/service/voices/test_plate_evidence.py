"""Plates are analysed for voices on request and with consent, once; the result is cached."""

import numpy as np
import pytest

from dubsync.core.progress import silent
from dubsync.core.sound.voices import Turn
from dubsync.service.project import Project
from dubsync.service.stems import audio_analysis
from dubsync.service.voices.voice_memory import forget

TURNS = (Turn("Speaker 1", 0.4, 1.2), Turn("Speaker 2", 2.4, 3.2))


@pytest.fixture
def mixed(reel, monkeypatch):
    """The two characters of `reel` in one stem, whose voices are undecided."""
    toml = reel / "dubsync.toml"
    toml.write_text(toml.read_text().replace("e.wav", "m.wav"))
    monkeypatch.setattr(audio_analysis, "who_speaks", lambda sound, **_: TURNS)
    monkeypatch.setattr(
        audio_analysis, "voiceprint", lambda sound, spans: np.zeros(192, np.float32)
    )
    return reel


def tracked(engine):
    return [asked[1] for asked in engine.ASKED if asked[0] == "track"]


def test_turnover_alone_opens_no_plate_and_leaves_voices_undecided(mixed, engine):
    project = Project.open(mixed)
    assert not project.turnover().shots
    assert project.intake.waiting and not tracked(engine)


def test_plates_are_analysed_once_and_the_result_is_used_without_look(mixed, engine):
    point = "\n[faces]\na = {ELISE = [35, 35]}\n"
    (mixed / "dubsync.toml").write_text((mixed / "dubsync.toml").read_text() + point)
    Project.open(mixed).turnover(look=True)
    assert tracked(engine) == ["a", "b"]
    project = Project.open(mixed)
    project.turnover()
    assert tracked(engine) == ["a", "b"]
    assert [seen.character for voice in project.intake.voices for seen in voice.seen] == [
        "ELISE", "ELISE",
    ]  # fmt: skip


def test_the_reel_analyses_plates_by_itself_while_a_voice_is_undecided(mixed, engine):
    assert Project.open(mixed).reel.turnover.cut
    assert tracked(engine) == ["a", "b"]


def test_without_every_performers_consent_no_plate_is_analysed(mixed, engine):
    next((mixed / "consent").glob("elise*.toml")).unlink()
    warnings = Project.open(mixed).turnover(look=True).warnings
    assert not tracked(engine)
    (warning,) = (w for w in warnings if "not searched for the speakers" in w.message)
    assert "elise-m" in warning.message


def test_withdrawn_consent_deletes_the_seen_faces(mixed, engine):
    project = Project.open(mixed)
    project.turnover(look=True)
    assert list((mixed / ".dubsync" / "voices").glob("*.safetensors"))
    forget(project.store, ["ELISE"])
    assert not list((mixed / ".dubsync" / "voices").glob("*.safetensors"))


def test_a_face_may_be_pointed_at_in_a_shot_with_an_undecided_voice(mixed, engine):
    project = Project.open(mixed)
    project.point("a", "ELISE", [(35.0, 35.0)], silent)
    assert [s.character for s in project.reel and project.intake.voices[0].seen] == ["ELISE"]
