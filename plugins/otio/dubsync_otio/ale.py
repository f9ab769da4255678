"""Avid Log Exchange: a collection of the log's clips, its columns as remarks in metadata."""

from __future__ import annotations

from typing import Any

from dubsync.editorial.formats import named
from dubsync_otio.doors import Rate, read_file, read_text

FORMAT = named("ale")


def read_from_file(filepath: str, rate: Rate = None, strict: bool = False) -> Any:
    """The log's clips; `rate` where it has no FPS."""
    return read_file(filepath, FORMAT, rate, strict)


def read_from_string(input_str: str, rate: Rate = None, strict: bool = False) -> Any:
    """As `read_from_file`, of text."""
    return read_text(input_str, FORMAT, rate, strict)
