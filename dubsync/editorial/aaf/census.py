"""Everything in an AAF file that is not listed: slots, mobs that nothing plays, properties."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from dubsync.core.timeline.losses import LOST, QUIET
from dubsync.editorial.aaf.parts import AafBuilder
from dubsync.editorial.aaf.source import Node, rate_of

MOST_NAMED = 8


def report_slots(mob: Node, name: str, builder: AafBuilder, kinds: Container[str]) -> None:
    """A loss for each slot of a composition that is neither picture, sound nor timecode."""
    others: dict[str, list[str]] = {}
    for slot in mob["slots"]:
        kind, segment = slot["kind"], slot["segment"]["type"]
        if slot["type"] == "Damaged" or segment == "Damaged":
            why = slot["segment"].get("why", "")
            builder.lose(name, f"slot {slot['id']} is damaged ({why}), and is not listed")
        elif slot["type"] == "EventMobSlot" or segment in ("Timecode", "DescriptiveMarker"):
            continue
        elif kind not in kinds or rate_of(slot) is None:
            named = f" {slot['name'][:40]!r}" if slot["name"] else ""
            others.setdefault(kind[:40], []).append(f"{slot['id']}{named}")
    for kind, slots in others.items():
        what = f"slots of kind {kind} are not listed: {_named(slots)}"
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
                what = f"{words} that no timeline plays are not listed: "
                builder.lose(where, f"{what}{_named(names)}")
    for words, labels in _by_kind(dump.get("unread", {})).items():
        builder.lose(where, f"{words} are not listed: {_named(labels)}", LOST, turnover=QUIET)


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{', '.join(names[:MOST_NAMED])}{more}"


def _by_kind(unread: Mapping[str, int]) -> dict[str, list[str]]:
    """What was not read, with its number of uses, the most used first: an Avid sequence has a
    hundred parameters and properties, and a line for each would hide what matters.
    """
    kinds: dict[str, list[str]] = {}
    for label, count in sorted(unread.items(), key=lambda one: (-one[1], one[0])):
        effect = re.fullmatch(r"parameter (.*) of an effect", label, re.DOTALL)
        uses = f" ({count})" if count > 1 else ""
        if effect:
            kinds.setdefault("parameters of effects", []).append(effect[1] + uses)
        elif label.endswith(")"):
            name, _, what = label.removesuffix(")").partition(" (")
            kinds.setdefault(f"objects ({what})", []).append(name + uses)
        else:
            kinds.setdefault(f"properties of {label.partition('.')[0]}", []).append(
                label.partition(".")[2] + uses
            )
    return kinds


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
