"""The cuts and plates that a project names, each opened once for all its languages."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut, Plate, ProjectWarning
from dubsync.editorial.read_cut import read_cut
from dubsync.media.find_plates import find_plates
from dubsync.service.store.folder import Store
from dubsync.service.turnover.plate_memory import KeptPlates

Plates = tuple[tuple[Plate, ...], tuple[ProjectWarning, ...]]


class OpenedFiles:
    """Cuts read and plates probed so far.  In memory: what `Cut` and `Plate` hold, no picture.

    Plates that have not changed since an earlier run are not opened again.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._plates: dict[tuple[Path, ...], Plates] = {}
        self._cuts: dict[tuple[Path, Fraction | None, str], Cut] = {}

    def plates(self, roots: Sequence[Path], progress: Progress = silent) -> Plates:
        """Every plate under `roots`, and warnings; see `find_plates`."""
        key = tuple(roots)
        if key not in self._plates:
            memory = KeptPlates(self._store)
            try:
                self._plates[key] = find_plates(roots, memory=memory, progress=progress)
            finally:
                memory.write()  # also after Ctrl-C: what was probed is not probed again
        return self._plates[key]

    def cut(self, path: Path, rate: Fraction | None, timeline: str) -> Cut:
        """The cut in the file at `path`.  Raises as `read_cut`."""
        key = path, rate, timeline
        if key not in self._cuts:
            self._cuts[key] = read_cut(path, rate=rate, timeline=timeline)
        return self._cuts[key]
