"""Manners of a voice, made of plain speech: sung, whispered, shouted, a child's, laughed, sighed.

A line is taken apart into a filter (linear prediction) and a source; another source is put through
the filter, or the filter is another size.

Source: Atal and Hanauer 1971, "Speech analysis and synthesis by linear prediction of the speech
wave".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter, resample_poly

from benchmarks.hearing.notes import RATE, Dice, Samples, eased, filtered, melody, resonance

ORDER = 18
HOP, FRAME = 160, 480  #: samples
VOICED = 0.45
#: First three resonances, Hz.
SPOKEN_VOWELS = ((750, 1200, 2500), (300, 2300, 3000), (320, 800, 2300), (500, 1800, 2500),
                 (250, 1000, 2200))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Taken:
    """A line taken apart: every 10 ms a filter, its gain, and whether it is voiced.

    filters  (F, ORDER + 1) prediction polynomials
    gain     (F,) RMS of the source
    voiced   (F,) bool
    """

    filters: NDArray[np.float64]
    gain: NDArray[np.float64]
    voiced: NDArray[np.bool_]

    def __getitem__(self, frames: NDArray[np.int64]) -> Taken:
        return Taken(self.filters[frames], self.gain[frames], self.voiced[frames])


def taken_apart(line: Samples) -> Taken:
    """Filters and sources of a line, (N,) at 16 kHz."""
    padded = np.pad(np.asarray(line, np.float64), FRAME // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP] * np.hanning(FRAME)
    size = 1024
    alike = np.fft.irfft(np.abs(np.fft.rfft(frames, size)) ** 2, size)
    lags = np.abs(np.arange(ORDER)[:, None] - np.arange(ORDER))
    rows = alike[:, lags] + np.eye(ORDER) * (1e-4 * alike[:, :1, None] + 1e-9)
    weights = np.linalg.solve(rows, alike[:, 1 : ORDER + 1, None])[..., 0]
    filters = np.concatenate([np.ones((len(frames), 1)), -weights], axis=1)
    power = alike[:, 0] - (weights * alike[:, 1 : ORDER + 1]).sum(axis=1)
    gain = np.sqrt(np.maximum(power, 0) / (np.hanning(FRAME) ** 2).sum())
    pitch = alike[:, RATE // 400 : RATE // 70].max(axis=1) / np.maximum(alike[:, 0], 1e-9)
    return Taken(filters, gain, pitch > VOICED * 0.7)


def put_together(parts: Taken, source: Samples) -> Samples:
    """A source (N,) of unit RMS through the filters, 10 ms each."""
    out, state = np.zeros(len(parts.gain) * HOP), np.zeros(ORDER)
    gain = np.interp(np.arange(len(out)) / HOP, np.arange(len(parts.gain)), parts.gain)
    driven = source[: len(out)] * gain
    for n, weights in enumerate(parts.filters):
        at = slice(n * HOP, (n + 1) * HOP)
        out[at], state = lfilter([1], weights, driven[at], zi=state)
    return out


def pulses(hz: Samples, dice: Dice) -> Samples:
    """A voice's source at (N,) Hz, unit RMS: pulses, softened, a little breath."""
    phase = np.cumsum(hz) / RATE
    on = np.diff(np.floor(phase), prepend=0)
    buzz = np.asarray(lfilter([1], [1, -0.5], on), np.float64)
    buzz /= max(float(buzz.std()), 1e-9)
    return buzz + 0.05 * dice.normal(size=len(hz))


def _source(parts: Taken, hz: Samples, dice: Dice) -> Samples:
    """Pulses where the line is voiced, noise elsewhere."""
    voiced = np.repeat(parts.voiced, HOP)
    return np.where(voiced, pulses(hz, dice), dice.normal(size=len(voiced)))


def sung(line: Samples, dice: Dice) -> Samples:
    """On the notes of a melody: vowels two to four times as long, vibrato."""
    parts = taken_apart(line)
    slow = np.where(parts.voiced, dice.uniform(1.5, 4.0), 1.0)
    at = np.cumsum(slow)
    frames = np.searchsorted(at, np.arange(int(at[-1])))
    parts = parts[np.minimum(frames, len(parts.gain) - 1)]
    count = len(parts.gain) * HOP
    low = dice.choice([90.0, 130.0, 200.0, 280.0])
    hz = np.full(count, low)
    for start, length, pitch in melody(dice, count / RATE, low, low * 2.2):
        hz[int(start * RATE) : int((start + length) * RATE) + 1] = pitch
    hz = np.convolve(hz, np.hanning(800) / np.hanning(800).sum(), "same")
    t = np.arange(count) / RATE
    hz = np.maximum(hz, 60) * (1 + dice.uniform(0, 0.02) * np.sin(2 * np.pi * 5.5 * t))
    return put_together(parts, _source(parts, hz, dice))


def whispered(line: Samples, dice: Dice) -> Samples:
    """Noise alone as the source, the lowest formant weak."""
    parts = taken_apart(line)
    out = put_together(parts, dice.normal(size=len(parts.gain) * HOP))
    return filtered(out, 400, 7500)


def shouted(line: Samples, dice: Dice) -> Samples:
    """High, bright, pressed, even in level."""
    parts = taken_apart(line)
    even = Taken(parts.filters, parts.gain**0.6, parts.voiced)
    t = np.arange(len(parts.gain) * HOP) / RATE
    rise = np.interp(t, np.linspace(0, t[-1], 8), dice.uniform(0.8, 1.3, 8))
    out = put_together(even, _source(parts, dice.uniform(200, 380) * rise, dice))
    out = lfilter([1, -0.7], [1], out)
    return np.asarray(np.tanh(out / max(float(np.abs(out).max()), 1e-9) * 3), np.float64)


def childlike(line: Samples, dice: Dice) -> Samples:
    """Pitch 250 to 450 Hz, formants a fifth to two fifths higher."""
    larger = dice.choice([6 / 5, 5 / 4, 4 / 3, 7 / 5])
    up, down = {6 / 5: (5, 6), 5 / 4: (4, 5), 4 / 3: (3, 4), 7 / 5: (5, 7)}[larger]
    parts = taken_apart(resample_poly(line, up, down))
    frames = (np.arange(int(len(parts.gain) * larger * 0.9)) / larger / 0.9).astype(int)
    parts = parts[frames]
    t = np.arange(len(parts.gain) * HOP) / RATE
    tune = np.interp(t, np.linspace(0, t[-1], 12), dice.uniform(250, 450, 12))
    return put_together(parts, _source(parts, tune, dice))


def laughed(line: Samples, dice: Dice) -> Samples:
    """Bursts of one vowel, four to six a second, falling, breath between."""
    parts = taken_apart(line)
    vowels = np.flatnonzero(parts.voiced & (parts.gain > np.quantile(parts.gain, 0.7)))
    vowel = int(dice.choice(vowels)) if len(vowels) else int(parts.gain.argmax())
    count = int(dice.uniform(0.8, 2.5) * 100)
    t = np.arange(count) / 100
    beat = 0.5 - 0.5 * np.cos(2 * np.pi * dice.uniform(4, 6) * t)
    fade = np.exp(-t / dice.uniform(0.8, 2))
    gain = parts.gain[vowel] * fade * (0.08 + beat)
    held = Taken(np.repeat(parts.filters[[vowel]], count, axis=0), gain, beat > 0.25)
    hz = dice.uniform(180, 420) * np.repeat(1 - 0.2 * t / t[-1] + 0.1 * beat, HOP)
    return put_together(held, _source(held, hz, dice))


def sighed(line: Samples, dice: Dice) -> Samples:
    """A long breath out with some voice in its first half."""
    parts = taken_apart(line)
    vowels = np.flatnonzero(parts.voiced)
    vowel = int(dice.choice(vowels)) if len(vowels) else int(parts.gain.argmax())
    count = int(dice.uniform(0.6, 1.4) * 100)
    t = np.linspace(0, 1, count)
    gain = parts.gain[vowel] * np.minimum(t / 0.15, 1) * (1 - t) ** 1.2
    held = Taken(np.repeat(parts.filters[[vowel]], count, axis=0), gain, t < 2)
    voice = np.repeat(np.clip(1 - t / dice.uniform(0.3, 0.8), 0, 1), HOP)
    hz = np.repeat(dice.uniform(120, 300) * (1 - 0.35 * t), HOP)
    source = voice * pulses(hz, dice) + (1 - 0.6 * voice) * dice.normal(size=len(voice))
    return put_together(held, source)


def buzzed(line: Samples, dice: Dice) -> Samples:
    """A simple machine's voice: vowels and murmurs at an even pitch; the line is not heard."""
    pitch, parts = dice.uniform(90, 260), []
    for _ in range(int(dice.integers(4, 12))):
        count = int(dice.uniform(0.07, 0.3) * RATE)
        hz = np.full(count, pitch * dice.uniform(0.85, 1.2))
        formants = SPOKEN_VOWELS[dice.integers(len(SPOKEN_VOWELS))]
        sound = pulses(hz, dice)
        for centre, width in zip(formants, (80, 100, 140), strict=True):
            sound = resonance(sound, centre * dice.uniform(0.9, 1.15), width)
        parts.append(eased(sound / max(float(sound.std()), 1e-9), 0.01, 0.01))
        gap = np.zeros(int(dice.uniform(0.0, 0.09) * RATE))
        if dice.random() < 0.3:
            gap = 0.3 * filtered(dice.normal(size=len(gap) + 400), 2500, 7500)
        parts.append(gap)
    return np.concatenate(parts)


def plain(line: Samples, dice: Dice) -> Samples:
    """As spoken."""
    return np.asarray(line, np.float64)


MANNERS: dict[str, Callable[[Samples, Dice], Samples]] = {
    f.__name__: f for f in (plain, sung, whispered, shouted, childlike, laughed, sighed, buzzed)
}
