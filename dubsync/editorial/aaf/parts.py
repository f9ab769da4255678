"""The context of the AAF reader; first timecodes, locators, clips trimmed by nests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, ODD
from dubsync.core.timeline.probed import ProbedMarker, ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.aaf.source import Node, rate_of
from dubsync.editorial.timeline.cut_builder import CutBuilder

#: Frames per second; a slot of a higher rate counts samples.
MOST_FRAMES = 120


@dataclass(slots=True)
class AafBuilder(CutBuilder):
    """The cut read so far, and the mobs of the file.

    used  ids of the mobs that clips play
    """

    mobs: Mapping[str, Node]
    used: set[str] = field(default_factory=set)
    marked: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of a segment in the walk.

    start   record frame of the timeline's start
    window  record frames in which a nest is visible, from the start; None: all
    speed   product of the speeds of all effects around; None if it varies
    line    keyframes of the effect around: its frames to frames of its only clip
    record  range that replaces the segment's own, in edit units; None: its own
    mobs    ids of the compositions around, outermost first
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


def first_timecode(
    slots: list[Node], rate: Fraction, name: str, builder: AafBuilder
) -> tuple[Fraction, bool]:
    """(first record frame, drop-frame) of the timecode slot numbered 1, else of the first."""
    codes = [slot for slot in slots if slot["segment"]["type"] == "Timecode"]
    if not codes:
        builder.lose(name, "states no first timecode; 00:00:00:00 is assumed", ASSUMED)
        return Fraction(0), False
    chosen = next((slot for slot in codes if slot["number"] == 1), codes[0])
    code = chosen["segment"]
    start, own = Fraction(int(code["start"])), code_rate(chosen)
    if own is not None and counting_base(own) != counting_base(rate):
        what = f"its timecode counts {own} frames per second, and its picture {rate}; converted"
        builder.lose(name, what, ODD, "check the first record timecode")
        start = start / own * rate
    return start, bool(code["drop"]) and rate in DROP_RATES


def code_rate(slot: Node) -> Fraction | None:
    """The frames per second that a timecode slot counts; None if it states no valid rate.

    The slot's own edit rate is exact, if it is one of pictures; the timecode states whole frames.
    """
    own, fps = rate_of(slot), slot["segment"].get("fps")
    if own is not None and own <= MOST_FRAMES:
        return own
    return Fraction(fps) if isinstance(fps, int) and 0 < fps <= MOST_FRAMES else None


def length_of(segment: Node) -> Fraction | None:
    """The length of a segment in edit units; None without a valid one."""
    length = segment.get("length")
    if not isinstance(length, int) or not 0 <= length < 10**12:
        return None
    return Fraction(length)


def trimmed(
    source: ProbedRange | None,
    record: tuple[Fraction, Fraction],
    shown: tuple[Fraction, Fraction],
    rate: Fraction,
    context: Context,
    builder: AafBuilder,
) -> ProbedRange | None:
    """The source of the visible part of a clip, if the edges of a nest trim it."""
    if source is None or shown == record or source.rate is None or source.start is None:
        return source
    if context.speed != 1:
        builder.lose(
            context.track,
            f"a retimed clip at {record[0]} is trimmed by its nest; its whole source is listed",
            APPROXIMATE,
        )
        return source
    scale = source.rate / rate
    first = source.start + (shown[0] - record[0]) * scale
    return probed_range(
        first, first + (shown[1] - shown[0]) * scale, source.rate, ";" in source.text[0]
    )


def list_locators(
    mob: Mapping[str, Any], context: Context, labels: Mapping[int, str], builder: AafBuilder
) -> None:
    """List Avid's locators, which are in event slots and count edit units of their own."""
    for slot in mob["slots"]:
        if slot["type"] != "EventMobSlot":
            continue
        rate = rate_of(slot) or context.rate
        segment = slot["segment"]
        for part in segment.get("parts", [segment]):
            if part["type"] != "DescriptiveMarker":
                continue
            at = context.start + Fraction(int(part["position"])) * context.rate / rate
            length = (length_of(part) or Fraction(1)) * context.rate / rate
            tracks = "+".join(labels[n] for n in part["slots"] if n in labels)
            if not tracks and labels:
                builder.lose(
                    f"locator at {part['position']}", "is on no track of the composition", ODD
                )
            builder.markers.append(
                ProbedMarker(
                    str(part["comment"]),
                    "locator",
                    probed_range(at, at + length, context.rate, context.drop),
                    colour=str(part["colour"]),
                    comment=str(part["user"]),
                    track=tracks,
                    timeline=context.timeline,
                    where=f"event slot {slot['id']}",
                )
            )
