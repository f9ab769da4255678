"""Transitions of a list whose outgoing picture is no event of it.

CMX3600 prints a transition with the incoming event, and the outgoing picture as a line without
length: it is the event before, running on.
"""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.timeline.losses import ODD, WARNS, Loss
from dubsync.core.timeline.probed import ProbedEvent
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.timeline.transitions import comes_from

_KINDS = ("dissolve", "wipe", "key")


def unjoined_losses(events: Sequence[ProbedEvent]) -> list[Loss]:
    """A loss for each picture that comes in over one which is no event that ends there."""
    pictures = [e for e in events if e.tracks[0].startswith("V") and e.record and e.record.length]
    clips = [e for e in pictures if e.kind != "generator"]
    ends = {(e.tracks[0], e.record.stop): e for e in clips if e.record}
    losses = []
    for event in pictures:
        if event.kind not in _KINDS or event.record is None or event.record.start is None:
            continue
        if event.source is None or not (event.transition or event.kind == "key"):
            continue  # black, or a cut in all but name
        before = ends.get((event.tracks[0], event.record.start))
        if event.kind == "key" or not _goes_out(event, before):
            losses.append(_unjoined(event))
    return losses


def _goes_out(event: ProbedEvent, before: ProbedEvent | None) -> bool:
    """Whether what a transition comes from is known: black, or the event before it."""
    reel = event.outgoing.rpartition(" ")[0]
    if event.outgoing and reel.upper() in BLACK_REELS:
        return True
    return not event.outgoing if before is None else comes_from(event, before)


def _unjoined(event: ProbedEvent) -> Loss:
    reel = event.outgoing.rpartition(" ")[0]
    under = f" from {reel}" if reel else ""
    what = (
        f"comes in by a {event.kind} of {event.transition or 0:03d} frames{under}; the picture "
        "under it is no event that ends there, and is not synced"
    )
    return Loss(event.where, what, ODD, "look at the transition in the corrected cut", WARNS)
