"""The cut of a flat reel: one file is the plate of every event, at its own timecode.

A dissolve of the file with itself at the same timecode shows the file's own pictures, so the list
plays as the reel does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from dubsync.core.shot import Plate
from dubsync.core.timeline.found_joins import FoundJoin
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.editorial.timeline.shot_names import shot_name

TRACK = "V1"


def event_edges(plate: Plate, joins: Sequence[FoundJoin]) -> list[tuple[int, int]]:
    """(first frame, frame after the last) of each event of the list, in order."""
    inner = sorted({join.division for join in joins if join.listed})
    edges = [plate.frames.start, *inner, plate.frames.stop]
    return list(zip(edges, edges[1:], strict=False))


def flat_cut(plate: Plate, joins: Sequence[FoundJoin]) -> ProbedCut:
    """The cut whose events are the shots of `plate` between its listed `joins`.

    Joins that are not sure are markers.
    """
    span = plate.frames
    name = shot_name(plate.name)
    timeline = ProbedTimeline(
        name, span.rate, Fraction(span.start), Fraction(len(span)), plate.drop
    )
    events = [*_events(plate, name, joins), *_transitions(plate, name, joins)]
    events.sort(key=lambda event: (_start(event), event.kind != "cut"))
    markers = tuple(_marker(plate, name, join) for join in joins if not join.sure)
    return ProbedCut(plate.path, "flat reel", (timeline,), tuple(events), markers)


def _events(plate: Plate, name: str, joins: Sequence[FoundJoin]) -> Iterator[ProbedEvent]:
    whole = _range(plate, plate.frames.start, plate.frames.stop)
    for n, (first, stop) in enumerate(event_edges(plate, joins), 1):
        place = _range(plate, first, stop)
        yield ProbedEvent(
            (TRACK,), plate.name, "cut", place, place, reel=plate.reel, media=plate.path,
            number=f"{n:03d}", timeline=name, where=f"event {n:03d}", available=whole,
        )  # fmt: skip


def _transitions(plate: Plate, name: str, joins: Sequence[FoundJoin]) -> Iterator[ProbedEvent]:
    for join in joins:
        if join.listed and join.frames:
            place = _range(plate, join.start, join.stop)
            yield ProbedEvent(
                (TRACK,), join.kind, "dissolve", place, None, speed=None,
                transition=join.frames, timeline=name, where=f"{join.kind} at {place.text[0]}",
            )  # fmt: skip


def _marker(plate: Plate, name: str, join: FoundJoin) -> ProbedMarker:
    place = _range(plate, join.start, max(join.stop, join.start + 1))
    return ProbedMarker(
        f"doubtful {join.kind}", record=place, colour="red", comment=join.why, track=TRACK,
        timeline=name, where=f"{join.kind} at {place.text[0]}",
    )  # fmt: skip


def _range(plate: Plate, first: int, stop: int) -> ProbedRange:
    return probed_range(Fraction(first), Fraction(stop), plate.frames.rate, plate.drop)


def _start(event: ProbedEvent) -> Fraction:
    assert event.record is not None and event.record.start is not None
    return event.record.start
