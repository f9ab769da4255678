"""The map from a line's time to a guide's: monotone, of limited tempo, and right where known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.sound.audio import READING_RATE
from dubsync.speech.audio_features import extract_features
from dubsync.speech.elastic.fit import FASTEST, SHIFT_S, SLOWEST, Phrase, fit
from dubsync.speech.elastic.rhythm import Rhythm, phrases, rhythm_of
from dubsync.speech.elastic.stretch import render
from tests.speech.speech_synthesis import RATE, silence, sound, words

SECONDS = 6


def rhythm(seed, runs):
    """A rhythm of SECONDS with speech in `runs` (begin, end) of seconds, its rest by chance."""
    chance = np.random.default_rng(seed)
    count = SECONDS * READING_RATE
    at = np.arange(count) / READING_RATE
    speech = np.zeros(count)
    for begin, end in runs:
        speech[(at >= begin) & (at < end)] = 1.0
    beat = np.interp(at, np.arange(47) * 0.15, chance.normal(size=47)) * speech
    closure = (chance.random(count) < 0.05) * speech
    shape = chance.normal(size=(count, 6)) * 0.4 * speech[:, None]
    return Rhythm(0.0, speech, np.abs(beat), beat, closure, shape, np.ones(count, bool))


@st.composite
def runs(draw):
    """One to three runs of speech, at least a pause apart."""
    edges, at = [], draw(st.floats(0.7, 1.2))
    for _ in range(draw(st.integers(1, 3))):
        end = at + draw(st.floats(0.15, 1.2))
        edges.append((at, end))
        at = end + draw(st.floats(0.1, 0.5))
    return [(begin, end) for begin, end in edges if end < SECONDS - 0.7]


@given(mine=runs(), theirs=runs(), seed=st.integers(0, 99), same=st.booleans())
@settings(max_examples=25, deadline=None)
def test_time_never_runs_back_and_tempo_keeps_its_limits(mine, theirs, seed, same):
    line, guide = rhythm(seed, mine), rhythm(seed + 1, theirs)
    spans = phrases(line)
    room = (0.5, SECONDS - 0.5)
    fitted = fit(line, guide, spans, room, same_words=same)
    assert len(fitted) == len(spans)
    source = np.concatenate([phrase.source for phrase in fitted]) if fitted else np.zeros(0)
    out = np.concatenate([phrase.out for phrase in fitted]) if fitted else np.zeros(0)
    assert (np.diff(source) > 0).all() and (np.diff(out) > 0).all()
    for phrase in fitted:
        assert phrase.tempo.min() >= SLOWEST - 1e-9 and phrase.tempo.max() <= FASTEST + 1e-9
        assert abs(phrase.offset).max() <= SHIFT_S + 1e-9
    if len(out):
        assert out[0] >= min(room[0], source[0]) - 1e-9
        assert out[-1] <= max(room[1], source[-1]) + 1e-9
    for before, after in zip(fitted, fitted[1:], strict=False):
        pause = after.source[0] - before.source[-1]
        assert after.out[0] - before.out[-1] >= min(pause, 0.06) - 1e-9


def test_a_line_equal_to_its_guide_is_left_alone():
    line = rhythm(3, [(1.0, 2.2), (2.6, 3.5)])
    for same in (True, False):
        fitted = fit(line, line, phrases(line), (0.5, 5.5), same_words=same)
        assert all((phrase.offset == 0).all() for phrase in fitted)


def test_a_line_without_speech_has_no_map():
    quiet = rhythm(1, [])
    assert fit(quiet, rhythm(2, [(1.0, 2.0)]), phrases(quiet), (0, 6), same_words=False) == ()


def test_where_the_guide_is_unknown_nothing_moves():
    line, guide = rhythm(3, [(1.0, 2.2)]), rhythm(4, [(1.3, 2.6)])
    nothing = guide.at(np.full(SECONDS * READING_RATE, np.nan), 0.0)
    assert not nothing.known.any()
    fitted = fit(line, nothing, phrases(line), (0.5, 5.5), same_words=False)
    assert (fitted[0].offset == 0).all()


@pytest.mark.parametrize("same", [True, False])
def test_a_known_warp_is_found_again(same):
    said = np.concatenate([silence(1), words(5, 9), silence(0.5), words(8, 7), silence(1.5)])
    heard = rhythm_of(extract_features(sound(said)))
    moved = []
    for n, (start, stop) in enumerate(phrases(heard)):
        source = np.arange(start, stop + 1) / READING_RATE
        moved.append(Phrase(source, source[0] + 0.12 - 0.05 * n + (source - source[0]) * 1.06))
    warped = render(said[:, None], RATE, moved, 0.0)[:, 0]
    line = rhythm_of(extract_features(sound(warped)))
    fitted = fit(line, heard, phrases(line), (0.0, len(said) / RATE), same_words=same)
    truth = np.interp(
        np.concatenate([phrase.source for phrase in fitted]),
        np.concatenate([phrase.out for phrase in moved]),
        np.concatenate([phrase.source for phrase in moved]),
    )
    found = np.concatenate([phrase.out for phrase in fitted])
    before = np.concatenate([phrase.source for phrase in fitted])
    assert np.median(abs(before - truth)) > 0.08
    assert np.median(abs(found - truth)) < (0.01 if same else 0.025)
