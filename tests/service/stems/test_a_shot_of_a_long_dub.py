"""A shot of a long dub gets what it got of the whole dub, bit for bit, and reads its part alone."""

from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.script import LipMark
from dubsync.core.sound.audio import READING_RATE, STATES, AudioFeatures
from dubsync.core.sound.cut_points import cut_points
from dubsync.core.sound.long_rows import BESIDE, LongRows
from dubsync.core.sound.phones import PHONES
from dubsync.engine.sound.contacts import lip_sounds
from dubsync.engine.sound.model import sound_inputs
from dubsync.engine.sound.sound_head import head_inputs
from dubsync.qc.contacts.judge import contacts
from dubsync.qc.pictures.review_strip import phone_labels
from dubsync.qc.sync import expected_opening, offset_to_sound
from dubsync.speech.elastic.respoken import part_of
from dubsync.speech.forced_alignment import AlignedWord, aligned
from dubsync.speech.lip_marks import apply_marks
from dubsync.speech.pronounce import Word
from dubsync.speech.speech_amount import amount_of
from dubsync.speech.text_guided import apply_alignment

COUNT, START, FRAMES = 13_007, 3600.0, 40
WORDS = (Word("ab", ((3, 5, 9),)), Word("c", ((7, 12), (7, 13, 2))))


def heard():
    rng = np.random.default_rng(4)
    speech = np.repeat(rng.choice([0.02, 0.97], COUNT // 60 + 1), 60)[:COUNT]
    phones = rng.dirichlet(np.full(len(PHONES), 0.05), COUNT)
    return AudioFeatures(
        Fraction(START), rng.normal(size=(COUNT, 40)), speech * rng.uniform(size=COUNT), speech,
        rng.uniform(size=COUNT) ** 3, phones, rng.normal(size=(COUNT, STATES)),
    )  # fmt: skip


WHOLE = heard()


def kept(read):
    """WHOLE as it is kept; `read` gets how many rows are read each time."""

    def rows(name):
        def part(first, stop):
            read.append(stop - first)
            return np.array(getattr(WHOLE, name)[first:stop])

        return LongRows(getattr(WHOLE, name).shape, part)

    return replace(WHOLE, **{name: rows(name) for name in ("mel", "phones", "states")})


def of_a_shot(features, at):
    """Whatever the steps of a shot from second `at` of the dub make of its features."""
    times = START + at + np.arange(FRAMES) / 25
    grid = START + np.arange(max(0, round(at * 100) - 50), round(at * 100) + 250) / READING_RATE
    curve = np.abs(np.sin(9 * times))
    mouth = SimpleNamespace(
        opening=curve, width=curve, jaw=curve / 3, chin=curve, seen=np.ones(FRAMES, bool)
    )
    shown = SimpleNamespace(
        plate=mouth, render=mouth, planned=curve, sight=np.zeros(FRAMES, np.int64)
    )
    spoken = [AlignedWord("ab", ((5, times[2], times[4]), (9, times[4], times[9])), 0.9)]
    marks = [LipMark(Fraction(times[3]), "closed"), LipMark(Fraction(times[20]), "open")]
    refined = apply_marks(apply_alignment(features, spoken), marks)
    teeth = lip_sounds(refined, grid, np.abs(np.sin(7 * grid)) / 3, 1.0, times)
    part = part_of(features, times[0] - 5, times[-1] + 5)
    arrays = (sound_inputs(refined, times), head_inputs(refined, times), *teeth, refined.closure,
              part.mel, part.phones, part.states)  # fmt: skip
    facts = (offset_to_sound(mouth, refined, times), contacts(shown, refined, times, 100),
             phone_labels(refined, times),
             aligned(features, WORDS, (times[0], times[-1])))  # fmt: skip
    return tuple(np.asarray(one).tobytes() for one in arrays), repr(facts)


@settings(max_examples=8)
@given(st.floats(-1, COUNT / 100))
def test_a_shot_gets_the_bits_that_it_gets_of_the_whole(at):
    assert of_a_shot(kept([]), at) == of_a_shot(WHOLE, at)


@pytest.mark.parametrize("at", [0.0, 40.0, 120.0])
def test_a_shot_reads_its_part_alone(at):
    read, times = [], START + at + np.arange(FRAMES) / 25
    features = kept(read)
    sound_inputs(features, times)
    lip_sounds(features, times, np.zeros(FRAMES), 1.0, times)
    expected_opening(features, round(at * 100), round(at * 100) + 160)
    assert max(read) <= 400 + 2 * BESIDE
    assert sum(read) <= 4 * (400 + 2 * BESIDE)


@settings(max_examples=20)
@given(st.floats(-5, COUNT / 100 + 5), st.floats(0, 20))
def test_words_are_cut_near_a_shot_where_they_are_cut_in_the_whole(at, seconds):
    first, last = START + at, START + at + seconds
    every, near = cut_points(WHOLE), cut_points(kept([]), (first, last))
    inside = [cuts[(cuts >= first) & (cuts <= last)] for cuts in (every, near)]
    np.testing.assert_array_equal(*inside)


def test_how_much_is_said_is_that_of_the_whole():
    read = []
    assert amount_of(kept(read)) == amount_of(WHOLE)
    assert amount_of(kept(read), (3.0, 77.0)) == amount_of(WHOLE, (3.0, 77.0))
    assert max(read) <= 6000 + 2 * BESIDE
