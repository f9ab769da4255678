"""Read a WAV's metadata: bext (EBU Tech 3285) and iXML chunks, in RIFF, RF64 and BW64."""

from __future__ import annotations

import os
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

WANTED = (b"bext", b"iXML")
LARGEST_CHUNK = 4 * 1024 * 1024
_MOST_CHUNKS = 4096
_UNKNOWN = 0xFFFFFFFF  #: RF64 keeps the true size in ds64


def wav_chunks(path: Path) -> Mapping[bytes, bytes]:
    """The bodies of a WAV's bext and iXML chunks, wherever they are; empty for other files."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:] != b"WAVE":
                return {}
            return _chunks(file, os.fstat(file.fileno()).st_size)
    except (OSError, struct.error):
        return {}


def _chunks(file: BinaryIO, end: int) -> dict[bytes, bytes]:
    result: dict[bytes, bytes] = {}
    data_size: int | None = None
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or len(result) == len(WANTED):
            break
        name, size = struct.unpack("<4sI", head)
        if name == b"ds64":
            body = file.read(size + size % 2)
            data_size = struct.unpack_from("<Q", body, 8)[0]
            continue
        if name in WANTED and size <= LARGEST_CHUNK:
            result[name] = file.read(size)
            file.seek(size % 2, os.SEEK_CUR)
            continue
        if name == b"data" and size == _UNKNOWN:
            if data_size is None:
                break
            size = data_size
        at = file.tell() + size + size % 2
        if at > end:
            break
        file.seek(at)
    return result


def time_reference(chunks: Mapping[bytes, bytes]) -> int | None:
    """bext TimeReference (Tech 3285 2.3): samples since midnight; None where it is not stated."""
    body = chunks.get(b"bext", b"")
    if len(body) < 346:
        return None
    low, high = struct.unpack_from("<II", body, 338)
    return int(high << 32 | low)


def description(chunks: Mapping[bytes, bytes]) -> str:
    """bext Description (Tech 3285 2.3), of at most 256 characters; "" where there is none."""
    return chunks.get(b"bext", b"")[:256].partition(b"\0")[0].decode("latin-1").strip()
