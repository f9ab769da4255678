"""Windows of speech hold every utterance once, and their words come back to the right one."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.service.script.windows import LONGEST_S, PAUSE_S, placed, window_sound, windows
from dubsync.speech.transcription import RATE, HeardWord

#: (pause before it, length) of each utterance, in hundredths of a second.
SPEECH = st.lists(st.tuples(st.integers(35, 900), st.integers(12, 7000)), min_size=1, max_size=20)


def spans_of(rows):
    at, spans = 0.0, []
    for pause, length in rows:
        spans.append((at + pause / 100, at + (pause + length) / 100))
        at = spans[-1][1]
    return spans


def features_of(spans):
    n = round((spans[-1][1] + 1) * READING_RATE)
    speech, loudness = np.zeros(n), np.ones(n)
    for start, stop in spans:
        speech[round(start * READING_RATE) : round(stop * READING_RATE)] = 1
    return AudioFeatures.of_level(Fraction(0), np.zeros((n, 40)), loudness, speech, np.zeros(n))


@given(SPEECH)
def test_every_moment_of_speech_is_in_one_window_which_the_model_can_hear_at_once(rows):
    spans = spans_of(rows)

    made = windows(spans, features_of(spans))

    pieces = [piece for window in made for piece in window]
    for n, (start, stop) in enumerate(spans):
        own = [piece.span for piece in pieces if piece.utterance == n]
        assert own[0][0] == start and own[-1][1] == stop
        assert all(a[1] == b[0] for a, b in pairwise(own))
    for window in made:
        last = window[-1]
        assert last.at + last.taken[1] - last.taken[0] <= LONGEST_S + 1e-9


@given(SPEECH)
def test_no_sample_is_heard_twice_and_pauses_are_short(rows):
    spans = spans_of(rows)

    for window in windows(spans, features_of(spans)):
        for a, b in pairwise(window):
            assert a.taken[1] <= b.taken[0] + 1e-9
            pause = b.at - (a.at + a.taken[1] - a.taken[0])
            assert -1e-9 <= pause <= PAUSE_S + 1e-9


@given(SPEECH, st.data())
def test_a_word_in_the_middle_of_an_utterance_comes_back_to_it_at_its_time(rows, data):
    spans = spans_of(rows)
    made = windows(spans, features_of(spans))
    window = data.draw(st.sampled_from(made))
    piece = data.draw(st.sampled_from(window))
    middle = (piece.span[0] + piece.span[1]) / 2
    at = piece.at + middle - piece.taken[0]

    ((utterance, word),) = placed([HeardWord(" a", at - 0.01, at + 0.01, 0.9)], window)

    assert utterance == piece.utterance
    assert word.start == pytest.approx(middle - 0.01) and word.stop == pytest.approx(middle + 0.01)


def test_a_word_that_begins_early_is_of_the_utterance_in_which_it_is_spoken():
    spans = [(1.0, 2.0), (5.0, 6.0)]
    (window,) = windows(spans, features_of(spans))
    second = window[1].at + 0.2  # its first word is heard from within the pause before it

    ((utterance, word),) = placed([HeardWord(" b", second - 0.5, second + 0.3, 0.9)], window)

    assert utterance == 1 and word.start == 5.0


def test_a_word_where_nobody_speaks_is_left_out():
    spans = [(1.0, 2.0)]
    (window,) = windows(spans, features_of(spans))

    assert placed([HeardWord(" Thanks", 8.0, 9.0, 0.9)], window) == []


def test_what_sounds_between_utterances_is_not_in_the_window():
    spans = [(1.0, 2.0), (9.0, 10.0)]
    (window,) = windows(spans, features_of(spans))
    asked = []

    def read(span):
        asked.append(span)
        return np.ones(round((span[1] - span[0]) * RATE), np.float32)

    sound = window_sound(window, read)

    assert asked == [(0.8, 2.2), (8.8, 10.2)]
    assert not sound[round(1.45 * RATE) : round((window[1].at - 0.05) * RATE)].any()
    assert sound[round((window[1].at + 0.1) * RATE)] == 1
