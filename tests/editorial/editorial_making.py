"""Plates, lines, renders and small cuts for the editorial tests."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.picture import PictureFormat
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut, Line, Plate, Shot, Take, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.picture_events import cut_from
from dubsync.editorial.turnover.shots import turnover

FILM, PAL, NTSC = Fraction(24), Fraction(25), Fraction(30000, 1001)
FILM_NTSC = Fraction(24000, 1001)
ROOT = Path("/plates")
FORMAT = PictureFormat(1920, 1080, "yuv", 10)
HOUR = 86400  #: 01:00:00:00 at 24


def plate(
    name: str,
    start: int,
    stop: int,
    *,
    rate: Fraction = FILM,
    reel: str = "",
    has_timecode: bool = True,
    folder: Path = ROOT,
    first_number: int | None = None,
) -> Plate:
    return Plate(
        name,
        str(folder / name),
        reel,
        FrameRange(start, stop, rate),
        FORMAT,
        has_timecode=has_timecode,
        first_number=first_number,
    )


def line(
    name: str, start: int, stop: int, *, character: str = "ELISE", rate: Fraction = FILM
) -> Line:
    return Line(name, character, "fr-FR", "/dub/elise.wav", FrameRange(start, stop, rate))


def take(name: str, *, character: str = "ELISE", spoken: str = "") -> Take:
    return Take(plate(name, 0, 50, rate=PAL, folder=Path("/takes")), character, spoken)


def cut_of(folder: Path, body: Any, name: str = "r1.otio", rate: Fraction = FILM) -> Cut:
    """A document or a list, written to `folder` and read again."""
    path = folder / name
    path.write_text(body if isinstance(body, str) else json.dumps(body), encoding="utf-8")
    return read_cut(path, rate=rate)


def read_edl(text: str, rate: Fraction, *, path: str = "") -> Cut:
    """The picture events of a CMX3600 list, as `read_cut` makes them."""
    return cut_from(read_cmx(text, rate=rate, path=path))


def read_otio(text: str) -> Cut:
    """The picture events of an .otio document, as `read_cut` makes them."""
    return cut_from(read_otio_whole(text))


def listing(*rows: str, title: str = "R1", mode: str = "NON-DROP FRAME") -> str:
    return "\n".join([f"TITLE: {title}", f"FCM: {mode}", *rows]) + "\n"


def event_row(
    number: int,
    reel: str,
    source: tuple[str, str],
    record: tuple[str, str],
    *,
    channels: str = "V",
    transition: str = "C",
    length: str = "",
) -> str:
    times = " ".join((*source, *record))
    return f"{number:03d}  {reel:<8} {channels:<4}  {transition:<4} {length:>3} {times}"


def everything_linked(cut: Cut, *, every: int = 1, handles: int = 8) -> Turnover:
    """A turnover in which each media of `cut` has its plate, and every `every`-th event a line."""
    frames = defaultdict(list)
    for event in cut.events:
        if event.source is not None:
            frames[base_name(event.media) or event.clip or event.reel].append(event)
    plates = []
    for name, events in frames.items():
        spans = [e.available or e.source for e in events]
        first, last = min(s.start for s in spans), max(s.stop for s in spans)
        first, last = max(first - 20, 0 if first >= 0 else first - 20), last + 20
        plates.append(plate(name, first, last, rate=events[0].source.rate, reel=events[0].reel))
    lines = [
        Line(f"L{n}", "ELISE", "fr-FR", "/dub/elise.wav", event.record)
        for n, event in enumerate(cut.events)
        if n % every == 0
    ]
    return turnover(cut, plates, lines, [], handles=handles, roots=[ROOT])


def rendered(shots: Sequence[Shot], *, version: int = 1) -> list[RenderedShot]:
    return [
        RenderedShot(
            shot,
            version,
            shot.render,
            f"../renders/v{version:03d}/{shot.name}.mov",
            f"../renders/v{version:03d}/{shot.name}_matte.mov",
            f"../renders/v{version:03d}/{shot.name}_layer.mov",
            len(shot.source),
            0,
            shot.characters,
            "d" * 64,
            f"../renders/v{version:03d}/{shot.name}.json",
        )
        for shot in shots
    ]


def canonical(document: Any) -> str:
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def time(value: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": rate}


def span(start: float, length: float, rate: float = 24) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "TimeRange.1",
        "start_time": time(start, rate),
        "duration": time(length, rate),
    }


def clip(
    name: str,
    source: dict[str, Any] | None,
    *,
    url: str = "",
    available: dict[str, Any] | None = None,
    **more: Any,
) -> dict[str, Any]:
    media = {
        "OTIO_SCHEMA": "ExternalReference.1",
        "metadata": {"theirs": {"n": 1}},
        "name": "",
        "available_range": available,
        "target_url": url or f"file:///plates/{name}.mov",
    }
    return {
        "OTIO_SCHEMA": "Clip.2",
        "name": name,
        "metadata": {"Resolve_OTIO": {"colour": [1, 2.5, None]}},
        "source_range": source,
        "effects": [],
        "markers": [],
        "enabled": True,
        "media_references": {"DEFAULT_MEDIA": media},
        "active_media_reference_key": "DEFAULT_MEDIA",
        **more,
    }


def gap(length: float, rate: float = 24) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, length, rate), "effects": []}


def track(*children: dict[str, Any], kind: str = "Video", **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Track.1", "name": "", "kind": kind, "children": [*children], **more}


def stack(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"OTIO_SCHEMA": "Stack.1", "name": "", "children": [*children], **more}


def timeline(*tracks: dict[str, Any], start: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "Timeline.1",
        "name": "R1",
        "metadata": {"studio": {"id": 12345678901234567890}},
        "global_start_time": start or time(HOUR),
        "tracks": stack(*tracks),
    }


def warp(scalar: float) -> dict[str, Any]:
    return {
        "OTIO_SCHEMA": "LinearTimeWarp.1",
        "name": "",
        "effect_name": "LinearTimeWarp",
        "metadata": {},
        "time_scalar": scalar,
    }
