"""MLT XML as a project of Kdenlive: tracks, mixes, speeds, markers."""

from __future__ import annotations

from functools import partial
from typing import Any

from dubsync.editorial.formats import named
from dubsync.editorial.mlt.write import write_mlt
from dubsync_otio.adapter_io import read_file, read_text, write_file, written

FORMAT = named("kdenlive")
_WRITE = partial(write_mlt, kdenlive=True)


def read_from_file(filepath: str, strict: bool = False) -> Any:
    """The document's Timeline, or a collection of its sequences."""
    return read_file(filepath, FORMAT, None, strict)


def read_from_string(input_str: str, strict: bool = False) -> Any:
    """As `read_from_file`, from text."""
    return read_text(input_str, FORMAT, None, strict)


def write_to_file(input_otio: Any, filepath: str, strict: bool = False) -> str:
    """Write the timeline as a new document."""
    return write_file(input_otio, filepath, _WRITE, strict)


def write_to_string(input_otio: Any, strict: bool = False) -> str:
    """As `write_to_file`, as text."""
    return written(input_otio, _WRITE, strict).decode()
