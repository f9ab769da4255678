"""Mixed stems with ground truth, made of the utterances of single-speaker recordings.

The truth of a mixture is when its parts speak.  In a part that is read off its level: it speaks
where 20 ms of it come within 30 dB of its loud speech and 10 dB out of its own noise, gaps under
0.25 s closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.sound.voices import Turn

RATE = 16000  #: Hz
FRAME = 320  #: samples, 20 ms
DEPTH_DB, OUT_OF_NOISE_DB = 30.0, 10.0
CLOSED_S, LEAST_S, LONGEST_S = 0.25, 0.3, 7.0
LEVEL_DB, UNEVEN_DB = -23.0, 2.0  #: of each voice's speech, full scale 0, and its deviation

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Mixture:
    """A mixed stem, (N,) at 16 kHz, and who speaks when in it."""

    samples: Samples
    truth: tuple[Turn, ...]


def spoken(samples: Samples) -> list[tuple[float, float]]:
    """Speech in a clean recording of one person, (start, stop) in seconds."""
    frames = samples[: len(samples) // FRAME * FRAME].reshape(-1, FRAME)
    level = 10 * np.log10((frames**2).mean(axis=1) + 1e-10)
    quiet, full = np.percentile(level, [5, 95])
    loud = level > max(full - DEPTH_DB, min(quiet + OUT_OF_NOISE_DB, full - 10))
    edges = np.flatnonzero(np.diff(np.r_[False, loud, False].astype(int))) * FRAME / RATE
    runs: list[tuple[float, float]] = []
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        if runs and start - runs[-1][1] < CLOSED_S:
            start = runs.pop()[0]
        runs.append((float(start), float(stop)))
    return [run for start, stop in runs if stop - start >= 0.1 for run in _cut(start, stop, level)]


def _cut(start: float, stop: float, level: NDArray[np.float32]) -> list[tuple[float, float]]:
    """Split a run at the quietest place of its middle third until no part is too long."""
    if stop - start <= LONGEST_S:
        return [(start, stop)]
    third = (stop - start) / 3
    first, last = (round(s * RATE / FRAME) for s in (start + third, stop - third))
    middle = (first + int(np.argmin(level[first:last]))) * FRAME / RATE
    return _cut(start, middle, level) + _cut(middle, stop, level)


def mix(
    people: Mapping[str, Samples],
    *,
    seconds: float,
    seed: int,
    overlap: float = 0.2,
    pause_s: tuple[float, float] = (0.1, 1.0),
) -> Mixture:
    """A conversation of `people` (name -> recording at 16 kHz) of about `seconds`.

    Args:
        overlap: share of turns that begin before the last one ends, by 0.2 to 1.2 s.
        pause_s: least and longest pause before the others.
    """
    dice = np.random.default_rng(seed)
    utterances = {person: _utterances(samples) for person, samples in people.items()}
    at = {person: int(dice.integers(len(parts))) for person, parts in utterances.items()}
    gain = {person: 10 ** (dice.normal(0, UNEVEN_DB) / 20) for person in people}
    whole = np.zeros(int((seconds + 2 * LONGEST_S) * RATE), np.float32)
    truth: list[Turn] = []
    ends = dict.fromkeys(people, 0.0)
    now, before = 0.5, ""
    while now < seconds:
        person = str(dice.choice([name for name in people if name != before] or list(people)))
        samples, runs = utterances[person][at[person] % len(utterances[person])]
        at[person] += 1
        back = truth and dice.random() < overlap
        start = now - dice.uniform(0.2, 1.2) if back else now + dice.uniform(*pause_s)
        start = max(start, ends[person] + 0.2, 0.0)
        first = int(start * RATE)
        whole[first : first + len(samples)] += samples * gain[person]
        truth += [Turn(person, first / RATE + a, first / RATE + b) for a, b in runs]
        ends[person] = first / RATE + len(samples) / RATE
        now, before = max(now, ends[person]), person
    whole = whole[: int((now + 0.5) * RATE)]
    return Mixture(whole / max(1.0, float(np.abs(whole).max())), tuple(truth))


def with_noise(mixture: Mixture, noise: Samples, snr_db: float) -> Mixture:
    """`mixture` with `noise` (looped) under it, `snr_db` below its speech."""
    bed = np.resize(noise, len(mixture.samples))
    speech = np.concatenate(
        [mixture.samples[int(t.start * RATE) : int(t.stop * RATE)] for t in mixture.truth]
    )
    gain = np.sqrt((speech**2).mean() / (bed**2).mean()) * 10 ** (-snr_db / 20)
    return Mixture((mixture.samples + gain * bed).astype(np.float32), mixture.truth)


def hushed(noise: Samples, seed: int = 0) -> Samples:
    """Noise with the same spectrum and without speech: its phases are random."""
    spectrum = np.fft.rfft(noise)
    turned = np.exp(2j * np.pi * np.random.default_rng(seed).random(len(spectrum)))
    return np.asarray(np.fft.irfft(np.abs(spectrum) * turned, len(noise)), np.float32)


def _utterances(samples: Samples) -> list[tuple[Samples, list[tuple[float, float]]]]:
    """(sound, its speech) of each utterance, at a common level; long ones are split at pauses."""
    runs = spoken(samples)
    speech = np.concatenate([samples[int(a * RATE) : int(b * RATE)] for a, b in runs])
    samples = samples * 10 ** (LEVEL_DB / 20) / np.sqrt((speech**2).mean())
    groups: list[list[tuple[float, float]]] = []
    for start, stop in runs:
        if groups and stop - groups[-1][0][0] <= LONGEST_S and start - groups[-1][-1][1] < 0.5:
            groups[-1].append((start, stop))
        else:
            groups.append([(start, stop)])
    result = []
    for group in groups:
        if group[-1][1] - group[0][0] < LEAST_S:
            continue
        first, last = max(group[0][0] - 0.05, 0.0), group[-1][1] + 0.05
        part = _eased(samples[int(first * RATE) : int(last * RATE)].astype(np.float32))
        result.append((part, [(a - first, b - first) for a, b in group]))
    return result


def _eased(samples: Samples) -> Samples:
    ramp = np.linspace(0, 1, RATE // 50, dtype=np.float32)
    eased = samples.copy()
    eased[: len(ramp)] *= ramp
    eased[-len(ramp) :] *= ramp[::-1]
    return eased
