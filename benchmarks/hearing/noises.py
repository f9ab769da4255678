"""Sounds that are neither voice nor music."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.hearing.notes import (
    RATE,
    Dice,
    Samples,
    clock,
    filtered,
    in_room,
    partials,
    place,
    resonance,
    unit,
)


def coloured(dice: Dice, seconds: float) -> Samples:
    """Room tone, hiss, rumble: noise with a smooth random spectrum."""
    spectrum = np.fft.rfft(dice.normal(size=int(seconds * RATE)))
    at = np.linspace(0, 1, len(spectrum)) ** 0.5
    curve = np.interp(at, np.linspace(0, 1, 6), dice.normal(0, 1.2, 6) - np.linspace(0, 3, 6))
    return np.asarray(np.fft.irfft(spectrum * np.exp(curve), int(seconds * RATE)), np.float64)


def wind(dice: Dice, seconds: float) -> Samples:
    """Noise that comes and goes, and changes its colour."""
    t = clock(seconds)
    gust = np.exp(np.interp(t, np.linspace(0, seconds, int(seconds * 2) + 2),
                            dice.normal(0, 0.9, int(seconds * 2) + 2)))  # fmt: skip
    noise = dice.normal(size=len(t))
    return gust * (resonance(noise, dice.uniform(200, 900), 200) + 0.2 * noise)


def engine(dice: Dice, seconds: float) -> Samples:
    """A motor or fan: harmonics of an uneven low pitch, and noise."""
    t = clock(seconds)
    rate = np.interp(t, np.linspace(0, seconds, 6), dice.uniform(0.8, 1.3, 6))
    hz = dice.uniform(25, 140) * rate * (1 + 0.01 * np.cumsum(dice.normal(size=len(t))) / 300)
    tone = partials(hz, dice.uniform(0, 1, 30) * np.arange(1, 31.0) ** -0.7)
    return tone + dice.uniform(0.1, 1) * dice.normal(size=len(t))


def applause(dice: Dice, seconds: float) -> Samples:
    """Hundreds of claps a second, or a few."""
    out = np.zeros(int(seconds * RATE))
    t = clock(0.03)
    hands = [
        filtered(dice.normal(size=len(t)), 600, dice.uniform(1500, 5000)) * np.exp(-t * 150)
        for _ in range(30)
    ]
    for at in np.sort(dice.uniform(0, seconds, int(seconds * dice.choice([6, 40, 250])))):
        place(out, hands[dice.integers(30)] * dice.uniform(0.2, 1), float(at))
    return out


def knocks(dice: Dice, seconds: float) -> Samples:
    """Steps, doors, dishes: short resonant thuds, and rustling."""
    out = 0.003 * dice.normal(size=int(seconds * RATE))
    for at in np.cumsum(dice.exponential(0.5, int(seconds * 3))):
        if at < seconds:
            t = clock(0.4)
            hit = sum(
                resonance(dice.normal(size=len(t)) * np.exp(-t * 200), hz, hz / 15)
                for hz in dice.uniform(80, 4000, 3)
            )
            place(out, hit * dice.uniform(0.1, 1), float(at))
    return out


def rustle(dice: Dice, seconds: float) -> Samples:
    """Cloth, paper, breath-like bursts of filtered noise that no voice makes."""
    out = np.zeros(int(seconds * RATE))
    for at in np.cumsum(dice.exponential(0.25, int(seconds * 8))):
        if at < seconds:
            t = clock(dice.uniform(0.03, 0.3))
            burst = filtered(dice.normal(size=len(t)), dice.uniform(800, 3000), 7500)
            place(out, burst * np.hanning(len(t)) * dice.uniform(0.1, 1), float(at))
    return out


def walla(dice: Dice, seconds: float, *, lines: Sequence[Samples]) -> Samples:
    """A crowd: ten to thirty voices at once in a room, nobody in front."""
    out = np.zeros(int(seconds * RATE))
    for _ in range(int(dice.integers(10, 30))):
        at = dice.uniform(-3, 0)
        while at < seconds:
            line = unit(lines[dice.integers(len(lines))])
            place(out, line[max(0, int(-at * RATE)) :] * dice.uniform(0.6, 1.2), max(at, 0.0))
            at += len(line) / RATE
    return in_room(dice, in_room(dice, out))


NOISES: dict[str, Callable[[Dice, float], Samples]] = {
    f.__name__: f for f in (coloured, wind, engine, applause, knocks, rustle)
}
