"""Rendering a line in its new time: exact length, kept pitch, untouched where nothing changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.speech.elastic.fit import Phrase
from dubsync.speech.elastic.stretch import render
from tests.speech.speech_synthesis import RATE, noise, vowel

PITCH = 120.0


def voice(channels=1):
    """One second of room tone, a second and a half of a vowel, a second of room tone."""
    one = noise(3.5, rms=0.0005)
    one[RATE : RATE + RATE * 3 // 2] += vowel("a", 1.5, PITCH)
    return np.repeat(one[:, None], channels, axis=1)


def spoken(tempo=1.0, later=0.0):
    """The vowel as a phrase at another tempo, moved."""
    source = np.linspace(1.0, 2.5, 151)
    return Phrase(source, 1.0 + later + (source - 1.0) / tempo)


def cents(samples):
    """How far the pitch of a steady voice is from PITCH."""
    part = samples - samples.mean()
    size = 1 << 18
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)), size)) ** 2
    hz = np.fft.rfftfreq(size, 1 / RATE)
    near = [(hz > PITCH * k * 0.94) & (hz < PITCH * k * 1.06) for k in (3, 4, 5, 6)]
    found = [
        hz[band][np.argmax(power[band])] / k for band, k in zip(near, (3, 4, 5, 6), strict=True)
    ]
    return 1200 * np.log2(np.median(found) / PITCH)


@pytest.mark.parametrize("tempo", [0.88, 0.95, 1.05, 1.12])
def test_the_pitch_stays_within_a_few_cents(tempo):
    made = render(voice(), RATE, [spoken(tempo)], 0.0)[:, 0]
    inside = made[int(1.2 * RATE) : int((1.0 + 1.5 / tempo - 0.2) * RATE)]
    assert abs(cents(inside) - cents(voice()[int(1.2 * RATE) : int(2.3 * RATE), 0])) < 4


@pytest.mark.parametrize("tempo", [0.88, 1.12])
def test_the_voice_ends_when_its_new_time_says(tempo):
    made = render(voice(), RATE, [spoken(tempo, 0.1)], 0.0)[:, 0]
    level = np.convolve(made**2, np.ones(160) / 160, "same")
    loud = np.flatnonzero(level > 0.1 * level.max()) / RATE
    assert abs(loud[0] - 1.1) < 0.02
    assert abs(loud[-1] - (1.1 + 1.5 / tempo)) < 0.02


def test_nothing_changes_where_nothing_moves():
    samples = voice(2)
    assert np.abs(render(samples, RATE, [spoken()], 0.0) - samples).max() < 1e-12
    assert (render(samples, RATE, [], 0.0) == samples).all()


def test_a_phrase_that_only_moves_is_copied_sample_by_sample():
    samples = voice()
    made = render(samples, RATE, [spoken(later=0.2)], 0.0)
    by = int(0.2 * RATE)
    first, last = RATE, RATE * 5 // 2
    assert np.abs(made[first + by : last + by] - samples[first:last]).max() < 1e-12


@given(
    tempos=st.lists(st.floats(0.88, 1.12), min_size=1, max_size=3),
    gaps=st.lists(st.floats(0.06, 0.5), min_size=3, max_size=3),
    later=st.floats(-0.3, 0.3),
    channels=st.integers(1, 2),
)
@settings(max_examples=15, deadline=None)
def test_the_result_is_as_long_as_the_line_to_the_sample(tempos, gaps, later, channels):
    samples = voice(channels)
    found, at, out = [], 1.0, 1.0 + later
    for tempo, gap in zip(tempos, gaps, strict=False):
        source = np.linspace(at, at + 0.4, 41)
        found.append(Phrase(source, out + (source - at) / tempo))
        at, out = at + 0.5, found[-1].out[-1] + gap
    if found[-1].out[-1] > 3.4:
        return
    made = render(samples, RATE, found, 0.0)
    assert made.shape == samples.shape
    assert np.isfinite(made).all()
    assert np.abs(made).max() < 1.5 * np.abs(samples).max()


@pytest.mark.parametrize("ends", [0.0, 0.002, 0.03, 0.2])
@pytest.mark.parametrize("tempo", [0.9, 1.0, 1.1])
def test_a_phrase_may_begin_and_end_with_the_sound(ends, tempo):
    samples = vowel("a", 1.5, PITCH)[:, None]
    source = np.linspace(0.2, 1.5 - ends, 131)
    late = 1.5 - 0.001 - (source[-1] - source[0]) / tempo
    begin = min(max(late, 0.0), 0.15)
    out = begin + (source - source[0]) / tempo
    if out[-1] <= 1.5:
        assert render(samples, RATE, [Phrase(source, out)], 0.0).shape == samples.shape
    back = np.linspace(0.0, 1.0, 101)
    later = Phrase(back, 0.13 + back / max(tempo, 1.0))
    assert render(samples, RATE, [later], 0.0).shape == samples.shape


@pytest.mark.parametrize("longer", [-0.4, 0.5, 1.9])
def test_a_pause_keeps_the_level_of_its_room_tone(longer):
    samples = noise(5.5, rms=0.0005)[:, None]
    for begin in (1.0, 2.5):
        samples[int(begin * RATE) : int((begin + 1) * RATE), 0] += vowel("a", 1.0, PITCH)
    source = np.linspace(1.0, 2.0, 101)
    phrases = [Phrase(source, source), Phrase(source + 1.5, source + 1.5 + longer)]
    made = render(samples, RATE, phrases, 0.0)[:, 0]
    pause = made[int(2.02 * RATE) : int((2.48 + longer) * RATE)]
    assert pause.std() == pytest.approx(0.0005, rel=0.25)
