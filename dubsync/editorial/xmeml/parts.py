"""The parts of a Final Cut Pro 7 XML document: rates, timecodes, files, speed changes.

Source: Apple, "Final Cut Pro XML Interchange Format", versions 4 and 5; Premiere Pro's export.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, NTSC, Timecode
from dubsync.editorial.files.xml_tree import Element

_MOST_FRAMES = 10**10


def whole(element: Element, tag: str) -> int | None:
    """A child's whole number; None where the document does not say.

    Raises:
        TimecodeError: it says something that is no frame number.
    """
    text = element.text_at(tag)
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.0*)?", text) or abs(int(float(text))) > _MOST_FRAMES:
        raise TimecodeError(f"line {element.line}: <{tag}> says {text[:40]!r}, no frame number")
    return int(float(text))


def rate_in(element: Element) -> Fraction | None:
    """The exact rate of an element's <rate>; None without one.

    Raises:
        TimecodeError: a timebase that counts nothing.
    """
    result = element.first("rate")
    base = whole(result, "timebase") if result else None
    if result is None or base is None:
        return None
    if not 1 <= base <= 1000:
        raise TimecodeError(f"line {result.line}: a timebase of {base} cannot exist")
    ntsc = result.text_at("ntsc").upper() == "TRUE"
    return Fraction(base * 1000, NTSC) if ntsc else Fraction(base)


@dataclass(frozen=True, slots=True)
class First:
    """A first timecode: its frame, its rate, whether it drops, and the reel beside it.

    warning  "" or what does not add up about it
    """

    frame: int
    rate: Fraction | None
    drop: bool = False
    reel: str = ""
    warning: str = ""


def first_in(element: Element) -> First | None:
    """The first timecode of an element's <timecode>: its frame number, else its print."""
    result = element.first("timecode")
    if result is None:
        return None
    rate = rate_in(result) or rate_in(element)
    printed, frame = result.text_at("string"), whole(result, "frame")
    drop = result.text_at("displayformat").upper() == "DF" and rate in DROP_RATES
    counted = None
    if printed and rate is not None:
        try:
            counted = Timecode.parse(printed, rate, drop=drop or None).frame
        except TimecodeError:
            counted = None
    warning = ""
    if frame is not None and counted is not None and frame != counted:
        warning = f"timecode {printed} is frame {counted} at {rate} fps, and <frame> says {frame}"
    start = frame if frame is not None else counted
    return First(start or 0, rate, drop, result.text_at("reel", "name"), warning)


@dataclass(frozen=True, slots=True)
class File:
    """A media file: name, path, rate, where its frames begin to count, and how many it has."""

    name: str
    path: str
    rate: Fraction | None
    first: First | None
    picture: bool
    length: int | None = None


def files_in(root: Element) -> Mapping[str, File]:
    """Every file a document defines, by id; later mentions by id alone define nothing."""
    result: dict[str, File] = {}
    for element in root.descendants():
        if element.tag == "file" and element.children:
            media = element.first("media")
            picture = media is None or media.first("video") is not None
            result.setdefault(
                element.get("id"),
                File(
                    element.text_at("name"),
                    element.text_at("pathurl"),
                    rate_in(element),
                    first_in(element),
                    picture,
                    whole(element, "duration"),
                ),
            )
    return result


@dataclass(frozen=True, slots=True)
class Remap:
    """A clip's Time Remap: media frames against its own, where the document draws the line.

    speed     as printed, 1 normal; None where it changes
    map       media frame at the clip's own frame; None where only the speed is said
    curved    whether the line bends between its points: they carry handles
    """

    speed: Fraction | None
    map: TimeMap | None
    curved: bool
    reverse: bool


_HANDLES = ("inbez", "outbez", "inscale", "outscale")


def remap_in(item: Element) -> Remap | None:
    """The Time Remap of a clipitem that changes anything; None without one."""
    for effect in (e for f in item.all("filter") for e in f.all("effect")):
        if effect.text_at("effectid").lower() == "timeremap":
            return _remap(effect)
    return None


def _remap(effect: Element) -> Remap | None:
    told = {p.text_at("parameterid"): p for p in effect.all("parameter")}
    values = {name: p.text_at("value") for name, p in told.items()}
    speed = _percent(values.get("speed", "100"))
    reverse = values.get("reverse", "").upper() == "TRUE"
    variable = values.get("variablespeed", "0") not in ("0", "", "FALSE", "false")
    curved = False
    points: dict[Fraction, Fraction] = {}
    for key in told["graphdict"].all("keyframe") if "graphdict" in told else []:
        when, value = _number(key.text_at("when")), _number(key.text_at("value"))
        if when is not None and value is not None:
            points[when] = value
        curved = curved or any(key.first(name) is not None for name in _HANDLES)
    mapped = TimeMap(tuple(sorted(points.items()))) if len(points) > 1 else None
    if not variable and speed == 1 and not reverse:
        return None
    return Remap(None if variable else speed, mapped, curved, reverse)


def _percent(text: str) -> Fraction | None:
    number = _number(text)
    return None if number is None else number / 100


def _number(text: str) -> Fraction | None:
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,12})?(e[+-]?\d{1,2})?", text, re.IGNORECASE):
        return None
    return Fraction(text).limit_denominator(10**9)
