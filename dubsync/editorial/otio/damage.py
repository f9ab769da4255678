"""Takes invalid values out of an .otio document, so that a bad item costs the item, not the file.

Every value that is taken out is reported.  What follows an item of unknown length on its track may
be misplaced, so no turnover is made of such a track.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.losses import BLOCKS, LOST, REFUSES
from dubsync.editorial.otio.nodes import DAMAGED, is_number, schema_of, span_in, text_in, time_in
from dubsync.editorial.timeline.cut_builder import CutBuilder

_AGAIN = "export the timeline again"
_TRACKS = ("Track", "Sequence")
_GAPS = ("Gap", "Filler")


def mend(root: Any, where: str, builder: CutBuilder) -> None:
    """Replace every invalid time in a document by None, in place, and report it.

    Args:
        where: the file, for messages.
    """
    if not isinstance(root, dict):
        return
    if why := _invalid(root, "global_start_time", time_in):
        what = f"its first timecode is not valid, and is not read{why}"
        builder.lose(where, what, LOST, _AGAIN, REFUSES)
    _item(root, where, builder, sound=False)


def _item(node: dict[str, Any], where: str, builder: CutBuilder, *, sound: bool) -> None:
    """One object of a stack, a track or a collection, and all in it."""
    schema = schema_of(node)
    if schema in _TRACKS:
        sound = sound or text_in(node, "kind") == "Audio"
    turnover = "" if sound else BLOCKS
    for key in ("in_offset", "out_offset"):
        if why := _invalid(node, key, time_in):
            what = f"the {key} of a transition is not valid, and is taken as 0{why}"
            builder.lose(where, what, LOST, _AGAIN, turnover)
    _range(node, where, builder, sound=sound)
    for media in _media(node):
        if why := _invalid(media, "available_range", span_in):
            what = f"the available range of its media is not valid, and is not read{why}"
            builder.lose(where, what, LOST, "relink the clip, and export again")
    for marker in _dicts(node.get("markers")):
        if why := _invalid(marker, "marked_range", span_in):
            what = f"marker {text_in(marker, 'name')[:60]!r}: its position is not valid{why}"
            builder.lose(where, what, LOST, _AGAIN)
    for effect in _dicts(node.get("effects")):
        scalar = effect.get("time_scalar", 1.0)
        if "time_scalar" in effect and not is_number(scalar):
            node[DAMAGED] = True
            what = f"{text_in(node, 'name')[:60]!r}: a speed of {scalar!s:.40} is not valid"
            builder.lose(where, what, LOST, "bake the retime in, and export again", turnover)
            effect["time_scalar"] = 1.0
    for key in ("children", "markers", "effects"):
        if node.get(key) is not None and not isinstance(node[key], list):
            what = f"{schema} {text_in(node, 'name')[:60]!r}: its {key} are not a list"
            builder.lose(where, what, LOST, _AGAIN, "" if sound or key == "markers" else REFUSES)
            node[key] = []
    for key in ("tracks", "children"):
        _children(node, key, where, builder, sound=sound)


def _range(node: dict[str, Any], where: str, builder: CutBuilder, *, sound: bool) -> None:
    """Mend the source range of an item: of a valid length if only its start is damaged."""
    stated = node.get("source_range")
    why = _invalid(node, "source_range", span_in)
    if not why:
        return
    name = text_in(node, "name")[:60]
    length = stated.get("duration") if isinstance(stated, dict) else None
    try:
        known = time_in(length, where)
    except TimecodeError:
        known = None
    node[DAMAGED] = True
    if known is not None and known[0] >= 0:
        node["source_range"] = {"start_time": {"value": 0, "rate": known[1]}, "duration": length}
        what = (
            f"{name!r}: the start of its source range is not valid; its source is not listed{why}"
        )
        builder.lose(where, what, LOST, _AGAIN, "" if sound else BLOCKS)
        return
    for media in _media(node):
        media["available_range"] = None
    node["source_range"] = {
        "start_time": {"value": 0, "rate": 24},
        "duration": {"value": 0, "rate": 24},
    }
    what = f"{name!r} is not listed, and what follows it may be misplaced: its length is not valid"
    builder.lose(where, f"{what}{why}", LOST, _AGAIN, "" if sound else REFUSES)


def _invalid(node: dict[str, Any], key: str, read: Callable[[Any, str], object]) -> str:
    """Why a field cannot be read, in parentheses, or ""; such a field is set to None."""
    try:
        read(node.get(key), key)
    except TimecodeError as error:
        node[key] = None
        return f" ({error})"
    return ""


def _children(
    node: dict[str, Any], key: str, where: str, builder: CutBuilder, *, sound: bool
) -> None:
    below = node.get(key)
    if isinstance(below, dict) and key == "tracks":
        _item(below, where, builder, sound=sound)
    numbers = {"V": 0, "A": 0, "clip": 0, "timeline": 0}
    for child in _dicts(below):
        inside = f"{where} / " if where and schema_of(node) in (*_TRACKS, "Stack") else ""
        if schema_of(child) in _TRACKS:
            letter = "A" if text_in(child, "kind") == "Audio" else "V"
            numbers[letter] += 1
            nested = f"{where} / " if " clip " in where else ""
            place = f"{nested}{letter}{numbers[letter]}"
        elif schema_of(node) in _TRACKS:
            numbers["clip"] += schema_of(child) not in (*_GAPS, "Transition")
            gap = schema_of(child) in (*_GAPS, "Transition")
            place = where if gap else f"{where} clip {numbers['clip']}"
        else:
            place = f"{inside}{text_in(child, 'name')[:60]}" if inside else where
        _item(child, place or where, builder, sound=sound)


def _media(node: dict[str, Any]) -> list[dict[str, Any]]:
    references = node.get("media_references")
    listed = list(references.values()) if isinstance(references, dict) else []
    return _dicts([node.get("media_reference"), *listed])


def _dicts(values: Any) -> list[dict[str, Any]]:
    return [v for v in values if isinstance(v, dict)] if isinstance(values, list) else []
