"""Avid Log Exchange: a collection of the log's clips, with its columns as remarks in metadata."""

from __future__ import annotations

from typing import Any

from dubsync.editorial.formats import named
from dubsync_otio.adapter_io import Rate, read_file, read_text

FORMAT = named("ale")


def read_from_file(filepath: str, rate: Rate = None, strict: bool = False) -> Any:
    """The log's clips; `rate` is for logs without FPS."""
    return read_file(filepath, FORMAT, rate, strict)


def read_from_string(input_str: str, rate: Rate = None, strict: bool = False) -> Any:
    """As `read_from_file`, from text."""
    return read_text(input_str, FORMAT, rate, strict)
