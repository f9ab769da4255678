"""From phones to the weights of the solved mouth shapes, frame by frame.

Coarticulation after Cohen and Massaro (1993): every phone has a target and a dominance that rises
before it and dies away after it; at each moment the mouth is the dominance-weighted mean of the
targets. Lips that must meet (p, b, m) do so whatever the neighbours want.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from voice import Phone

SHAPES = ("AA", "EE", "OH", "OO")
GRID = 480
"""Steps per second at which the mouth is worked out before it is sampled at the frames."""

SMOOTHING = 0.022
"""Standard deviation of the lips' inertia, seconds."""

CLOSURE_MIN = 0.060
"""Seconds for which closed lips stay wholly shut: more than one frame, so that a frame shows it."""

CLOSURE_RAMP = 0.06
"""Seconds in which lips come together and part."""

LONG_FALLS = 0.45
"""By how much a drawn-out phone's mouth falls off from 0.15 s on."""

_TARGETS: dict[str, tuple[str, tuple[float, float, float, float], float]] = {
    # name: phones, weights of AA EE OH OO, dominance
    "open": ("aɑIWæʌɐ", (0.95, 0.10, 0.0, 0.0), 1.0),
    "mid": ("ɛeA", (0.35, 0.55, 0.0, 0.0), 0.9),
    "spread": ("iɪᵻ", (0.08, 0.62, 0.0, 0.0), 0.9),
    "round": ("oɔOYɒ", (0.15, 0.0, 0.90, 0.0), 1.0),
    "pursed": ("uʊw", (0.0, 0.0, 0.20, 1.0), 1.0),
    "murmur": ("əɜɚ", (0.36, 0.15, 0.15, 0.0), 0.5),
    "r": ("ɹ", (0.0, 0.05, 0.25, 0.45), 0.5),
    "hush": ("ʃʒʧʤ", (0.0, 0.25, 0.10, 0.45), 0.8),
    "tongue": ("tdnlszθðɾrʎɲʦʣj", (0.14, 0.32, 0.0, 0.0), 0.45),
    "throat": ("kɡŋhx", (0.20, 0.20, 0.0, 0.0), 0.25),
    "teeth": ("fv", (0.0, 0.12, 0.0, 0.0), 1.0),
    "closed": ("pbm", (0.0, 0.0, 0.0, 0.0), 1.0),
}
TARGETS = {p: (np.array(w), d) for phones, w, d in _TARGETS.values() for p in phones}
REST = (np.zeros(4), 0.6)
GLIDES = {"I": "ɪ", "A": "ɪ", "Y": "ɪ", "O": "ʊ", "W": "ʊ"}
"""Second half of Kokoro's one-letter diphthongs."""


def _halves(phones: list[Phone]) -> list[Phone]:
    """Diphthongs as two phones."""
    out: list[Phone] = []
    for phone, start, end in phones:
        glide = GLIDES.get(phone.strip("'"))
        if glide is None:
            out.append((phone, start, end))
        else:
            middle = start + 0.6 * (end - start)
            out += [(phone, start, middle), (glide, middle, end)]
    return out


def closure(times: np.ndarray, phones: list[Phone]) -> np.ndarray:
    """How shut the lips are for p, b, m at each time: 0 to 1."""
    shut = np.zeros_like(times)
    for phone, start, end in phones:
        if phone.strip("'") not in "pbm":
            continue
        middle, half = (start + end) / 2, max(0.7 * (end - start), CLOSURE_MIN) / 2
        beyond = (np.abs(times - middle) - half) / CLOSURE_RAMP
        shut = np.maximum(shut, (0.5 + 0.5 * np.cos(np.pi * np.clip(beyond, 0, 1))) ** 1.3)
    return shut


def weights(phones: list[Phone], frames: int, rate: float, energy: float = 1.0) -> np.ndarray:
    """Weights [frames, 4] of SHAPES at each frame, averaged over the half for which it is exposed.

    Phones are in seconds from the first frame's start, of one or more lines; energy scales how far
    the mouth opens (1 is calm speech).
    """
    times = np.arange(round((frames / rate + 0.1) * GRID)) / GRID
    total, share = np.zeros((len(times), 4)), np.full(len(times), 1e-3)
    for phone, start, end in _halves(phones):
        target, dominance = TARGETS.get(phone.strip("'"), REST)
        strength = 1.12 if phone.startswith("'") else 0.92
        away = np.maximum(np.abs(times - (start + end) / 2) - 0.3 * (end - start), 0)
        here = dominance * np.exp(-away / (0.35 * (end - start) + 0.018))
        tiring = 1 - LONG_FALLS * np.clip((times - start - 0.15) / 0.3, 0, 1)
        total += (here * tiring * strength)[:, None] * target
        share += here
    mouth = total / share[:, None]
    mouth *= _speaking(times, phones)[:, None]
    mouth = gaussian_filter1d(mouth, SMOOTHING * GRID, axis=0)
    mouth *= (1 - closure(times, phones))[:, None] * energy
    open_shutter = (np.arange(frames)[:, None] + np.linspace(0.25, 0.75, 9)) / rate
    return np.stack([np.interp(open_shutter, times, m).mean(1) for m in mouth.T], 1)


def _speaking(times: np.ndarray, phones: list[Phone]) -> np.ndarray:
    """1 while anything is said, easing to 0 over 80 ms on either side: silence rests the lips."""
    on = np.zeros_like(times)
    for phone, start, end in phones:
        if phone != "sil":
            away = np.maximum(np.maximum(start - times, times - end), 0)
            on = np.maximum(on, np.clip(1 - away / 0.08, 0, 1))
    return on
