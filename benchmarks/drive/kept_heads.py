"""Talks whose heads are found again without extracting the features of all training clips."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from benchmarks.sound_head import Talk, Talks, talks
from dubsync.core.digest import digest, file_digest
from dubsync.engine.sound.av_offset import NATURAL_S
from dubsync.engine.sound.sound_head import Head

ROOT = Path(__file__).parents[2]
#: What a trained head depends on, beside the clips.
SOURCES = (
    "benchmarks/sound_head.py", "benchmarks/offsets.py", "dubsync/core/sound/audio.py",
    "dubsync/speech/audio_features.py", "dubsync/speech/sound_states.py",
    "dubsync/speech/weights/sound_states.safetensors", "dubsync/engine/motion/fit.py",
    "dubsync/engine/sound/sound_head.py", "dubsync/engine/sound/train_head.py",
)  # fmt: skip
ARRAYS = ("level", "spread", "weights")


class TalksWithHeads:
    """`Talks`, whose heads are also kept by person and by the digest of SOURCES."""

    def __init__(self, folder: Path) -> None:
        self._talks: Talks = talks(folder)

    def __getitem__(self, name: str) -> Talk:
        return self._talks[name]

    def head_without(self, person: str) -> Head:
        """As Talks.head_without."""
        path = self._talks.folder / f"without_{person}_{_sources_digest()}.safetensors"
        if not path.is_file():
            head = self._talks.head_without(person)
            save_file({name: np.array(getattr(head, name)) for name in ARRAYS}, path)
        return Head(**load_file(path))


@cache
def _sources_digest() -> str:
    return digest(NATURAL_S, [file_digest(ROOT / path) for path in SOURCES])[:16]
