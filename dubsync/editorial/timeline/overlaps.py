"""Warnings about events that occupy the same record frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from dubsync.core.shot import Event, ProjectWarning
from dubsync.editorial.timeline.resolve import track_order

Mixes = Mapping[str, Sequence[tuple[int, int]]]
NO_MIXES: Mixes = {}


def overlap_warnings(events: Sequence[Event], mixes: Mixes = NO_MIXES) -> list[ProjectWarning]:
    """A blocking warning per overlap on one track; a non-blocking one per overlap across tracks.

    Args:
        mixes: track -> record frames (from, to) of its transitions, where events may overlap.
    """
    warnings = []
    live = sorted((e for e in events if e.enabled), key=lambda e: (e.track, e.record.start))
    for track, grouped in groupby(live, key=lambda e: e.track):
        warnings += _on_one_track(list(grouped), mixes.get(track, ()))
    warnings += _across_tracks(live)
    return warnings


def _on_one_track(events: list[Event], mixes: Sequence[tuple[int, int]]) -> list[ProjectWarning]:
    """Overlaps of `events`, sorted by record start: each against the last to end so far."""
    clashes: dict[str, tuple[Event, Event]] = {}
    latest: Event | None = None
    for event in events:
        if latest is not None and _clash(event, latest, mixes):
            clashes.setdefault(event.name, (event, latest))
            clashes.setdefault(latest.name, (latest, event))
        if latest is None or event.record.stop > latest.record.stop:
            latest = event
    return [
        ProjectWarning(
            event.name,
            f"{event.where}: its record frames {event.record.start}..{event.record.stop} overlap "
            f"{other.name}'s ({other.record.start}..{other.record.stop}) on {event.track}",
            "trim one of them, or move it to another track",
            blocking=True,
        )
        for event, other in clashes.values()
    ]


def _clash(event: Event, other: Event, mixes: Sequence[tuple[int, int]]) -> bool:
    start, stop = event.record.start, min(event.record.stop, other.record.stop)
    return start < stop and not any(a <= start and stop <= b for a, b in mixes)


def _across_tracks(events: list[Event]) -> list[ProjectWarning]:
    """One non-blocking warning per event that a higher track covers in part."""
    warnings = []
    by_start = sorted(events, key=lambda e: e.record.start)
    open_events: list[Event] = []
    reported: set[str] = set()
    for event in by_start:
        open_events = [e for e in open_events if e.record.stop > event.record.start]
        for other in open_events:
            low, high = sorted((event, other), key=lambda e: track_order(e.track))
            if low.track != high.track and low.name not in reported:
                reported.add(low.name)
                message = f"{low.where}: {high.name} on {high.track} covers part of it"
                warnings.append(
                    ProjectWarning(
                        low.name, message, "disable the track that is not part of the picture"
                    )
                )
        open_events.append(event)
    return warnings
