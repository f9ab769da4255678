"""The words of a shot: a script's where it has any, else stretches of speech."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from dubsync.core.shot import Stem
from dubsync.service.stems.shot_words import words_in_shot
from dubsync.speech.forced_alignment import AlignedWord
from tests.engine.drive.drive_synthesis import spoken_between
from tests.service.tweaks.test_tweak_commands import a_shot, frames

SHOT = a_shot()  # plate frame 1000 is at 3600 s; its line lasts from 3600.4 to 3601.25
STEM = Stem("MARC", "fr", "/x/s.wav", 48000, 48000 * 4000, Fraction(0))


def heard(*spans):
    return replace(spoken_between(6, *spans), start=Fraction(3600))


def word(text, begin, end, confidence=0.9):
    return AlignedWord(text, ((1, begin, end),), confidence)


def test_the_words_of_a_script_have_their_frames_and_their_order():
    spoken = {"MARC_L001": (word("la", 3600.5, 3600.6), word("mappa", 3600.6, 3601.1))}
    found = words_in_shot(SHOT, STEM, heard((0.5, 1.1)), spoken)
    assert [(w.number, w.text, w.place) for w in found] == [(1, "la", 1), (2, "mappa", 2)]
    assert (found[0].first, found[1].first, found[1].last) == (1012, 1014, 1025)
    assert all(a.last < b.first for a, b in zip(found, found[1:], strict=False))


def test_a_word_that_is_hardly_heard_is_not_listed():
    spoken = {"MARC_L001": (word("la", 3600.5, 3600.6), word("mappa", 3600.6, 3601.1, 0.2))}
    assert [w.text for w in words_in_shot(SHOT, STEM, heard((0.5, 1.1)), spoken)] == ["la"]


def test_words_that_the_shot_does_not_show_are_left_out_and_their_places_kept():
    spoken = {"MARC_L001": (word("ma", 3590, 3591), word("la", 3600.5, 3600.6))}
    (found,) = words_in_shot(SHOT, STEM, heard((0.5, 1.1)), spoken)
    assert (found.number, found.place, found.text) == (1, 2, "la")


def test_without_a_script_stretches_of_speech_under_the_lines_are_words_without_text():
    line = replace(SHOT.lines[0], record=frames(86400, 86480))
    shot = replace(SHOT, lines=(line,))
    found = words_in_shot(shot, STEM, heard((0.5, 1.1), (2.0, 2.6)), {})
    assert {w.text for w in found} == {""} and {w.line for w in found} == {line.name}
    spoken = np.concatenate([np.arange(w.first, w.last + 1) for w in found])
    assert {1014, 1024, 1050, 1060} <= set(spoken.tolist()) and 1038 not in spoken
