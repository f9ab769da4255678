"""Cuts with some corrected events, for the tests of the writers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.probe import probe_cut

FILM, NTSC = Fraction(24), Fraction(30000, 1001)
HOUR = 86400
FORMAT = PictureFormat(1920, 1080, "yuv", 10)


def clip(
    name: str,
    start: int,
    stop: int,
    source: int = 1000,
    *,
    track: str = "V1",
    speed: Fraction | int = 1,
    rate: Fraction = FILM,
    reel: str = "",
    **other: object,
) -> ProbedEvent:
    """A clip over record frames `start`..`stop` after the hour, its media used from `source`."""
    used = max(ceil((stop - start) * abs(Fraction(speed))), 1)
    made = ProbedEvent(
        (track,),
        name,
        "audio" if track.startswith("A") else "cut",
        probed_range(Fraction(HOUR + start), Fraction(HOUR + stop), rate),
        probed_range(Fraction(source), Fraction(source + used), rate),
        reel=reel or name,
        speed=Fraction(speed),
        media=f"/plates/{name}.mov",
        timeline="R1",
        where=f"{track} {name}",
    )
    return replace(made, **other)  # type: ignore[arg-type]


def empty(name: str, start: int, stop: int, **other: object) -> ProbedEvent:
    """An event without media: a nest, a title."""
    return replace(clip(name, start, stop, **other), source=None, media="")  # type: ignore[arg-type]


def gap(start: int, stop: int) -> ProbedEvent:
    return empty("", start, stop, kind="gap")


def dissolve(start: int, stop: int, *, track: str = "V1", kind: str = "dissolve") -> ProbedEvent:
    record = probed_range(Fraction(HOUR + start), Fraction(HOUR + stop), FILM)
    return ProbedEvent(
        (track,), kind, kind, record, None, transition=stop - start, timeline="R1", where=track
    )


def marker(name: str, at: int, colour: str = "RED", track: str = "V1") -> ProbedMarker:
    record = probed_range(Fraction(HOUR + at), Fraction(HOUR + at + 1), FILM)
    return ProbedMarker(name, record=record, colour=colour, track=track, timeline="R1")


def cut_of(
    *events: ProbedEvent,
    markers: Sequence[ProbedMarker] = (),
    rate: Fraction = FILM,
    drop: bool = False,
    format: str = "OpenTimelineIO",
) -> ProbedCut:
    numbered = tuple(replace(e, number=str(n)) for n, e in enumerate(events, start=1))
    stops = [e.record.stop for e in events if e.record and e.record.stop is not None]
    length = max(stops) - HOUR
    timeline = ProbedTimeline("R1", rate, Fraction(HOUR), length, drop)
    return ProbedCut("/cuts/r1.otio", format, (timeline,), numbered, tuple(markers))


def corrected(cut: ProbedCut, *events: int, language: str = "fr-FR") -> tuple[Corrected, ...]:
    """New pictures over `events`, with eight frames of handles."""
    made = []
    for n in events:
        event = cut.events[n]
        source = event.source
        assert source is not None and source.start is not None and source.stop is not None
        assert source.rate is not None
        span = FrameRange(floor(source.start), ceil(source.stop), source.rate)
        name = f"SH{n:03d}"
        made.append(
            Corrected(
                n, name, f"{name}_{language}_v001", f"/renders/{name}_v001.mov",
                span.with_handles(8), span, FORMAT, language, event.reel,
            )
        )  # fmt: skip
    return tuple(made)


def read(folder: Path, name: str, data: bytes, rate: Fraction | None = None) -> ProbedCut:
    path = folder / name
    path.write_bytes(data)
    return probe_cut(path, rate)
