"""Converts a ProbedCut to OpenTimelineIO objects: timelines and bins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import LOST, Loss
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedRange
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.tracks.from_cut import programmes

SCHEMA = "dubsync.cut/1"
_NUMBERED = re.compile(r"(?P<prefix>.*?)%(?:0(?P<padding>\d{1,2}))?d(?P<suffix>.*)")


def otio_of(cut: ProbedCut) -> tuple[Any, tuple[Loss, ...]]:
    """A whole cut: its Timeline, or a SerializableCollection of timelines and of clips in bins.

    Returns the object, whose metadata["dubsync"] lists every loss, and those losses.

    Raises:
        TurnoverError: the events have timecode, and the rate is unknown.
    """
    tops: list[Any] = []
    losses = list(cut.losses)
    known = programmes(cut, ())
    if known:
        made = write_otio_flat(cut, ())
        read = otio.adapters.read_from_string(made.data.decode(), "otio_json")
        tops += [read] if isinstance(read, otio.schema.Timeline) else [t.clone() for t in read]
        losses += [loss for loss in made.losses if not loss.what.startswith("clips of bins")]
    for listed in cut.timelines:
        events = [event for event in cut.events if event.timeline == listed.name]
        loose = [event for event in events if event.record is None]
        if listed not in known and loose:
            tops.append(otio.schema.SerializableCollection(listed.name, _clips(loose, losses)))
    if not tops:
        raise TurnoverError(
            f"{cut.name}: its timecode needs a frame rate",
            hint="give the rate, as rate=24 or rate='24000/1001'",
        )
    root = tops[0] if len(tops) == 1 else otio.schema.SerializableCollection(cut.name, tops)
    result = tuple(dict.fromkeys(losses))
    root.metadata["dubsync"] = {
        "schema": SCHEMA,
        "format": cut.format,
        "drop": bool(known and known[0].drop),
        "losses": [
            {"kind": x.kind, "where": x.where, "what": x.what, "hint": x.hint} for x in result
        ],
    }
    return root, result


def _clips(events: Sequence[ProbedEvent], losses: list[Loss]) -> list[Any]:
    """Clips of a bin or a log, which are on no timeline."""
    result = []
    for event in events:
        clip = otio.schema.Clip(event.name, _media(event))
        clip.enabled = event.enabled
        if (span := _span(event.source)) is not None:
            clip.source_range = span
        elif event.source is not None:
            what = f"{event.name!r}: {' '.join(event.source.text)} needs a frame rate"
            losses.append(Loss(event.where, what, LOST, "give the rate"))
        facts = {"reel": event.reel, "tracks": list(event.tracks), "remarks": list(event.remarks)}
        clip.metadata["dubsync"] = {key: value for key, value in facts.items() if value}
        result.append(clip)
    return result


def _media(event: ProbedEvent) -> Any:
    """The event's media as the file names it; the media itself is not opened."""
    folder, slash, file = event.media.rpartition("/")
    made: Any = otio.schema.MissingReference()
    if event.media and (numbered := _NUMBERED.fullmatch(file)):
        rate = event.source.rate if event.source and event.source.rate else Fraction(24)
        made = otio.schema.ImageSequenceReference(
            target_url_base=folder + slash,
            name_prefix=numbered["prefix"],
            name_suffix=numbered["suffix"],
            frame_zero_padding=int(numbered["padding"] or 0),
            rate=float(rate),
        )
    elif event.media:
        made = otio.schema.ExternalReference(target_url=event.media)
    made.name = file or event.name
    if event.reel:
        made.metadata["reel"] = event.reel
    made.available_range = _span(event.available) or _span(event.source)
    return made


def _span(place: ProbedRange | None) -> Any:
    """A ProbedRange as a TimeRange; None if it has no frame numbers."""
    if place is None or place.start is None or place.length is None or not place.rate:
        return None
    rate = float(place.rate)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(float(place.start), rate),
        otio.opentime.RationalTime(max(float(place.length), 0), rate),
    )
