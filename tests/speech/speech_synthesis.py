"""Synthetic speech with known words: a buzzing source through resonances, silence and noise."""

from fractions import Fraction
from functools import cache

import numpy as np
from scipy.signal import lfilter, resample_poly

from dubsync.core.sound.audio import Sound

RATE = 16000
#: First three resonances, Hz, of a few vowels.
VOWELS = {
    "a": (750, 1200, 2500),
    "i": (300, 2300, 3000),
    "u": (320, 800, 2300),
    "e": (500, 1800, 2500),
}


def vowel(name, seconds, pitch=120.0):
    """A steady vowel, about -20 dB full scale."""
    n = int(seconds * RATE)
    at = np.arange(n) / RATE
    buzz = np.zeros(n)
    buzz[np.unique((np.arange(int(seconds * pitch)) * RATE / pitch).astype(int))] = 1
    for hz, width in zip(VOWELS[name], (80, 100, 140), strict=True):
        pole = np.exp(-np.pi * width / RATE)
        buzz = lfilter([1 - pole], [1, -2 * pole * np.cos(2 * np.pi * hz / RATE), pole**2], buzz)
    ease = np.clip(np.minimum(at, at[-1] - at) / 0.01, 0, 1)
    return buzz * ease * 0.1 / buzz.std()


def murmur(seconds, pitch=120.0):
    """The sound of closed lips while the voice continues (m)."""
    at = np.arange(int(seconds * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * pitch * k * at) / k**2 for k in (1, 2))
    ease = np.clip(np.minimum(at, at[-1] - at) / 0.01, 0, 1)
    return 0.035 * tones * ease


def silence(seconds):
    return np.zeros(int(seconds * RATE))


def words(seed=0, syllables=8, pitch=120.0):
    """Made-up speech: vowels of uneven length, with short gaps now and then."""
    rng = np.random.default_rng(seed)
    parts = []
    for _ in range(syllables):
        parts.append(
            vowel(rng.choice(list(VOWELS)), rng.uniform(0.1, 0.28), pitch * rng.uniform(0.85, 1.2))
        )
        parts.append(silence(rng.uniform(0.02, 0.08)))
    return np.concatenate(parts)


def sound(*parts, start=0):
    return Sound(np.concatenate(parts).astype(np.float32), RATE, Fraction(start))


def noise(seconds, rms=0.003, seed=1):
    return np.random.default_rng(seed).normal(size=int(seconds * RATE)) * rms


def talk(seconds, rate=RATE, seed=4, pitch=140.0):
    """A machine's voice that speaks all the time, peak 1: vowels and short murmurs."""
    return _talk(seconds, rate, seed, pitch).copy()


@cache
def _talk(seconds, rate, seed, pitch):
    rng = np.random.default_rng(seed)
    parts, left = [], seconds + 0.3
    while left > 0:
        length, high = rng.uniform(0.1, 0.25), pitch * rng.uniform(0.85, 1.2)
        parts.append(vowel(rng.choice(list(VOWELS)), length, high))
        left -= length
        if rng.random() < 0.3:
            parts.append(murmur(0.07, high))
            left -= 0.07
    spoken = resample_poly(np.concatenate(parts), rate // 100, RATE // 100)[: round(seconds * rate)]
    return spoken / np.abs(spoken).max()
