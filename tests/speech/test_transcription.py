"""A Whisper model hears words: from a folder that the user names, and never from the network."""

import os
import socket
import sys
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.errors import ModelError, SettingsError
from dubsync.media.sound.stem import read_sound
from dubsync.speech.transcription import model_files, open_transcriber

SILENCE = np.zeros(16000, np.float32)
#: Folder of a real model (tiny.en, or any other), for the one test with faster-whisper itself.
REAL = os.environ.get("DUBSYNC_WHISPER_MODEL", "")


def test_a_model_is_opened_from_its_folder_only_and_offline(whisper, whisper_folder, monkeypatch):
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)

    open_transcriber(whisper_folder)

    assert whisper.made == [(str(whisper_folder), "cpu", True)]
    assert whisper.offline == ["1"]  # while it loads; afterwards the environment is as it was
    assert "HF_HUB_OFFLINE" not in os.environ


def test_a_name_of_a_model_is_no_folder_and_nothing_is_downloaded(whisper, tmp_path):
    with pytest.raises(ModelError, match="not a folder") as error:
        open_transcriber(tmp_path / "small")

    assert "downloads no model" in error.value.hint and "--local-dir small" in error.value.hint
    assert not whisper.made


@pytest.mark.parametrize("name", ["model.bin", "tokenizer.json", "config.json", "vocabulary.txt"])
def test_a_folder_without_one_of_the_files_is_refused_by_its_name(whisper, whisper_folder, name):
    # Without tokenizer.json faster-whisper would fetch one.
    (whisper_folder / name).unlink()

    with pytest.raises(ModelError, match=name.replace(".", r"\.")):
        open_transcriber(whisper_folder)

    assert not whisper.made


def test_a_model_of_transformers_is_told_how_to_be_converted(whisper_folder):
    (whisper_folder / "model.bin").unlink()
    (whisper_folder / "model.safetensors").touch()

    with pytest.raises(ModelError) as error:
        model_files(whisper_folder)

    assert "ct2-transformers-converter" in error.value.hint


def test_a_damaged_file_of_a_model_is_named(whisper_folder):
    (whisper_folder / "tokenizer.json").write_text('{"model": ')

    with pytest.raises(ModelError, match=r"tokenizer\.json is damaged"):
        model_files(whisper_folder)


def test_a_model_that_cannot_be_opened_has_its_reason(whisper, whisper_folder):
    whisper.fails = True

    with pytest.raises(ModelError, match="incomplete"):
        open_transcriber(whisper_folder)


def test_without_the_extra_the_error_names_it(whisper_folder, monkeypatch):
    monkeypatch.setattr("dubsync.speech.transcription.find_spec", lambda name: None)

    with pytest.raises(ModelError, match="not installed") as error:
        open_transcriber(whisper_folder)

    assert "dubsync[transcribe]" in error.value.hint


def test_words_have_their_times_and_confidence(whisper, whisper_folder):
    whisper.says = lambda samples: [(" Bon", 0.1, 0.4, 0.9), ("jour.", 0.4, 0.7, 0.3)]

    words = open_transcriber(whisper_folder).heard(SILENCE, "fr")

    assert [(w.text, w.start, w.stop, w.sure) for w in words] == [
        (" Bon", 0.1, 0.4, 0.9), ("jour.", 0.4, 0.7, 0.3),
    ]  # fmt: skip
    options = whisper.asked[0][2]
    assert options["temperature"] == [0.0]  # no sampling: the same words each time
    assert options["condition_on_previous_text"] is False


@pytest.mark.parametrize(
    "segment", [{"avg_logprob": -1.2}, {"compression_ratio": 2.6}], ids=["unlikely", "repeated"]
)
def test_what_is_unlikely_or_repeats_itself_is_not_heard(whisper, whisper_folder, segment):
    whisper.says, whisper.segment = lambda samples: [(" Merci", 0, 1, 0.9)], segment

    assert open_transcriber(whisper_folder).heard(SILENCE, "fr") == ()


def test_a_model_of_english_alone_refuses_another_language_with_the_reason(whisper, whisper_folder):
    whisper.languages = ("en",)
    transcriber = open_transcriber(whisper_folder)

    with pytest.raises(SettingsError, match="English only") as error:
        transcriber.check_language("it-IT")

    assert "multilingual" in error.value.hint
    assert transcriber.check_language("en-GB") == "en"


def test_languages_have_whispers_names(whisper, whisper_folder):
    transcriber = open_transcriber(whisper_folder)

    assert [transcriber.check_language(t) for t in ("nb-NO", "zh-Hans", "de")] == ["no", "zh", "de"]
    with pytest.raises(SettingsError, match="does not know"):
        transcriber.check_language("qaa")


@pytest.mark.skipif(
    find_spec("faster_whisper") is None or not REAL,
    reason="needs dubsync[transcribe], and a model's folder in DUBSYNC_WHISPER_MODEL",
)
def test_a_real_model_hears_a_speech_without_the_network(shared, monkeypatch):
    def refuse(*_: object) -> None:
        pytest.fail("it opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    sound = read_sound(shared / "speech" / "en_jfk_inaugural.flac", seconds=Fraction(11))

    words = open_transcriber(Path(REAL)).heard(sound.samples, "en")

    text = "".join(word.text for word in words).lower()
    assert "ask not" in text and "your country can do for you" in text
    assert all(0 <= w.start <= w.stop <= 11.5 and 0 <= w.sure <= 1 for w in words)
    assert "faster_whisper" in sys.modules
