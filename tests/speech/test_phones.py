"""The phone network recognises phones in any language, room and at any level."""

import hashlib
import time

import numpy as np
import pytest
import soundfile

from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.sound.audio import AudioFeatures, Sound
from dubsync.core.sound.phones import (
    BILABIAL,
    LABIODENTAL,
    PHONES,
    ROUNDED,
    VISEME_OF,
    VISEMES,
)
from dubsync.speech import phones as network
from dubsync.speech.audio_features import extract_features, mel_power
from dubsync.speech.phones import recognise_phones
from tests.conftest import ROOT
from tests.speech.speech_synthesis import noise, silence, sound, vowel, words

LIPS, LIP_TEETH = sorted(BILABIAL), sorted(LABIODENTAL)


def test_every_phone_has_a_viseme_and_every_viseme_a_phone():
    assert len(set(PHONES)) == len(PHONES) == len(VISEME_OF)
    assert set(VISEME_OF) == set(range(len(VISEMES)))
    assert PHONES[0] == "sil"
    assert VISEME_OF[0] == 0
    assert [PHONES[n] for n in LIPS] == ["p", "b", "m"]
    assert not (BILABIAL | LABIODENTAL) & ROUNDED


def test_a_reading_of_phones_must_add_up():
    n, zeros = 5, np.zeros(5)
    with pytest.raises(ShapeError, match="add up"):
        AudioFeatures(
            0, np.zeros((n, 40)), zeros, zeros, zeros, np.ones((n, len(PHONES))), np.zeros((n, 64))
        )


def test_phones_are_probabilities_and_the_code_is_bounded():
    features = extract_features(sound(noise(0.5), words(1), silence(0.5)))

    assert features.phones.min() >= 0
    np.testing.assert_allclose(features.phones.sum(axis=1), 1, atol=1e-4)
    assert len(features.phones) == len(features.speech)


@pytest.mark.parametrize("room", [silence, noise], ids=lambda f: f.__name__)
def test_room_noise_is_recognised_as_a_pause(room):
    features = extract_features(sound(room(2), words(3), room(2)))

    assert features.phones[20:150, 0].min() > 0.8
    assert extract_features(sound(room(3))).phones[:, 0].min() > 0.8


def test_a_single_reading_is_recognised():
    phones = recognise_phones(np.ones((1, 40), np.float32))

    assert phones.shape == (1, len(PHONES))


def test_level_does_not_matter_to_phones():
    mel = mel_power(np.concatenate([silence(0.3), words(5), silence(0.3)]).astype(np.float32))

    usual, quiet = recognise_phones(mel), recognise_phones(mel * np.float32(1e-3))

    np.testing.assert_allclose(usual, quiet, atol=0.02)


def test_phones_do_not_depend_on_the_length_of_a_stretch(monkeypatch):
    mel = mel_power(np.concatenate([noise(1), words(4, 16), noise(1)]).astype(np.float32))
    whole = recognise_phones(mel)

    monkeypatch.setattr(network, "STRETCH", 37)

    np.testing.assert_allclose(recognise_phones(mel), whole, atol=1e-5)


def test_steady_vowels_have_the_right_visemes():
    def mouth(name):
        features = extract_features(sound(silence(0.4), *[p for k in range(4) for p in (
            vowel(name, 0.25, 110 + 10 * k), silence(0.08))], words(2)))  # fmt: skip
        by_viseme = np.zeros(len(VISEMES))
        np.add.at(by_viseme, np.array(VISEME_OF), features.phones[45:160].mean(axis=0))
        return dict(zip(VISEMES, by_viseme, strict=True))

    a, i = mouth("a"), mouth("i")

    assert a["wide"] > 2 * i["wide"]
    assert i["spread close"] > 2 * a["spread close"]


def test_ten_minutes_are_recognised_fifty_times_faster_than_real_time():
    mel = np.abs(np.random.default_rng(0).normal(size=(60_000, 40))).astype(np.float32)
    recognise_phones(mel[:100])
    begun = time.process_time()
    recognise_phones(mel)

    assert time.process_time() - begun < 600 / 50


def test_weights_match_the_model_card():
    data = network.WEIGHTS.read_bytes()

    assert len(data) < 8e6
    assert hashlib.sha256(data).hexdigest() == network.WEIGHTS_SHA256
    assert network.WEIGHTS_SHA256 in (ROOT / "docs" / "reference" / "phone_network.md").read_text()


def test_altered_weights_are_refused(monkeypatch):
    monkeypatch.setattr(network, "WEIGHTS_SHA256", "0" * 64)
    network.network.cache_clear()

    with pytest.raises(ModelError, match="altered"):
        network.network()


def listen(shared, name):
    samples, rate = soundfile.read(shared / "speech" / f"{name}.wav", dtype="float32")
    samples = samples if samples.ndim == 1 else samples.mean(axis=1)
    return extract_features(Sound(samples, rate))


@pytest.mark.parametrize("name", ["de_1", "fr_1", "it_1", "es_1", "en_1"])
def test_people_close_their_lips_about_once_a_second_in_every_language(shared, name):
    features = listen(shared, name)
    spoken = features.speech > 0.5
    shut = (features.closure > 0.5) & spoken
    times = np.flatnonzero(np.diff(shut.astype(int)) == 1)

    assert 0.3 < len(times) / (spoken.sum() / 100) < 2
    lips = features.phones[:, LIPS].sum(axis=1)
    assert lips[shut].mean() > 3 * lips[spoken & ~shut].mean()
