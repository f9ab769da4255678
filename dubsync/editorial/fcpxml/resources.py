"""Reads the <resources> of an FCPXML document: formats, assets, compounds; and its times.

Source: Apple, "FCPXML Reference", versions 1.8 to 1.14: times are rational seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import DROP_RATES, exact_rate
from dubsync.editorial.files.xml_tree import Element

_TIME = re.compile(r"(-?\d{1,18})(?:\.(\d{1,9}))?(?:/(\d{1,18}))?s?")
#: Formats without a frameDuration have the rate in their name: FFVideoFormat1080p2398.
_NAMED_RATE = re.compile(r"[pi](\d{2,4})(?:_|$)")
_NAMED = {
    "2398": Fraction(24000, 1001),
    "2997": Fraction(30000, 1001),
    "5994": Fraction(60000, 1001),
    "11988": Fraction(120000, 1001),
}
#: Longest valid time in seconds; a time of 10^18 seconds is damage.
_LONGEST = Fraction(10**7)


def seconds(text: str, where: str) -> Fraction:
    """An FCPXML time, exactly.

    >>> seconds("1001/24000s", "clip")
    Fraction(1001, 24000)

    Raises:
        TimecodeError: not a time, division by zero, or too long.
    """
    result = _TIME.fullmatch(text.strip())
    if result and not (result[3] and int(result[3]) == 0):
        whole = Fraction(f"{result[1]}.{result[2]}" if result[2] else result[1])
        time = whole / int(result[3] or 1)
        if abs(time) <= _LONGEST:
            return time
    raise TimecodeError(f"{where}: {text[:40]!r} is not a time", hint="expected as 1001/24000s")


@dataclass(frozen=True, slots=True)
class Asset:
    """A media file: name, path, start and length in seconds, picture rate, reel."""

    name: str
    src: str
    start: Fraction
    length: Fraction
    rate: Fraction | None
    reel: str
    picture: bool


@dataclass(frozen=True, slots=True)
class Resources:
    """The contents of <resources>, by id.

    faults  (place, message) for each format and asset that is not valid
    """

    rates: Mapping[str, Fraction]
    assets: Mapping[str, Asset]
    media: Mapping[str, Element]
    effects: Mapping[str, str]
    faults: tuple[tuple[str, str], ...] = ()


def resources_in(root: Element) -> Resources:
    """The resources of a document; formats and assets with an invalid time are its faults."""
    container = root.first("resources")
    children = container.children if container else []
    rates: dict[str, Fraction] = {}
    assets: dict[str, Asset] = {}
    faults = []
    for element in sorted(children, key=lambda e: e.tag != "format"):
        try:
            if element.tag == "format" and (rate := _rate(element)):
                rates[element.get("id")] = rate
            elif element.tag == "asset":
                assets[element.get("id")] = _asset(element, rates)
        except TimecodeError as error:
            name = element.get("name") or element.get("id")
            faults.append((f"line {element.line}", f"{element.tag} {name!r} is not read: {error}"))
    media = {e.get("id"): e for e in children if e.tag == "media"}
    effects = {e.get("id"): e.get("name") for e in children if e.tag == "effect"}
    return Resources(rates, assets, media, effects, tuple(faults))


def _rate(element: Element) -> Fraction | None:
    where = f"line {element.line}"
    if element.get("frameDuration"):
        duration = seconds(element.get("frameDuration"), where)
        if not Fraction(1, 1000) <= duration <= 10:
            raise TimecodeError(f"{where}: a frame duration of {duration} s is not valid")
        return 1 / duration
    named = _NAMED_RATE.search(element.get("name"))
    if not named:
        return None
    if named[1] in _NAMED:
        return _NAMED[named[1]]
    return Fraction(int(named[1])) if 20 <= int(named[1]) <= 120 else None


def _asset(element: Element, rates: Mapping[str, Fraction]) -> Asset:
    where = f"line {element.line}"
    representation = element.first("media-rep")
    return Asset(
        name=element.get("name"),
        src=element.get("src") or (representation.get("src") if representation else ""),
        start=seconds(element.get("start", "0s"), where),
        length=seconds(element.get("duration", "0s"), where),
        rate=rates.get(element.get("format")),
        reel=reel_in(element),
        picture=element.get("hasVideo") == "1",
    )


def reel_in(element: Element) -> str:
    """The reel in an element's own metadata, or ""."""
    for metadata in element.all("metadata"):
        for entry in metadata.all("md"):
            if entry.get("key") == "com.apple.proapps.studio.reel":
                return entry.get("value").strip()
    return ""


def drops(sequence: Element, rate: Fraction | None) -> bool:
    """Whether a sequence has drop-frame timecode."""
    return sequence.get("tcFormat") == "DF" and rate in DROP_RATES


def conform_source(element: Element) -> tuple[str, bool] | None:
    """(source rate as written, whether the speed is scaled) of a conform-rate; else None."""
    result = element.first("conform-rate")
    if result is None:
        return None
    return result.get("srcFrameRate"), result.get("scaleEnabled", "1") == "1"


def conform_rate(printed: str) -> Fraction | None:
    """The exact rate of a srcFrameRate; None if it is not a rate."""
    try:
        return exact_rate(float(printed))
    except (ValueError, TimecodeError):
        return None


#: Largest difference of the rates that Final Cut Pro conforms frame for frame, as of 25 and 23.976.
_CONFORMED = Fraction(5, 100)


def conform_pace(source: Fraction | None, rate: Fraction) -> Fraction:
    """Seconds of a sequence per second of media whose frames are conformed to its rate.

    Media near the sequence's rate, half of it or twice it is played frame for frame: 23.976 as 24,
    or as 25 in a sequence at 50.  Other media keep their time: 1.

    Source: Apple, "FCPXML Reference", conform-rate: the rate conforming chart.
    """
    if source is None:
        return Fraction(1)
    near = min((rate * k for k in (Fraction(1, 2), 1, 2)), key=lambda to: abs(to / source - 1))
    return source / near if abs(near / source - 1) <= _CONFORMED else Fraction(1)
