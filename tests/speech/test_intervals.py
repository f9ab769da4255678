"""Sound within intervals of speech, and between them."""

import numpy as np
import pytest

from dubsync.speech.intervals import beside, only
from tests.speech.speech_synthesis import RATE, noise, silence, sound, words


def level_db(samples):
    return 10 * np.log10(np.mean(np.asarray(samples, np.float64) ** 2) + 1e-12)


def test_only_keeps_the_intervals_and_silences_the_rest():
    whole = sound(noise(4.0, rms=0.1), start=10)
    kept = only(whole, [(11.0, 12.0), (13.0, 13.5)])
    inside = slice(RATE, 2 * RATE)
    assert np.array_equal(kept.samples[inside], whole.samples[inside])
    assert not np.any(kept.samples[int(2.1 * RATE) : int(2.9 * RATE)])
    assert kept.start == whole.start
    assert len(kept.samples) == len(whole.samples)


def test_no_intervals_keep_nothing():
    assert not np.any(only(sound(noise(1.0)), []).samples)


def test_intervals_past_the_ends_are_clipped():
    kept = only(sound(noise(1.0, rms=0.1)), [(-1.0, 0.2), (0.9, 5.0)])
    assert np.any(kept.samples[:1000]) and np.any(kept.samples[-1000:])


def test_a_clean_dialogue_stem_is_silent_between_speech():
    speech = words(syllables=6)
    whole = sound(silence(1), speech, silence(2), noise(0.5, rms=1e-5))
    assert beside(whole, [(1.0, 1 + len(speech) / RATE)]).share == 0


@pytest.mark.parametrize("below_db", [6, 15, 25])
def test_music_in_the_pauses_is_measured_at_its_level(below_db):
    speech = words(syllables=6)
    tune = np.sin(2 * np.pi * 440 * np.arange(5 * RATE) / RATE)
    whole = np.concatenate([silence(1), speech, silence(4)])[: 5 * RATE]
    level = 10 ** ((level_db(speech) - below_db) / 20) * np.sqrt(2)
    result = beside(sound(whole + level * tune[: len(whole)]), [(1.0, 1 + len(speech) / RATE)])
    assert result.share == pytest.approx(1.0, abs=0.02)
    assert result.db == pytest.approx(-below_db, abs=4)


def test_speech_without_a_pause_has_no_background():
    assert beside(sound(words()), [(0.0, 60.0)]).share == 0
