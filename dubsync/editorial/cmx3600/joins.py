"""Finds transitions of a list whose outgoing picture is not one of its events.

CMX3600 prints a transition with the incoming event, and the outgoing picture as a line without
length: the event before it continues.
"""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.timeline.losses import ODD, WARNS, Loss
from dubsync.core.timeline.probed import ProbedEvent
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.timeline.transitions import comes_from

_KINDS = ("dissolve", "wipe", "key")


def unjoined_losses(events: Sequence[ProbedEvent]) -> list[Loss]:
    """A loss for each transition at which no event with the outgoing picture ends."""
    pictures = [e for e in events if e.tracks[0].startswith("V") and e.record and e.record.length]
    clips = [e for e in pictures if e.kind != "generator"]
    ends = {(e.tracks[0], e.record.stop): e for e in clips if e.record}
    losses = []
    for event in pictures:
        if event.kind not in _KINDS or event.record is None or event.record.start is None:
            continue
        if event.source is None or not (event.transition or event.kind == "key"):
            continue  # black, or a transition without length
        before = ends.get((event.tracks[0], event.record.start))
        if event.kind == "key" or not _goes_out(event, before):
            losses.append(_unjoined(event))
    return losses


def _goes_out(event: ProbedEvent, before: ProbedEvent | None) -> bool:
    """Whether the outgoing picture of a transition is known: black, or the event before it."""
    reel = event.outgoing.rpartition(" ")[0]
    if event.outgoing and reel.upper() in BLACK_REELS:
        return True
    return not event.outgoing if before is None else comes_from(event, before)


def _unjoined(event: ProbedEvent) -> Loss:
    reel = event.outgoing.rpartition(" ")[0]
    under = f" from {reel}" if reel else ""
    what = (
        f"begins with a {event.kind} of {event.transition or 0:03d} frames{under}; no event with "
        "the outgoing picture ends there, so that picture is not synced"
    )
    return Loss(event.where, what, ODD, "check the transition in the corrected cut", WARNS)
