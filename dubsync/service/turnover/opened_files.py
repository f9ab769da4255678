"""The cuts and plates that a project names, each opened once for all its languages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from dubsync.core.shot import Cut, Plate, ProjectWarning
from dubsync.editorial.read_cut import read_cut
from dubsync.media.probe import find_plates

Plates = tuple[tuple[Plate, ...], tuple[ProjectWarning, ...]]


class OpenedFiles:
    """Cuts read and plates probed so far.  In memory: what `Cut` and `Plate` hold, no picture."""

    def __init__(self) -> None:
        self._plates: dict[tuple[Path, ...], Plates] = {}
        self._cuts: dict[tuple[Path, Fraction | None, str], Cut] = {}

    def plates(self, roots: Sequence[Path]) -> Plates:
        """Every plate under `roots`, and warnings; see `find_plates`."""
        key = tuple(roots)
        if key not in self._plates:
            self._plates[key] = find_plates(roots)
        return self._plates[key]

    def cut(self, path: Path, rate: Fraction | None, timeline: str) -> Cut:
        """The cut in the file at `path`.  Raises as `read_cut`."""
        key = path, rate, timeline
        if key not in self._cuts:
            self._cuts[key] = read_cut(path, rate=rate, timeline=timeline)
        return self._cuts[key]
