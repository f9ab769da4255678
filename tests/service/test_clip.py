"""One clip without a timeline: driven by a dub or by a filmed take, with or without sound."""

from datetime import date

import av
import numpy as np
import pytest

from dubsync.cli.tables import clip_json, clip_text
from dubsync.core.errors import ConsentMissing, DeliveryError, SettingsError
from dubsync.core.settings import EngineSettings, Settings
from dubsync.core.sound.tracks import SoundChoice
from dubsync.media.sound.stem import probe_sound, read_sound
from dubsync.service import clip as clip_module
from dubsync.service.clip import SPEAKER, sync_clip
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


@pytest.mark.parametrize("error", [KeyboardInterrupt(), DeliveryError("the disk is full")])
def test_a_clip_that_was_stopped_at_its_last_movie_can_be_run_again(
    tmp_path, clip, monkeypatch, error
):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.0)
    write = clip_module.write_playable

    def stopped(*movies, done):
        raise error

    monkeypatch.setattr(clip_module, "write_playable", stopped)
    with pytest.raises(type(error)):
        sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert not (tmp_path / "out.mov").exists()

    monkeypatch.setattr(clip_module, "write_playable", write)
    result = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert result.shot.status == "unchanged" and (tmp_path / "out.mov").is_file()


def test_consent_to_learn_is_asked_before_a_frame_is_read(tmp_path, clip):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.0)
    record = clip["consent"]
    record.write_text(record.read_text().replace(', "train_model"', ""))
    with pytest.raises(ConsentMissing, match="train_model of 'elise-m'.*allows only lip_reenact"):
        sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert drawn_engine.ASKED == [] and not (tmp_path / "out.mov").exists()


def test_a_withdrawal_while_a_clip_is_checked_leaves_no_movie(tmp_path, clip):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.0)

    def step(done):
        if done.name == "check":
            clip["consent"].unlink(missing_ok=True)

    with pytest.raises(ConsentMissing):
        sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, progress=step, **clip)
    assert not (tmp_path / "out.mov").exists()


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
    (hint,) = [w.hint for w in result.shot.warnings if "shorter" in w.message]
    assert "stays as filmed" in hint  # this clip has no sound that tells who speaks
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


@pytest.mark.parametrize(("name", "other"), [("out.mov", "out.mp4"), ("out.mp4", "out.mkv")])
def test_a_clip_is_a_lossless_master_and_a_movie_that_plays(tmp_path, clip, name, other):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.5)
    clip["out"] = tmp_path / name
    made = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert made.out == str(tmp_path / name)
    assert {made.master, made.playable} == {str(tmp_path / name), str(tmp_path / other)}
    with av.open(made.playable) as movie:
        assert made.playable.endswith(".mp4")
        picture = movie.streams.video[0].codec_context
        assert (picture.name, picture.profile, picture.pix_fmt) == ("h264", "High", "yuv420p")
        assert movie.streams.audio[0].codec_context.name == "aac"
    with av.open(made.master) as movie:
        assert movie.streams.audio[0].codec_context.name.startswith("pcm_")
        assert movie.streams.video[0].codec_context.profile != "High"
    text = clip_text(made)
    assert f"To play: {made.playable} (H.264 and AAC)" in text
    assert text.endswith(f"Lossless master: {made.master}")
    assert clip_json(made) | {"out": made.out, "master": made.master} == clip_json(made)


@pytest.mark.parametrize("taken", ["out.mov", "out.mp4"])
def test_neither_movie_of_a_clip_overwrites_a_file(tmp_path, clip, taken):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.5)
    (tmp_path / taken).write_text("mine")
    with pytest.raises(DeliveryError, match=f"{taken} exists"):
        sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert (tmp_path / taken).read_text() == "mine"
    assert drawn_engine.ASKED == []  # before any work


@pytest.mark.parametrize(("name", "other"), [("a.mov", "a_dub.mov"), ("a.mp4", "a_2.mp4")])
def test_the_clip_itself_is_not_written_over_and_the_hint_has_a_free_name(
    tmp_path, clip, name, other
):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.5)
    clip["out"] = tmp_path / name
    if name == "a.mp4":
        (tmp_path / "a_dub.mkv").touch()  # the movie beside it would be in the way
        (tmp_path / "a.mov").rename(tmp_path / "a.mkv")
    video = next(tmp_path.glob("a.m*"))
    with pytest.raises(DeliveryError, match=f"{video.name} is read by this command") as refused:
        sync_clip(video, dub=tmp_path / "dub.wav", take=None, **clip)
    assert refused.value.hint.endswith(f"-o {tmp_path / other}")
    assert ("written beside a.mp4" in str(refused.value)) == (name == "a.mp4")


def test_another_suffix_is_refused_with_the_ones_to_choose_from(tmp_path, clip):
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.5)
    clip["out"] = tmp_path / "out.avi"
    with pytest.raises(SettingsError, match="cannot be written as .avi") as refused:
        sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, **clip)
    assert "NAME.mp4 (plays anywhere)" in refused.value.hint


def test_a_mouth_that_never_opens_is_said_before_anything_is_rendered(tmp_path, clip, monkeypatch):
    monkeypatch.setattr(drawn_engine, "OPENS", 0.0)
    stem(tmp_path / "dub.wav", 0.4, 1.2, seconds=2.5)
    said = []

    def warned(warning):
        said.append((warning.message, [step for step, *_ in drawn_engine.ASKED]))

    made = sync_clip(tmp_path / "a.mov", dub=tmp_path / "dub.wav", take=None, warned=warned, **clip)
    (message, asked), = said  # fmt: skip
    assert "never moves in the 60 frames" in message and "prepare" not in asked
    assert message in {warning.message for warning in made.shot.warnings}
