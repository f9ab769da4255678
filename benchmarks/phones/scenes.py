"""Training data of the phone network: spoken lines with augmentation.

Speed, pitch and rooms are applied to the samples once; noise, colour, microphones and codecs to the
power in mel bands, anew each time a line is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import fftconvolve

from benchmarks.phones.lines import SAMPLE_RATE, Line, read_lines
from dubsync.speech.audio_features import mel_power

SCENE = 600  #: readings
TAKES = 3  #: of each line: as spoken, and at other speeds and in rooms
FASTER = 0.2  #: logarithm of the largest change of speed and pitch
SMALLEST = 1e-9
ALONE = 0.35  #: share of scenes with only one to three seconds of speech


@dataclass(frozen=True, slots=True)
class Take:
    """One augmented version of a line: mel (N, 40) power, and its speed factor."""

    line: int
    mel: np.ndarray
    faster: float


def take_of(samples: np.ndarray, faster: float, room: np.ndarray | None) -> np.ndarray:
    """(N, 40) mel power of the samples, played faster and higher, in a room."""
    if faster != 1:
        at = np.arange(0, len(samples) - 1, faster)
        samples = np.interp(at, np.arange(len(samples)), samples)
    if room is not None:
        samples = fftconvolve(samples, room)[: len(samples)]
    return mel_power(samples.astype(np.float32))


def room(chance: np.random.Generator) -> np.ndarray:
    """An impulse response: an impulse and its echo, which decays by 60 dB in 0.1 to 0.6 s."""
    at = np.arange(int(SAMPLE_RATE * chance.uniform(0.1, 0.5))) / SAMPLE_RATE
    echo = chance.standard_normal(len(at)) * np.exp(-6.9 * at / chance.uniform(0.1, 0.6))
    echo *= chance.uniform(0.01, 0.1)
    echo[0] = 1
    return echo


def all_takes(speech: Path, kept: Path) -> tuple[list[Line], list[Take]]:
    """Every line under `speech`, and its takes, which are cached under `kept`."""
    kept.mkdir(parents=True, exist_ok=True)
    lines: list[Line] = []
    takes: list[Take] = []
    for path in sorted(speech.glob("*.npz")):
        new = list(read_lines(path))
        if not (kept / path.name).exists():
            _take_all(new, kept / path.name, int(path.stem.replace("_", "")))
        with np.load(kept / path.name) as held:
            mels = np.split(held["mel"], np.cumsum(held["lengths"])[:-1])
            for n, (mel, faster) in enumerate(zip(mels, held["faster"], strict=True)):
                power = np.exp(mel.astype(np.float32))
                takes.append(Take(len(lines) + n // TAKES, power, float(faster)))
        lines += new
    return lines, takes


def _take_all(lines: Sequence[Line], path: Path, seed: int) -> None:
    chance = np.random.default_rng(seed)
    mels, rates = [], []
    for line in lines:
        for n in range(TAKES):
            faster = float(np.exp(chance.uniform(-FASTER, FASTER))) if n else 1.0
            echo = room(chance) if n and chance.random() < 0.6 else None
            mels.append(take_of(line.samples, faster, echo))
            rates.append(faster)
    logs = [np.log(mel + SMALLEST).astype(np.float16) for mel in mels]
    np.savez(path, mel=np.concatenate(logs), lengths=np.array([len(m) for m in logs]), faster=rates)


def labels_of(take: Take, labels: np.ndarray) -> np.ndarray:
    """The labels of the line, at the speed of the take."""
    at = np.round(np.arange(len(take.mel)) * take.faster).astype(int)
    return labels[np.minimum(at, len(labels) - 1)]


def scene(
    takes: Sequence[Take], labels: Sequence[np.ndarray], chance: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """(SCENE, 40) mel power and (SCENE,) labels: lines with pauses, in noise, through a channel."""
    mel = np.zeros((SCENE, 40), np.float32)
    labelled = np.zeros(SCENE, np.int64)
    at = -int(chance.integers(0, 300)) if chance.random() < 0.7 else int(chance.integers(0, 100))
    while at < SCENE:
        take = takes[chance.integers(len(takes))]
        begin, end = max(at, 0), min(at + len(take.mel), SCENE)
        if end > begin:
            power = _warped(take.mel[begin - at : end - at], chance)
            mel[begin:end] = power * 10 ** chance.uniform(-0.5, 0.5)
            labelled[begin:end] = labels_of(take, labels[take.line])[begin - at : end - at]
        at += len(take.mel) + int(chance.integers(0, 60))
    if chance.random() < ALONE:
        begin = int(chance.integers(0, SCENE - 100))
        end = begin + int(chance.integers(100, 350))
        mel[:begin], mel[end:], labelled[:begin], labelled[end:] = 0, 0, 0, 0
    loud = np.percentile(mel[labelled != 0].sum(axis=1), 80) + SMALLEST if labelled.any() else 1.0
    if chance.random() < 0.85:
        mel += _noise(chance) * np.float32(loud * 10 ** -chance.uniform(0.5, 4.5))
    if chance.random() < 0.15:
        mel += _hum(chance) * np.float32(loud * 10 ** -chance.uniform(0.5, 3))
    if chance.random() < 0.15:
        other = takes[chance.integers(len(takes))].mel
        power = np.percentile(other.sum(axis=1), 90) + SMALLEST
        mel += np.resize(other, mel.shape) * (loud / power * 10 ** -chance.uniform(0.8, 2.5))
    mel *= np.exp(_curve(chance, 6, 1.0))
    if chance.random() < 0.25:
        mel *= _dull(chance)
    return mel.astype(np.float32), labelled


def _curve(chance: np.random.Generator, keyframes: int, spread: float) -> np.ndarray:
    values = np.interp(
        np.arange(40), np.linspace(0, 39, keyframes), chance.normal(0, spread, keyframes)
    )
    return values.astype(np.float32)


def _warped(mel: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """The bands shifted a little, as by another length of the vocal tract."""
    at = np.clip(np.arange(40) * chance.uniform(0.93, 1.07) + chance.uniform(-0.7, 0.7), 0, 38.99)
    low = at.astype(int)
    share = (at - low).astype(np.float32)
    return mel[:, low] * (1 - share) + mel[:, low + 1] * share


def _noise(chance: np.random.Generator) -> np.ndarray:
    """(SCENE, 40) coloured noise with mean power 1 per reading and a slow envelope."""
    grain = chance.standard_exponential((SCENE, 40), np.float32)
    grain += chance.standard_exponential((SCENE, 40), np.float32)
    swell = np.exp(np.interp(np.arange(SCENE), np.linspace(0, SCENE, 8), chance.normal(0, 0.5, 8)))
    noise = grain * np.exp(_curve(chance, 5, 1.5)) * swell[:, None].astype(np.float32)
    return noise / noise.sum(axis=1).mean()


def _hum(chance: np.random.Generator) -> np.ndarray:
    """(SCENE, 40) sustained notes: some bands with independent envelopes."""
    out = np.zeros((SCENE, 40), np.float32)
    for band in chance.integers(1, 30, chance.integers(2, 7)):
        keyframes = int(chance.integers(4, 16))
        swell = np.interp(
            np.arange(SCENE), np.linspace(0, SCENE, keyframes), chance.normal(0, 2, keyframes)
        )
        out[:, band] += np.exp(swell)
    return out / (out.sum(axis=1).mean() + SMALLEST)


def _dull(chance: np.random.Generator) -> np.ndarray:
    """(40,) gain of a codec or microphone with an upper limit of 3 to 7 kHz."""
    from_band = chance.uniform(26, 39)
    return np.exp(-np.maximum(np.arange(40) - from_band, 0) * 2.5).astype(np.float32)
