"""AAF, as Media Composer and Premiere Pro write it; read in a process with limits."""

from __future__ import annotations

from typing import Any

from dubsync.editorial.aaf.write import write_aaf
from dubsync.editorial.formats import named
from dubsync_otio.adapter_io import read_file, write_file

FORMAT = named("aaf")


def read_from_file(filepath: str, strict: bool = False) -> Any:
    """The composition's Timeline, or a collection of its timelines and of clips in bins."""
    return read_file(filepath, FORMAT, None, strict)


def write_to_file(input_otio: Any, filepath: str, strict: bool = False) -> str:
    """Write the first timeline as an AAF that links to its media."""
    return write_file(input_otio, filepath, write_aaf, strict)
