"""The two sides of a list's transitions: the event that comes in, and the one it comes from.

CMX3600 prints a transition with the incoming event, and the outgoing picture as a line without
length: it is the event before, running on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dubsync.core.shot import Event, ProjectWarning
from dubsync.editorial.cmx3600.lines import Printed
from dubsync.editorial.timeline.reel_names import BLACK_REELS


@dataclass(frozen=True, slots=True)
class Counted:
    """One picture line of a list, counted: its event, and what is doubtful about it.

    line      as printed
    outgoing  the line it comes in from by a transition, where the list prints one
    black     whether it fades to black, and is no event
    """

    event: Event
    line: Printed
    outgoing: Printed | None = None
    warnings: tuple[ProjectWarning, ...] = ()
    black: bool = False


def joined(counted: list[Counted]) -> list[Counted]:
    """The events without black, each with the record frames that the transition out of it shows
    of it too.
    """
    result = list(counted)
    ends = {(c.event.track, c.event.record.stop): n for n, c in enumerate(result)}
    for n, incoming in enumerate(counted):
        line, event = incoming.line, incoming.event
        length = min(int(line.length or 0), len(event.record))
        if line.transition[0] not in "DWK" or (line.transition[0] != "K" and not length):
            continue
        before = ends.get((event.track, event.record.start))
        if line.transition[0] != "K" and _goes_out(incoming.outgoing, before, result):
            if before is not None:
                out = result[before]
                result[before] = replace(out, event=replace(out.event, overlap=(0, length)))
            continue
        if not incoming.black:
            result[n] = replace(result[n], warnings=(*result[n].warnings, _unjoined(incoming)))
    return [each for each in result if not each.black]


def _goes_out(outgoing: Printed | None, before: int | None, result: Sequence[Counted]) -> bool:
    """Whether what a transition comes from is known: black, or the event before it.

    Some lists print the incoming reel on the outgoing line too; its timecode tells.
    """
    if outgoing is not None and outgoing.reel.upper() in BLACK_REELS:
        return True
    if before is None:
        return outgoing is None
    event = result[before]
    return (
        outgoing is None
        or outgoing.reel == event.line.reel
        or (outgoing.times[0] == event.line.times[1])
    )


def _unjoined(incoming: Counted) -> ProjectWarning:
    line = incoming.line
    kind = {"D": "dissolve", "W": "wipe", "K": "key"}[line.transition[0]]
    under = f" from {incoming.outgoing.reel}" if incoming.outgoing else ""
    message = (
        f"line {line.line}: comes in by a {kind} of {line.length or '0'} frames{under}; the "
        "picture under it is no event that ends there, and is not synced"
    )
    return ProjectWarning("", message, "look at the transition in the corrected cut")
