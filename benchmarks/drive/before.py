"""Rows of the product as it was, kept beside this file, shown beside today's."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.drive.figures import Figures, Row
from benchmarks.drive.level import LevelRow
from benchmarks.drive.said import SaidRow
from benchmarks.drive.stems import StemRow

BEFORE = Path(__file__).parent / "before_whisper.json"
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """The sound drive's rows of one run."""

    rows: tuple[Row, ...] = ()
    levels: tuple[LevelRow, ...] = ()
    stems: tuple[StemRow, ...] = ()
    said: tuple[SaidRow, ...] = ()

    def document(self) -> dict[str, Any]:
        """As plain values, rounded."""
        return {
            name: [_rounded(asdict(one)) for one in getattr(self, name)]
            for name in self.__dataclass_fields__
        }


def before() -> Measured:
    """The product before Whisper's features."""
    kept = json.loads(BEFORE.read_text("utf-8"))
    return Measured(
        tuple(Row(**{**row, "figures": Figures(**row["figures"])}) for row in kept["rows"]),
        tuple(LevelRow(**row) for row in kept["levels"]),
        tuple(StemRow(**row) for row in kept["stems"]),
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    return round(value, DIGITS) if isinstance(value, float) else value
