"""A render is stale where its dub's music is told from a voice in other places, and only there."""

from fractions import Fraction
from types import SimpleNamespace

import numpy as np

from dubsync.core.shot import Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.project import Project
from dubsync.service.stems import audio_analysis
from dubsync.service.stems.sound_keys import frame_digests, rests_under, runs
from dubsync.speech import audio_features
from tests.service.reel_making import stem
from tests.service.tasks.heard_reel import heard_reel, reel  # noqa: F401


def other_ears(monkeypatch, version, *silenced):
    """dubsync hears sounds anew, and takes readings of voice for music: (file's loudest s, ...)."""

    def judged(voice, level, phones):
        kept = np.array(voice)
        for first, stop in silenced:
            if np.asarray(level)[first:stop].max() > -50:  # this dub speaks there
                kept[first:stop] = 0
        return kept if silenced else voice

    monkeypatch.setattr(audio_analysis, "VERSION", version)
    monkeypatch.setattr(audio_features, "voice_in_music", judged)
    monkeypatch.setattr(audio_features, "voice_probability", lambda states: np.ones(len(states)))


def reasons(folder):
    return {one.name: (one.state, one.reasons) for one in Project.open(folder).status().shots}


def test_only_the_shot_whose_lips_would_rest_is_stale_and_status_says_why(reel, monkeypatch):  # noqa: F811
    other_ears(monkeypatch, "as before")
    assert {one.status for one in Project.open(reel).sync()} == {"done"}

    other_ears(monkeypatch, "Elise's half second is music", (60, 110))
    found = reasons(reel)
    assert found["b"] == ("rendered", ())
    state, (why,) = found["a"]
    assert state == "stale"
    assert "the lips of ELISE rest for 0." in why and "not for 0.0 s" in why

    results = {one.name: one.status for one in Project.open(reel).sync()}
    assert results == {"a": "done", "b": "unchanged"}
    assert reasons(reel)["a"][0] == "rendered"


def test_rests_are_those_under_the_shot_and_move_the_keys_of_frames_near_them(tmp_path):
    stem(tmp_path / "long.wav", 1.0, 2.0, seconds=12.0)
    dub = Stem("ELISE", "fr-FR", str(tmp_path / "long.wav"), 48000, 12 * 48000, Fraction(3600))
    shot = SimpleNamespace(
        render=FrameRange(0, 240, Fraction(24)), lines=(),
        record_seconds=lambda frame: 3600 + Fraction(frame, 24),
    )  # fmt: skip
    before, after = (frame_digests(dub, shot, Fraction(2), rests) for rests in ((), ((500, 550),)))
    assert [n for n in range(240) if before[n] != after[n]] == list(range(73, 180))
    assert rests_under(((0, 5), (500, 550), (1090, 1190)), dub, shot) == (
        (0, 5), (500, 550), (1090, 1100),
    )  # fmt: skip


def test_runs_of_nothing_are_none():
    assert runs(np.zeros(5, bool)).shape == (0, 2)
