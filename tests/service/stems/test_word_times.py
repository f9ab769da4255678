"""A script's words are laid on a stem once, change what is heard of it, and make renders stale."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import soundfile

from dubsync.core.errors import ModelError
from dubsync.core.shot import Line, Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.stems import word_times
from dubsync.service.stems.word_times import said_words, worded, words_digest, words_warnings
from dubsync.service.store.folder import Store
from dubsync.speech.pronounce import Word, phones_of
from tests.speech.test_forced_alignment import features_of

SAID = ("bin", "blu", "naʊ")


@pytest.fixture
def stem(tmp_path):
    path = tmp_path / "elise.wav"
    soundfile.write(path, np.zeros(48000, np.float32), 48000)
    return Stem("ELISE", "fr", str(path), 48000, 48000, Fraction(3600))


@pytest.fixture
def line(stem):
    record = FrameRange(86400 + 10, 86400 + 30, Fraction(24))
    return Line("ELISE_L001", "ELISE", "", stem.path, record, text="bin blu naʊ")


@pytest.fixture
def asked(monkeypatch):
    """What espeak-ng was asked; it says every letter as it is written."""
    texts: list[str] = []

    def pronounced(them, language):
        texts.extend(them)
        return tuple(tuple(Word(w, (phones_of(w),)) for w in text.split()) for text in them)

    monkeypatch.setattr(word_times, "pronounced", pronounced)
    monkeypatch.setattr(word_times, "lacking", lambda language, text: "")
    return texts


def hearing():
    return features_of(0.4, *SAID, 0.4, start=Fraction(3600))


def test_words_are_laid_once_and_kept_on_the_stem_s_own_clock(tmp_path, stem, line, asked):
    store = Store(tmp_path / "project")
    first = said_words(store, stem, [line], hearing)
    again = said_words(store, stem, [line], lambda: pytest.fail("heard twice"))
    later = replace(stem, start=stem.start + 1)
    record = FrameRange(line.record.start + 24, line.record.stop + 24, line.record.rate)
    moved = said_words(store, later, [replace(line, record=record)], lambda: pytest.fail("twice"))

    assert [word.written for word in first] == list(SAID)
    assert [word.begin for word in first] == pytest.approx([3600.4, 3600.64, 3600.88])
    assert again == first
    assert [word.begin for word in moved] == pytest.approx([3601.4, 3601.64, 3601.88])
    assert asked == [line.text]


def test_another_text_is_another_digest_and_none_is_none(stem, line, asked):
    other = replace(line, text="ɡɹin")

    assert words_digest([line], stem) != words_digest([other], stem)
    assert words_digest([replace(line, text="")], stem) == ()
    assert words_digest([replace(line, character="MARC")], stem) == ()
    far = Fraction(30)
    assert words_digest([line], stem, far, Fraction(1)) == ()
    assert words_digest([line], stem, Fraction(1), Fraction(1)) != ()


def test_without_espeak_the_sound_alone_moves_lips_and_a_warning_says_so(monkeypatch, stem, line):
    monkeypatch.setattr(word_times, "lacking", lambda language, text: "script")
    (warning,) = words_warnings([line], [stem])

    assert worded([line], stem) == () and words_digest([line], stem) == ()
    assert "the sound alone" in warning.message and "dubsync[script]" in warning.hint
    assert not warning.blocking
    assert words_warnings([replace(line, text="")], [stem]) == ()


def test_a_language_that_espeak_does_not_know_leaves_the_sound_alone(
    tmp_path, monkeypatch, stem, line, asked
):
    def unknown(texts, language):
        raise ModelError("espeak-ng has no voice for the language xx")

    monkeypatch.setattr(word_times, "pronounced", unknown)
    assert said_words(Store(tmp_path / "project"), stem, [line], hearing) == ()
