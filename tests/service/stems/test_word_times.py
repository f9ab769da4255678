"""A script's words are aligned with a stem once, refine its features, and make renders stale."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import soundfile

from dubsync.core.errors import ModelError
from dubsync.core.shot import Line, Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.stems import word_times
from dubsync.service.stems.word_times import (
    spoken_words,
    usable_lines,
    words_digest,
    words_warnings,
)
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
    """The texts that espeak-ng was given; it pronounces every letter as written."""
    texts: list[str] = []

    def pronounced(them, language):
        texts.extend(them)
        return tuple(tuple(Word(w, (phones_of(w),)) for w in text.split()) for text in them)

    monkeypatch.setattr(word_times, "pronounced", pronounced)
    monkeypatch.setattr(word_times, "lacking", lambda language, text: "")
    return texts


def hearing():
    return features_of(0.4, *SAID, 0.4, start=Fraction(3600))


def test_words_are_aligned_once_and_cached_relative_to_the_stem(tmp_path, stem, line, asked):
    store = Store(tmp_path / "project")
    first = spoken_words(store, stem, [line], hearing)
    again = spoken_words(store, stem, [line], lambda: pytest.fail("heard twice"))
    later = replace(stem, start=stem.start + 1)
    record = FrameRange(line.record.start + 24, line.record.stop + 24, line.record.rate)
    moved = spoken_words(store, later, [replace(line, record=record)], lambda: pytest.fail("twice"))

    assert [word.written for word in first] == list(SAID)
    assert [word.begin for word in first] == pytest.approx([3600.4, 3600.64, 3600.88])
    assert again == first
    assert [word.begin for word in moved] == pytest.approx([3601.4, 3601.64, 3601.88])
    assert asked == [line.text]


def test_the_digest_depends_on_the_text_and_is_empty_without_text(stem, line, asked):
    other = replace(line, text="ɡɹin")

    assert words_digest([line], stem) != words_digest([other], stem)
    assert words_digest([replace(line, text="")], stem) == ()
    assert words_digest([replace(line, character="MARC")], stem) == ()
    far = Fraction(30)
    assert words_digest([line], stem, far, Fraction(1)) == ()
    assert words_digest([line], stem, Fraction(1), Fraction(1)) != ()


def test_without_espeak_a_warning_says_that_the_sound_alone_drives_lips(monkeypatch, stem, line):
    monkeypatch.setattr(word_times, "lacking", lambda language, text: "script")
    (warning,) = words_warnings([line], [stem])

    assert usable_lines([line], stem) == () and words_digest([line], stem) == ()
    assert "the sound alone" in warning.message and "dubsync[script]" in warning.hint
    assert not warning.blocking
    assert words_warnings([replace(line, text="")], [stem]) == ()


def test_a_language_unknown_to_espeak_leaves_the_sound_alone(
    tmp_path, monkeypatch, stem, line, asked
):
    def unknown(texts, language):
        raise ModelError("espeak-ng has no voice for the language xx")

    monkeypatch.setattr(word_times, "pronounced", unknown)
    assert spoken_words(Store(tmp_path / "project"), stem, [line], hearing) == ()
