"""Links in a project's folder: what lies behind one that leads out is not the project's."""

from __future__ import annotations

from pathlib import Path


def leads_out(path: Path, folder: Path) -> bool:
    """Whether `path`, which is below `folder` by its name, is elsewhere, by a link in it."""
    return not path.resolve().is_relative_to(folder.resolve())
