"""Audio features separate speech from room noise, at any level, in stems of any length."""

from fractions import Fraction

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from dubsync.core.errors import MediaError
from dubsync.core.sound.audio import Sound
from dubsync.speech import audio_features
from dubsync.speech.audio_features import extract_features
from dubsync.speech.lines import spoken_runs
from tests.speech.speech_synthesis import RATE, murmur, noise, silence, sound, vowel, words


def pink(seconds):
    steps = np.cumsum(noise(seconds, 1.0))
    return 0.003 * (steps - np.convolve(steps, np.ones(800) / 800, "same"))


def hum(seconds):
    at = np.arange(int(seconds * RATE)) / RATE
    return 0.02 * np.sin(2 * np.pi * 100 * at) + 0.01 * np.sin(2 * np.pi * 200 * at)


@pytest.mark.parametrize("room", [silence, noise, pink, hum], ids=lambda f: f.__name__)
def test_silence_and_steady_room_noise_have_no_speech(room):
    features = extract_features(sound(room(6)))

    assert features.speech.max() < 0.15
    assert features.loudness.max() == 0
    assert features.closure.max() == 0
    assert spoken_runs(features) == ()


def test_knocks_are_not_words():
    knocks = np.concatenate([np.r_[noise(0.01, 0.3, seed=n), silence(0.9)] for n in range(5)])

    assert extract_features(sound(knocks)).speech.max() < 0.5


def test_utterances_are_found_at_their_times():
    features = extract_features(
        sound(noise(1.5), words(1), noise(2.0), words(2), noise(1), start=3600)
    )
    first, second = len(words(1)) / RATE, len(words(2)) / RATE

    runs = spoken_runs(features)

    assert len(runs) == 2
    assert runs[0] == pytest.approx((3601.5, 3601.5 + first), abs=0.15)
    assert runs[1] == pytest.approx((3603.5 + first, 3603.5 + first + second), abs=0.15)


def test_a_line_has_the_same_features_in_a_long_silent_stem():
    line = words(3)
    alone = extract_features(sound(silence(1), line, silence(1)))
    in_reel = extract_features(sound(silence(150.37), line, silence(100)))

    assert spoken_runs(in_reel)[0][0] == pytest.approx(150.37, abs=0.12)
    first = 15037 - 100
    np.testing.assert_allclose(in_reel.mel[first : first + len(alone.mel)], alone.mel, atol=0.15)
    assert in_reel.loudness[:15000].max() == 0


def test_features_do_not_depend_on_the_length_of_a_stretch(monkeypatch):
    spoken = sound(noise(1), words(4, 16), noise(1))
    whole = extract_features(spoken)

    monkeypatch.setattr(audio_features, "STRETCH", 37)

    np.testing.assert_allclose(extract_features(spoken).mel, whole.mel, atol=1e-4)


@settings(max_examples=8)
@given(gain_db=st.floats(-26, 12))
def test_level_does_not_matter(gain_db):
    parts = silence(0.6), words(5), silence(0.6)
    usual = extract_features(sound(*parts))

    other = extract_features(sound(*(part * 10 ** (gain_db / 20) for part in parts)))

    assert np.abs(other.speech - usual.speech).mean() < 0.02
    assert np.abs(other.loudness - usual.loudness).mean() < 0.02
    assert np.abs(other.mel - usual.mel)[usual.speech > 0.5].mean() < 0.02


def test_readings_start_at_the_start_of_the_sound():
    features = extract_features(Sound(words(6).astype(np.float32), RATE, Fraction(7201, 2)))

    assert features.start == Fraction(7201, 2)
    assert len(features.loudness) == -(-len(words(6)) // 160)


def test_closures_of_ama_are_detected_and_vowels_are_not():
    spoken = vowel("a", 0.22), murmur(0.09), vowel("a", 0.22), vowel("e", 0.3), silence(0.3)
    features = extract_features(sound(silence(0.5), *(spoken * 4)))

    period = sum(len(part) for part in spoken) / RATE
    shut = [round(100 * (0.5 + k * period + 0.265)) for k in range(4)]
    open_ = [round(100 * (0.5 + k * period + at)) for k in range(4) for at in (0.11, 0.42, 0.68)]

    assert np.mean([features.closure[n - 2 : n + 3].max() for n in shut]) > 0.6
    assert np.mean(features.closure[open_]) < 0.1


def test_a_sound_without_samples_is_refused():
    with pytest.raises(MediaError, match="no samples"):
        extract_features(Sound(np.zeros(0, np.float32), RATE))


LANGUAGES = {"de_1": (0.6, 8.0), "fr_1": (1.0, 6.5), "it_1": (0.6, 8.4), "es_1": (0.7, 3.9)}


@pytest.mark.parametrize(("name", "spoken"), LANGUAGES.items(), ids=LANGUAGES)
def test_utterances_reach_from_the_first_word_to_the_last(shared, name, spoken):
    samples, rate = soundfile.read(shared / "speech" / f"{name}.wav", dtype="float32")

    runs = spoken_runs(extract_features(Sound(samples, rate)))

    assert (runs[0][0], runs[-1][1]) == pytest.approx(spoken, abs=0.25)


def test_the_rate_of_the_file_hardly_matters(shared):
    samples, rate = soundfile.read(shared / "speech" / "en_1.wav", dtype="float32")
    mono = samples.mean(axis=1)
    at_44100 = extract_features(Sound(mono, rate))

    at_48000 = extract_features(Sound(resample_poly(mono, 160, 147).astype(np.float32), 48000))

    assert rate == 44100
    assert np.abs(at_48000.mel - at_44100.mel).mean() < 0.05
    assert np.abs(at_48000.speech - at_44100.speech).mean() < 0.01
