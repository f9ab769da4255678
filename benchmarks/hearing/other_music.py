"""Instruments by which hearing is judged, and that taught nothing: the nearer to voices, the later.

Organ, accordion, clarinet, electric piano, guitar with a wah, a theremin, a talk box (a bright
tone through moving formants), and a choir-like pad (many soft voices that say "ah" and "oh").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.hearing.notes import (
    RATE,
    Dice,
    Samples,
    band,
    clock,
    eased,
    melody,
    partials,
    place,
    resonance,
)

AH, OH, OO, EE = (730, 1090, 2440), (570, 840, 2410), (300, 870, 2240), (270, 2290, 3010)
FORMANT_HZ = (90, 110, 150)


def organ(dice: Dice, seconds: float) -> Samples:
    """Draw bars, held chords, tremolo."""
    out, bars = np.zeros(int(seconds * RATE)), dice.uniform(0, 1, 9)
    for at, length, hz in melody(dice, seconds, 130, 500):
        t = clock(length * 2)
        trembling = 1 + 0.2 * np.sin(2 * np.pi * 6.4 * t)
        for semis in (0, 4, 7):
            strengths = np.zeros(16)
            strengths[[0, 1, 2, 3, 4, 5, 7, 11, 15]] = bars
            tone = partials(np.full(len(t), hz / 2 * 2 ** (semis / 12)), strengths)
            place(out, eased(tone * trembling, 0.01, 0.02), at)
    return out


def accordion(dice: Dice, seconds: float) -> Samples:
    """Two reeds a little out of tune."""
    out = np.zeros(int(seconds * RATE))
    for at, length, hz in melody(dice, seconds, 150, 900):
        t = clock(length)
        tone = sum(
            partials(np.full(len(t), hz * tune), np.arange(1, 25.0) ** -0.6) for tune in (1, 1.006)
        )
        place(out, eased(tone, 0.03, 0.05), at)
    return resonance(out, 1800, 1200) + 0.3 * out


def clarinet(dice: Dice, seconds: float) -> Samples:
    """Odd partials, slurred."""
    out = np.zeros(int(seconds * RATE))
    strengths = np.array([1, 0.05, 0.6, 0.05, 0.4, 0.08, 0.25, 0.1, 0.15, 0.1])
    for at, length, hz in melody(dice, seconds, 150, 900):
        t = clock(length * 1.05)
        bent = hz * (1 + 0.004 * np.sin(2 * np.pi * 5 * t))
        place(out, eased(partials(bent, strengths), 0.04, 0.04), at)
    return out


def electric_piano(dice: Dice, seconds: float) -> Samples:
    """Tines by frequency modulation, chords, tremolo."""
    out = np.zeros(int(seconds * RATE))
    for at, _, hz in melody(dice, seconds, 110, 500):
        t = clock(1.5)
        for semis in (0, 3, 7, 10):
            pitch = hz * 2 ** (semis / 12)
            side = 1.5 * np.exp(-t * 4) * np.sin(2 * np.pi * pitch * t)
            ring = 0.3 * np.exp(-t * 20) * np.sin(2 * np.pi * 14 * pitch * t)
            place(out, np.exp(-t * 2.5) * (np.sin(2 * np.pi * pitch * t + side) + ring), at)
    return out * (1 + 0.3 * np.sin(2 * np.pi * 5 * clock(seconds)[: len(out)]))


def wah_guitar(dice: Dice, seconds: float) -> Samples:
    """A distorted string under a band pass that a foot moves."""
    out = np.zeros(int(seconds * RATE))
    for at, length, hz in melody(dice, seconds, 110, 660):
        t = clock(length)
        place(out, np.tanh(4 * partials(np.full(len(t), hz), np.arange(1, 20.0) ** -1.0))
              * np.exp(-t * 2), at)  # fmt: skip
    foot = 900 * 2 ** np.interp(
        clock(seconds), np.linspace(0, seconds, int(seconds * 3) + 2),
        dice.uniform(-1, 1, int(seconds * 3) + 2),
    )  # fmt: skip
    return moving(out, [foot[: len(out)]], (150,))


def theremin(dice: Dice, seconds: float) -> Samples:
    """One gliding tone with strong vibrato."""
    notes = melody(dice, seconds, 220, 900)
    t = clock(seconds)
    glide = np.interp(t, [at for at, _, _ in notes], np.log2([hz for _, _, hz in notes]))
    bent = 2 ** (glide + 0.03 * np.sin(2 * np.pi * 6 * t))
    return partials(bent, np.array([1, 0.5, 0.25, 0.12, 0.06]))


def talk_box(dice: Dice, seconds: float) -> Samples:
    """A bright melody with vibrato through formants that move as a mouth's would."""
    out = np.zeros(int(seconds * RATE))
    for at, length, hz in melody(dice, seconds, 90, 400):
        t = clock(length)
        bent = hz * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * t))
        place(out, eased(partials(bent, np.arange(1, 50.0) ** -0.8), 0.02, 0.04), at)
    return moving(out, _spoken_like(dice, len(out), 3.0), FORMANT_HZ)


def choir_pad(dice: Dice, seconds: float) -> Samples:
    """Twelve soft sources on a chord through the formants of "ah", "oh" and "oo"."""
    out, at = np.zeros(int(seconds * RATE)), 0.0
    while at < seconds:
        length, root = dice.uniform(1.5, 4), 110 * 2 ** (dice.integers(0, 12) / 12)
        t = clock(length)
        chord = np.zeros(len(t))
        for semis in (0, 7, 12, 16):
            for _ in range(3):
                wave = np.sin(2 * np.pi * dice.uniform(4.5, 6) * t + dice.uniform(0, 6))
                hz = root * 2 ** ((semis + dice.normal(0, 0.08) + 0.15 * wave) / 12)
                chord += partials(hz, np.arange(1, 40.0) ** -1.2)
        place(out, eased(chord, 0.4 * length, 0.4 * length), at)
        at += 0.8 * length
    return moving(out, _spoken_like(dice, len(out), 0.5, (AH, OH, OO)), FORMANT_HZ)


def moving(
    sound: Samples, centres: list[Samples], widths: tuple[float, ...], block: int = 160
) -> Samples:
    """`sound` through resonances in parallel whose centres, (N,) Hz each, move."""
    out = np.zeros(len(sound))
    for centre, width in zip(centres, widths, strict=True):
        steps = np.round(12 * np.log2(centre[::block] / 100)).astype(int)
        for step in np.unique(steps):  # one filter a semitone, crossfaded
            on = np.repeat((steps == step).astype(float), block)[: len(sound)]
            on = np.convolve(on, np.hanning(2 * block) / np.hanning(2 * block).sum(), "same")
            out += on * resonance(sound, 100 * 2 ** (step / 12), width)
    return out


def _spoken_like(
    dice: Dice,
    count: int,
    a_second: float,
    vowels: tuple[tuple[int, int, int], ...] = (AH, OH, OO, EE),
) -> list[Samples]:
    stops = max(2, int(count / RATE * a_second) + 2)
    path = np.array([vowels[dice.integers(len(vowels))] for _ in range(stops)], np.float64)
    at = np.linspace(0, stops - 1, count)
    return [np.interp(at, np.arange(stops), column) for column in path.T]


SOLO: dict[str, Callable[[Dice, float], Samples]] = {
    f.__name__: f
    for f in (
        organ, accordion, clarinet, electric_piano, wah_guitar, theremin, talk_box, choir_pad,
    )
}  # fmt: skip
_TOGETHER = {name: SOLO[name] for name in SOLO if name not in ("talk_box", "choir_pad")}
OTHER_MUSIC = {**SOLO, "other_band": partial(band, solo=_TOGETHER)}
