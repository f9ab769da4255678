"""Talks whose heads are found again without extracting the features of all training clips."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from safetensors.numpy import load_file

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
INDEX = "heads.json"


class TalksWithHeads:
    """`Talks`, with an index of its heads by person and by the digest of SOURCES."""

    def __init__(self, folder: Path) -> None:
        self._talks: Talks = talks(folder)
        self._index = folder / INDEX

    def __getitem__(self, name: str) -> Talk:
        return self._talks[name]

    def head_without(self, person: str) -> Head:
        """As Talks.head_without."""
        key = f"{person} {_sources_digest()}"
        path = self._talks.folder / self._known().get(key, "none")
        if path.is_file():
            return Head(**load_file(path))
        head = self._talks.head_without(person)
        self._index.write_text(
            json.dumps({**self._known(), key: self._saved_as(head)}, indent=1), encoding="utf-8"
        )
        return head

    def _known(self) -> dict[str, str]:
        if not self._index.is_file():
            return {}
        return {str(k): str(v) for k, v in json.loads(self._index.read_text("utf-8")).items()}

    def _saved_as(self, head: Head) -> str:
        """The file in which `Talks.head_without` saved it."""
        paths = sorted(self._talks.folder.glob("head_*.safetensors"))
        wanted = digest(head)
        return next(p.name for p in reversed(paths) if digest(Head(**load_file(p))) == wanted)


@cache
def _sources_digest() -> str:
    return digest(NATURAL_S, [file_digest(ROOT / path) for path in SOURCES])[:16]
