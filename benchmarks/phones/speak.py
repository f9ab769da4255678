"""Synthesise many lines in many voices, and store them with the duration of each phone."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import numpy as np
from py_nanotts import NanoTTS
from scipy.signal import resample_poly

from benchmarks.phones.lines import (
    HELD_OUT,
    LATE_S,
    SAMPLE_RATE,
    STRESSES,
    UNIT_S,
    Line,
    write_lines,
)
from benchmarks.phones.text import LANGUAGES, Writer
from benchmarks.phones.voices import RATE, Voices

SHARD = 20  #: lines per file
SYMBOLS = (18, 150)  #: of a line
PICO = {
    "en-US": "en-US",
    "en-GB": "en-GB",
    "de": "de-DE",
    "es": "es-ES",
    "fr": "fr-FR",
    "it": "it-IT",
}
TESTS = 0.07  #: share of lines that held-out voices speak


def speak(folder: Path, weights: Path, seconds: float, seed: int) -> None:
    """Write files of lines under `folder` until `seconds` have passed."""
    voices, writer, chance = Voices(weights), Writer(), random.Random(seed)
    languages, shares = list(LANGUAGES), [known.share for known in LANGUAGES.values()]

    def line() -> Line:
        language = chance.choices(languages, shares)[0]
        if chance.random() < TESTS:
            return _tests(chance, voices, writer, language)
        name, rows = _style(chance, voices, LANGUAGES[language].kokoro)
        return _line(chance, voices, writer, language, name, rows)

    _speak(folder, seconds, seed, line)


def speak_tests(folder: Path, weights: Path, seconds: float, seed: int) -> None:
    """The same with held-out voices only, one language after the other."""
    voices, writer, chance = Voices(weights), Writer(), random.Random(seed)
    languages = cycle(LANGUAGES)
    _speak(folder, seconds, seed, lambda: _tests(chance, voices, writer, next(languages)))


def speak_pico(folder: Path, seconds: float, seed: int) -> None:
    """The same with Pico, which gives no durations: they are spread evenly and aligned later."""
    voices, writer, chance = NanoTTS(), Writer(), random.Random(seed)
    _speak(folder, seconds, seed, lambda: _pico_line(chance, voices, writer))


def _speak(folder: Path, seconds: float, seed: int, say: Callable[[], Line]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    begun, shard, spoken = time.monotonic(), 0, 0.0
    while time.monotonic() - begun < seconds:
        lines = [say() for _ in range(SHARD)]
        write_lines(folder / f"{seed:03d}_{shard:04d}.npz", lines)
        shard += 1
        spoken += sum(len(line.samples) for line in lines) / SAMPLE_RATE
        print(f"{spoken:6.0f} s spoken in {time.monotonic() - begun:5.0f} s", flush=True)


def _tests(chance: random.Random, voices: Voices, writer: Writer, language: str) -> Line:
    name = chance.choice(HELD_OUT)
    return _line(chance, voices, writer, language, name, voices.styles[name].rows)


def _line(
    chance: random.Random,
    voices: Voices,
    writer: Writer,
    language: str,
    name: str,
    rows: np.ndarray,
) -> Line:
    symbols = ""
    while not SYMBOLS[0] <= len(symbols) <= SYMBOLS[1]:
        symbols = voices.spelled(writer.line(language, chance)[1])
    sound, units = voices.say(symbols, rows[len(symbols) - 1], chance.uniform(0.8, 1.3))
    resampled = resample_poly(sound, SAMPLE_RATE, RATE)
    return Line(
        language, name, symbols, units, (resampled / max(1e-4, np.abs(resampled).max()) * 0.7)
    )


def _pico_line(chance: random.Random, voices: NanoTTS, writer: Writer) -> Line:
    language = chance.choices(list(PICO), [LANGUAGES[k].share for k in PICO])[0]
    words, symbols = writer.line(language, chance)
    data = voices.speak(
        words, PICO[language], speed=chance.uniform(0.8, 1.4), pitch=chance.uniform(0.75, 1.3)
    )
    samples = np.frombuffer(data, np.int16).astype(np.float32) / 32768
    loud = np.flatnonzero(np.abs(samples) > 0.02 * np.abs(samples).max()) / SAMPLE_RATE
    begin, end = loud[0] + LATE_S, loud[-1] + LATE_S
    weights = np.array([0.0 if s in STRESSES else 1.0 for s in symbols])
    edges = begin + np.concatenate([[0], np.cumsum(weights) / weights.sum()]) * (end - begin)
    whole = np.round(np.concatenate([[0], edges, [len(samples) / SAMPLE_RATE + LATE_S]]) / UNIT_S)
    return Line(language, f"pico {language}", symbols, np.diff(whole).astype(int), samples)


def _style(chance: random.Random, voices: Voices, native: str) -> tuple[str, np.ndarray]:
    """One voice, or a blend of two timbres with the speaking style of any voice."""
    trained = [name for name in voices.styles if name not in HELD_OUT]
    own = [name for name in trained if native and name.startswith(native)]
    first = chance.choice(own if own and chance.random() < 0.5 else trained)
    rows = voices.styles[first].rows
    if chance.random() < 0.3:
        return first, rows
    second, share = chance.choice(trained), chance.uniform(0, 0.6)
    blend = (1 - share) * rows + share * voices.styles[second].rows
    manner = voices.styles[chance.choice([first, second, chance.choice(trained)])].rows
    return f"{first}+{second}", np.concatenate([blend[:, :128], manner[:, 128:]], axis=1)
