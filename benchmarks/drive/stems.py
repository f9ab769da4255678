"""Time and memory of hearing long stems, each in a process of its own on one core.

The stem is the speech of the clips, one after the other, written as a 48 kHz WAV.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.drive.clips import SEVEN
from benchmarks.sound_head import FOOTAGE
from dubsync.core.steps import AlignedAudio
from dubsync.engine.motion.basis import learn_basis
from dubsync.engine.sound.drive import drive_audio
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import extract_features

MINUTES = (0.5, 5.0, 20.0)
RATE = 48000
FRAMES_PER_S = 25
ONE_CORE = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True)
class StemRow:
    """Seconds of one core, and the process's largest memory.

    read_s, heard_s   reading the stem; its features
    driven_s          the mouth of the whole stem at 25 fps, of a person never seen; None: not run
    base_mb           memory at most before the stem, with a clip heard and all weights loaded
    heard_mb          the same after the stem's features, and
    peak_mb           after its mouth, all of which is driven at once (the product drives shots)
    """

    minutes: float
    read_s: float
    heard_s: float
    driven_s: float | None
    base_mb: float
    heard_mb: float
    peak_mb: float


def stem_rows(kept: Path) -> Iterator[StemRow]:
    """Each of MINUTES."""
    with tempfile.TemporaryDirectory() as folder:
        speech = np.concatenate([np.asarray(_at_rate(name), np.float32) for name in SEVEN])
        for minutes in MINUTES:
            path = Path(folder) / f"stem_{minutes:g}.wav"
            soundfile.write(path, np.resize(speech, round(minutes * 60 * RATE)), RATE)
            command = [sys.executable, "-m", __name__, str(path), str(minutes), str(kept)]
            done = subprocess.run(command, env=os.environ | ONE_CORE, capture_output=True,
                                  text=True, check=True)  # fmt: skip
            yield StemRow(**json.loads(done.stdout.splitlines()[-1]))


def _at_rate(name: str) -> np.ndarray:
    sound = read_sound(FOOTAGE / name)
    count = round(sound.seconds * RATE)
    at = np.arange(count) * sound.sample_rate / RATE
    return np.interp(at, np.arange(len(sound.samples)), sound.samples)


def _peak_mb() -> float:
    """Largest resident memory of this process since it was started (Linux)."""
    status = Path("/proc/self/status").read_text("utf-8")
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measured_stem(path: Path, minutes: float, kept: Path) -> StemRow:
    """One stem, in this process."""
    from benchmarks.drive.kept_heads import TalksWithHeads

    talk = TalksWithHeads(kept)[SEVEN[0]]  # loads the weights, and gives a face
    basis = learn_basis([talk.track])
    base = _peak_mb()
    first = time.process_time()
    sound = read_sound(path)
    second = time.process_time()
    features = extract_features(sound)
    third, heard_mb = time.process_time(), _peak_mb()
    drive_audio(AlignedAudio(features, np.arange(0, minutes * 60, 1 / FRAMES_PER_S)), None, basis)
    fourth = time.process_time()
    return StemRow(minutes, second - first, third - second, fourth - third, base, heard_mb,
                   _peak_mb())  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(asdict(
        measured_stem(Path(sys.argv[1]), float(sys.argv[2]), Path(sys.argv[3]))
    )))  # fmt: skip
