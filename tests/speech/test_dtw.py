"""A take is aligned to its dub within a frame, and not found in another dub."""

from fractions import Fraction

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import Sound
from dubsync.speech.audio_features import extract_features
from dubsync.speech.dtw import align
from tests.speech.speech_synthesis import RATE, noise, silence, sound, words

FOUND = 0.5
LINE = ("de_1", "fr_1", "it_1", "es_1")
CLOCK = 36000


def speech(shared, name):
    samples, rate = soundfile.read(shared / "speech" / f"{name}.wav", dtype="float32")
    assert rate == RATE
    return samples


@pytest.fixture(scope="module")
def dub(shared):
    """(AudioFeatures of a stem of four lines with gaps, where each line starts)."""
    parts, starts, at = [], {}, 0
    for n, name in enumerate(LINE):
        gap = silence(1.3 + 0.77 * n)
        samples = speech(shared, name)
        starts[name] = CLOCK + (at + len(gap)) / RATE
        parts += [gap, samples]
        at += len(gap) + len(samples)
    return extract_features(sound(*parts, silence(2), start=CLOCK)), starts


def features_of(samples):
    return extract_features(Sound(np.asarray(samples, np.float32), RATE))


def worst(result, at):
    return float(np.abs(result.dub_s - at(result.take_s)).max())


@pytest.mark.parametrize("name", LINE)
def test_the_same_words_later_are_found_within_10_ms(shared, dub, name):
    stem, starts = dub
    take = np.r_[silence(0.7373), speech(shared, name)]

    result = align(features_of(take), stem)

    assert result.confidence > 0.8
    assert worst(result, lambda s: starts[name] + s - 0.7373) < 0.010


@pytest.mark.parametrize("tempo", [0.92, 1.08])
@pytest.mark.parametrize("name", ["de_1", "es_1"])
def test_a_take_at_another_tempo_is_aligned(shared, dub, name, tempo):
    stem, starts = dub
    take = librosa.effects.time_stretch(speech(shared, name), rate=tempo)

    result = align(features_of(take), stem)

    assert result.confidence > FOUND
    assert worst(result, lambda s: starts[name] + s * tempo) < 0.025


def test_noise_level_and_tone_do_not_prevent_alignment(shared, dub):
    stem, starts = dub
    clean = speech(shared, "it_1")
    thin = librosa.effects.preemphasis(clean, coef=0.9) * 0.2
    noisy = thin + noise(len(thin) / RATE, float(thin.std()) / 3)[: len(thin)]

    result = align(features_of(noisy), stem)

    assert result.confidence > FOUND
    assert worst(result, lambda s: starts["it_1"] + s) < 0.015


def test_a_pause_that_only_the_dub_has_is_followed(shared):
    line = speech(shared, "de_1")
    cut = int(3.9 * RATE)
    stem = extract_features(sound(silence(1), line[:cut], silence(0.4), line[cut:], silence(1)))

    result = align(features_of(line), stem)

    early, late = result.take_s < 3.2, result.take_s > 4.6
    assert np.abs(result.dub_s - result.take_s - 1.0)[early].max() < 0.03
    assert np.abs(result.dub_s - result.take_s - 1.4)[late].max() < 0.03


@pytest.mark.parametrize("other", ["de_2", "fr_2", "ja_1", "ko_1"])
def test_words_that_are_not_in_the_dub_are_not_found(shared, dub, other):
    assert align(features_of(speech(shared, other)), dub[0]).confidence < 0.3


def test_a_silent_take_or_dub_is_refused():
    spoken, nothing = extract_features(sound(words(1))), extract_features(sound(noise(2)))

    with pytest.raises(MediaError, match="in the take"):
        align(nothing, spoken)
    with pytest.raises(MediaError, match="in the dub"):
        align(spoken, nothing)


@settings(max_examples=12)
@given(seed=st.integers(0, 99), other=st.integers(100, 199), lead=st.floats(0, 2))
def test_time_never_runs_backwards_whatever_is_aligned(seed, other, lead):
    take = extract_features(sound(silence(lead), words(seed, 5)))
    stem = extract_features(sound(words(other, 7), silence(1), start=Fraction(5)))

    result = align(take, stem)

    assert (np.diff(result.take_s) > 0).all()
    assert (np.diff(result.dub_s) >= 0).all()
    assert 0 <= result.confidence <= 1
    assert len(result.take_s) == len(result.dub_s)


def test_made_up_words_are_found_among_others():
    stem = extract_features(sound(words(7), silence(0.8), words(8), silence(0.8), words(9)))
    where = (len(words(7)) + 0.8 * RATE) / RATE

    result = align(extract_features(sound(silence(0.25), words(8))), stem)

    assert result.confidence > FOUND
    assert abs(np.median(result.dub_s - result.take_s) - (where - 0.25)) < 0.01


def test_local_confidence_is_high_only_for_words_of_the_dub(shared):
    whole, other = speech(shared, "es_1"), speech(shared, "de_2")
    half = len(whole) // 2
    take = extract_features(sound(silence(0.5), whole, silence(0.5)))
    dubbed = extract_features(
        sound(silence(2), whole[:half], other[half : 2 * half], silence(2), start=CLOCK)
    )

    result = align(take, dubbed)

    same = result.take_s < 0.5 + half / RATE
    assert np.quantile(result.alike[same], 0.1) > 0.6
    assert np.median(result.alike[~same]) < 0.2
