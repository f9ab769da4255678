"""What drew the newest render of a shot, and what moved its mouths, from its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.face import Stretch
from dubsync.service.render.provenance import mouths_in, read_record

#: Renderers, the one that changes most first: a shot of two faces is named by it.
RENDERERS = ("actor", "warp", "plate")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One render.

    driver    "sound", "take t02" or "take t01, t03"; "": its record does not say
    renderer  "actor", "warp" or "plate"; "": its record does not say
    frames    how many it has; 0: unknown
    seconds   that making them took; None: not measured
    """

    driver: str = ""
    renderer: str = ""
    frames: int = 0
    seconds: float | None = None


class DrawnRenders:
    """Reads each record once."""

    def __init__(self) -> None:
        self._read: dict[tuple[Path, int], Drawn] = {}

    def of(self, folder: Path) -> Drawn:
        """The render in a version folder; nothing is known of one whose record is damaged."""
        try:
            key = folder, folder.stat().st_mtime_ns
        except OSError:
            return Drawn()
        if key not in self._read:
            self._read[key] = _drawn(folder)
        return self._read[key]

    @staticmethod
    def pace(renders: Iterable[Drawn]) -> float | None:
        """Seconds a frame took in these renders; None where none was measured."""
        known = [(one.seconds, one.frames) for one in renders if one.seconds and one.frames]
        if not known:
            return None
        return sum(seconds for seconds, _ in known) / sum(frames for _, frames in known)


def driver_of(mouths: Iterable[Iterable[Stretch]]) -> str:
    """The driver in words: the takes where there are some, else the sound.

    >>> driver_of([[Stretch(1, 9, "sound"), Stretch(10, 20, "M_L002_t02.mov")]])
    'take t02'
    """
    sources = list(dict.fromkeys(one.source for stretches in mouths for one in stretches))
    takes = [short_take(name) for name in sources if name not in ("sound", "plate")]
    if takes:
        return "take " + ", ".join(sorted(dict.fromkeys(takes)))
    return "sound" if "sound" in sources else "plate" if sources else ""


def short_take(name: str) -> str:
    """A take by the last part of its name.

    >>> short_take("MARC_L002_t01.mov"), short_take("final.mov")
    ('t01', 'final')
    """
    stem = Path(name).stem
    return stem.rpartition("_")[2] or stem


def _drawn(folder: Path) -> Drawn:
    try:
        record: Mapping[str, Any] = read_record(folder)
    except DeliveryError:
        return Drawn()
    used = {pick.get("renderer") for pick in record.get("renderers", {}).values()}
    span = record.get("frames", {})
    return Drawn(
        driver_of(mouths_in(record).values()),
        next((name for name in RENDERERS if name in used), ""),
        max(span.get("stop", 0) - span.get("first", 0), 0),
        record.get("seconds"),
    )
