"""Prints the compositions of an AAF file as JSON; runs in a process of its own.

An AAF file contains a file system, and pyaaf2 trusts its tables: a damaged file can make it loop
or use all memory.  Files are therefore read only here, and `aaf.process` sets the limits.

    python -m dubsync.editorial.aaf.dump FILE
"""

from __future__ import annotations

import json
import struct
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from importlib import import_module
from typing import Any

DEEPEST = 60
#: What pyaaf2 raises for a damaged object.
_DAMAGE = (AttributeError, LookupError, TypeError, ValueError, ArithmeticError, AssertionError,
           NotImplementedError, EOFError, struct.error)  # fmt: skip
#: Properties that are read, or that only hold the file together.
_READ = frozenset({
    "MobID", "Name", "Slots", "CreationTime", "LastModified", "UsageCode", "AppCode",
    "EssenceDescription", "SlotID", "SlotName", "PhysicalTrackNumber", "EditRate", "Origin",
    "Segment", "DataDefinition", "Length", "StartTime", "SourceID", "SourceMobSlotID", "Start",
    "FPS", "Drop", "Components", "OperationGroup", "CutPoint", "Operation", "Parameters",
    "InputSegments", "Position", "Comment", "DescribedSlots", "CommentMarkerAttributeList",
    "CommentMarkerUSer", "CommentMarkerUser", "Selected", "Alternates", "Choices", "Locator",
    "ObjClass", "InstanceUID", "Definition", "RelativeSlot", "RelativeScope",
})  # fmt: skip
_SEGMENTS = frozenset({
    "SourceClip", "Timecode", "DescriptiveMarker", "CommentMarker", "Transition", "OperationGroup",
    "Sequence", "NestedScope", "Selector", "EssenceGroup", "Filler", "ScopeReference",
})  # fmt: skip
#: "Class.Property" -> number of objects in which it is not read.
_unread: Counter[str] = Counter()


def dumped(path: str) -> dict[str, Any]:
    """The mobs by id, and the ids of the compositions to list.  Errors of pyaaf2 pass through."""
    aaf2: Any = import_module("aaf2")  # it has no types, and is rarely needed
    with aaf2.open(path, "r") as file:
        mobs = {str(mob.mob_id): _mob(mob) for mob in file.content.mobs}
        top = [str(mob.mob_id) for mob in file.content.toplevel()]
        if not top:
            top = [key for key, mob in mobs.items() if mob["type"] == "CompositionMob"]
        essence = len(list(file.content.essencedata))
    if essence:
        _unread["EssenceData (media inside the file)"] += essence
    return {"mobs": mobs, "top": top, "unread": dict(_unread)}


def _count(thing: Any) -> None:
    """Count the properties of an object that are not read."""
    for property in thing.properties():
        if property.name not in _READ:
            _unread[f"{type(thing).__name__}.{property.name}"] += 1


def _mob(mob: Any) -> dict[str, Any]:
    kind = type(mob).__name__
    _count(mob)
    if kind == "SourceMob" and mob.descriptor is not None:
        described = [x.name for x in mob.descriptor.properties() if x.name not in _READ]
        if described:
            _unread[f"{type(mob.descriptor).__name__} (description of media)"] += 1
    return {
        "name": mob.name or "",
        "type": kind,
        "slots": [_whole(_slot, slot) for slot in mob.slots],
        "paths": _paths(mob) if kind == "SourceMob" else [],
        "descriptor": type(mob.descriptor).__name__ if kind == "SourceMob" else "",
    }


def _paths(mob: Any) -> list[str]:
    descriptor = mob.descriptor
    result = []
    for locator in _value(descriptor, "Locator", []) if descriptor is not None else []:
        result.append(str(_value(locator, "URLString", "")))
    return [path for path in result if path]


def _whole(read: Callable[[Any], dict[str, Any]], thing: Any) -> dict[str, Any]:
    """What `read` makes of an object; of a damaged one, that and why it is."""
    try:
        return read(thing)
    except _DAMAGE as error:
        why = f"{type(thing).__name__}: {error}"[:120]
        damaged = {"type": "Damaged", "length": None, "why": why}
        return {**damaged, "id": 0, "kind": "", "rate": None, "segment": damaged, "name": ""}


def _slot(slot: Any) -> dict[str, Any]:
    _count(slot)
    rate = _value(slot, "EditRate")
    return {
        "type": type(slot).__name__,
        "id": slot.slot_id,
        "number": _value(slot, "PhysicalTrackNumber"),
        "name": slot.name or "",
        "kind": str(slot.media_kind),
        "rate": None if rate is None else str(Fraction(rate.numerator, rate.denominator)),
        "origin": _value(slot, "Origin", 0),
        "segment": _whole(lambda segment: _segment(segment, 0), slot.segment),
    }


def _segment(segment: Any, depth: int) -> dict[str, Any]:
    kind = type(segment).__name__
    if depth > DEEPEST:
        return {"type": "TooDeep"}
    _count(segment)
    if kind not in _SEGMENTS:
        _unread[f"{kind} (no known segment)"] += 1
    result: dict[str, Any] = {"type": kind, "length": _value(segment, "Length")}
    if kind == "SourceClip":
        result |= {
            "start": _value(segment, "StartTime", 0),
            "mob": str(segment.mob_id),
            "slot": segment.slot_id,
        }
    elif kind == "Timecode":
        result |= {"start": segment.start, "fps": segment.fps, "drop": bool(segment.drop)}
    elif kind == "DescriptiveMarker":
        result |= _marker(segment)
    elif kind == "Transition":
        group = _value(segment, "OperationGroup")
        result |= {"cut": _value(segment, "CutPoint"), "operation": _operation(group)}
    elif kind == "OperationGroup":
        result |= {"operation": _operation(segment), **_speed(segment)}
        result["parts"] = _parts(_value(segment, "InputSegments", []), depth)
    elif kind == "Sequence":
        result["parts"] = _parts(_value(segment, "Components", []), depth)
    elif kind == "NestedScope":
        result["parts"] = _parts(_value(segment, "Slots", []), depth)
    elif kind == "Selector":
        result["parts"] = _parts([_value(segment, "Selected")], depth)
        result["alternates"] = len(list(_value(segment, "Alternates", [])))
    elif kind == "EssenceGroup":
        result["parts"] = _parts(_value(segment, "Choices", []), depth)
    return result


def _parts(parts: Iterable[Any], depth: int) -> list[dict[str, Any]]:
    return [
        _whole(lambda one: _segment(one, depth + 1), part) for part in parts if part is not None
    ]


def _value(thing: Any, name: str, otherwise: Any = None) -> Any:
    """The value of a property, or `otherwise` if it is absent."""
    result = thing.get(name) if thing is not None else None
    value = None if result is None else result.value
    return otherwise if value is None else value


def _operation(group: Any) -> str:
    return str(group.operation.name) if group is not None and group.operation else ""


def _speed(group: Any) -> dict[str, Any]:
    """The offset map and the speed ratio of a Motion Control."""
    result: dict[str, Any] = {}
    for parameter in _value(group, "Parameters", []):
        points = _value(parameter, "PointList", [])
        if parameter.name in ("PARAM_SPEED_OFFSET_MAP_U", "PARAM_OFFSET_MAP_U"):
            result[parameter.name] = [[float(point.time), float(point.value)] for point in points]
            drawn = str(getattr(parameter.interpolation, "name", ""))
            result["straight"] = "linear" in drawn.lower()
        elif parameter.name in ("SpeedRatio", "Speed Ratio"):
            ratio = _value(parameter, "Value")
            result["ratio"] = str(ratio)
        else:
            _unread[f"parameter {parameter.name} of an effect"] += 1
    return result


def _marker(marker: Any) -> dict[str, Any]:
    tags = {tag.name: tag.value for tag in _value(marker, "CommentMarkerAttributeList", [])}
    return {
        "position": _value(marker, "Position", 0),
        "comment": str(_value(marker, "Comment", "") or tags.get("_ATN_CRM_COM", "")),
        "colour": str(tags.get("_ATN_CRM_COLOR", "")),
        "user": str(tags.get("_ATN_CRM_USER", "") or _value(marker, "CommentMarkerUSer", "")),
        "slots": sorted(int(n) for n in _value(marker, "DescribedSlots", [])),
    }


if __name__ == "__main__":
    json.dump(dumped(sys.argv[1]), sys.stdout)
