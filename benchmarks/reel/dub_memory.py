"""What a dub's length costs in memory: the process that hears it, and one that drives a shot by it.

    python -m benchmarks.reel.dub_memory DUB.wav WORK [--minutes 1,20,98]

DUB.wav is a dub of 16 kHz, as those of `benchmarks.reel.make`; it is cut, or said over and over.
Each figure is of a process of its own: CPU seconds, and the most memory that it ever held, in MB.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reel.make import SOUND_RATE, write_wav
from dubsync.core.shot import Stem
from dubsync.engine.sound.contacts import lip_sounds
from dubsync.engine.sound.model import sound_inputs
from dubsync.engine.sound.sound_head import shipped_head
from dubsync.media.sound.stem import probe_sound, read_sound
from dubsync.qc.pictures.review_strip import phone_labels
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store
from dubsync.service.tasks.memory import taken

#: Frames of the shot, and how many a second.
FRAMES, RATE = 52, 25


def one(dub: Path, folder: Path, stage: str) -> dict[str, Any]:
    """CPU seconds and peak memory of a stage in this process."""
    sound = probe_sound(dub)
    stem = Stem("A", "de-DE", str(dub), sound.sample_rate, sound.n_samples, Fraction(3600))
    audio = AudioAnalysisCache(Store(folder))
    if stage == "hear":
        audio.stem_features(stem)
    else:
        times = 3600 + sound.n_samples / sound.sample_rate / 2 + np.arange(FRAMES) / RATE
        features = audio.stem_features(stem)
        _, told = shipped_head().predict_at(features, times)
        sound_inputs(features, times)
        lip_sounds(features, times, told[:, 0], 1.0, times)
        phone_labels(features, times)
    return {"cpu": round(time.process_time(), 1), "peak_mb": taken()[1] >> 20}


def main() -> None:
    """Measure each length, and print a line a stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dub", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--minutes", default="1,20,98")
    parser.add_argument("--one", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.dub, asked.work, asked.one)))
        return
    asked.work.mkdir(parents=True, exist_ok=True)
    samples = np.asarray(read_sound(asked.dub, rate=SOUND_RATE).samples)
    for minutes in map(int, asked.minutes.split(",")):
        dub = asked.work / f"dub_{minutes}.wav"
        write_wav(dub, np.resize(samples, minutes * 60 * SOUND_RATE))
        for stage in ("hear", "shot"):
            command = [sys.executable, "-m", "benchmarks.reel.dub_memory", str(dub),
                       str(asked.work / f"kept_{minutes}"), "--one", stage]  # fmt: skip
            ended = subprocess.run(command, capture_output=True, text=True)
            print(minutes, stage, ended.stdout.strip() or ended.stderr[-400:], flush=True)


if __name__ == "__main__":
    main()
