"""2-pops are detected to the millisecond, and other sounds are not."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.sound.audio import Sound
from dubsync.media.sound.two_pop import pops

RATE = 16000


def stem(pop_at=6.0, seconds=1 / 24, *, pitch=1000, level=0.1, speech_from=8.0, length=12.0):
    """Faint noise, a tone burst, and later a voice-like buzz."""
    rng = np.random.default_rng(0)
    at = np.arange(round(length * RATE)) / RATE
    samples = rng.normal(0, 1e-4, len(at))
    burst = (at >= pop_at) & (at < pop_at + seconds)
    samples[burst] += level * np.sin(2 * np.pi * pitch * at[burst])
    buzz = sum(np.sin(2 * np.pi * 140 * k * at) / k for k in range(1, 20)) * 0.1
    samples += buzz * (at >= speech_from) * (np.sin(2 * np.pi * 3 * at) > 0)
    return Sound(samples, RATE)


@settings(max_examples=15)
@given(
    st.floats(0.0, 7.0), st.sampled_from([23.976, 24, 25, 29.97, 50, 59.94]), st.floats(0.01, 0.5)
)
def test_a_frame_of_1_khz_is_found_at_every_rate(at, fps, level):
    (pop,) = pops(stem(at, 1 / fps, level=level))

    assert pop.start == pytest.approx(at, abs=0.002)
    assert pop.seconds == pytest.approx(1 / fps, abs=0.003)


@pytest.mark.parametrize(
    "other",
    [{"pitch": 440}, {"seconds": 0.5}, {"seconds": 0.004}, {"level": 0.001}, {"pop_at": 7.9}],
)
def test_other_sounds_are_no_pops(other):
    assert pops(stem(**other)) == ()


def test_speech_has_no_pop():
    assert pops(stem(level=0, speech_from=0)) == ()
    assert pops(Sound(np.zeros(10), RATE)) == ()
