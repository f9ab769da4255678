"""Reads the parts of a Final Cut Pro 7 XML document: rates, timecodes, files, speed changes.

Source: Apple, "Final Cut Pro XML Interchange Format", versions 4 and 5; Premiere Pro's export.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, NTSC, Timecode
from dubsync.editorial.files.xml_tree import Element

_MOST_FRAMES = 10**10


def whole_number(element: Element, tag: str) -> int | None:
    """The whole number in a child element; None without one.

    Raises:
        TimecodeError: it is not a frame number.
    """
    text = element.text_at(tag)
    if not text:
        return None
    if not re.fullmatch(r"-?\d{1,12}(\.0*)?", text) or abs(int(float(text))) > _MOST_FRAMES:
        raise TimecodeError(f"line {element.line}: <{tag}> is {text[:40]!r}, not a frame number")
    return int(float(text))


def rate_in(element: Element) -> Fraction | None:
    """The exact rate of an element's <rate>; None without one.

    Raises:
        TimecodeError: a timebase that is out of range.
    """
    result = element.first("rate")
    base = whole_number(result, "timebase") if result else None
    if result is None or base is None:
        return None
    if not 1 <= base <= 1000:
        raise TimecodeError(f"line {result.line}: a timebase of {base} is not valid")
    ntsc = result.text_at("ntsc").upper() == "TRUE"
    return Fraction(base * 1000, NTSC) if ntsc else Fraction(base)


def own_rate(element: Element) -> Fraction | None:
    """The rate of an item or file; None without one, or where it is out of range."""
    try:
        return rate_in(element)
    except TimecodeError:
        return None


@dataclass(frozen=True, slots=True)
class FirstTimecode:
    """The first timecode of a file or sequence: frame, rate, drop-frame, reel.

    warning  what is inconsistent about it, or ""
    """

    frame: int
    rate: Fraction | None
    drop: bool = False
    reel: str = ""
    warning: str = ""


def first_timecode(element: Element) -> FirstTimecode | None:
    """The first timecode in an element's <timecode>: its <frame>, else its <string>."""
    result = element.first("timecode")
    if result is None:
        return None
    rate = rate_in(result) or rate_in(element)
    printed, frame = result.text_at("string"), whole_number(result, "frame")
    drop = result.text_at("displayformat").upper() == "DF" and rate in DROP_RATES
    counted = None
    if printed and rate is not None:
        try:
            counted = Timecode.parse(printed, rate, drop=drop or None).frame
        except TimecodeError:
            counted = None
    warning = ""
    if frame is not None and counted is not None and frame != counted:
        warning = f"timecode {printed} is frame {counted} at {rate} fps, but <frame> is {frame}"
    start = frame if frame is not None else counted
    return FirstTimecode(start or 0, rate, drop, result.text_at("reel", "name"), warning)


@dataclass(frozen=True, slots=True)
class File:
    """A media file: name, path, rate, first timecode, whether it has picture, length in frames.

    still  whether its picture is one still
    fault  what is wrong with its numbers, "" if they are valid
    """

    name: str
    path: str
    rate: Fraction | None
    first: FirstTimecode | None
    picture: bool
    length: int | None = None
    still: bool = False
    fault: str = ""


def files_in(root: Element) -> dict[str, File]:
    """Every file that the document defines, by id; later references have an id only."""
    result: dict[str, File] = {}
    for element in root.descendants():
        if element.tag == "file" and element.children:
            result.setdefault(element.get("id"), _file(element))
    return result


def _file(element: Element) -> File:
    """A file; an invalid number in it is its `fault`."""
    name, path = element.text_at("name"), element.text_at("pathurl")
    media = element.first("media")
    picture = media is None or media.first("video") is not None
    still = element.text_at("media", "video", "stillframe").upper() == "TRUE"
    try:
        rate, first = rate_in(element), first_timecode(element)
        length = whole_number(element, "duration")
    except TimecodeError as error:
        return File(name, path, None, None, picture, None, still, str(error))
    return File(name, path, rate, first, picture, length, still)


@dataclass(frozen=True, slots=True)
class TimeRemap:
    """The Time Remap of a clip.

    speed     as stated, 1 normal; None if it varies
    map       the clip's own frames to media frames; None if only the speed is stated
    curved    whether the keyframes have curve handles
    reverse   whether it is marked as reverse
    """

    speed: Fraction | None
    map: TimeMap | None
    curved: bool
    reverse: bool


_HANDLES = ("inbez", "outbez", "inscale", "outscale")


def time_remap(item: Element) -> TimeRemap | None:
    """The Time Remap of a clipitem; None without one, or if it has no effect."""
    for effect in (e for f in item.all("filter") for e in f.all("effect")):
        if effect.text_at("effectid").lower() == "timeremap":
            return _time_remap(effect)
    return None


def _time_remap(effect: Element) -> TimeRemap | None:
    parameters = {p.text_at("parameterid"): p for p in effect.all("parameter")}
    values = {name: p.text_at("value") for name, p in parameters.items()}
    speed = _percent(values.get("speed", "100"))
    reverse = values.get("reverse", "").upper() == "TRUE"
    variable = values.get("variablespeed", "0") not in ("0", "", "FALSE", "false")
    curved = False
    points: dict[Fraction, Fraction] = {}
    for key in parameters["graphdict"].all("keyframe") if "graphdict" in parameters else []:
        when, value = _number(key.text_at("when")), _number(key.text_at("value"))
        if when is not None and value is not None:
            points[when] = value
        curved = curved or any(key.first(name) is not None for name in _HANDLES)
    mapped = TimeMap(tuple(sorted(points.items()))) if len(points) > 1 else None
    if not variable and speed == 1 and not reverse:
        return None
    return TimeRemap(None if variable else speed, mapped, curved, reverse)


def _percent(text: str) -> Fraction | None:
    number = _number(text)
    return None if number is None else number / 100


def _number(text: str) -> Fraction | None:
    if not re.fullmatch(r"[+-]?\d{1,12}(\.\d{1,12})?(e[+-]?\d{1,2})?", text, re.IGNORECASE):
        return None
    return Fraction(text).limit_denominator(10**9)
