"""Digests of values: they name cache files, decide staleness, and are recorded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.errors import ShapeError
from dubsync.core.waiting.answering import answering

#: Bytes of a file read at once.
_BLOCK = 1 << 20


def digest(*parts: object) -> str:
    """SHA-256 over `parts`, 64 hex digits: dataclasses by field, arrays by bytes, mappings by key.

    A field with the metadata {"digest": False} is left out.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    hashed = hashlib.sha256()
    for part in parts:
        _feed(hashed, part)
    return hashed.hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes, 64 hex digits."""
    hashed, buffer = hashlib.sha256(), bytearray(_BLOCK)
    with answering(path, "opening it to read its digest"):
        file = path.open("rb", buffering=0)
    with file, memoryview(buffer) as view:
        while True:
            with answering(path, "reading its digest"):
                size = file.readinto(buffer)
            if not size:
                return hashed.hexdigest()
            hashed.update(view[:size])


def _feed(hashed: Any, part: object) -> None:
    if is_dataclass(part) and not isinstance(part, type):
        hashed.update(type(part).__name__.encode())
        for field in fields(part):
            if not field.metadata.get("digest", True):
                continue
            hashed.update(field.name.encode() + b"=")
            _feed(hashed, getattr(part, field.name))
    elif isinstance(part, np.ndarray):
        hashed.update(f"{part.dtype.str}{part.shape}".encode())
        hashed.update(np.ascontiguousarray(part).reshape(-1).view(np.uint8))
    elif isinstance(part, Mapping):
        for key in sorted(part, key=str):
            hashed.update(str(key).encode() + b":")
            _feed(hashed, part[key])
    elif isinstance(part, list | tuple):
        hashed.update(f"[{len(part)}".encode())
        for item in part:
            _feed(hashed, item)
    elif part is None or isinstance(part, str | int | float | bool | Fraction | Path):
        hashed.update((type(part).__name__ + json.dumps(str(part))).encode())
    else:
        raise ShapeError(f"a {type(part).__name__} has no digest")
