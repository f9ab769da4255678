"""Prints the compositions of an AAF file as JSON; runs in a process of its own.

An AAF file contains a file system, and pyaaf2 trusts its tables: a damaged file can make it loop
or use all memory.  Files are therefore read only here, and `aaf.process` sets the limits.

    python -m dubsync.editorial.aaf.dump FILE
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from fractions import Fraction
from importlib import import_module
from typing import Any

DEEPEST = 60


def dumped(path: str) -> dict[str, Any]:
    """The mobs by id, and the ids of the compositions to list.  Errors of pyaaf2 pass through."""
    aaf2: Any = import_module("aaf2")  # it has no types, and is rarely needed
    with aaf2.open(path, "r") as file:
        mobs = {str(mob.mob_id): _mob(mob) for mob in file.content.mobs}
        top = [str(mob.mob_id) for mob in file.content.toplevel()]
        if not top:
            top = [key for key, mob in mobs.items() if mob["type"] == "CompositionMob"]
    return {"mobs": mobs, "top": top}


def _mob(mob: Any) -> dict[str, Any]:
    kind = type(mob).__name__
    return {
        "name": mob.name or "",
        "type": kind,
        "slots": [_slot(slot) for slot in mob.slots],
        "paths": _paths(mob) if kind == "SourceMob" else [],
        "descriptor": type(mob.descriptor).__name__ if kind == "SourceMob" else "",
    }


def _paths(mob: Any) -> list[str]:
    descriptor = mob.descriptor
    result = []
    for locator in _value(descriptor, "Locator", []) if descriptor is not None else []:
        result.append(str(_value(locator, "URLString", "")))
    return [path for path in result if path]


def _slot(slot: Any) -> dict[str, Any]:
    rate = _value(slot, "EditRate")
    return {
        "type": type(slot).__name__,
        "id": slot.slot_id,
        "number": _value(slot, "PhysicalTrackNumber"),
        "name": slot.name or "",
        "kind": str(slot.media_kind),
        "rate": None if rate is None else str(Fraction(rate.numerator, rate.denominator)),
        "origin": _value(slot, "Origin", 0),
        "segment": _segment(slot.segment, 0),
    }


def _segment(segment: Any, depth: int) -> dict[str, Any]:
    kind = type(segment).__name__
    if depth > DEEPEST:
        return {"type": "TooDeep"}
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
    return [_segment(part, depth + 1) for part in parts if part is not None]


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
