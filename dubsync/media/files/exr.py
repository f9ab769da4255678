"""Opens and writes OpenEXR files under every name: the library takes those that are UTF-8 alone."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from dubsync.core.errors import MediaError
from dubsync.core.waiting.answering import answering

_WHATEVER_OPENEXR_RAISES = (RuntimeError, ValueError, TypeError, KeyError, OSError)


def open_exr(path: Path, *, header_only: bool = False) -> Any:
    """The library's file, its channels apart.

    Raises:
        MediaError: it cannot be read.
    """
    try:
        with answering(path, "reading a picture"):
            source = str(path) if _is_utf8(path) else io.BytesIO(path.read_bytes())
            return OpenEXR.File(
                source, separate_channels=True, header_only=header_only, num_threads=0
            )
    except _WHATEVER_OPENEXR_RAISES as error:
        raise MediaError(f"{path} is not a readable EXR: {error}", hint="copy it again") from error


def write_exr(path: Path, header: Mapping[str, Any], channels: Mapping[str, Any]) -> None:
    """Write `channels` (name -> (H, W)) with the attributes of `header`.

    Raises:
        OSError: the file cannot be written.
    """
    samples = {name: np.ascontiguousarray(plane) for name, plane in channels.items()}
    try:
        file = OpenEXR.File(dict(header), samples)
        if _is_utf8(path):
            file.write(str(path))
        else:
            whole = io.BytesIO()
            file.write(whole)
            path.write_bytes(whole.getvalue())
    except _WHATEVER_OPENEXR_RAISES as error:
        raise OSError(f"EXR: {error}") from error


def _is_utf8(path: Path) -> bool:
    """Whether the name can be told to a library: POSIX names may be any bytes (PEP 383)."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True
