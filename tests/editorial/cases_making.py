"""Expected values of the small timelines in ../shared/cases/timelines, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.editorial.probe import probe_cut

#: (name, record frames, source frames, speed) of an event
Row = tuple[
    str, tuple[int, int] | None, tuple[Fraction | int, Fraction | int] | None, Fraction | int | None
]


@dataclass(frozen=True)
class Case:
    """A case folder: the rate to read it at, its events, and words that its losses must have."""

    folder: str
    rate: Fraction | None
    rows: tuple[Row, ...]
    said: tuple[str, ...] = ()
    name: str = "in.edl"

    def probed(self, shared: Path) -> ProbedCut:
        (folder,) = (shared / "cases/timelines").glob(f"{self.folder}-*")
        return probe_cut(folder / self.name, self.rate)

    def __str__(self) -> str:
        return self.folder


def row_of(event: ProbedEvent) -> Row:
    record, source = event.record, event.source
    placed = None if record is None else (record.start, record.stop)
    shown = None if source is None else (source.start, source.stop)
    return event.name, placed, shown, event.speed  # type: ignore[return-value]


def all_said(cut: ProbedCut) -> str:
    return "\n".join(f"{loss.where}: {loss.what}" for loss in cut.losses)


def assert_said(cut: ProbedCut, words: Iterable[str]) -> None:
    said = all_said(cut)
    for word in words:
        assert word in said
