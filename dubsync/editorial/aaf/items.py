"""Adds the items of an AAF composition to the cut, as far as they are visible."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.timeline.probed import ProbedEvent, ProbedRange, probed_range
from dubsync.editorial.aaf.motion import line_keyframes
from dubsync.editorial.aaf.parts import AafBuilder, Context, trimmed


@dataclass(frozen=True, slots=True)
class Item:
    """An item to list as an event; `record` is its range in edit units of its slot."""

    kind: str
    name: str
    record: tuple[Fraction, Fraction]
    source: ProbedRange | None = None
    reel: str = ""
    media: str = ""
    available: ProbedRange | None = None
    transition: bool = False


def list_item(item: Item, context: Context, rate: Fraction, builder: AafBuilder) -> None:
    """Add the event of an item, as far as it is visible.

    Args:
        rate: edit rate of its slot.
    """
    scale = context.rate / rate
    record, source = item.record, item.source
    shown = record[0] * scale, record[1] * scale
    if context.window:
        shown = max(shown[0], context.window[0]), min(shown[1], context.window[1])
    if shown[1] <= shown[0]:
        return
    keyframes = line_keyframes(source, record, context, rate)
    if not keyframes:
        edges = shown[0] / scale, shown[1] / scale
        source = trimmed(source, record, edges, rate, context, builder)
    start, stop = (context.start + edge for edge in shown)
    builder.events.append(
        ProbedEvent(
            tracks=(context.track,),
            name=item.name,
            kind=item.kind,
            record=probed_range(start, stop, context.rate, context.drop),
            source=source,
            reel=item.reel,
            speed=context.speed,
            media=item.media,
            number=str(len(builder.events) + 1),
            transition=round(shown[1] - shown[0]) if item.transition else None,
            timeline=context.timeline,
            where=f"{context.track} at {record[0]}",
            available=item.available,
            keyframes=keyframes,
        )
    )
