"""What a producer or chain of MLT plays: its file, its speed, and how its frames are counted.

A producer's positions count from the first frame of its file, at the rate of the profile.  The
file's own timecode and rate are known only if its metadata is in the document, as Kdenlive saves
it.  Source: MLT, producer_avformat, producer_timewarp, producer_hold, link_timeremap (7.12).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.probed import ProbedRange, probed_range
from dubsync.core.timeline.runs import Keyframe
from dubsync.core.timeline.timecode import DROP_RATES, TIMECODE_RATES, Timecode
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.mlt.document import Document, exact_rate, media_path, properties
from dubsync.editorial.mlt.time import frames_in, keyframes_in, number_in, on_grid
from dubsync.editorial.timeline.cut_builder import Source
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.time_maps import simplified

#: What dubsync writes of a clip that MLT does not keep: number of its file's first frame, length
#: of its file before a Time Remap, drop frame, name, and what a plain colour stands for.
FIRST, LENGTH, DROP = "dubsync:first", "dubsync:length", "dubsync:drop"
NAME, KIND = "dubsync:name", "dubsync:kind"
TEXTS = ("title", "caption", "generator")
COLOURS = ("color", "colour")
TITLES = ("kdenlivetitle", "qtext", "pango", "pangocairo", "typewriter")
_FILES = ("avformat", "avformat-novalidate", "qimage", "pixbuf", "xml", "xml-nogl", "ndi", "")
_SERVICE = re.compile(r"(avformat(?:-novalidate)?|qimage|pixbuf|xml|hold|colou?r|timewarp):(.*)")
_TIMECODE = re.compile(r"meta\.attr\.(?:\d+\.stream\.)?timecode\.markup", re.IGNORECASE)
_REEL = re.compile(r"meta\.attr\.(?:\d+\.stream\.)?reel_name\.markup", re.IGNORECASE)
_BLACK = frozenset({"black", "0", "#000000", "#ff000000", "0x000000ff", "#000000ff"})


@dataclass(frozen=True, slots=True)
class Played:
    """What a producer plays.

    kind      "media", "colour", "black", "unknown", or one of TEXTS
    name      what editors call it
    first     number of the file's first frame, in its own count and `rate`
    length    the file's length in positions of the profile, before retiming; None if not stated
    speed     of a timewarp or held frame; 1 normal, 0 held
    remap     (position, seconds of the file) of a Time Remap; empty without
    positions number of its own positions, after retiming; None if not stated
    picture, sound  whether it shows and sounds
    curved    whether the keyframes of its Time Remap are curves
    unread    what of its time is not read; "" if nothing
    """

    kind: str
    name: str
    path: str
    first: Fraction
    rate: Fraction
    length: Fraction | None
    speed: Fraction = Fraction(1)
    remap: tuple[Keyframe, ...] = ()
    positions: int | None = None
    held: int = 0
    drop: bool = False
    reel: str = ""
    picture: bool = True
    sound: bool = True
    curved: bool = False
    unread: str = ""


def played_by(element: Element, document: Document, in_bin: Element | None = None) -> Played:
    """What a <producer> or <chain> plays.

    Args:
        in_bin: the same clip in Kdenlive's bin, which has its name and metadata.

    Raises:
        TimecodeError: an invalid time, speed or keyframe.
    """
    stated = _with_bin(properties(element), in_bin)
    service, resource = stated.get("mlt_service", ""), stated.get("resource", "")
    match = _SERVICE.fullmatch(resource)
    if match and (match[1] != "xml" or service in ("", "xml")):
        service, resource = match[1], match[2]
    speed = Fraction(1)
    if service == "timewarp":
        printed, _, inner = resource.partition(":")
        number = number_in(stated.get("warp_speed", "") or printed)
        if not number:
            raise TimecodeError(f"the speed of {resource[:60]!r} is not a number")
        speed, resource, service = number, stated.get("warp_resource") or inner, "avformat"
    path = resource.removeprefix("avformat:").partition("?")[0]
    positions = frames_in(stated["length"], document.rate) if stated.get("length") else None
    picture, sound = _heard(stated)
    result = Played(
        kind=stated[KIND] if stated.get(KIND) in TEXTS else _kind(service, path),
        name=_name(stated, path),
        path=media_path(document.folder, path) if service not in (*COLOURS, *TITLES) else "",
        first=Fraction(0), rate=document.rate, length=None, speed=speed, positions=positions,
        reel=next((v for k, v in stated.items() if _REEL.fullmatch(k)), ""),
        picture=picture, sound=sound,
    )  # fmt: skip
    if service == "hold":
        held = frames_in(stated.get("frame", "0"), document.rate)
        result = replace(result, kind="media", speed=Fraction(0), held=held)
    result = _counted(result, stated, resource, document)
    return _remapped(result, element, document)


def _with_bin(stated: dict[str, str], in_bin: Element | None) -> dict[str, str]:
    """The properties of a clip, with those of its file that only its copy in the bin has.

    A proxy's path is replaced by that of the file it stands for.
    """
    if in_bin is not None:
        kept = {k: v for k, v in properties(in_bin).items() if k.startswith(("kdenlive:", "meta."))}
        stated = {**kept, **stated}
    original = stated.get("kdenlive:originalurl", "")
    if original and stated.get("kdenlive:proxy", "-") not in ("", "-"):
        stated["resource"], stated["warp_resource"] = original, original
        if stated.get("mlt_service") == "timewarp":
            stated["resource"] = f"{stated.get('warp_speed', '1')}:{original}"
    return stated


def _kind(service: str, path: str) -> str:
    if service in COLOURS:
        return "black" if path.lower() in _BLACK else "colour"
    if service in TITLES:
        return "title"
    return "media" if service in (*_FILES, "hold") and path else "unknown"


def _name(stated: Mapping[str, str], path: str) -> str:
    for key in (NAME, "kdenlive:clipname", "shotcut:caption", "title"):
        if stated.get(key):
            return stated[key]
    return base_name(path)


def _heard(stated: Mapping[str, str]) -> tuple[bool, bool]:
    """(whether a producer shows, whether it sounds), as far as its properties switch it off."""
    off = {"1", "true"}
    blind = stated.get("video_index") == "-1" or stated.get("vstream") == "-1"
    mute = stated.get("audio_index") == "-1" or stated.get("astream") == "-1"
    return (
        not blind and stated.get("set.test_image", "").lower() not in off,
        not mute and stated.get("set.test_audio", "").lower() not in off,
    )


def _counted(
    played: Played, stated: Mapping[str, str], resource: str, document: Document
) -> Played:
    """With the file's own rate, first frame and length."""
    numbers = [number_in(stated.get(f"meta.media.frame_rate_{p}", "")) for p in ("num", "den")]
    rate = document.rate
    if numbers[0] and numbers[1] and 1 <= numbers[0] / numbers[1] <= 1000:
        rate = exact_rate(numbers[0] / numbers[1])
    first, drop = Fraction(0), stated.get(DROP) == "1"
    sequence = re.search(r"\?(?:.*&)?begin[=:](\d{1,9})", resource)
    printed = next((v for k, v in stated.items() if _TIMECODE.fullmatch(k)), "")
    own = number_in(stated.get(FIRST, ""))
    if own is not None:
        first = own
    elif sequence:
        first = Fraction(int(sequence[1]))
    elif printed and rate in TIMECODE_RATES:
        try:
            timecode = Timecode.parse(printed, rate, drop=";" in printed and rate in DROP_RATES)
        except TimecodeError:  # another count than the picture's; positions still hold
            timecode = None
        if timecode is not None:
            first, drop = Fraction(timecode.frame), timecode.drop
    length: Fraction | None = None
    if stated.get(LENGTH):
        length = Fraction(frames_in(stated[LENGTH], document.rate))
    elif played.positions is not None and played.speed:
        length = played.positions * abs(played.speed)
    return replace(played, first=first, rate=rate, length=length, drop=drop)


def _remapped(played: Played, element: Element, document: Document) -> Played:
    """With the Time Remap of a chain."""
    links = [properties(link) for link in element.all("link")]
    remap = next((link for link in links if link.get("mlt_service") == "timeremap"), None)
    if remap is None:
        return played
    if remap.get("speed_map") and not (remap.get("map") or remap.get("time_map")):
        return replace(played, unread="a Time Remap by speeds", remap=())
    text = remap.get("time_map") or remap.get("map") or ""
    keys, straight = keyframes_in(text, document.rate)
    if not keys:
        return played
    length = played.length if LENGTH in properties(element) else None
    return replace(played, remap=keys, curved=not straight, length=length)


def frames_shown(
    played: Played, span: tuple[int, int], record: ProbedRange, rate: Fraction
) -> Source:
    """The source frames of positions `span` (half-open) of a producer, over `record`.

    Args:
        rate: of the profile.
    """
    pace = played.rate / rate
    available = None
    if played.length is not None and played.kind == "media":
        stop = played.first + max(round(played.length * pace), 1)
        available = probed_range(played.first, stop, played.rate, played.drop)

    def source(low: Fraction, high: Fraction, speed: Fraction | None) -> Source:
        frames = probed_range(
            played.first + on_grid(low), played.first + on_grid(max(high, low)), played.rate,
            played.drop,
        )  # fmt: skip
        return Source(frames, speed, available)

    if played.kind != "media":
        return Source(None, Fraction(1))
    if played.remap:
        return _by_map(played, span, record, rate, available)
    if not played.speed:
        return source(played.held * pace, played.held * pace + 1, Fraction(0))
    if played.speed > 0:
        low, high = (at * played.speed * pace for at in span)
        return source(low, high, played.speed)
    if played.positions is None:
        return Source(None, None, available)
    low, high = ((played.positions - at) * -played.speed * pace for at in reversed(span))
    return source(low, high, played.speed)


def _by_map(
    played: Played,
    span: tuple[int, int],
    record: ProbedRange,
    rate: Fraction,
    available: ProbedRange | None,
) -> Source:
    """The source frames of a Time Remap: steady if it is a line, else by keyframes."""
    assert record.start is not None and record.stop is not None
    keys = [(at, on_grid(seconds * played.rate)) for at, seconds in played.remap]
    if len(keys) == 1:
        keys.append((keys[0][0] + 1, keys[0][1]))
    inner = [key for key in keys if span[0] < key[0] < span[1]]
    line = [
        (Fraction(span[0]), _at(keys, span[0])),
        *inner,
        (Fraction(span[1]), _at(keys, span[1])),
    ]
    points = simplified(
        tuple((record.start + at - span[0], played.first + value) for at, value in line)
    )
    values = [value for _, value in points]
    low, high = min(values), max(values)
    frames = probed_range(
        low, max(high, low + 1) if high == low else high, played.rate, played.drop
    )
    if len(points) > 2:
        return Source(frames, None, available, points)
    speed = (values[1] - values[0]) / (points[1][0] - points[0][0]) * rate / played.rate
    return Source(frames, speed, available)


def _at(keys: list[Keyframe], at: int) -> Fraction:
    """The value at a position; before the first and after the last keyframe it runs on."""
    pieces = list(zip(keys, keys[1:], strict=False))
    (t0, v0), (t1, v1) = next((p for p in pieces if at <= p[1][0]), pieces[-1])
    return v0 + (at - t0) * (v1 - v0) / (t1 - t0)
