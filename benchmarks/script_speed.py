"""Detection of a speed mismatch between stem and script, with real voices at four speeds.

    python -m benchmarks.script_speed

Eight minutes of ../shared/speech with pauses.  The script has the times of the detected utterances,
rounded to frames at 24 fps, with an error of 0.15 s (standard deviation) and a fifth of the lines
left out; the stem is resampled.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.sound.audio import Sound
from dubsync.media.sound.stem import read_sound
from dubsync.service.script.fit import fit_script
from dubsync.speech.audio_features import extract_features
from dubsync.speech.lines import spoken_runs

SHARED = Path(__file__).parents[2] / "shared" / "speech"
RATE, MINUTES, FIRST = 16000, 8, 3600.0
SPEEDS = {"right": 1.0, "1001/1000": 1.001, "24/25": 24 / 25, "25/24": 25 / 24}


def main() -> None:
    """Print a row for each speed."""
    rng = np.random.default_rng(0)
    voices = _voices(rng)
    spotted: list[float] = []
    for name, ratio in SPEEDS.items():
        n = round(len(voices) * ratio)
        slowed = np.interp(np.arange(n) / ratio, np.arange(len(voices)), voices)
        slowed += rng.normal(0, 3e-4, n)
        runs = spoken_runs(extract_features(Sound(slowed.astype(np.float32), RATE)))
        starts = [FIRST + start for start, _ in runs]
        if not spotted:
            spotted = [_spotted(start, rng) for start in starts if rng.random() > 0.2]
        fit = fit_script(spotted, starts, FIRST)
        named = fit.mismatch.name if fit and fit.mismatch else "nothing"
        measured = f"{fit.ratio:.5f} by {fit.lines} lines" if fit else "no line"
        print(f"{name:10} {measured:20} named: {named}")


def _voices(rng: Any) -> Any:
    parts: list[Any] = []
    paths = [p for p in sorted(SHARED.glob("*.wav")) if "noisy" not in p.name]
    while sum(map(len, parts)) < MINUTES * 60 * RATE:
        for path in paths:
            parts += [np.asarray(read_sound(path, rate=RATE).samples)[: 8 * RATE],
                      np.zeros(int(rng.uniform(0.6, 3) * RATE))]  # fmt: skip
    return np.concatenate(parts)[: MINUTES * 60 * RATE]


def _spotted(start: float, rng: Any) -> float:
    return round((start + rng.normal(0, 0.15)) * 24) / 24


if __name__ == "__main__":
    main()
