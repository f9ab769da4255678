"""A document's timeline as OpenTimelineIO objects, by way of a copy that holds no surprise.

OpenTimelineIO's reader ends the process on some documents (UnknownSchema, a time where a clip
should be) and believes every number.  So what reading needs is copied field by field, each of
its expected kind; metadata, markers and whatever else the document holds stay out of the copy
and untouched in the document.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.editorial.otio.nodes import is_number, schema_of

Node = dict[str, Any]
#: Whatever pybind11 turns a C++ complaint into.
OTIO_COMPLAINTS = (
    otio.exceptions.OTIOError,
    ValueError,
    TypeError,
    LookupError,
    RuntimeError,
    ArithmeticError,
    AttributeError,
)
_AGAIN = "export the timeline again"


def timeline_in(
    parsed: Any, where: str, name: str = ""
) -> tuple[otio.schema.Timeline, tuple[str | int, ...]]:
    """The one timeline of a document, or that called `name`, and the path of keys to it.

    Raises:
        TimecodeError: a time that cannot exist.
        TurnoverError: no timeline or several, or a schema we cannot read.
    """
    path = _path_to_timeline(parsed, where, name)
    node = parsed
    for key in path:
        node = node[key]
    copy = {
        "OTIO_SCHEMA": "Timeline.1",
        "name": _text(node, "name", where),
        "global_start_time": _time(node.get("global_start_time"), where),
        "tracks": _item(node.get("tracks"), where, ("Stack",)),
    }
    try:
        timeline = otio.adapters.read_from_string(json.dumps(copy), "otio_json")
    except OTIO_COMPLAINTS as error:
        raise TurnoverError(
            f"{where} is refused by OpenTimelineIO {otio.__version__}: {error}", hint=_AGAIN
        ) from error
    return timeline, path


def _path_to_timeline(parsed: Any, where: str, name: str) -> tuple[str | int, ...]:
    schema = schema_of(parsed)
    if schema == "Timeline":
        return ()
    if schema == "SerializableCollection":
        children = parsed.get("children")
        children = children if isinstance(children, list) else []
        inside = [n for n, child in enumerate(children) if schema_of(child) == "Timeline"]
        called = [n for n in inside if name and children[n].get("name") == name]
        if len(called or inside) == 1:
            return ("children", (called or inside)[0])
        names = ", ".join(repr(children[n].get("name")) for n in inside) or "none"
        raise TurnoverError(
            f"{where} holds {len(inside)} timelines: {names}",
            hint='say which: timeline = "NAME" under [project] in dubsync.toml, or --timeline',
        )
    raise TurnoverError(
        f"{where} holds {schema or 'no OpenTimelineIO object'}, not a Timeline",
        hint="export the whole timeline",
    )


def _item(node: Any, where: str, allowed: tuple[str, ...] = ()) -> Node:
    """A child of a composition, at any depth the document's own limit allows."""
    schema = schema_of(node)
    make = _ITEMS.get(schema)
    if make is None or (allowed and schema not in allowed):
        wanted = allowed or tuple(_ITEMS)
        label = node.get("OTIO_SCHEMA") if isinstance(node, dict) else type(node).__name__
        reason = "; the same object twice, or a cycle" if schema == "SerializableObjectRef" else ""
        raise TurnoverError(
            f"{where} holds {label!s:.40} where one of {', '.join(wanted)} should be{reason}",
            hint="export the timeline again, for OTIO 0.18 or older",
        )
    name = _text(node, "name", where)
    here = f"{where}, {schema} {name[:80]!r}"
    copy: Node = {"OTIO_SCHEMA": f"{_CURRENT[schema]}", "name": name}
    if schema != "Transition":
        enabled = node.get("enabled", True)
        copy["enabled"] = enabled if isinstance(enabled, bool) else True
        copy["source_range"] = _range(node.get("source_range"), here)
        copy["effects"] = [_effect(e, here) for e in _list(node, "effects", here)]
        copy["markers"] = []
    copy["metadata"] = {}
    return {**copy, **make(node, here)}


def _composition(node: Node, where: str) -> Node:
    return {"children": [_item(child, where) for child in _list(node, "children", where)]}


def _track(node: Node, where: str) -> Node:
    kind = node.get("kind")
    sound = isinstance(kind, str) and kind == otio.schema.TrackKind.Audio
    if sound:  # nothing of it is read: damage in it harms nobody
        return {"kind": kind, "children": [], "effects": [], "source_range": None}
    return {"kind": _text(node, "kind", where), **_composition(node, where)}


def _clip(node: Node, where: str) -> Node:
    if node["OTIO_SCHEMA"] not in ("Clip.1", "Clip.2"):
        raise TurnoverError(
            f"{where} is a {node['OTIO_SCHEMA']:.40}, newer than we read",
            hint="export the timeline for OTIO 0.18 or older",
        )
    default = otio.schema.Clip.DEFAULT_MEDIA_KEY
    if node["OTIO_SCHEMA"] == "Clip.1":
        result = {default: node.get("media_reference")}
        if "media_references" in node:
            raise TurnoverError(f"{where} is a Clip.1 with the references of a Clip.2", hint=_AGAIN)
        active = default
    else:
        result = node.get("media_references", {})
        active = node.get("active_media_reference_key", default)
    if not isinstance(result, dict) or not isinstance(active, str):
        raise TurnoverError(f"{where}: its media references are damaged", hint=_AGAIN)
    copies = {key: _media(value, where) for key, value in result.items() if key and value}
    copies.setdefault(active or default, {"OTIO_SCHEMA": "MissingReference.1", "metadata": {}})
    return {"media_references": copies, "active_media_reference_key": active or default}


def _media(node: Any, where: str) -> Node:
    schema = schema_of(node)
    copy: Node = {"OTIO_SCHEMA": f"{schema}.1", "metadata": {}}
    if schema not in _MEDIA:  # somebody's own kind: we cannot open it, but may know its length
        schema, copy["OTIO_SCHEMA"] = "MissingReference", "MissingReference.1"
    if not isinstance(node, dict):
        return copy
    copy["name"] = _text(node, "name", where)
    copy["available_range"] = _range(node.get("available_range"), where)
    for key in _MEDIA[schema]:
        copy[key] = _text(node, key, where)
    if schema == "GeneratorReference":
        copy["parameters"] = {}
    if schema == "ImageSequenceReference":
        for key, default in (("start_frame", 1), ("frame_step", 1), ("frame_zero_padding", 0)):
            value = node.get(key, default)
            sound = isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**31
            copy[key] = value if sound else default
        copy["frame_zero_padding"] = min(max(copy["frame_zero_padding"], 0), 16)
        rate = node.get("rate", 24)
        copy["rate"] = float(rate) if is_number(rate) and rate > 0 else 24.0
        copy["missing_frame_policy"] = "error"
    return copy


def _effect(node: Any, where: str) -> Node:
    """An effect; what is not OpenTimelineIO's own is taken by whether its name speaks of time."""
    schema = schema_of(node)
    copy: Node = {"OTIO_SCHEMA": "Effect.1", "name": "", "metadata": {}, "effect_name": schema}
    if not isinstance(node, dict):
        return copy
    name = _text(node, "effect_name", where)
    copy["effect_name"] = name or schema
    if schema in ("LinearTimeWarp", "FreezeFrame"):
        scalar = 0.0 if schema == "FreezeFrame" else node.get("time_scalar", 1.0)
        if not is_number(scalar):
            raise TimecodeError(f"{where}: a speed of {scalar!s:.40} cannot exist")
        return {**copy, "OTIO_SCHEMA": f"{schema}.1", "time_scalar": float(scalar)}
    if schema != "Effect" and any(word in schema for word in ("Time", "Speed", "Warp", "Freeze")):
        copy["OTIO_SCHEMA"] = "TimeEffect.1"
    return copy


def _transition(node: Node, where: str) -> Node:
    zero = {"OTIO_SCHEMA": "RationalTime.1", "value": 0.0, "rate": 24.0}
    return {
        "transition_type": _text(node, "transition_type", where),
        "in_offset": _time(node.get("in_offset"), where) or zero,
        "out_offset": _time(node.get("out_offset"), where) or zero,
    }


def _text(node: Node, key: str, where: str) -> str:
    value = node.get(key)
    if value is not None and not isinstance(value, str):
        raise TurnoverError(f"{where}: its {key} is {value!s:.40}, no text", hint=_AGAIN)
    # A lone surrogate is legal JSON and no Unicode text; C++ and file systems choke on it.
    return (value or "").encode("utf-8", "replace").decode("utf-8")


def _list(node: Node, key: str, where: str) -> list[Any]:
    value = node.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise TurnoverError(f"{where}: its {key} are {value!s:.40}, no list", hint=_AGAIN)
    return value


def _range(node: Any, where: str) -> Node | None:
    if node is None:
        return None
    if schema_of(node) != "TimeRange":
        raise TimecodeError(f"{where}: {node!s:.40} where a range of time should be")
    start, duration = (_time(node.get(key), where) for key in ("start_time", "duration"))
    if start is None or duration is None:
        raise TimecodeError(f"{where}: a range without a start or a duration")
    if duration["value"] < 0:
        raise TimecodeError(f"{where}: a duration of {duration['value']:g} frames")
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": start, "duration": duration}


def _time(node: Any, where: str) -> Node | None:
    if node is None:
        return None
    if schema_of(node) != "RationalTime":
        raise TimecodeError(f"{where}: {node!s:.40} where a time should be")
    value, rate = node.get("value"), node.get("rate")
    if not is_number(value) or not is_number(rate) or abs(value) > 1e12:
        raise TimecodeError(f"{where}: a time of {value!s:.40} at {rate!s:.40} fps cannot exist")
    if not 1e-3 <= rate <= 1e6:
        raise TimecodeError(f"{where}: a time at {rate:g} fps cannot exist")
    return {"OTIO_SCHEMA": "RationalTime.1", "value": float(value), "rate": float(rate)}


#: What a media reference of each kind says in words.
_MEDIA: dict[str, tuple[str, ...]] = {
    "MissingReference": (),
    "ExternalReference": ("target_url",),
    "GeneratorReference": ("generator_kind",),
    "ImageSequenceReference": ("target_url_base", "name_prefix", "name_suffix"),
}
_ITEMS: dict[str, Callable[[Node, str], Node]] = {
    "Stack": _composition,
    "Track": _track,
    "Sequence": _track,
    "Clip": _clip,
    "Gap": lambda node, where: {},
    "Filler": lambda node, where: {},
    "Transition": _transition,
}
#: Sequence and Filler are what Track and Gap were called before OpenTimelineIO 0.8.
_CURRENT = {
    "Stack": "Stack.1",
    "Track": "Track.1",
    "Sequence": "Track.1",
    "Clip": "Clip.2",
    "Gap": "Gap.1",
    "Filler": "Gap.1",
    "Transition": "Transition.1",
}
