"""Closures are events: as many as the actor makes, as short as people's, each shown on a frame."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.sound.audio import AudioFeatures
from dubsync.engine.sound.contacts import USUAL_RATE, closing_rate, lip_sounds, own_rate

GRID = np.arange(400) / 100
FRAMES = np.arange(100) / 25


def speech(evidence=None):
    """Four seconds of speech without an m, b or p, or with the evidence given."""
    none = np.zeros(400)
    closure = none if evidence is None else evidence
    return AudioFeatures.of_level(Fraction(0), np.zeros((400, 40)), none + 0.5, none + 1, closure)


def dips(*at, depth=2.0):
    """A mouth told half a deviation open, with a dip of `depth` at each time."""
    return 0.5 - sum((depth * np.exp(-(((GRID - t) / 0.05) ** 2)) for t in at), np.zeros(400))


def shut(opening, features=None, closings=USUAL_RATE, frames=FRAMES):
    return lip_sounds(features or speech(), GRID, opening, closings, frames)[0]


def test_a_deep_dip_closes_the_lips_and_a_shallow_one_does_not():
    driven = shut(np.minimum(dips(1.0), dips(3.0, depth=0.4)))
    assert driven[100] == 1 and not driven[250:350].any()


def test_a_closure_is_as_short_as_peoples():
    driven = shut(dips(2.0))
    assert 0.03 <= (driven > 0.5).sum() / 100 <= 0.09  # the told dip itself is narrow beside it
    assert not driven[np.abs(GRID - 2.0) > 0.08].any()


@settings(max_examples=30)
@given(st.floats(0.5, 3.5), st.sampled_from([23.976, 24, 25, 29.97, 30, 50]))
def test_each_closure_is_shown_in_full_on_a_frame(at, rate):
    frames = np.arange(0, 4, 1 / rate)
    driven = shut(dips(at), frames=frames)
    near = np.abs(frames - at) < 1.2 / rate
    assert np.interp(frames[near], GRID, driven).max() == pytest.approx(1)


def test_a_closure_on_the_first_reading_of_a_stem_that_begins_between_frames_stays_one_event():
    evidence = np.zeros(400)
    evidence[:2] = 0.97
    driven = shut(np.full(400, 0.8), speech(evidence), frames=np.arange(-0.021, 4, 1 / 15))
    assert driven[0] == 1 and not driven[20:].any()


def test_an_actor_who_closes_the_lips_often_closes_them_where_another_does_not():
    opening = dips(2.0, depth=1.9)
    faint = speech()
    often, seldom = (shut(opening, faint, closings)[200] for closings in (2.0, 0.4))
    assert often == 1 and seldom == 0


def test_sure_evidence_closes_lips_that_are_told_open():
    sure = speech(0.97 * np.exp(-(((GRID - 2) / 0.03) ** 2)))
    assert shut(np.full(400, 0.8), sure)[200] == 1
    assert not shut(np.full(400, 0.8)).any()


def test_hand_marks_are_obeyed_whatever_is_told():
    marks = np.zeros(400, np.float32)
    marks[99:102], marks[198:203], marks[297:304] = 1, 0.5, -1
    closed, teeth = lip_sounds(replace(speech(), marks=marks), GRID, dips(3.0), USUAL_RATE, FRAMES)
    assert closed[100] == 1 and not closed[196:205].any() and not closed[297:304].any()
    assert teeth[200] == 1 and teeth[100] == 0
    assert shut(dips(3.0))[300] == 1  # which the mark of open lips takes back


def test_nothing_closes_outside_speech():
    quiet = replace(speech(), speech=np.zeros(400, np.float32))
    assert not shut(dips(2.0), quiet).any()


def test_closures_of_real_lips_are_counted_and_pauses_are_not():
    at = np.arange(0, 10, 0.04)
    opening = 0.1 + 0.03 * np.sin(7 * at)
    for start, stop in ((1.0, 1.1), (3.0, 3.1), (5.0, 6.0)):  # two closures, and a second of rest
        opening[(at >= start) & (at < stop)] = 0
    spoken = np.ones(len(at), bool)
    count, seconds = closing_rate(opening, spoken, 0.04)
    assert count == 2 and seconds == pytest.approx(10)
    assert 0.2 < own_rate(count, seconds) < USUAL_RATE
    assert own_rate(0, 0.0) == pytest.approx(USUAL_RATE)
    assert closing_rate(opening, ~spoken, 0.04) == (0, 0.0)
