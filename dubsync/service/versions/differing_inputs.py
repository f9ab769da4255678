"""What differs between the inputs of two renders of a shot, by their records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dubsync.service.render.same_material import changed_files

_SETTINGS = ("engine", "delivery")


def differing_inputs(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Every difference from `before` to `after`, both whole records, as a sentence's part."""
    parts = (
        changed_files(before, after["inputs"]),
        _cut(before, after),
        _tweaks(before["tweak"], after["tweak"]),
        _settings(before["settings"], after["settings"]),
        _pauses(before, after),
        _faces(before, after),
        _drawn(before, after),
        _engine(before, after),
    )
    return tuple(dict.fromkeys(reason for part in parts for reason in part))


def _cut(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for key, words in (("source", "the frames that the cut shows"), ("record", "the place in the "
                       "cut"), ("frames", "the frames rendered")):  # fmt: skip
        old, new = ((one[key]["first"], one[key]["stop"]) for one in (before, after))
        if old != new:
            yield f"{words}: {old[0]}..{old[1] - 1} to {new[0]}..{new[1] - 1}"
    if before["speed"] != after["speed"]:
        yield f"the speed: {before['speed']} to {after['speed']}"


def _tweaks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for character in sorted({*before, *after}):
        old, new = before.get(character, {}), after.get(character, {})
        if old == new:
            continue
        names = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
        yield f"the tweak of {character}: {', '.join(names)}"


def _settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for section in _SETTINGS:
        old, new = before.get(section, {}), after.get(section, {})
        for name in sorted(old.keys() & new.keys()):
            if old[name] != new[name]:
                yield f"{section}.{name}: {old[name]} to {new[name]}"


def _pauses(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = (set(one.get("shut_in_pauses", ())) for one in (before, after))
    for character in sorted(old ^ new):
        yield f"the lips of {character} in pauses"


def _faces(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before.get("faces"), after.get("faces")
    if old is None or new is None:
        return
    for character in sorted({*old, *new}):
        if old.get(character) != new.get(character):
            yield f"the face of {character}"


def _drawn(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for character in sorted({*before["renderers"], *after["renderers"]}):
        old, new = (one["renderers"].get(character, {}).get("renderer", "nobody")
                    for one in (before, after))  # fmt: skip
        if old != new:
            yield f"{character} drawn by {old}, then by {new}"
        elif before["actors"].get(character) != after["actors"].get(character):
            yield f"the actor of {character}, learnt or trained again"


def _engine(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = (one["versions"].get("engine", "") for one in (before, after))
    if old != new:
        yield f"the engine: {old} to {new}"
