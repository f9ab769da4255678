"""Texts become phones of one set for all languages, with espeak-ng where it is installed."""

import subprocess
import sys
from importlib.util import find_spec

import pytest

from dubsync.core.errors import ModelError
from dubsync.core.sound.phones import PHONES
from dubsync.speech import pronounce
from dubsync.speech.pronounce import phones_of, pronounced

needs_espeak = pytest.mark.skipif(
    find_spec("piper") is None, reason="espeak-ng is not installed: dubsync[script]"
)


def letters(way):
    return "".join(PHONES[place] for place in way)


@pytest.mark.parametrize(
    ("ipa", "language", "ours"),
    [
        ("pˈiːpəlz", "en", "pipəlz"),
        ("wˈɜːkɚ", "en", "wɜɹkəɹ"),
        ("dʒˈʌdʒ", "en", "ʤʌʤ"),
        ("ɑ̃fˈɑ̃", "fr", "ɑfɑ"),
        ("ɪç", "de", "ɪx"),
        ("thˈɑ5", "zh", "tɑ"),
        ("s.wˈo5", "zh", "ʃwo"),
        ("pˈɐp", "ko", "pap"),
        ("wätˈäɕi", "ja", "wataʃi"),
        ("", "de", ""),
    ],
)
def test_phonetic_letters_become_phones_of_our_set(ipa, language, ours):
    assert letters(phones_of(ipa, language)) == ours


@needs_espeak
@pytest.mark.parametrize(
    ("language", "text", "ours"),
    [
        ("de-DE", "Guten Abend, Frau Müller!", "ɡutən ɑbənt fɾaʊ mylɜ"),
        ("zh", "我们", "wo mən"),
        ("ja", "びーる", "biɾu"),
    ],
)
def test_a_text_is_pronounced_in_its_language(language, text, ours):
    (words,) = pronounced([text], language)

    assert [letters(word.ways[0]) for word in words] == ours.split()


@needs_espeak
def test_joined_words_and_numbers_are_separated():
    (words,) = pronounced(["In 1995 of the people: 3.5, winner-take-all"], "en")

    assert [word.written for word in words] == [
        "In", "1995", "of", "the", "people", "3.5", "winner-take-all",
    ]  # fmt: skip
    assert letters(words[3].ways[0]) == "ðə"


@needs_espeak
def test_an_unknown_language_is_refused():
    with pytest.raises(ModelError, match="no voice for the language xx"):
        pronounced(["a"], "xx")


def test_without_espeak_the_error_says_what_to_install(monkeypatch):
    def missing(*args, **more):
        return subprocess.CompletedProcess(args, 0, b'{"missing": "piper"}', b"")

    monkeypatch.setattr(pronounce.subprocess, "run", missing)
    with pytest.raises(ModelError, match="piper, which is not installed") as caught:
        pronounced(["ja"], "de")
    assert caught.value.hint == "pip install 'dubsync[script]'"


def test_a_failing_espeak_process_is_a_model_error(monkeypatch):
    monkeypatch.setattr(pronounce.sys, "executable", "/not/there")
    with pytest.raises(ModelError, match="espeak-ng failed"):
        pronounced(["ja"], "de")


def test_dubsync_itself_never_loads_espeak():
    code = (
        "import sys, dubsync.speech.pronounce as p; p.lacking('ja', '日');"
        "print(sorted({'piper', 'pyopenjtalk', 'onnxruntime'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
