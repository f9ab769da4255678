"""The condition of a sound: its level, what it has above 4.4 kHz, flat tops; 100 readings a second.

A long file is read a minute at a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.sound.audio import READING_RATE
from dubsync.core.sound.tracks import WHOLE, SoundChoice
from dubsync.media.sound.stem import read_sound

#: Raise when the same sound would give another condition; part of cache keys.
VERSION = "1"
STRETCH_S = 60  #: seconds read at a time
WINDOW_S = 0.025
SPEECH_HZ = (150, 3600)
HIGH_HZ = (4400, 7500)  #: above a telephone, where s, f and t are told apart
QUIETEST_DB = -120.0

FLAT = 3  #: equal samples in a row that make a flat top
EQUAL = 2.0**-15  #: one step of 16 bits: samples no farther apart are equal
LOUD = 0.9  #: a flat top is at least this share of the loudest sample within TOP_S
LEAST_TOP = 0.05  #: and of full scale; quieter ones are rounding
TOP_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """READING_RATE a second from a file's first sample; reading n begins at n / READING_RATE.

    level  (N,) dB re full scale, 150 to 3600 Hz
    high   (N,) dB re full scale, 4.4 to 7.5 kHz; QUIETEST_DB where the file's rate has none
    flat   (N,) number of samples in flat tops: clipped
    """

    level: Array
    high: Array
    flat: Array


def sound_condition(
    path: Path, rate: int, n_samples: int, choice: SoundChoice = WHOLE
) -> Condition:
    """The condition of the channels of `choice`, averaged as they are heard.

    Args:
        rate, n_samples: of the file, see `probe_sound`.

    Raises:
        MediaError: as `read_sound`.
    """
    parts = list(_parts(path, rate, n_samples, choice))
    return Condition(*(np.concatenate([part[n] for part in parts]) for n in range(3)))


def _parts(
    path: Path, rate: int, n_samples: int, heard: SoundChoice
) -> Iterator[tuple[Array, Array, Array]]:
    whole = -(-n_samples // rate)
    for first in range(0, whole, STRETCH_S):
        seconds = min(STRETCH_S, whole - first)
        sound = read_sound(
            path, first=Fraction(first), seconds=Fraction(seconds), rate=rate, choice=heard
        )
        samples = np.asarray(sound.samples)
        level, high = _levels(samples, rate, seconds * READING_RATE)
        yield level, high, _flat(samples, rate, seconds * READING_RATE)


def _levels(samples: Array, rate: int, count: int) -> tuple[Array, Array]:
    size = round(WINDOW_S * rate)
    starts = np.arange(count) * rate // READING_RATE
    padded = np.pad(samples, (0, size))
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    hz = np.fft.rfftfreq(size, 1 / rate)
    scale = (window**2).sum() * size / 2
    result = []
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)
    power = np.concatenate([
        np.abs(np.fft.rfft(frames[some] * window)) ** 2 / scale
        for some in np.array_split(starts, max(1, count // READING_RATE))
    ])  # fmt: skip
    for low, top in (SPEECH_HZ, HIGH_HZ):
        band = power[:, (hz >= low) & (hz <= top)].sum(axis=1)
        decibels = 10 * np.log10(band + 10 ** (QUIETEST_DB / 10))
        result.append(np.asarray(decibels, np.float32))
    return result[0], result[1]


def _flat(samples: Array, rate: int, count: int) -> Array:
    """(count,) samples in runs of FLAT or more equal ones at the top of the half second around."""
    size = max(round(TOP_S * rate), 1)
    blocks = np.pad(np.abs(samples), (0, -len(samples) % size)).reshape(-1, size)
    top = np.repeat(blocks.max(axis=1), size)[: len(samples)]
    high = (np.abs(samples) >= LOUD * top) & (np.abs(samples) > LEAST_TOP)
    equal = (np.abs(np.diff(samples)) < EQUAL) & high[1:] & high[:-1]
    run: NDArray[np.bool_] = equal[: len(equal) - FLAT + 2].copy()
    for n in range(1, FLAT - 1):
        run &= equal[n : len(equal) - FLAT + 2 + n]
    place = np.flatnonzero(run) * READING_RATE // rate
    return np.bincount(place, minlength=count)[:count].astype(np.float32)
