"""What is wrong with the sound of a dub is said, with its place; a clean dub is not blamed."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import fftconvolve, resample_poly

from benchmarks.hearing.scenes import telephone
from dubsync.core.shot import Stem
from dubsync.media.sound.condition import sound_condition
from dubsync.media.sound.stem import read_sound
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.sound_faults import falls, sound_faults
from dubsync.service.store.folder import Store
from tests.speech.speech_synthesis import words

RATE = 48000
DUBS = Path(__file__).parents[3] / "sample_projects" / "two_hander" / "dub"


@pytest.fixture(scope="module")
def voice():
    """Twelve seconds of a clean dub, peak 0.7."""
    samples = np.asarray(read_sound(DUBS / "ELISE_it.wav", rate=RATE).samples, np.float64)
    power = np.convolve(samples[::480] ** 2, np.ones(1200), "valid")
    begin = int(power.argmax()) * 480
    part = samples[begin : begin + 12 * RATE]
    return 0.7 * part / np.abs(part).max()


@pytest.fixture
def warned(tmp_path):
    """What is said of samples at 48 kHz, or at another rate."""

    def of(samples, rate=RATE):
        path = tmp_path / "dub.wav"
        soundfile.write(path, np.clip(samples, -1, 1), rate, "PCM_24")
        stem = Stem("ELISE", "it-IT", str(path), rate, len(samples), Fraction(3600))
        audio = AudioAnalysisCache(Store(tmp_path / f"{hash(samples.tobytes())}"))
        return [
            f"{w.message}: {w.hint}"
            for w in sound_faults(
                "ELISE", path.name, audio.stem_features(stem), audio.condition(stem),
                lambda at: f"second {at:.0f}",
            )
        ]  # fmt: skip

    return of


def in_room(samples, seconds, seed=1):
    """`samples` in a room whose echo falls by 60 dB in `seconds`."""
    at = np.arange(int(seconds * RATE)) / RATE
    echo = np.random.default_rng(seed).normal(size=len(at)) * np.exp(-6.9 * at / seconds)
    echo *= 1.5 / np.sqrt((echo**2).sum())
    echo[0] += 1
    wet = fftconvolve(samples, echo)[: len(samples)]
    return 0.7 * wet / np.abs(wet).max()


def test_a_clean_dub_is_not_blamed(voice, warned):
    assert warned(voice) == []


def test_clipping_is_said_with_its_place_at_any_level(voice, warned):
    clipped = np.clip(4 * voice, -1, 1)

    for gain in (1.0, 0.3):
        (said,) = warned(gain * clipped)
        assert "dub.wav: " in said
        assert "clipped" in said
        assert "second 36" in said
        assert "headroom" in said


def test_a_loud_dub_that_is_not_clipped_is_not_blamed(voice, warned):
    assert warned(voice / np.abs(voice).max()) == []


def test_a_telephone_is_named(voice, warned):
    (said,) = warned(telephone(voice[:: RATE // 16000]), 16000)

    assert "nothing is heard above 4 kHz" in said


def test_a_sound_of_8_khz_is_named(voice, warned):
    (said,) = warned(telephone(voice[:: RATE // 16000])[::2], 8000)

    assert "nothing is heard above 4 kHz" in said


def test_speech_in_noise_is_named_with_the_distance(voice, warned):
    noise = np.random.default_rng(0).normal(size=len(voice)) * 2.5 * voice.std()

    said = " ".join(warned(0.2 * (voice + noise)))

    assert "dB above the music or noise beneath" in said
    assert "clipped" not in said


def test_a_hall_is_named_and_a_small_room_is_not(warned):
    phrases = np.concatenate([np.r_[words(n, 4), np.zeros(8000)] for n in range(10)])
    dry = 0.5 * resample_poly(phrases, RATE, 16000)

    assert not any("reverberation" in said for said in warned(in_room(dry, 0.2)))
    assert any("much reverberation" in said for said in warned(in_room(dry, 1.0)))


@pytest.mark.parametrize("seconds", [0.3, 0.8, 1.5])
def test_the_times_of_falls_are_those_of_the_room(seconds):
    level = np.concatenate([-20 - 60 / seconds * np.arange(60) / 100 for _ in range(8)])

    assert np.median(falls(level)[0]) == pytest.approx(seconds, rel=0.2)


def test_silence_has_a_condition_and_no_fault(warned):
    assert warned(np.zeros(RATE)) == []


def test_a_sound_of_a_few_samples_has_a_condition(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(7), RATE)

    condition = sound_condition(tmp_path / "a.wav", RATE, 7)

    assert len(condition.level) == len(condition.high) == len(condition.flat)
