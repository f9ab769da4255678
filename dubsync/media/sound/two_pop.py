"""Detect 2-pops: one frame of 1 kHz, two seconds before the first frame of action."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.audio import Sound
from dubsync.core.sound.tracks import WHOLE, SoundChoice
from dubsync.media.sound.stem import read_sound

VERSION = 1  #: of the detection; cached results of another version are computed again
PITCH = 1000.0  #: Hz
SHORTEST_S, LONGEST_S = 0.012, 0.060  #: a frame, from 60 to 23.976 fps, with some smearing
QUIET_S = 0.4  #: silence before and after the pop
LOUD = 0.003  #: -50 dBFS: anything softer is not a deliberate pop
LEADER_S = 60  #: seconds searched at the start and at the end of a stem
_RATE = 16000
_HOP = 16  #: samples: 1 ms
_TONAL = 0.7  #: share of the sound's power that is at 1 kHz
_STANDS_OUT = 8.0  #: ratio of its level to the sound around it

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pop:
    """A detected pop: start, in seconds from the sound's first sample, and duration."""

    start: float
    seconds: float


def head_pop(path: Path, choice: SoundChoice = WHOLE) -> Pop | None:
    """The pop within a sound file's first minute, where there is exactly one."""
    result = pops(read_sound(path, seconds=Fraction(LEADER_S), rate=_RATE, choice=choice))
    return result[0] if len(result) == 1 else None


def tail_pop(path: Path, seconds: Fraction, choice: SoundChoice = WHOLE) -> Pop | None:
    """The pop within the last minute of a sound file `seconds` long, where there is one."""
    first = max(Fraction(0), seconds - LEADER_S)
    sound = read_sound(path, first=first, seconds=seconds - first, rate=_RATE, choice=choice)
    result = pops(sound)
    if len(result) != 1:
        return None
    return Pop(result[0].start + float(first), result[0].seconds)


def pops(sound: Sound) -> tuple[Pop, ...]:
    """Every pop of `sound`, in order, to the millisecond.

    A pop is a run of 12 to 60 ms whose power is at 1 kHz, with 0.4 s of silence (or the end of the
    sound) on both sides.

    Source: ours; the pop itself is common practice (SMPTE leader; natjencks.com, "Sync pops").
    """
    samples = np.asarray(sound.samples, np.float64)
    if len(samples) < _HOP * 20:
        return ()
    tone, level = _levels(samples, sound.sample_rate)
    loud = level > LOUD
    tonal = loud & (tone > _TONAL * level)
    result = []
    for first, last in _runs(tonal):
        run = slice(first, last)
        peak = float(np.median(level[run]))
        start, stop = _edges(level, first, last, peak)
        seconds = (stop - start) * _HOP / sound.sample_rate
        if SHORTEST_S <= seconds <= LONGEST_S and _alone(level, start, stop, peak, sound):
            result.append(Pop(start * _HOP / sound.sample_rate, seconds))
    return tuple(result)


def _levels(samples: Levels, rate: int) -> tuple[Levels, Levels]:
    """RMS at 1 kHz, and RMS of the whole sound, every millisecond, over 6 ms around it."""
    at = np.arange(len(samples))
    beat = samples * np.exp(-2j * np.pi * PITCH / rate * at)
    width = 6 * _HOP
    real, imaginary = _smoothed(beat.real, width), _smoothed(beat.imag, width)
    tone = np.sqrt(2 * (real**2 + imaginary**2))
    level = np.sqrt(np.maximum(_smoothed(samples**2, width), 0))
    return tone[::_HOP], level[::_HOP]


def _smoothed(values: Levels, width: int) -> Levels:
    total = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(len(values))
    low = np.clip(at - width // 2, 0, len(values))
    high = np.clip(at + width // 2, 0, len(values))
    return np.asarray((total[high] - total[low]) / np.maximum(high - low, 1))


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _edges(level: Levels, first: int, last: int, peak: float) -> tuple[int, int]:
    """The ends of a run, where the level crosses half its power: compensates the smoothing."""
    half = peak / np.sqrt(2)
    while first > 0 and level[first - 1] > half:
        first -= 1
    while first < last and level[first] < half:
        first += 1
    while last < len(level) and level[last] > half:
        last += 1
    while last > first and level[last - 1] < half:
        last -= 1
    return first, last


def _alone(level: Levels, start: int, stop: int, peak: float, sound: Sound) -> bool:
    near = round(QUIET_S * sound.sample_rate / _HOP)
    aside = round(0.008 * sound.sample_rate / _HOP)
    before = level[max(0, start - near) : max(0, start - aside)]
    after = level[stop + aside : stop + near]
    loudest = max(float(part.max()) if len(part) else 0.0 for part in (before, after))
    return loudest * _STANDS_OUT < peak
