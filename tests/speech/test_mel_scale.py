"""The mel scale is Slaney's, its filters cover the band, and resampled sound keeps its length."""

import numpy as np
import pytest

from dubsync.speech.mel_scale import mel_filters, mel_frequencies, resampled


def test_the_scale_is_linear_to_one_kilohertz_and_then_a_logarithm():
    np.testing.assert_allclose(mel_frequencies(4, 0.0, 1000.0), [0, 1000 / 3, 2000 / 3, 1000])
    above = mel_frequencies(4, 1000.0, 8000.0)
    np.testing.assert_allclose(np.diff(np.log(above)), np.log(8) / 3)
    # 27 mels above the bend are a factor of 6.4.
    np.testing.assert_allclose(mel_frequencies(28, 1000.0, 6400.0)[1], 1000 * 6.4 ** (1 / 27))


def test_neighbouring_filters_share_every_bin_between_their_middles():
    weights = mel_filters(16000, 1024, 40, 60.0, 7600.0, even=False)
    edges, bins = mel_frequencies(42, 60.0, 7600.0), np.fft.rfftfreq(1024, 1 / 16000)
    inside = (bins > edges[1]) & (bins < edges[-2])
    np.testing.assert_allclose(weights[:, inside].sum(axis=0), 1, atol=1e-6)
    even = mel_filters(16000, 1024, 40, 60.0, 7600.0, even=True)
    np.testing.assert_allclose(even, weights * (2 / (edges[2:] - edges[:-2]))[:, None], rtol=1e-6)


@pytest.mark.parametrize("rate", [8000, 16001, 44100, 48000])
def test_resampled_sound_keeps_its_length_pitch_and_kind(rate):
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32)
    made = resampled(tone, rate, 16000)
    assert (len(made), made.dtype) == (16000, np.float32)
    assert np.argmax(np.abs(np.fft.rfft(made))) == 440
