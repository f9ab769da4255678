"""Finds the C2PA manifest store that media carry, and what C2PA's own hash leaves out of them.

MOV and MP4: a `uuid` box at the top (C2PA 2.2, A.5); WAV: a chunk `C2PA` (A.3.7).  Only the
headers of boxes and chunks are read, so a file that claims gigabytes costs nothing.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

#: MIME type by suffix, for the formats that a manifest is put into.
EMBEDDABLE = {".mov": "video/quicktime", ".mp4": "video/mp4", ".wav": "audio/wav"}
#: MIME type of everything else that dubsync signs.
OTHERS = {".mkv": "video/x-matroska", ".mxf": "application/mxf", ".exr": "image/x-exr",
          ".dpx": "image/x-dpx", ".tif": "image/tiff", ".tiff": "image/tiff",
          ".json": "application/json", ".png": "image/png", ".jpg": "image/jpeg"}  # fmt: skip
#: The user type of C2PA's box, and what follows it before the store: version and flags, the
#: purpose, and the offset of the first Merkle box, of which there is none.
BOX_TYPE = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
BOX_HEAD = b"\0\0\0\0manifest\0" + bytes(8)
#: Boxes that C2PA's hash of a MOV or MP4 leaves out, besides its own (C2PA 2.2, 18.6).
UNHASHED = frozenset({b"ftyp", b"free", b"skip", b"mfra"})
#: More boxes than any movie has at its top.
MOST_BOXES = 1_000_000


class Misplaced(ValueError):
    """The boxes or chunks of a file do not add up; says where."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a manifest store is in a file: its first byte, its bytes, and what stands before it."""

    start: int
    length: int
    head: bytes


def mime_type(path: Path) -> str:
    """The MIME type of a file by its name."""
    return mime_type_of(path.name)


def mime_type_of(name: str) -> str:
    """The MIME type by a file's name."""
    suffix = Path(name).suffix.lower()
    return EMBEDDABLE.get(suffix) or OTHERS.get(suffix, "application/octet-stream")


def manifest_place(path: Path) -> Place | None:
    """Where the manifest store of a MOV, MP4 or WAV is; None if it carries none.

    Raises:
        Misplaced: it carries several, or its boxes do not add up.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        start = file.read(12)
        places = list(
            _chunks(file) if start[:4] == b"RIFF" and start[8:] == b"WAVE" else _boxes_of_c2pa(file)
        )
    if len(places) > 1:
        raise Misplaced(f"it carries {len(places)} manifest stores, and one is allowed")
    return places[0] if places else None


def left_out(path: Path) -> dict[str, str | int]:
    """How many boxes of a MOV or MP4 C2PA's hash leaves out, and SHA-256 over them in order."""
    hashed, count = hashlib.sha256(), 0
    with path.open("rb") as file:
        for at, kind, size, _ in _boxes(file):
            if kind in UNHASHED:
                file.seek(at)
                while size > 0:
                    piece = file.read(min(size, 1 << 20))
                    if not piece:
                        raise Misplaced("the file ends within a box")
                    hashed.update(piece)
                    size -= len(piece)
                count += 1
    return {"boxes": count, "sha256": hashed.hexdigest()}


def _boxes_of_c2pa(file: BinaryIO) -> Iterator[Place]:
    for at, kind, size, header in _boxes(file):
        if kind != b"uuid":
            continue
        file.seek(at + header)
        if file.read(16) == BOX_TYPE:
            head = file.read(len(BOX_HEAD))
            before = header + 16 + len(BOX_HEAD)
            yield Place(at + before, size - before, head)


def _boxes(file: BinaryIO) -> Iterator[tuple[int, bytes, int, int]]:
    """Offset, type, size and length of the header of every box at the top (ISO/IEC 14496-12)."""
    end, at = _end(file), 0
    for _ in range(MOST_BOXES):
        if at >= end:
            return
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            raise Misplaced(f"byte {at} begins a box that is cut off")
        size, kind, header = int.from_bytes(head[:4], "big"), head[4:8], 8
        if size == 1:
            size, header = int.from_bytes(head[8:16], "big"), 16
        elif size == 0:
            size = end - at
        if size < header or at + size > end:
            raise Misplaced(f"the box {kind!r} at byte {at} goes beyond the file")
        yield at, kind, size, header
        at += size
    raise Misplaced(f"it has more than {MOST_BOXES:,} boxes")


def _chunks(file: BinaryIO) -> Iterator[Place]:
    """The places of the chunks `C2PA` of a RIFF file."""
    end, at = _end(file), 12
    for _ in range(MOST_BOXES):
        if at + 8 > end:
            return
        file.seek(at)
        kind, size = struct.unpack("<4sI", file.read(8))
        if kind == b"C2PA":
            if at + 8 + size > end:
                raise Misplaced(f"the chunk at byte {at} goes beyond the file")
            yield Place(at + 8, size, BOX_HEAD)
        at += 8 + size + size % 2
    raise Misplaced(f"it has more than {MOST_BOXES:,} chunks")


def _end(file: BinaryIO) -> int:
    return file.seek(0, 2)
