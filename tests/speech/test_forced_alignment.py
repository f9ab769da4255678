"""A known text is laid on what is heard, and says which of its words are there."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.phones import BILABIAL, PHONES
from dubsync.speech.forced_alignment import aligned
from dubsync.speech.pronounce import Word, phones_of
from dubsync.speech.text_guided import apply_alignment

WORDS = ("bin", "blu", "mama", "sɛvən", "naʊ", "ɡɹin", "æpəlz", "fɔɹ")


def word(letters, *others):
    return Word(letters, tuple(phones_of(way) for way in (letters, *others)))


def heard(*said, sure=0.7, start=Fraction(0), each=8):
    """What a network hears of words said one after the other; a number is a pause in seconds."""
    rows = []
    for one in said:
        silent = isinstance(one, float)
        places = [0] * round(one * 100 / each) if silent else phones_of(one)
        rows += [place for place in places for _ in range(each)]
    phones = np.full((len(rows), len(PHONES)), (1 - sure) / (len(PHONES) - 1), np.float32)
    phones[np.arange(len(rows)), rows] = sure
    speech = (np.array(rows) > 0).astype(np.float32)
    zeros = np.zeros(len(rows), np.float32)
    unheard = AudioFeatures.of_level(start, np.zeros((len(rows), 40)), speech, speech, zeros)
    return replace(unheard, phones=phones)


def result(words):
    return [one.written for one in words if one.confidence > 0.5]


def test_every_phone_lies_where_it_is_heard():
    hearing = heard(0.4, "bin", "blu", 0.24, "naʊ", 0.4, start=Fraction(100))
    spoken = aligned(hearing, [word("bin"), word("blu"), word("naʊ")])

    assert result(spoken) == ["bin", "blu", "naʊ"]
    assert [round(one.begin - 100, 2) for one in spoken] == [0.4, 0.64, 1.12]
    assert [round(end - 100, 2) for _, _, end in spoken[1].phones] == [0.72, 0.80, 0.88]


def test_a_word_that_is_not_said_is_passed_over():
    hearing = heard(0.4, "bin", "blu", "sɛvən", "naʊ", 0.4)
    spoken = aligned(hearing, [word(w) for w in ("bin", "blu", "æpəlz", "sɛvən", "naʊ")])

    assert result(spoken) == ["bin", "blu", "sɛvən", "naʊ"]
    assert spoken[1].end == pytest.approx(0.88, abs=0.03)


def test_words_that_the_text_lacks_stay_the_sounds_own():
    hearing = heard(0.4, "bin", "blu", "ɡɹin", "mama", "sɛvən", "naʊ", 0.4)
    spoken = aligned(hearing, [word(w) for w in ("bin", "blu", "sɛvən", "naʊ")])

    assert result(spoken) == ["bin", "blu", "sɛvən", "naʊ"]
    assert spoken[2].begin == pytest.approx(1.52, abs=0.03)
    between = slice(90, 150)
    sharp = apply_alignment(hearing, spoken)
    np.testing.assert_array_equal(sharp.phones[between], hearing.phones[between])


def test_of_two_ways_to_say_a_word_the_one_that_is_heard_is_taken():
    spoken = aligned(
        heard(0.4, "bin", "ðə", "naʊ", 0.4), [word("bin"), word("ði", "ðə"), word("naʊ")]
    )

    assert [PHONES[phone] for phone, _, _ in spoken[1].phones] == ["ð", "ə"]


def test_another_text_is_hardly_believed():
    hearing = heard(0.4, "bin", "blu", "sɛvən", "naʊ", 0.4)
    assert result(aligned(hearing, [word(w) for w in ("ɡɹʌmp", "æpəlz", "fɔɹ", "ʃip")])) == []


def test_silence_holds_no_words():
    silence = AudioFeatures.of_level(0, np.zeros((200, 40)), *np.zeros((3, 200)))

    assert result(aligned(silence, [word("bin"), word("blu")])) == []
    assert aligned(silence, []) == ()
    assert aligned(silence, [Word("?", ())]) == ()


def test_only_the_line_s_own_time_is_searched():
    hearing = heard(0.4, "bin", "blu", 0.8, "bin", "naʊ", 0.4)
    (first, _) = aligned(hearing, [word("bin"), word("naʊ")], (1.4, 3.0))

    assert first.begin == pytest.approx(1.68, abs=0.03)


@settings(max_examples=25)
@given(
    said=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    pause=st.sampled_from([0.0, 0.08, 0.4]),
)
def test_words_come_in_order_within_the_sound_and_each_once(said, text, pause):
    hearing = heard(0.4, *[part for one in said for part in (one, pause)], 0.4)
    spoken = aligned(hearing, [word(w) for w in text])

    phones = [phone for one in spoken for phone in one.phones]
    assert all(begin < end for _, begin, end in phones)
    assert all(a[2] <= b[1] + 1e-9 for a, b in zip(phones, phones[1:], strict=False))
    assert not phones or (phones[0][1] >= 0 and phones[-1][2] <= len(hearing.phones) / 100)
    places = iter(text)
    assert all(one.written in places for one in spoken)  # a subsequence
    assert all(0 <= one.confidence <= 1 for one in spoken)
    assert not (said == text and result(spoken) != text)


def test_lips_close_where_the_text_says_though_the_sound_is_unsure():
    hearing = heard(0.4, "sɛvən", "mama", "naʊ", 0.4, sure=0.4)
    sharp = apply_alignment(hearing, aligned(hearing, [word("sɛvən"), word("mama"), word("naʊ")]))

    assert hearing.closure.max() == 0
    assert sharp.closure[82:87].min() > 0.9  # m
    assert sharp.closure[90:95].max() < 0.1  # a
    np.testing.assert_allclose(sharp.phones.sum(axis=1), 1, atol=1e-4)
    assert sharp.phones[83, sorted(BILABIAL)].sum() > 0.7


def test_lips_do_not_close_where_the_text_says_an_open_sound():
    hearing = heard(0.4, "sɛvən", "ɡɹin", "naʊ", 0.4)
    claimed = replace(hearing, closure=hearing.speech)
    sharp = apply_alignment(claimed, aligned(hearing, [word("sɛvən"), word("ɡɹin"), word("naʊ")]))

    assert sharp.closure[45:105].max() < 0.1
    assert sharp.closure[108:112].max() < 0.1


def test_a_rounded_sound_may_come_near_closing_as_it_is_heard():
    hearing = heard(0.4, "sɛvən", "wan", "naʊ", 0.4)
    claimed = replace(hearing, closure=0.5 * hearing.speech)
    sharp = apply_alignment(claimed, aligned(hearing, [word("sɛvən"), word("wan"), word("naʊ")]))

    assert sharp.closure[82:86].min() == pytest.approx(0.5)


def test_without_words_nothing_changes():
    hearing = heard(0.4, "bin", "naʊ", 0.4)
    same = apply_alignment(hearing, ())

    np.testing.assert_array_equal(same.phones, hearing.phones)
    np.testing.assert_array_equal(same.closure, hearing.closure)
