"""The files of one output of a render or of its edit media."""

from __future__ import annotations

from pathlib import Path


def output_files(path: Path) -> list[Path]:
    """A movie, or every frame of an image sequence (a printf pattern); those there are."""
    if "%" not in path.name:
        return [path] if path.is_file() else []
    head, tail = path.name.split("%", 1)[0], path.suffix
    return sorted(f for f in path.parent.glob(f"*{tail}") if f.name.startswith(head))
