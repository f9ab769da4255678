"""CMX3600 edit decision lists: dissolves, wipes, M2, locators; `rate` gives the frame rate."""

from __future__ import annotations

from typing import Any

from dubsync.editorial.cmx3600.write import write_cmx
from dubsync.editorial.formats import named
from dubsync_otio.adapter_io import Rate, read_file, read_text, write_file, written

FORMAT = named("edl")


def read_from_file(filepath: str, rate: Rate = None, strict: bool = False) -> Any:
    """The list's Timeline; `rate` is 24, 23.976 or "24000/1001", for example."""
    return read_file(filepath, FORMAT, rate, strict)


def read_from_string(input_str: str, rate: Rate = None, strict: bool = False) -> Any:
    """As `read_from_file`, from text."""
    return read_text(input_str, FORMAT, rate, strict)


def write_to_file(input_otio: Any, filepath: str, strict: bool = False) -> str:
    """Write the list of the lowest picture track."""
    return write_file(input_otio, filepath, write_cmx, strict)


def write_to_string(input_otio: Any, strict: bool = False) -> str:
    """As `write_to_file`, as text."""
    return written(input_otio, write_cmx, strict).decode()
