"""A known text is aligned to a sound, with a confidence for each of its words."""

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


def features_of(*words, sure=0.7, start=Fraction(0), each=8):
    """Features of words spoken one after the other; a number is a pause in seconds."""
    rows = []
    for one in words:
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


def test_every_phone_is_aligned_to_its_time():
    features = features_of(0.4, "bin", "blu", 0.24, "naʊ", 0.4, start=Fraction(100))
    spoken = aligned(features, [word("bin"), word("blu"), word("naʊ")])

    assert result(spoken) == ["bin", "blu", "naʊ"]
    assert [round(one.begin - 100, 2) for one in spoken] == [0.4, 0.64, 1.12]
    assert [round(end - 100, 2) for _, _, end in spoken[1].phones] == [0.72, 0.80, 0.88]


def test_a_word_that_is_not_spoken_is_skipped():
    features = features_of(0.4, "bin", "blu", "sɛvən", "naʊ", 0.4)
    spoken = aligned(features, [word(w) for w in ("bin", "blu", "æpəlz", "sɛvən", "naʊ")])

    assert result(spoken) == ["bin", "blu", "sɛvən", "naʊ"]
    assert spoken[1].end == pytest.approx(0.88, abs=0.03)


def test_words_that_the_text_lacks_keep_their_features():
    features = features_of(0.4, "bin", "blu", "ɡɹin", "mama", "sɛvən", "naʊ", 0.4)
    spoken = aligned(features, [word(w) for w in ("bin", "blu", "sɛvən", "naʊ")])

    assert result(spoken) == ["bin", "blu", "sɛvən", "naʊ"]
    assert spoken[2].begin == pytest.approx(1.52, abs=0.03)
    between = slice(90, 150)
    corrected = apply_alignment(features, spoken)
    np.testing.assert_array_equal(corrected.phones[between], features.phones[between])


def test_the_pronunciation_that_was_spoken_is_chosen():
    spoken = aligned(
        features_of(0.4, "bin", "ðə", "naʊ", 0.4), [word("bin"), word("ði", "ðə"), word("naʊ")]
    )

    assert [PHONES[phone] for phone, _, _ in spoken[1].phones] == ["ð", "ə"]


def test_another_text_has_low_confidence():
    features = features_of(0.4, "bin", "blu", "sɛvən", "naʊ", 0.4)
    assert result(aligned(features, [word(w) for w in ("ɡɹʌmp", "æpəlz", "fɔɹ", "ʃip")])) == []


def test_silence_holds_no_words():
    silence = AudioFeatures.of_level(0, np.zeros((200, 40)), *np.zeros((3, 200)))

    assert result(aligned(silence, [word("bin"), word("blu")])) == []
    assert aligned(silence, []) == ()
    assert aligned(silence, [Word("?", ())]) == ()


def test_only_the_span_is_searched():
    features = features_of(0.4, "bin", "blu", 0.8, "bin", "naʊ", 0.4)
    (first, _) = aligned(features, [word("bin"), word("naʊ")], (1.4, 3.0))

    assert first.begin == pytest.approx(1.68, abs=0.03)


@settings(max_examples=25)
@given(
    spoken_words=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    text=st.lists(st.sampled_from(WORDS), min_size=1, max_size=5),
    pause=st.sampled_from([0.0, 0.08, 0.4]),
)
def test_words_are_in_order_within_the_sound_and_unique(spoken_words, text, pause):
    features = features_of(0.4, *[part for one in spoken_words for part in (one, pause)], 0.4)
    spoken = aligned(features, [word(w) for w in text])

    phones = [phone for one in spoken for phone in one.phones]
    assert all(begin < end for _, begin, end in phones)
    assert all(a[2] <= b[1] + 1e-9 for a, b in zip(phones, phones[1:], strict=False))
    assert not phones or (phones[0][1] >= 0 and phones[-1][2] <= len(features.phones) / 100)
    places = iter(text)
    assert all(one.written in places for one in spoken)  # a subsequence
    assert all(0 <= one.confidence <= 1 for one in spoken)
    assert not (spoken_words == text and result(spoken) != text)


def test_the_text_closes_the_lips_where_the_sound_is_uncertain():
    features = features_of(0.4, "sɛvən", "mama", "naʊ", 0.4, sure=0.4)
    corrected = apply_alignment(
        features, aligned(features, [word("sɛvən"), word("mama"), word("naʊ")])
    )

    assert features.closure.max() == 0
    assert corrected.closure[82:87].min() > 0.9  # m
    assert corrected.closure[90:95].max() < 0.1  # a
    np.testing.assert_allclose(corrected.phones.sum(axis=1), 1, atol=1e-4)
    assert corrected.phones[83, sorted(BILABIAL)].sum() > 0.7


def test_lips_do_not_close_on_an_open_sound_of_the_text():
    features = features_of(0.4, "sɛvən", "ɡɹin", "naʊ", 0.4)
    claimed = replace(features, closure=features.speech)
    corrected = apply_alignment(
        claimed, aligned(features, [word("sɛvən"), word("ɡɹin"), word("naʊ")])
    )

    assert corrected.closure[45:105].max() < 0.1
    assert corrected.closure[108:112].max() < 0.1


def test_a_rounded_sound_keeps_its_closure_evidence():
    features = features_of(0.4, "sɛvən", "wan", "naʊ", 0.4)
    claimed = replace(features, closure=0.5 * features.speech)
    corrected = apply_alignment(
        claimed, aligned(features, [word("sɛvən"), word("wan"), word("naʊ")])
    )

    assert corrected.closure[82:86].min() == pytest.approx(0.5)


def test_without_words_nothing_changes():
    features = features_of(0.4, "bin", "naʊ", 0.4)
    same = apply_alignment(features, ())

    np.testing.assert_array_equal(same.phones, features.phones)
    np.testing.assert_array_equal(same.closure, features.closure)
