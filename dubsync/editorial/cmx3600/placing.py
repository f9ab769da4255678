"""The record times of a list as a whole: over midnight, and events that overlap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.timeline.losses import ASSUMED, ODD, QUIET, Loss
from dubsync.core.timeline.probed import ProbedEvent, ProbedMarker, ProbedRange
from dubsync.core.timeline.timecode import day_frames


def past_midnight(
    events: Sequence[ProbedEvent],
    markers: Sequence[ProbedMarker],
    rate: Fraction,
    drop: bool,
    losses: list[Loss],
) -> tuple[list[ProbedEvent], list[ProbedMarker]]:
    """Events and markers on one count of frames, if record timecode passes midnight.

    A programme is shorter than half a day.  Where the list would be longer, its first event is the
    one after the longest empty part of the day, and all that is printed as earlier is a day later.
    """
    day = day_frames(rate, drop)
    starts = sorted({e.record.start for e in events if e.record and e.record.start is not None})
    if not starts or starts[-1] - starts[0] <= day // 2:
        return list(events), list(markers)
    gaps = [(b - a, b) for a, b in zip(starts, starts[1:], strict=False)]
    longest, first = max(gaps)
    if day - longest > day // 2:
        return list(events), list(markers)
    losses.append(
        Loss(
            "record timecode",
            "passes midnight: times before "
            f"{next(e.record.text[0] for e in events if e.record and e.record.start == first)} "
            "are read as the next day's",
            ASSUMED,
            "check the order of the events",
            QUIET,
        )
    )
    later = [
        replace(e, record=_moved(e.record, day)) if _before(e.record, first) else e for e in events
    ]
    noted = [
        replace(m, record=_moved(m.record, day)) if _before(m.record, first) else m for m in markers
    ]
    return later, noted


def _before(record: ProbedRange | None, first: Fraction) -> bool:
    return record is not None and record.start is not None and record.start < first


def _moved(record: ProbedRange | None, frames: int) -> ProbedRange | None:
    if record is None or record.start is None or record.stop is None:
        return record
    return replace(record, start=record.start + frames, stop=record.stop + frames)


def overlap_losses(events: Sequence[ProbedEvent]) -> list[Loss]:
    """A loss for each event that overlaps an earlier one of the list on the same track."""
    by_track: dict[str, list[tuple[Fraction, Fraction, int]]] = defaultdict(list)
    for n, event in enumerate(events):
        record = event.record
        if record is not None and record.start is not None and record.stop is not None:
            for track in event.tracks:
                by_track[track].append((record.start, record.stop, n))
    clashes: dict[tuple[int, int], tuple[str, Fraction]] = {}
    for track, placed in by_track.items():
        latest: tuple[Fraction, Fraction, int] | None = None
        for one in sorted(placed):
            if latest is not None and one[0] < latest[1] and not _keyed(events, one[2], latest[2]):
                pair = min(one[2], latest[2]), max(one[2], latest[2])
                clashes.setdefault(pair, (track, min(one[1], latest[1]) - one[0]))
            if latest is None or one[1] > latest[1]:
                latest = one
    return [_overlap(events[a], events[b], *clashes[a, b]) for a, b in sorted(clashes)]


def _keyed(events: Sequence[ProbedEvent], a: int, b: int) -> bool:
    """Whether two events are a key and its background."""
    return events[a].number == events[b].number and "key" in (events[a].kind, events[b].kind)


def _overlap(earlier: ProbedEvent, later: ProbedEvent, track: str, frames: Fraction) -> Loss:
    what = (
        f"event {later.number} overlaps event {earlier.number} ({earlier.where}) by {frames} "
        f"frames on {track}; the later line of the list is shown, as on tape"
    )
    # A turnover has a warning of its own for overlapping events.
    return Loss(later.where, what, ODD, "trim one of them, or move it to another track", QUIET)
