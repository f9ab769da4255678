"""Finds transitions of a list whose outgoing picture is not one of its events.

CMX3600 prints a transition with the incoming event, and the outgoing picture as a line without
length: the event before it continues.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dubsync.core.timeline.losses import ODD, WARNS, Loss
from dubsync.core.timeline.probed import ProbedEvent
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.timeline.transitions import comes_from

_KINDS = ("dissolve", "wipe", "key")


def with_outgoing(
    events: Sequence[ProbedEvent], outgoing: Mapping[str, ProbedEvent]
) -> list[ProbedEvent]:
    """The events of a list, and before each unjoined transition its outgoing picture.

    That picture has no record frames of its own: a clip wholly under its transition.

    Args:
        outgoing: place of an event with a transition -> its outgoing picture.
    """
    unjoined = {event.where for event in _unjoined(events)}
    result = []
    for event in events:
        if event.where in unjoined and event.where in outgoing:
            result.append(outgoing[event.where])
        result.append(event)
    return result


def unjoined_losses(events: Sequence[ProbedEvent]) -> list[Loss]:
    """A loss for each transition at which no event with the outgoing picture ends."""
    return [_unjoined_loss(event) for event in _unjoined(events)]


def _unjoined(events: Sequence[ProbedEvent]) -> list[ProbedEvent]:
    pictures = [e for e in events if e.tracks[0].startswith("V") and e.record and e.record.length]
    clips = [e for e in pictures if e.kind != "generator"]
    ends = {(e.tracks[0], e.record.stop): e for e in clips if e.record}
    result = []
    for event in pictures:
        if event.kind not in _KINDS or event.record is None or event.record.start is None:
            continue
        if event.source is None or not (event.transition or event.kind == "key"):
            continue  # black, or a transition without length
        before = ends.get((event.tracks[0], event.record.start))
        if event.kind == "key" or not _goes_out(event, before):
            result.append(event)
    return result


def _goes_out(event: ProbedEvent, before: ProbedEvent | None) -> bool:
    """Whether the outgoing picture of a transition is known: black, or the event before it."""
    reel = event.outgoing.rpartition(" ")[0]
    if event.outgoing and reel.upper() in BLACK_REELS:
        return True
    return not event.outgoing if before is None else comes_from(event, before)


def _unjoined_loss(event: ProbedEvent) -> Loss:
    reel = event.outgoing.rpartition(" ")[0]
    under = f" from {reel}" if reel else ""
    what = (
        f"begins with a {event.kind} of {event.transition or 0:03d} frames{under}; no event with "
        "the outgoing picture ends there, so that picture is listed under the transition only, and "
        "not synced"
    )
    return Loss(event.where, what, ODD, "check the transition in the corrected cut", WARNS)
