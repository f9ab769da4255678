"""Reads fields of one object of an .otio document, a plain dictionary: text, times and media."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite
from typing import Any, TypeGuard

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.editorial.otio.time import rate_of

Node = Mapping[str, Any]

#: OpenTimelineIO's key of a clip's first media reference: the plate.
DEFAULT_KEY = "DEFAULT_MEDIA"
#: Key that marks an item whose source frames are damaged; see `damage`.
DAMAGED = "dubsync: damaged"
#: Where systems store the reel: (namespace in the metadata, key); "" is the metadata itself.
_REELS = (("cmx_3600", "reel"), ("ALE", "Tape"), ("dubsync", "reel"), ("", "reel"))


def schema_of(node: Any) -> str:
    """The name of an object's schema, "" if it has none."""
    label = node.get("OTIO_SCHEMA") if isinstance(node, dict) else None
    return label.split(".")[0] if isinstance(label, str) else ""


def media_of(node: Any) -> Any:
    """A clip's active media reference, or None."""
    if not isinstance(node, dict):
        return None
    references = node.get("media_references")
    if isinstance(references, dict):
        key = node.get("active_media_reference_key", DEFAULT_KEY)
        return references.get(key) if isinstance(key, str) else None
    return node.get("media_reference")


def available_in(node: Node) -> Any:
    """The available range that a clip's media states."""
    media = media_of(node)
    return media.get("available_range") if isinstance(media, dict) else None


def path_of(media: Any) -> str:
    """The path or URL of a media reference, "" if it has none."""
    if schema_of(media) == "ImageSequenceReference":
        digits = media.get("frame_zero_padding")
        number = f"%0{digits}d" if isinstance(digits, int) and 0 < digits < 17 else "%d"
        base = text_in(media, "target_url_base")
        slash = "/" if base and not base.endswith("/") else ""
        return (
            f"{base}{slash}{text_in(media, 'name_prefix')}{number}{text_in(media, 'name_suffix')}"
        )
    return text_in(media, "target_url") if isinstance(media, dict) else ""


def reel_of(*nodes: Any) -> str:
    """The reel in the metadata of `nodes`, the first found; else ""."""
    for node in nodes:
        metadata = node.get("metadata") if isinstance(node, dict) else None
        if not isinstance(metadata, dict):
            continue
        for space, key in _REELS:
            table = metadata.get(space) if space else metadata
            reel = table.get(key) if isinstance(table, dict) else None
            if isinstance(reel, str) and reel.strip():
                return reel.strip()
    return ""


def text_in(node: Any, key: str) -> str:
    """A text field of an object, "" if there is none; surrogates are replaced."""
    value = node.get(key) if isinstance(node, dict) else None
    text = value if isinstance(value, str) else ""
    return text.encode("utf-8", "replace").decode("utf-8")


def list_in(node: Any, key: str) -> list[Any]:
    """A list field of an object, empty if there is none.

    Raises:
        TurnoverError: the field is not a list.
    """
    value = node.get(key) if isinstance(node, dict) else None
    if value is not None and not isinstance(value, list):
        name = text_in(node, "name")
        raise TurnoverError(
            f"{schema_of(node)} {name[:60]!r}: its {key} are not a list: {value!s:.40}",
            hint="export the timeline again",
        )
    return value or []


def span_in(node: Any, where: str) -> tuple[Fraction, Fraction] | None:
    """(start, length) of a TimeRange, seconds; None if there is none.

    Raises:
        TimecodeError: it is not valid.
    """
    if node is None:
        return None
    if not isinstance(node, dict):
        raise TimecodeError(f"{where}: {node!s:.40} is not a time range")
    start, length = (time_in(node.get(key), where) for key in ("start_time", "duration"))
    if start is None or length is None:
        raise TimecodeError(f"{where}: a time range without a start or a duration")
    if length[0] < 0:
        raise TimecodeError(f"{where}: a negative duration of {float(length[0]):g} frames")
    return start[0] / rate_of(start[1]), length[0] / rate_of(length[1])


def time_in(node: Any, where: str) -> tuple[Fraction, float] | None:
    """(value, rate) of a RationalTime; None if there is none.

    Raises:
        TimecodeError: it is not valid.
    """
    if node is None:
        return None
    if not isinstance(node, dict):
        raise TimecodeError(f"{where}: {node!s:.40} is not a time")
    value, rate = node.get("value"), node.get("rate")
    if not is_number(value) or not is_number(rate) or abs(value) > 1e12:
        raise TimecodeError(f"{where}: a time of {value!s:.40} at {rate!s:.40} fps is not valid")
    if not 1e-3 <= rate <= 1e6:
        raise TimecodeError(f"{where}: a time at {rate:g} fps is not valid")
    return Fraction(value), float(rate)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a value is a finite number, and an integer is exact as a float."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isfinite(value) if isinstance(value, float) else abs(value) < 2**53
