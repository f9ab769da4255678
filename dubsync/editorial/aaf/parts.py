"""Where an AAF walk stands; a composition's first timecode, its locators, clips cut by nests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, ODD
from dubsync.core.timeline.probed import ProbedMarker, ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.aaf.source import Node, rate_of
from dubsync.editorial.timeline.cut_builder import CutBuilder


@dataclass(slots=True)
class AafBuilder(CutBuilder):
    """The file's mobs, and what the walk has found so far."""

    mobs: Mapping[str, Node]
    marked: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands.

    start   record frame of the timeline's first
    window  record frames that show, of what is nested; None: all
    speed   of all effects around; None where it changes
    line    frames of the effect around against frames of its one clip, where they are drawn
    """

    timeline: str
    rate: Fraction
    drop: bool
    start: Fraction
    track: str
    window: tuple[Fraction, Fraction] | None = None
    speed: Fraction | None = Fraction(1)
    line: tuple[Keyframe, ...] = ()
    record: tuple[Fraction, Fraction] | None = None
    mobs: tuple[str, ...] = ()
    depth: int = 0


def first_of(
    slots: list[Node], rate: Fraction, name: str, builder: AafBuilder
) -> tuple[Fraction, bool]:
    """The first record frame: of the timecode slot numbered 1, else of the first there is."""
    codes = [slot for slot in slots if slot["segment"]["type"] == "Timecode"]
    if not codes:
        builder.lose(name, "names no first timecode; counted from 00:00:00:00", ASSUMED)
        return Fraction(0), False
    chosen = next((slot for slot in codes if slot["number"] == 1), codes[0])
    code = chosen["segment"]
    return Fraction(int(code["start"])), bool(code["drop"]) and rate in DROP_RATES


def length_of(segment: Node) -> Fraction | None:
    """A segment\'s length in edit units; None where it states none that can be."""
    length = segment.get("length")
    if not isinstance(length, int) or not 0 <= length < 10**12:
        return None
    return Fraction(length)


def trimmed(
    source: ProbedRange | None,
    record: tuple[Fraction, Fraction],
    shown: tuple[Fraction, Fraction],
    rate: Fraction,
    place: Place,
    builder: AafBuilder,
) -> ProbedRange | None:
    """The source of what shows of a clip, where a nest's edges cut into it."""
    if source is None or shown == record or source.rate is None or source.start is None:
        return source
    if place.speed != 1:
        builder.lose(
            place.track,
            f"a retimed clip at {record[0]} is cut by the edge "
            "of its nest; its whole source is listed",
            APPROXIMATE,
        )
        return source
    scale = source.rate / rate
    first = source.start + (shown[0] - record[0]) * scale
    return probed_range(
        first, first + (shown[1] - shown[0]) * scale, source.rate, ";" in source.text[0]
    )


def list_locators(
    mob: Mapping[str, Any], place: Place, labels: Mapping[int, str], builder: AafBuilder
) -> None:
    """Avid's locators, which stand in event slots and count their own edit units."""
    for slot in mob["slots"]:
        if slot["type"] != "EventMobSlot":
            continue
        rate = rate_of(slot) or place.rate
        segment = slot["segment"]
        for part in segment.get("parts", [segment]):
            if part["type"] != "DescriptiveMarker":
                continue
            at = place.start + Fraction(int(part["position"])) * place.rate / rate
            length = (length_of(part) or Fraction(1)) * place.rate / rate
            tracks = "+".join(labels[n] for n in part["slots"] if n in labels)
            if not tracks and labels:
                builder.lose(
                    f"locator at {part['position']}", "names no track of the composition", ODD
                )
            builder.markers.append(
                ProbedMarker(
                    str(part["comment"]),
                    "locator",
                    probed_range(at, at + length, place.rate, place.drop),
                    colour=str(part["colour"]),
                    comment=str(part["user"]),
                    track=tracks,
                    timeline=place.timeline,
                    where=f"event slot {slot['id']}",
                )
            )
