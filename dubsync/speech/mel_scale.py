"""The mel scale of Slaney, its triangular filters, and resampling: as librosa, without numba.

Loading librosa's own takes two seconds of every process that hears a sound.
Source: Slaney 1998, "Auditory Toolbox", version 2 (the scale: linear to 1 kHz, then logarithmic).
"""

from __future__ import annotations

import math

import numpy as np
import soxr
from numpy.typing import NDArray

from dubsync.core.arrays import Array

#: Hz of a mel below the bend, the bend in Hz, and the step of a logarithm above it.
LINEAR_HZ, BEND_HZ, LOG_STEP = 200.0 / 3, 1000.0, math.log(6.4) / 27.0

Hertz = NDArray[np.float64]


def mel_frequencies(count: int, lowest: float, highest: float) -> Hertz:
    """(count,) Hz, evenly spaced on the mel scale, both ends included."""
    mels = np.linspace(_to_mel(lowest), _to_mel(highest), count)
    hz = LINEAR_HZ * mels
    bend = BEND_HZ / LINEAR_HZ
    bent = mels >= bend
    hz[bent] = BEND_HZ * np.exp(LOG_STEP * (mels[bent] - bend))
    return hz


def mel_filters(
    rate: int, fft: int, bands: int, lowest: float, highest: float, *, even: bool
) -> Array:
    """(bands, fft // 2 + 1) weights of each bin of a spectrum in each band, float32.

    Args:
        even: every band has the same area; otherwise the same height, 1.
    """
    edges, bins = mel_frequencies(bands + 2, lowest, highest), np.fft.rfftfreq(fft, 1.0 / rate)
    wide, apart = np.diff(edges), np.subtract.outer(edges, bins)
    rising, falling = -apart[:-2] / wide[:-1, None], apart[2:] / wide[1:, None]
    weights = np.maximum(0, np.minimum(rising, falling)).astype(np.float32)
    if even:
        weights *= (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(weights, np.float32)


def resampled(samples: Array, rate: int, wanted: int) -> Array:
    """(n,) samples at `wanted` Hz, by a long low-pass filter; the length rounds up."""
    count = math.ceil(len(samples) * float(wanted) / rate)
    made = soxr.resample(samples, rate, wanted, quality="soxr_hq")
    made = np.pad(made[:count], (0, max(0, count - len(made))))
    return np.asarray(made, samples.dtype)


def _to_mel(hz: float) -> float:
    if hz < BEND_HZ:
        return hz / LINEAR_HZ
    return BEND_HZ / LINEAR_HZ + math.log(hz / BEND_HZ) / LOG_STEP
