"""Talks whose heads are found again without extracting the features of all training clips."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from safetensors.numpy import load_file

from benchmarks.sound_head import Talk, Talks, talks
from dubsync.core.digest import digest, file_digest
from dubsync.engine.sound.sound_head import Head

ROOT = Path(__file__).parents[2]
#: Everything that a trained head depends on, beside the clips.
SOURCES = (
    "benchmarks/sound_head.py", "benchmarks/texts.py", "dubsync/core/sound/*.py",
    "dubsync/speech/**/*.py", "dubsync/speech/weights/*", "dubsync/engine/motion/*.py",
    "dubsync/engine/sound/sound_head.py", "dubsync/engine/sound/train_head.py",
    "dubsync/engine/sound/av_offset.py", "dubsync/engine/sound/expected_mouth.py",
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
    files = sorted({path for pattern in SOURCES for path in ROOT.glob(pattern) if path.is_file()})
    return digest([(str(path.relative_to(ROOT)), file_digest(path)) for path in files])[:16]
