"""Which plates the events of a cut find, before there is a project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Cut, Event, Plate, ProjectWarning
from dubsync.editorial.probe import probe_format
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.turnover.media_linker import Linker
from dubsync.media.find_plates import find_plates


@dataclass(frozen=True, slots=True)
class WantedPlate:
    """A plate that events of the cut use.

    name    of the plate, or, where it is not found, as the cut calls it
    plate   None: it is not found
    events  those that use it, in record order
    warnings  why it is not found, or what is doubtful about it
    """

    name: str
    plate: Plate | None
    events: tuple[Event, ...]
    warnings: tuple[ProjectWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class CutLook:
    """A cut and the plates that it uses, in the order of their first event.

    rate_from_plates  whether the cut states no rate and that of the plates was taken
    """

    cut: Cut
    plates: tuple[WantedPlate, ...]
    warnings: tuple[ProjectWarning, ...] = ()
    rate_from_plates: bool = False

    @property
    def found(self) -> int:
        return sum(wanted.plate is not None for wanted in self.plates)


def look_at_cut(
    cut: Path,
    media: Sequence[Path],
    *,
    rate: Fraction | None = None,
    timeline: str = "",
    progress: Progress = silent,
) -> CutLook:
    """Read a cut and find its plates in the media folders.

    Args:
        rate: frames per second of an EDL; None: that of all plates.

    Raises:
        SettingsError: an EDL's rate is not known: no plate, or plates of several rates.
        MissingMedia, TurnoverError: the cut cannot be read.
    """
    plates, warnings = find_plates(media, progress=progress)
    stated = probe_format(cut).states_rate
    if rate is None and not stated:
        rate = _rate_of(plates)
    read = read_cut(cut, rate=rate, timeline=timeline)
    linker = Linker(plates, cut.parent, media)
    wanted: dict[str, WantedPlate] = {}
    for event in read.events:
        link = linker.link(event)
        name = link.plate.name if link.plate else event.media or event.clip or event.reel
        key = link.plate.path if link.plate else f"missing {name}"
        known = wanted.get(key, WantedPlate(name, link.plate, ()))
        wanted[key] = WantedPlate(
            name, link.plate, (*known.events, event), known.warnings or link.warnings
        )
    return CutLook(read, tuple(wanted.values()), (*read.warnings, *warnings), not stated)


def _rate_of(plates: Sequence[Plate]) -> Fraction:
    rates = sorted({plate.frames.rate for plate in plates})
    if len(rates) != 1:
        said = (
            f"the plates run at {', '.join(map(str, rates))} fps" if rates else "no plate is found"
        )
        raise SettingsError(
            f"an EDL does not state its frame rate, and {said}", hint="name the rate, as 24000/1001"
        )
    return rates[0]
