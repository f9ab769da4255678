"""The reels that plugins have open, and their shots as the protocol tells them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.service.overview import Overviews, ReelOverview, ShotRow
from dubsync.service.project import Project


class Reels:
    """Reels by folder and language; each is read once, and again when it changed on disk."""

    def __init__(self) -> None:
        self._open: dict[tuple[Path, str], tuple[Project, Overviews]] = {}

    def project(self, reel: str, language: str = "") -> Project:
        """The project in a folder.

        Raises:
            SettingsError: it is none, or lacks the language.
        """
        return self._opened(reel, language)[0]

    def now(self, reel: str, language: str = "") -> ReelOverview:
        """The reel's rows as they are on disk now.  Raises DubsyncError: the cut is unreadable."""
        return self._opened(reel, language)[1].now()

    def rows(self, reel: str, names: list[str], language: str = "") -> list[ShotRow]:
        """The rows of these shots, in the order asked for; no names: all.

        Raises:
            SettingsError: there is no such shot.
        """
        rows = {row.name: row for row in self.now(reel, language).rows}
        for name in names:
            if name not in rows:
                raise SettingsError(
                    f"the reel has no shot {name!r}",
                    hint="open the reel again: its timeline may have changed",
                )
        return [rows[name] for name in names] if names else list(rows.values())

    def forget(self, reel: str) -> None:
        """Read a reel again at its next use."""
        folder = Path(reel).resolve()
        for key in [key for key in self._open if key[0] == folder]:
            del self._open[key]

    def _opened(self, reel: str, language: str) -> tuple[Project, Overviews]:
        key = Path(reel).resolve(), language
        if key not in self._open:
            project = Project.open(key[0])
            project = project.into(language) if language else project
            self._open[key] = project, Overviews(project)
        return self._open[key]


def reel_json(found: ReelOverview, folder: Path, timeline: str) -> dict[str, Any]:
    """A reel as `open` answers it."""
    return {
        "reel": str(folder),
        "name": found.name,
        "rate": rate_text(found.rate),
        "drop": found.drop,
        "language": found.language,
        "languages": list(found.languages),
        "timelines": [timeline] if timeline else [],
        "shots": [shot_json(row, found.drop) for row in found.rows],
    }


def shot_json(row: ShotRow, drop: bool) -> dict[str, Any]:
    """A shot as `open` answers it; an event without a shot has no source."""
    source = row.shot.file_source if row.shot else row.event.source
    plate = row.plate
    return {
        "name": row.name,
        "number": row.number,
        "state": row.state,
        "characters": list(row.characters),
        "record": span(row.record),
        "source": span(source),
        "record_tc": timecodes(row.record, drop),
        "source_tc": timecodes(source, plate.file_drop if plate else False),
        "plate": plate.path if plate else "",
        "plate_frames": span(plate.file_frames) if plate else [],
        "version": row.version,
        "note_count": row.notes,
        "message": "; ".join(row.reasons),
        "hint": row.hint,
    }


def span(frames: FrameRange | None) -> list[int]:
    """[start, stop] of a range; [] of none."""
    return [frames.start, frames.stop] if frames else []


def timecodes(frames: FrameRange | None, drop: bool) -> list[str]:
    """[in, out] of a range; [] where its rate has no timecode."""
    if frames is None or frames.rate not in TIMECODE_RATES or frames.start < 0:
        return []
    return [str(Timecode(at, frames.rate, drop)) for at in (frames.start, frames.stop)]


def rate_text(rate: Fraction) -> str:
    """A rate as the protocol writes it: "24000/1001", "25/1"."""
    return f"{rate.numerator}/{rate.denominator}"
