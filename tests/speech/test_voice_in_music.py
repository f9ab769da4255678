"""Notes near music are no talk, a clean stem is left as it is, and talk over music stays."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.sound.audio import Sound
from dubsync.core.sound.phones import PHONES
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import ANALYSIS_RATE, extract_features, spectra_of
from dubsync.speech.phones import recognise_phones
from dubsync.speech.sound_states import sound_states
from dubsync.speech.voice_in_music import voice_in_music
from dubsync.speech.voice_presence import voice_probability

DUB = Path(__file__).parents[2] / "sample_projects" / "two_hander" / "dub" / "ELISE_it.wav"
LENGTH = 1200
SOUND = slice(500, 700)  #: where the voice network is sure


def heard(span, music_db=-20.0):
    """Voice and level of a sound with a loud line at its end and music elsewhere."""
    voice, level = np.zeros(LENGTH), np.full(LENGTH, music_db)
    voice[span] = voice[1000:1150] = 1.0
    level[1000:1150] = -10.0
    return voice, level


def said(different, every=6):
    """Phones that change every `every` readings; in the line at the end, twenty."""
    at = 1 + np.arange(LENGTH) // every % different
    at[1000:1150] = 1 + np.arange(150) // every % 20
    return np.eye(len(PHONES), dtype=np.float32)[at]


def test_a_long_note_near_music_is_no_voice():
    voice, level = heard(SOUND)

    kept = voice_in_music(voice, level, said(different=3))

    assert kept[SOUND].max() == 0
    assert kept[1000:1150].min() == 1


def test_a_short_sound_near_music_is_no_voice():
    voice, level = heard(slice(500, 520))

    assert voice_in_music(voice, level, said(different=20))[:900].max() == 0


def test_talk_over_music_stays_to_its_edges():
    voice, level = heard(SOUND)

    np.testing.assert_array_equal(voice_in_music(voice, level, said(different=20)), voice)


def test_a_weak_end_of_a_line_stays_with_the_line():
    voice, level = heard(SOUND)
    voice[740:760] = 1.0

    assert voice_in_music(voice, level, said(different=20))[740:760].min() == 1


@pytest.mark.parametrize("room_db", [-36.0, -60.0, -100.0])
def test_without_music_even_a_held_note_is_the_same_voice(room_db):
    voice, level = heard(SOUND, music_db=room_db)

    assert voice_in_music(voice, level, said(different=1)) is voice


def test_the_dub_of_the_sample_reel_is_heard_as_before():
    samples = np.asarray(read_sound(DUB, rate=ANALYSIS_RATE).samples)[: 8 * ANALYSIS_RATE]
    spectra, voice = spectra_of(samples), voice_probability(sound_states(samples, device="cpu"))
    assert (voice > 0.9).any()

    assert voice_in_music(voice, spectra.level, recognise_phones(spectra.mel)) is voice


def test_music_far_away_changes_nothing_here():
    voice, level = np.zeros(3000), np.full(3000, -90.0)
    voice[100:120] = voice[1500:1700] = 1.0
    level[100:120] = level[1500:1700] = -10.0
    level[2200:] = -15.0
    phones = np.eye(len(PHONES), dtype=np.float32)[1 + np.arange(3000) // 6 % 20]

    np.testing.assert_array_equal(voice_in_music(voice, level, phones), voice)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), count=st.integers(1, 400))
def test_no_voice_is_added(seed, count):
    dice = np.random.default_rng(seed)
    voice = np.repeat(dice.random(count // 20 + 1), 20)[:count]
    phones = dice.dirichlet(np.ones(len(PHONES)), count)

    assert (voice_in_music(voice, dice.uniform(-90, 0, count), phones) <= voice).all()


def test_real_music_moves_no_lips_before_and_after_a_voice_in_it(shared):
    """The music of a silent film, and a line of the sample's dub over it, 12 dB above."""
    music = np.asarray(
        read_sound(shared / "footage" / "chaplin_film_cuts_10s.mp4", rate=ANALYSIS_RATE).samples
    )[: 7 * ANALYSIS_RATE]
    line = np.asarray(read_sound(DUB, rate=ANALYSIS_RATE).samples)
    line = line[int(19.6 * ANALYSIS_RATE) : int(21.6 * ANALYSIS_RATE)]
    mixed = music * (line.std() / music.std() / 4)
    mixed[3 * ANALYSIS_RATE : 5 * ANALYSIS_RATE] += line
    speech = np.asarray(extract_features(Sound(mixed, ANALYSIS_RATE), device="cpu").speech)
    assert speech[:280].max() < 0.5 and speech[560:].max() < 0.5
    assert speech[315:490].min() > 0.5
