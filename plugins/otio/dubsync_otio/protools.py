"""Pro Tools "Session Info as Text": sound tracks with their clips, mutes and markers."""

from __future__ import annotations

from typing import Any

from dubsync.editorial.formats import named
from dubsync_otio.adapter_io import Rate, read_file, read_text

FORMAT = named("protools")


def read_from_file(filepath: str, rate: Rate = None, strict: bool = False) -> Any:
    """The session's Timeline; `rate` is for unknown timecode formats."""
    return read_file(filepath, FORMAT, rate, strict)


def read_from_string(input_str: str, rate: Rate = None, strict: bool = False) -> Any:
    """As `read_from_file`, from text."""
    return read_text(input_str, FORMAT, rate, strict)
