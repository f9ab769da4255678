"""Where the credentials of a file lie.

A001_v001.mkv          A001_v001.c2pa              the same name (C2PA 2.2, 11.4)
clip_it.mp4            clip_it.mp4.c2pa            where clip_it.mov has the shorter name
A001_v001.0086400.exr  A001_v001.hashes.json       the digests of all frames, signed
                       A001_v001.hashes.c2pa       the credentials, bound to these digests
"""

from __future__ import annotations

from pathlib import Path

SUFFIX = ".c2pa"
HASHES = ".hashes.json"


def sidecar_of(media: Path, *, whole_name: bool = False) -> Path:
    """Where the sidecar of a file is written; whole_name: with the file's suffix in its name."""
    return media.with_name(media.name + SUFFIX) if whole_name else media.with_suffix(SUFFIX)


def found_sidecar(media: Path) -> Path | None:
    """The sidecar that lies beside a file; None if there is none."""
    for path in (sidecar_of(media, whole_name=True), sidecar_of(media)):
        if path.is_file():
            return path
    return None


def hashes_of(pattern: Path) -> Path:
    """Where the signed digests of a sequence lie; pattern: printf, such as "A.%07d.exr"."""
    stem = pattern.name.split("%", 1)[0].rstrip("._-") or "frames"
    return pattern.with_name(stem + HASHES)
