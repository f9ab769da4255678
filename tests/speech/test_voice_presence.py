"""A voice moves the mouth, whatever sounds beside it; music and noise alone do not."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.hearing.manners import whispered
from benchmarks.hearing.noises import NOISES
from benchmarks.hearing.notes import MUSIC, unit
from benchmarks.hearing.other_music import OTHER_MUSIC
from dubsync.core.sound.audio import Sound
from dubsync.speech import voice_presence
from dubsync.speech.audio_features import extract_features
from dubsync.speech.lines import SPOKEN
from dubsync.speech.voice_presence import speech_of_voice, voice_probability
from tests.speech.speech_synthesis import RATE, noise, silence, sound, words

ROOT = Path(__file__).parents[2]
SECONDS = 6.0
#: Taught nothing, and no imitation of a voice.
UNHEARD = ("organ", "accordion", "clarinet", "theremin", "wah_guitar", "electric_piano")


def spoken_share(samples):
    return (extract_features(sound(samples)).speech > SPOKEN).mean()


def played(kinds, name, seed=31):
    dice = np.random.default_rng(seed)
    return 0.1 * unit(kinds[name](dice, SECONDS)) + 1e-4 * dice.normal(size=int(SECONDS * RATE))


@pytest.mark.parametrize("instrument", UNHEARD)
def test_music_alone_is_no_speech(instrument):
    assert spoken_share(played(OTHER_MUSIC, instrument)) <= 0.05


@pytest.mark.parametrize("instrument", ["swelling_chords", "bowed", "drums", "struck"])
def test_music_of_the_kinds_that_taught_is_no_speech(instrument):
    assert spoken_share(played(MUSIC, instrument)) <= 0.05


@pytest.mark.parametrize("kind", NOISES)
def test_noises_are_no_speech(kind):
    assert spoken_share(played(NOISES, kind)) <= 0.05


def test_a_voice_over_music_is_speech_and_the_music_beside_it_is_not():
    bed = played(MUSIC, "swelling_chords")
    line = words(2)
    samples = bed.copy()
    samples[2 * RATE : 2 * RATE + len(line)] += 2 * line

    speech = extract_features(sound(samples)).speech > SPOKEN

    assert speech[200 : 200 + len(line) // 160].mean() > 0.9
    assert speech[:160].mean() < 0.1
    assert speech[200 + len(line) // 160 + 40 :].mean() < 0.1


def test_a_whisper_is_speech():
    dice = np.random.default_rng(2)
    line = 0.05 * unit(whispered(words(3, 12), dice))

    speech = extract_features(sound(silence(0.5), line, silence(0.5))).speech > SPOKEN

    assert speech[60 : len(speech) - 60].mean() > 0.8


@settings(max_examples=10)
@given(seed=st.integers(0, 99), stretch=st.integers(1, 400))
def test_a_probability_does_not_depend_on_the_length_of_a_stretch(seed, stretch):
    states = np.random.default_rng(seed).normal(size=(701, 64)).astype(np.float32)
    whole = voice_probability(states)
    usual = voice_presence.STRETCH
    voice_presence.STRETCH = stretch
    try:
        np.testing.assert_allclose(voice_probability(states), whole, atol=1e-5)
    finally:
        voice_presence.STRETCH = usual


@pytest.mark.parametrize("count", [1, 2, 3, 31])
def test_there_is_a_probability_for_every_reading(count):
    assert voice_probability(np.zeros((count, 64), np.float32)).shape == (count,)


def test_what_is_speech_stays_so_where_a_voice_is_sure():
    speech = np.linspace(0, 1, 300).astype(np.float32)

    kept = speech_of_voice(speech, np.full(300, -90.0), np.ones(300))

    np.testing.assert_allclose(kept, speech, atol=1e-6)


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_nothing_is_speech_without_a_voice(seed):
    dice = np.random.default_rng(seed)
    speech = dice.random(200).astype(np.float32)

    assert speech_of_voice(speech, dice.uniform(-60, 0, 200), np.zeros(200)).max() == 0


def test_the_card_and_the_notice_are_of_the_file_that_ships():
    card = (ROOT / "docs" / "reference" / "voice_network.md").read_text()

    assert voice_presence.WEIGHTS_SHA256 in card
    assert f"{voice_presence.WEIGHTS.stat().st_size:,} bytes" in card
    assert voice_presence.WEIGHTS.with_name("LICENSE.voice_presence").exists()


def test_a_very_short_sound_is_heard():
    for samples in (noise(0.005), words(1)[: int(0.3 * RATE)]):
        features = extract_features(Sound(samples.astype(np.float32), RATE))
        assert len(features.speech) == -(-len(samples) // 160)
