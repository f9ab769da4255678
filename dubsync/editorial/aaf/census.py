"""Everything in an AAF file that is not listed: slots, mobs that nothing plays, properties."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from dubsync.core.timeline.losses import LOST, QUIET
from dubsync.editorial.aaf.parts import AafBuilder
from dubsync.editorial.aaf.source import Node, rate_of

MOST_NAMED = 5


def report_slots(mob: Node, name: str, builder: AafBuilder, kinds: Container[str]) -> None:
    """A loss for each slot of a composition that is neither picture, sound nor timecode."""
    for slot in mob["slots"]:
        kind, segment = slot["kind"], slot["segment"]["type"]
        if slot["type"] == "Damaged" or segment == "Damaged":
            why = slot["segment"].get("why", "")
            builder.lose(name, f"slot {slot['id']} is damaged ({why}), and is not listed")
        elif slot["type"] == "EventMobSlot" or segment in ("Timecode", "DescriptiveMarker"):
            continue
        elif kind not in kinds or rate_of(slot) is None:
            what = f"slot {slot['id']} {slot['name'][:40]!r} of kind {kind[:40]} is not listed"
            builder.lose(name, what)


def report_unread(dump: dict[str, Any] | Node, builder: AafBuilder, where: str) -> None:
    """Losses for mobs that no listed clip plays, and for properties that are not read.

    Args:
        where: the file, for messages.
    """
    used = _played(builder)
    idle = [
        mob
        for key, mob in builder.mobs.items()
        if key not in used and key not in dump["top"] and mob["type"] != "SourceMob"
    ]
    if dump["top"]:
        for kind, words in (("CompositionMob", "compositions"), ("MasterMob", "clips of the bin")):
            names = [str(mob["name"])[:40] for mob in idle if mob["type"] == kind]
            if names:
                more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
                what = f"{words} that no timeline plays are not listed: "
                builder.lose(where, f"{what}{', '.join(names[:MOST_NAMED])}{more}")
    for label, count in sorted(dump.get("unread", {}).items()):
        what = f"{label} is not listed; number of uses: {count}"
        builder.lose(where, what, LOST, turnover=QUIET)


def _played(builder: AafBuilder) -> set[str]:
    """The ids of the mobs that listed clips play, and of those that these are made of."""
    played: set[str] = set()
    todo = list(builder.used)
    while todo:
        key = todo.pop()
        if key in played or key not in builder.mobs:
            continue
        played.add(key)
        segments = [slot["segment"] for slot in builder.mobs[key]["slots"]]
        while segments:
            segment = segments.pop()
            segments += segment.get("parts", ())
            if segment["type"] == "SourceClip":
                todo.append(segment["mob"])
    return played
