"""The columns of the reel's table: width, side, and what they are sorted by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.reel.next_shot import badness
from dubsync.service.overview import ShotRow


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    width  in pixels at 100 %; 0: it takes what is left
    right  whether its head and digits stand at the right
    key    what rows are sorted by; None: it is not sorted
    down   whether the first click sorts from the highest
    """

    name: str
    title: str
    width: int
    key: Callable[[ShotRow], Any] | None = None
    right: bool = False
    down: bool = False
    shown: bool = True


_ORDER = {state: n for n, state in enumerate(STATUSES)}

COLUMNS: tuple[Column, ...] = (
    Column("check", "", 36),
    Column("thumb", "", 68),
    Column("number", "No.", 52, lambda row: row.record.start, right=True),
    Column("shot", "Shot", 216, lambda row: row.name.casefold()),
    Column("character", "Character", 104, lambda row: row.characters),
    Column("line", "Line", 0, lambda row: row.line.casefold()),
    Column("record", "Record in", 108, lambda row: row.record.start),
    Column("frames", "Frames", 56, lambda row: len(row.record), right=True),
    Column("driver", "Driver", 116, lambda row: row.driver),
    Column("renderer", "Renderer", 72, lambda row: row.renderer),
    Column("status", "Status", 136, lambda row: _ORDER.get(row.state, 99)),
    Column("triage", "Triage", 104, badness, down=True),
    Column("findings", "Findings", 96, lambda row: (row.fails, row.looks), down=True),
    Column("notes", "Notes", 52, lambda row: row.notes, down=True),
    Column("version", "Version", 64, lambda row: row.version, shown=False),
    Column("plate", "Plate", 200, lambda row: row.shot.plate.name if row.shot else "",
           shown=False),
)  # fmt: skip
#: Those that the columns menu cannot hide.
FIXED = ("check", "shot")
AT = {column.name: n for n, column in enumerate(COLUMNS)}
