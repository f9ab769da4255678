"""Transitions: which events are transitions, and which two clips of a track one joins."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol, TypeVar

from dubsync.core.timeline.probed import ProbedEvent
from dubsync.editorial.timeline.reel_names import BLACK_REELS

TRANSITIONS = frozenset({"dissolve", "wipe", "transition"})


class Placed(Protocol):
    """Anything with record frames `start`..`stop`."""

    @property
    def start(self) -> int | Fraction: ...
    @property
    def stop(self) -> int | Fraction: ...


Clip = TypeVar("Clip", bound=Placed)


def stands_alone(event: ProbedEvent) -> bool:
    """Whether an event is a transition without a clip; CMX3600 has no such events."""
    return event.kind in TRANSITIONS and event.source is None and not event.reel


def is_underlay(event: ProbedEvent) -> bool:
    """Whether an event is wholly under the transition of the event after it: CMX3600 prints such a
    clip as the outgoing side only, without record or source frames."""
    record, source = event.record, event.source
    return record is not None and record.length == 0 and source is not None and source.length == 0


def is_black(event: ProbedEvent) -> bool:
    """Whether an event shows black, however it comes in."""
    return event.kind == "black" or (event.source is None and event.reel.upper() in BLACK_REELS)


def comes_from(event: ProbedEvent, before: ProbedEvent) -> bool:
    """Whether the transition of a CMX3600 event comes from `before`, as far as the list states."""
    reel, _, first = event.outgoing.rpartition(" ")
    source = before.source
    # Some lists print the incoming reel on the outgoing line too; then the timecode decides.
    continues = source is not None and first == source.text[1]
    return not event.outgoing or reel == before.reel or continues


def sides(
    clips: Sequence[Clip],
    starts: Sequence[int | Fraction],
    start: int | Fraction,
    stop: int | Fraction,
) -> tuple[Clip | None, Clip | None]:
    """The (outgoing, incoming) clips of a transition over record `start`..`stop`.

    The clips abut inside it (FCPXML, OpenTimelineIO) or overlap (AAF, FCP7 XML). In both cases
    the outgoing clip ends, and the incoming clip begins, within the transition.

    Args:
        clips: the clips of its track, gaps included, sorted by start.
        starts: the start of each clip.
    """
    first, last = bisect_left(starts, start), bisect_right(starts, stop)
    pairs = [(clips[n - 1], clips[n]) for n in range(max(first, 1), last)]
    fitting = [(x, y) for x, y in pairs if start <= x.stop <= stop]
    if fitting:
        return min(fitting, key=lambda pair: abs(_middle(*pair) - Fraction(start) - stop))
    if first < last:
        return None, clips[first]
    if first and start <= clips[first - 1].stop <= stop:
        return clips[first - 1], None
    return None, None


def _middle(x: Placed, y: Placed) -> Fraction:
    return Fraction(x.stop) + y.start
