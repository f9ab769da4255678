"""A change list as table rows, with runs of equal changes grouped, and as JSON data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dubsync.core.timeline.change import Change, ChangeList, Use, signed

#: Changes that are grouped: neighbours of one of these kinds and the same shift share a row.
_GROUPED = (("same",), ("moved",))
COLUMNS = (
    "old_event", "new_event", "name", "reel", "track", "change", "kinds",
    "old_record_in", "old_record_out", "new_record_in", "new_record_out",
    "old_source_in", "old_source_out", "new_source_in", "new_source_out",
    "moved", "head", "tail", "slipped", "old_speed", "new_speed", "new_frames", "dub",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list: one Change, or several equal neighbours."""

    changes: tuple[Change, ...]

    @property
    def first(self) -> Change:
        return self.changes[0]

    @property
    def events(self) -> tuple[str, str]:
        """Old and new event numbers: "12", "12-40", "" if there is none."""
        return _numbers([c.old for c in self.changes]), _numbers([c.new for c in self.changes])

    @property
    def name(self) -> str:
        """The clip's name, or the number of events."""
        return self.first.use.name if len(self.changes) == 1 else f"{len(self.changes)} events"

    @property
    def record(self) -> tuple[str, str]:
        """Record timecode, old and new, as "in out"; "" if there is none."""
        return _record([c.old for c in self.changes]), _record([c.new for c in self.changes])

    @property
    def source(self) -> tuple[str, str]:
        """Source timecode of a single change, old and new, as "in out"; "" for a group."""
        if len(self.changes) > 1:
            return "", ""
        return _source(self.first.old), _source(self.first.new)


def rows(changes: Sequence[Change], *, every: bool = False) -> Iterator[Row]:
    """The list's rows.

    Args:
        every: write a row for each event, with no grouping.
    """
    group: list[Change] = []
    for change in changes:
        if group and (every or not _alike(group[-1], change)):
            yield Row(tuple(group))
            group = []
        group.append(change)
    if group:
        yield Row(tuple(group))


def _alike(a: Change, b: Change) -> bool:
    return a.kinds == b.kinds and a.kinds in _GROUPED and a.moved == b.moved and a.dub == b.dub


def data(change: Change) -> dict[str, Any]:
    """One change as JSON values. Frames are exact: whole numbers, else text like "5/2"."""
    return {
        "kinds": list(change.kinds),
        "change": change.words,
        "name": change.use.name,
        "reel": change.use.reel,
        "track": change.use.track,
        "old": _use(change.old),
        "new": _use(change.new),
        "moved": exact(change.moved),
        "head": exact(change.head),
        "tail": exact(change.tail),
        "slipped": exact(change.slipped),
        "speed": [None if speed is None else str(speed) for speed in change.speed],
        "new_frames": change.fresh,
        "dub": change.dub,
    }


def list_data(result: ChangeList) -> dict[str, Any]:
    """The body of `dubsync.cutdiff/1`."""
    return {
        "old": {"file": result.old_path, "name": result.old_name, "drop": result.drop[0],
                "record": [result.spans[0].start, result.spans[0].stop],
                "losses": len(result.losses[0])},
        "new": {"file": result.new_path, "name": result.new_name, "drop": result.drop[1],
                "record": [result.spans[1].start, result.spans[1].stop],
                "losses": len(result.losses[1])},
        "rate": str(result.rate),
        "totals": dict(result.totals),
        "changes": [data(change) for change in result.changes],
    }  # fmt: skip


def cells(change: Change) -> tuple[str, ...]:
    """One change in the order of COLUMNS, as text."""
    old, new = change.old, change.new
    source = [use.source_range.text if use and use.source_range else ("", "")
              for use in (old, new)]  # fmt: skip
    record = [use.record_text if use else ("", "") for use in (old, new)]
    frames = (change.moved, change.head, change.tail, change.slipped)
    return (
        old.number if old else "", new.number if new else "",
        change.use.name, change.use.reel, change.use.track, change.words, "+".join(change.kinds),
        *record[0], *record[1], *source[0], *source[1],
        *(signed(n) if n else "0" for n in frames),
        *("" if speed is None else f"{float(speed):.6g}" for speed in change.speed),
        str(change.fresh), change.dub,
    )  # fmt: skip


def exact(value: Fraction) -> int | str:
    """A whole number, else a fraction as text."""
    return int(value) if value.denominator == 1 else str(value)


def _use(use: Use | None) -> dict[str, Any] | None:
    if use is None:
        return None
    source = use.source_range
    return {
        "event": use.number,
        "record": [use.record.start, use.record.stop],
        "record_timecode": list(use.record_text),
        "source": None if source is None or source.start is None or source.stop is None
        else [exact(source.start), exact(source.stop)],
        "source_timecode": None if source is None else list(source.text),
        "transition": [use.head, use.tail],
        "media": use.media,
    }  # fmt: skip


def _numbers(uses: Sequence[Use | None]) -> str:
    known = [use.number for use in uses if use is not None]
    if not known:
        return ""
    return known[0] if len(known) == 1 or known[0] == known[-1] else f"{known[0]}-{known[-1]}"


def _record(uses: Sequence[Use | None]) -> str:
    known = [use.record_text for use in uses if use is not None]
    return f"{known[0][0]} {known[-1][1]}" if known else ""


def _source(use: Use | None) -> str:
    source = use.source_range if use is not None else None
    return " ".join(source.text) if source is not None else ""
