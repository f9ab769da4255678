"""Scenes with known voices: lines in all manners, with music or noise under them, or without."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_dilation
from scipy.signal import resample_poly

from benchmarks.hearing.manners import MANNERS
from benchmarks.hearing.noises import NOISES
from benchmarks.hearing.notes import (
    MUSIC,
    RATE,
    Dice,
    Samples,
    eased,
    filtered,
    in_room,
    old_film,
    unit,
)

SCENE_S = 7.0
READING = RATE // 100
DEPTH_DB = 35.0  #: a reading holds a voice when it is this far below the line's loudest, or less
CLOSED_READINGS = 20  #: shorter gaps belong to the line
EDGE_READINGS = 8  #: around the ends of a line nobody can say: not taught, not judged

Kinds = Mapping[str, Callable[[Dice, float], Samples]]
Manner = Callable[[Samples, Dice], Samples]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A made sound and what is in it.

    samples  (N,) float32 at 16 kHz
    voice    (R,) 1 where somebody speaks, sings, laughs; 0 where nobody does; -1 at the edges;
             100 a second
    beneath  name of the music or noise, or "silence"
    manner   of the voice, or ""
    """

    samples: NDArray[np.float32]
    voice: NDArray[np.int8]
    beneath: str
    manner: str


def pooled(kinds: Kinds, pieces: int) -> Kinds:
    """The same kinds, each drawing from so many pieces that are made once."""

    def of(kind: Callable[[Dice, float], Samples]) -> Callable[[Dice, float], Samples]:
        made = cache(lambda piece, seconds: kind(np.random.default_rng(piece), seconds))
        return lambda dice, seconds: made(int(dice.integers(pieces)), seconds)

    return {name: of(kind) for name, kind in kinds.items()}


def pooled_manners(pieces: int) -> Mapping[str, Manner]:
    """Manners, each heard from so many lines that are made once."""

    def of(name: str) -> Manner:
        made: dict[int, Samples] = {}

        def drawn(line: Samples, dice: Dice) -> Samples:
            piece = int(dice.integers(pieces))
            if piece not in made:
                made[piece] = MANNERS[name](line, np.random.default_rng(piece))
            return made[piece]

        return drawn

    return {name: MANNERS[name] if name == "plain" else of(name) for name in MANNERS}


def voiced_readings(line: Samples) -> NDArray[np.bool_]:
    """(R,) whether a clean line sounds, 100 a second."""
    count = -(-len(line) // READING)
    frames = np.pad(line, (0, count * READING - len(line))).reshape(count, READING)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    on = level > max(level.max() - DEPTH_DB, -75)
    return np.asarray(binary_closing(np.pad(on, 40), np.ones(CLOSED_READINGS))[40:-40], bool)


def voices_track(
    dice: Dice, lines: Sequence[Samples], manner: Manner, seconds: float, alone: float
) -> tuple[Samples, NDArray[np.int8]]:
    """Lines in one manner with pauses, unit RMS while they last, and their truth.

    Args:
        alone: chance of a longer pause, in which only what is beneath is heard.
    """
    out = np.zeros(int(seconds * RATE))
    voice = np.zeros(int(seconds * 100), np.int8)
    at = dice.uniform(0.1, 2.5 if dice.random() < alone else 0.5)
    while at < seconds - 0.5:
        line = manner(lines[dice.integers(len(lines))], dice)
        first, room = int(at * 100), len(voice) - int(at * 100)
        on = voiced_readings(line)[:room]
        line = eased(line[: room * READING], 0.005, 0.005)
        sounding = np.repeat(on, READING)[: len(line)]
        if not sounding.any():
            break
        line = line / max(float(np.sqrt((line[: len(sounding)][sounding] ** 2).mean())), 1e-6)
        out[first * READING : first * READING + len(line)] += line[: len(out) - first * READING]
        near = binary_dilation(np.pad(on, EDGE_READINGS), iterations=EDGE_READINGS)
        span = slice(max(first - EDGE_READINGS, 0), first + len(on) + EDGE_READINGS)
        near = near[max(EDGE_READINGS - first, 0) :]
        part = voice[span]
        part[near[: len(part)] & (part == 0)] = -1
        voice[first : first + len(on)][on] = 1
        at += len(on) / 100 + (
            dice.uniform(1, 3) if dice.random() < alone else dice.uniform(0.2, 1)
        )
    return out, voice


def channel(dice: Dice, sound: Samples, chance: float = 0.5) -> Samples:
    """`sound` through a room, telephone, hard limit, microphone or old film, or none of them."""
    if dice.random() > chance:
        return sound
    kind = dice.integers(5)
    if kind == 0:
        return in_room(dice, sound)
    if kind == 1:
        return telephone(sound)
    if kind == 4:
        return old_film(dice, sound)
    if kind == 2:
        top = np.quantile(np.abs(sound), dice.uniform(0.93, 0.999))
        return np.clip(sound, -top, top)
    spectrum = np.fft.rfft(sound)
    hz = np.linspace(0, 1, len(spectrum)) ** 0.5
    curve = np.interp(hz, np.linspace(0, 1, 6), dice.normal(0, 0.6, 6))
    return np.asarray(np.fft.irfft(spectrum * np.exp(curve), len(sound)), np.float64)


def telephone(sound: Samples) -> Samples:
    """300 to 3400 Hz at 8 kHz."""
    narrow = resample_poly(filtered(sound, 300, 3400), 1, 2)
    return np.asarray(resample_poly(narrow, 2, 1), np.float64)[: len(sound)]


def scene(
    seed: int,
    lines: Sequence[Samples],
    *,
    music: Kinds = MUSIC,
    noises: Kinds = NOISES,
    manners: Mapping[str, Manner] = MANNERS,
    seconds: float = SCENE_S,
) -> Scene:
    """A scene drawn from `seed`: a quarter music alone, a tenth noise alone, else voices.

    Every fourth seed is bare: its pauses are digital silence, and what is beneath begins and ends.
    """
    bare = seed % 4 == 3
    dice = np.random.default_rng(seed)
    what = dice.random()
    level = 10 ** (dice.uniform(-40, -6) / 20)
    names = sorted(music if what < 0.25 or (what > 0.35 and dice.random() < 0.6) else noises)
    beneath = str(names[dice.integers(len(names))])
    bed = unit({**music, **noises}[beneath](dice, seconds))[: int(seconds * RATE)]
    bed = np.pad(bed, (0, int(seconds * RATE) - len(bed)))
    if bare:
        bed = bed * _now_and_then(np.random.default_rng(seed), len(bed))
    if what < 0.35:
        sound = channel(dice, bed, 0.5)
        voice = np.zeros(int(seconds * 100), np.int8)
        return Scene(_levelled(sound, level, dice, bare), voice, beneath, "")
    odds = np.array([0.4, 0.18, 0.09, 0.07, 0.09, 0.06, 0.05, 0.06])
    manner = str(dice.choice(list(MANNERS), p=odds))
    track, voice = voices_track(dice, lines, manners[manner], seconds, 0.5)
    if dice.random() < 0.3:
        bed, beneath = 0.001 * dice.normal(size=len(track)) * (not bare), "silence"
    over = 10 ** (-dice.uniform(8 if beneath == "walla" else -2, 30) / 20)
    sound = channel(dice, channel(dice, track, 0.4) + over * bed, 0.3)
    return Scene(_levelled(sound, level, dice, bare), voice, beneath, manner)


def _now_and_then(dice: Dice, count: int) -> Samples:
    """(N,) 1 in stretches of .3 to 3 s, 0 between, eased."""
    at, on = 0, np.zeros(count)
    while at < count:
        at += int(dice.uniform(0.2, 2) * RATE)
        length = int(dice.uniform(0.3, 3) * RATE)
        on[at : at + length] = 1
        at += length
    return np.convolve(on, np.ones(160) / 160, "same")


def _levelled(sound: Samples, level: float, dice: Dice, bare: bool) -> NDArray[np.float32]:
    out = unit(sound) * level
    if not bare:
        out += 10 ** (dice.uniform(-100, -65) / 20) * dice.normal(size=len(out))
    return np.clip(out, -1, 1).astype(np.float32)
