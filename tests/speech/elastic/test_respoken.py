"""Features of words set by hand: what is said moves along, and closed lips stand where asked."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import PHONES
from dubsync.speech.elastic.respoken import PlacedPhone, PlacedWord, respoken

M, A, I = (PHONES.index(symbol) for symbol in "mai")  # noqa: E741
HEARD = ((A, 1.0, 1.2), (M, 1.2, 1.3), (A, 1.3, 1.5))


@pytest.fixture
def heard():
    """Three seconds of silence with "ama" at 1 s; its states say which phone it is."""
    level = np.zeros(300, np.float32)
    level[100:150] = 1
    made = AudioFeatures.of_level(
        Fraction(0), np.zeros((300, 40), np.float32), level, level, np.zeros(300, np.float32)
    )
    phones, states = np.array(made.phones), np.array(made.states)
    closure = np.zeros(300, np.float32)
    for phone, begin, end in HEARD:
        rows = slice(round(100 * begin), round(100 * end))
        phones[rows] = np.eye(len(PHONES))[phone]
        states[rows] = phone
        closure[rows] = phone == M
    return replace(made, phones=phones, states=states, closure=closure)


def ama(by=0.0, *, parts=HEARD, by_hand=True, heard=True):
    phones = tuple(
        PlacedPhone(phone, begin + by, end + by, (begin, end) if heard else None)
        for phone, begin, end in parts
    )
    return PlacedWord("ama", 1.0 + by, 1.5 + by, phones, 1.0, by_hand)


def closed(features):
    rows = np.flatnonzero(np.asarray(features.closure) > 0.5)
    return (rows[0] / 100, (rows[-1] + 1) / 100) if len(rows) else None


def test_a_word_where_it_is_heard_changes_no_state(heard):
    made = respoken(heard, [ama(by_hand=False)])
    assert np.array_equal(made.states, heard.states)
    assert closed(made) == pytest.approx((1.19, 1.3))


@pytest.mark.parametrize("by", [0.2, -0.3, 0.6])
def test_a_moved_word_takes_its_sound_along_and_leaves_nothing_behind(heard, by):
    made = respoken(heard, [ama(by)])
    first, last = closed(made)
    assert (first, last) == pytest.approx((1.19 + by, 1.3 + by), abs=0.011)
    at = round(100 * (1.25 + by))
    assert np.allclose(made.states[at], M, atol=0.01)
    spoken = np.flatnonzero(np.asarray(made.speech) > 0.5) / 100
    assert spoken[0] == pytest.approx(1 + by, abs=0.02)
    assert spoken[-1] == pytest.approx(1.49 + by, abs=0.02)


def test_a_deleted_m_opens_the_lips(heard):
    made = respoken(heard, [ama(parts=(HEARD[0], HEARD[2]))])
    assert closed(made) is None
    assert np.allclose(made.states[125], A, atol=0.5)


def test_a_phone_put_there_closes_the_lips_as_this_voice_does(heard):
    put = PlacedPhone(M, 1.35, 1.42, None)
    word = replace(ama(), phones=(PlacedPhone(A, 1.0, 1.3, (1.0, 1.3)), put))
    made = respoken(heard, [word])
    assert closed(made) == pytest.approx((1.34, 1.42))
    assert np.allclose(made.states[138], M)
    never = respoken(heard, [replace(word, phones=(replace(put, phone=I),))])
    assert np.allclose(never.states[138], A)  # this voice has no i to show


def test_words_beyond_the_sound_and_without_phones_are_harmless(heard):
    for word in (ama(5.0), ama(-4.0), replace(ama(), phones=())):
        made = respoken(heard, [word])
        assert np.allclose(made.phones.sum(axis=1), 1, atol=1e-3)
    assert np.array_equal(respoken(heard, []).states, heard.states)
