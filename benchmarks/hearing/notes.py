"""Instruments: parts of a few seconds from a seed, to teach that music is no voice.

The instruments by which it is judged are others: other_music.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, lfilter, sosfilt

RATE = 16000  #: Hz
SCALES = ((0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 4, 7, 9), (0, 3, 5, 7, 10))
MOST_HZ = 7000.0

Samples = NDArray[np.float64]
Dice = np.random.Generator


def clock(seconds: float) -> Samples:
    """(N,) seconds."""
    return np.arange(int(seconds * RATE)) / RATE


def melody(dice: Dice, seconds: float, low: float, high: float) -> list[tuple[float, float, float]]:
    """(start, length, Hz) of notes of a random walk in a scale, one after the other."""
    scale = SCALES[dice.integers(len(SCALES))]
    root = low * 2 ** dice.uniform(0, 0.9)
    step = dice.choice([0.16, 0.22, 0.3, 0.45, 0.7])
    at, place, notes = 0.0, int(dice.integers(0, len(scale))), []
    while at < seconds:
        length = step * dice.choice([1, 1, 1, 2, 2, 4])
        place += int(dice.integers(-3, 4))
        octave, degree = divmod(place, len(scale))
        hz = root * 2 ** (octave + scale[degree] / 12)
        while hz > high:
            hz /= 2
        while hz < low:
            hz *= 2
        if dice.random() > 0.1:
            notes.append((at, length, hz))
        at += length
    return notes


def partials(hz: Samples, strengths: NDArray[np.float64], stretch: float = 0.0) -> Samples:
    """A tone of (N,) Hz with partials of these strengths; stretch makes them inharmonic."""
    phase = 2 * np.pi * np.cumsum(hz) / RATE
    out = np.zeros(len(hz))
    for n, strength in enumerate(strengths, 1):
        ratio = n * (1 + stretch * n * n) ** 0.5
        if strength and ratio * hz.max(initial=0) < MOST_HZ:
            out += strength * np.sin(ratio * phase + n)
    return out


def eased(sound: Samples, rise_s: float, fall_s: float) -> Samples:
    """`sound` faded in and out."""
    n = len(sound)
    rise, fall = (max(1, min(int(s * RATE), n // 2)) for s in (rise_s, fall_s))
    ease = np.ones(n)
    ease[:rise] *= np.linspace(0, 1, rise)
    ease[n - fall :] *= np.linspace(1, 0, fall)
    return sound * ease


def place(out: Samples, sound: Samples, at: float) -> None:
    """Adds `sound` to `out` from `at` seconds on."""
    first = int(at * RATE)
    part = sound[: max(0, len(out) - first)]
    out[first : first + len(part)] += part


def swelling_chords(dice: Dice, seconds: float) -> Samples:
    """Soft chords of detuned saws, each swelling and fading."""
    out, at = np.zeros(int(seconds * RATE)), 0.0
    roll = dice.uniform(0.8, 1.8)
    while at < seconds:
        length = dice.uniform(1.0, 4.0)
        root = 110 * 2 ** (dice.integers(0, 12) / 12)
        chord = np.zeros(int(length * RATE))
        for semis in ((0, 7, 12, 16), (0, 7, 12, 15), (0, 5, 12, 17))[dice.integers(3)]:
            for cents in dice.normal(0, 6, 2):
                hz = np.full(len(chord), root * 2 ** ((semis + cents / 100) / 12))
                chord += partials(hz, np.arange(1, 30.0) ** -roll)
        place(out, eased(chord, length * dice.uniform(0.1, 0.5), length * 0.4), at)
        at += length * dice.uniform(0.7, 1.0)
    return out


def bowed(dice: Dice, seconds: float) -> Samples:
    """A bowed string: slurred notes with vibrato through the body's resonances."""
    out, low = np.zeros(int(seconds * RATE)), dice.choice([65.0, 130.0, 196.0])
    body = [(dice.uniform(200, 4500), dice.uniform(60, 300)) for _ in range(6)]
    for at, length, hz in melody(dice, seconds, low, low * 6):
        t = clock(length * dice.uniform(0.9, 1.1))
        depth = dice.uniform(0, 0.012) * np.clip(t / 0.25, 0, 1)
        bent = hz * (
            1 + depth * np.sin(2 * np.pi * dice.uniform(4.5, 6.5) * t + dice.uniform(0, 6))
        )
        tone = partials(bent, np.arange(1, 40.0) ** -dice.uniform(0.8, 1.2))
        tone += 0.03 * dice.normal(size=len(tone)) * np.abs(tone).max(initial=0)
        place(out, eased(tone, dice.uniform(0.02, 0.15), dice.uniform(0.03, 0.15)), at)
    return 0.3 * out + sum(resonance(out, hz, width) for hz, width in body) / len(body)


def resonance(sound: Samples, hz: float, width: float) -> Samples:
    """`sound` through one resonance of about unit gain at its peak."""
    pole = np.exp(-np.pi * width / RATE)
    low = [1, -2 * pole * np.cos(2 * np.pi * hz / RATE), pole**2]
    return np.asarray(lfilter([(1 - pole) * 1.5], low, sound), np.float64)


def plucked(dice: Dice, seconds: float) -> Samples:
    """Plucked strings: melodies, strummed chords, broken chords.

    Source: Karplus and Strong 1983, "Digital synthesis of plucked-string and drum timbres".
    """
    out = np.zeros(int(seconds * RATE))
    damped, strum = dice.uniform(0.985, 0.999), dice.choice([1, 1, 3, 5])
    for at, _, hz in melody(dice, seconds, 82, 880):
        for k, semis in enumerate((0, 4, 7, 12, 16)[:strum]):
            place(out, _string(dice, hz * 2 ** (semis / 12), 1.2, damped), at + 0.03 * k)
    return out


def _string(dice: Dice, hz: float, seconds: float, damped: float) -> Samples:
    period = max(4, round(RATE / hz))
    burst = np.zeros(int(seconds * RATE))
    burst[:period] = dice.uniform(-1, 1, period)
    loop = np.zeros(period + 2)
    loop[0], loop[period], loop[period + 1] = 1, -damped / 2, -damped / 2
    return np.asarray(lfilter([1], loop, burst), np.float64)


def struck(dice: Dice, seconds: float) -> Samples:
    """A piano or mallets: partials that fade, the high ones first."""
    out = np.zeros(int(seconds * RATE))
    decay, stretch = dice.uniform(0.15, 1.2), dice.choice([0.0, 4e-4, 0.02])
    chord = dice.choice([1, 1, 2, 3])
    for at, _, hz in melody(dice, seconds, 65, 1200):
        t = clock(2.0)
        for semis in (0, 4, 7)[:chord]:
            for n in range(1, 16):
                ratio = n * (1 + stretch * n * n) ** 0.5
                pitch = hz * 2 ** (semis / 12) * ratio
                if pitch < MOST_HZ:
                    fade = np.exp(-t * (1 + 0.35 * n) / decay) / n
                    place(out, fade * np.sin(2 * np.pi * pitch * t), at)
    return out


def brass(dice: Dice, seconds: float) -> Samples:
    """Horns, which are the brighter the louder."""
    out = np.zeros(int(seconds * RATE))
    low = dice.choice([58.0, 116.0, 174.0])
    for at, length, hz in melody(dice, seconds, low, low * 5):
        t = clock(length)
        loud = eased(np.ones(len(t)), 0.06, 0.08) * (1 + 0.15 * np.sin(2 * np.pi * 5 * t))
        tone = np.zeros(len(t))
        for n in range(1, 25):
            if n * hz < MOST_HZ:
                part = loud ** (1 + 0.25 * n) / n**0.4 * np.sin(2 * np.pi * n * hz * t)
                tone += part * np.exp(-n * hz / 2500)
        place(out, tone, at)
    return out


def bells(dice: Dice, seconds: float) -> Samples:
    """Frequency modulation: bells and gongs.

    Source: Chowning 1973, "The synthesis of complex audio spectra by means of frequency
    modulation".
    """
    out = np.zeros(int(seconds * RATE))
    ratio, depth = dice.choice([1.4, 2.76, 3.5, 0.7]), dice.uniform(1, 6)
    for at, _, hz in melody(dice, seconds, 150, 1500):
        t = clock(1.5)
        fade = np.exp(-t / dice.uniform(0.2, 0.6))
        side = depth * fade * np.sin(2 * np.pi * hz * ratio * t)
        place(out, fade * np.sin(2 * np.pi * hz * t + side), at)
    return out


def whistled(dice: Dice, seconds: float) -> Samples:
    """Whistles and flutes: nearly sines, with breath."""
    out = np.zeros(int(seconds * RATE))
    low = dice.choice([260.0, 520.0, 900.0])
    for at, length, hz in melody(dice, seconds, low, low * 3):
        t = clock(length)
        bent = hz * (1 + dice.uniform(0, 0.015) * np.sin(2 * np.pi * 5.3 * t))
        tone = partials(bent, np.array([1, dice.uniform(0, 0.4), dice.uniform(0, 0.2)]))
        tone += dice.uniform(0.01, 0.1) * resonance(dice.normal(size=len(t)), hz, hz / 3)
        place(out, eased(tone, 0.05, 0.08), at)
    return out


def synthesiser(dice: Dice, seconds: float) -> Samples:
    """A bass or lead of pulses through a resonant low pass that opens with each note."""
    out = np.zeros(int(seconds * RATE))
    low, width = dice.choice([40.0, 82.0, 220.0]), dice.uniform(60, 250)
    for at, length, hz in melody(dice, seconds, low, low * 4):
        t = clock(length * dice.uniform(0.4, 1.0))
        tone = partials(np.full(len(t), hz), np.arange(1, 40.0) ** -1.0)
        blocks = []
        cut = np.geomspace(dice.uniform(800, 4000), dice.uniform(200, 700), 12)
        for part, edge in zip(np.array_split(tone, 12), cut, strict=True):
            blocks.append(resonance(part, min(edge, 6000.0), width))
        place(out, eased(np.concatenate(blocks), 0.005, 0.03), at)
    return out


def drums(dice: Dice, seconds: float) -> Samples:
    """Kick, snare, hat and toms in a pattern."""
    out, beat = np.zeros(int(seconds * RATE)), dice.uniform(0.1, 0.2)
    t = clock(0.3)
    kick = np.sin(2 * np.pi * (50 * t + 12 * (1 - np.exp(-t * 30)))) * np.exp(-t * 12)
    snare = (dice.normal(size=len(t)) + np.sin(2 * np.pi * 190 * t)) * np.exp(-t * 22) * 0.5
    hat = np.diff(dice.normal(size=len(t) + 1)) * np.exp(-t * 60) * 0.3
    tom = np.sin(2 * np.pi * (110 * t - 40 * t**2)) * np.exp(-t * 9)
    odds = dice.uniform(0.1, 0.6, (4, 16))
    for n in range(int(seconds / beat)):
        for hit, chance in zip((kick, snare, hat, tom), odds[:, n % 16], strict=True):
            if dice.random() < chance:
                place(out, hit * dice.uniform(0.5, 1), n * beat)
    return out


def orchestra(dice: Dice, seconds: float) -> Samples:
    """Sections of strings and horns in a hall, each part played by several."""
    out = np.zeros(int(seconds * RATE))
    for _ in range(int(dice.integers(2, 4))):
        section = int(dice.integers(2**31))
        for _ in range(3):
            late = dice.uniform(0, 0.04)
            voice = bowed if dice.random() < 0.7 else brass
            place(out, voice(np.random.default_rng(section), seconds) * dice.uniform(0.4, 1), late)
            section += int(dice.random() < 0.3)
    out = np.interp(np.arange(len(out)) * dice.uniform(0.97, 1.0), np.arange(len(out)), out)
    return in_room(dice, out) if dice.random() < 0.7 else out


def music_box(dice: Dice, seconds: float) -> Samples:
    """Pulses, triangles and squares of an old chip or a reed: bare waves, quick notes."""
    out = np.zeros(int(seconds * RATE))
    width, odd = dice.uniform(0.1, 0.5), dice.random() < 0.4
    strengths = np.abs(np.sin(np.pi * width * np.arange(1, 30))) / np.arange(1, 30.0)
    strengths[1::2] *= 0.1 if odd else 1.0
    for at, length, hz in melody(dice, seconds, dice.choice([80.0, 160.0, 320.0]), 1000):
        t = clock(length * dice.uniform(0.5, 1))
        bent = hz * (1 + dice.uniform(0, 0.01) * np.sin(2 * np.pi * dice.uniform(4, 9) * t))
        place(out, eased(partials(bent, strengths), 0.005, 0.02), at)
    return out


def tones(dice: Dice, seconds: float) -> Samples:
    """Sweeps, sirens, beeps and ringing."""
    t = clock(seconds)
    kind = dice.integers(4)
    if kind == 0:
        hz = np.geomspace(dice.uniform(60, 400), dice.uniform(800, 6000), len(t))
        hz = hz if dice.random() < 0.5 else hz[::-1]
    elif kind == 1:
        hz = 600 * 2 ** (dice.uniform(0.3, 0.8) * np.sin(2 * np.pi * dice.uniform(0.2, 3) * t))
    else:
        held = dice.choice([440.0, 1000.0, 850.0, 425.0, 120.0, 50.0])
        hz = np.full(len(t), held)
    strengths = np.array([1.0, 0.4, 0.3, 0.2, 0.1]) ** dice.uniform(0.5, 3)
    tone = partials(np.asarray(hz, np.float64), strengths)
    on = (t % dice.uniform(0.3, 1.2)) < dice.uniform(0.1, 0.9)
    return tone * fftconvolve(on, np.ones(160) / 160, "same") if kind == 2 else tone


def in_room(dice: Dice, sound: Samples) -> Samples:
    """`sound` with the echo of a room or hall, 60 dB in 0.2 to 2 s."""
    t = clock(dice.uniform(0.2, 1.0))
    echo = dice.normal(size=len(t)) * np.exp(-6.9 * t / dice.uniform(0.2, 2.0))
    echo *= dice.uniform(0.01, 0.08)
    echo[0] += 1
    return np.asarray(fftconvolve(sound, echo)[: len(sound)], np.float64)


def old_film(dice: Dice, sound: Samples) -> Samples:
    """`sound` from an optical track or a record: narrow, uneven in speed, with hiss and cracks."""
    at = np.arange(len(sound)) + 30 * np.sin(2 * np.pi * dice.uniform(0.5, 4) * clock(
        len(sound) / RATE)[: len(sound)])  # fmt: skip
    out = unit(filtered(np.interp(at, np.arange(len(sound)), sound), dice.uniform(80, 300),
                        dice.uniform(3000, 6000)))  # fmt: skip
    hiss = dice.normal(size=len(out)) * 10 ** dice.uniform(-2.5, -1)
    cracks = (dice.random(len(out)) < 20 / RATE) * dice.normal(size=len(out)) * dice.uniform(0, 3)
    return out + hiss + cracks


def filtered(sound: Samples, low: float, high: float) -> Samples:
    """`sound` between two frequencies, Hz."""
    sos = butter(2, [low, min(high, 0.49 * RATE)], "bandpass", fs=RATE, output="sos")
    return np.asarray(sosfilt(sos, sound), np.float64)


def unit(sound: Samples) -> Samples:
    """`sound` with RMS 1; silence stays."""
    return sound / max(float(np.sqrt((sound**2).mean())), 1e-9)


SOLO: dict[str, Callable[[Dice, float], Samples]] = {
    f.__name__: f
    for f in (
        swelling_chords, bowed, plucked, struck, brass, bells, whistled, synthesiser, drums,
        orchestra, music_box, tones,
    )
}  # fmt: skip


def band(
    dice: Dice, seconds: float, *, solo: dict[str, Callable[[Dice, float], Samples]]
) -> Samples:
    """Two to four instruments together."""
    names = dice.choice(sorted(solo), int(dice.integers(2, 5)), replace=False)
    return np.sum([dice.uniform(0.3, 1) * unit(solo[n](dice, seconds)) for n in names], axis=0)


MUSIC = {**SOLO, "band": partial(band, solo=SOLO)}
