"""The cuts and plates that a project names, each opened once for all its languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from dubsync.core.colours.choice import ColourChoice
from dubsync.core.farm.path_map import UNMAPPED, PathMap
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut, Plate, ProjectWarning
from dubsync.editorial.read_cut import read_cut
from dubsync.media.colour.doubts import unmanaged_doubts
from dubsync.media.find_plates import find_plates
from dubsync.service.store.folder import Store
from dubsync.service.turnover.plate_memory import KeptPlates

if TYPE_CHECKING:
    from dubsync.media.colour.plate_colours import PlateColours

Plates = tuple[tuple[Plate, ...], tuple[ProjectWarning, ...]]


class OpenedFiles:
    """Cuts read and plates probed so far.  In memory: what `Cut` and `Plate` hold, no picture.

    Plates that have not changed since an earlier run are not opened again.
    """

    def __init__(
        self, store: Store, colour: ColourChoice | None = None, paths: PathMap = UNMAPPED
    ) -> None:
        """A project's files.

        Args:
            colour: how the project manages colours; None: it does not.
            paths: where this machine has the folders that a cut names.
        """
        self._store, self._colour, self._paths = store, colour, paths
        self._colours: PlateColours | None = None
        self._plates: dict[tuple[Path, ...], Plates] = {}
        self._cuts: dict[tuple[Path, Fraction | None, str], Cut] = {}

    def plates(self, roots: Sequence[Path], progress: Progress = silent) -> Plates:
        """Every plate under `roots`, with its colour, and warnings; see `find_plates`.

        Raises:
            SettingsError: by the project's [colour]; see `PlateColours`.
        """
        key = tuple(roots)
        if key not in self._plates:
            memory = KeptPlates(self._store)
            try:
                found, warnings = find_plates(roots, memory=memory, progress=progress)
            finally:
                memory.write()  # also after Ctrl-C: what was probed is not probed again
            plates, doubts = self._coloured(found, roots)
            self._plates[key] = plates, (*warnings, *doubts)
        return self._plates[key]

    def _coloured(self, plates: Sequence[Plate], roots: Sequence[Path]) -> Plates:
        """The plates with their colours, and what is in doubt about them."""
        if self._colour is None:
            return tuple(plates), unmanaged_doubts(plates)
        if self._colours is None:
            from dubsync.media.colour.plate_colours import open_colours  # brings OpenColorIO

            self._colours = open_colours(self._colour)
        return self._colours.given_to(plates, [root.resolve() for root in roots])

    def cut(self, path: Path, rate: Fraction | None, timeline: str) -> Cut:
        """The cut in the file at `path`, its media as this machine has them; as `read_cut`."""
        key = path, rate, timeline
        if key not in self._cuts:
            self._cuts[key] = _here(read_cut(path, rate=rate, timeline=timeline), self._paths)
        return self._cuts[key]


def _here(cut: Cut, paths: PathMap) -> Cut:
    """The cut with each event's media where this machine has it; the file itself stays as it is."""
    if not paths.rules:
        return cut
    events = tuple(replace(event, media=paths.media(event.media)) for event in cut.events)
    return replace(cut, events=events)
