"""Reads the markers that Avid Media Composer exports as XML (Avid:StreamItems).

Each marker is a list of named attributes: its timecode, track, colour, comment, user and length.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, Timecode
from dubsync.editorial.files.text import one_line
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.timeline.cut_builder import CutBuilder

ROOT = "Avid:StreamItems"
_TIMELINE = "markers"
_NAME, _PREFIX = "OMFI:ATTB:Name", "_ATN_CRM_"
_VALUES = ("OMFI:ATTB:StringAttribute", "OMFI:ATTB:IntAttribute")
#: Attributes that are read, and those that say when and by which machine a marker was made.
_READ = frozenset({"TC", "TRK", "COLOR", "COM", "USER", "LENGTH"})
_NOTES = frozenset({"ID", "DATE", "TIME", "LONG_CREATE_DATE", "LONG_MOD_DATE"})


def read_avid_markers(data: bytes, *, path: str = "", rate: Fraction | None = None) -> ProbedCut:
    """The markers of an Avid export, in record time; without `rate` as printed.

    Raises:
        TurnoverError: damaged, unsafe, or without a marker.
    """
    where = path.rsplit("/", 1)[-1] or "the document"
    root = xml_tree(data, where)
    if root.tag != ROOT:
        raise TurnoverError(f"{where} begins with <{root.tag[:40]}>, not <{ROOT}>",
                            hint="export the markers again")  # fmt: skip
    builder = CutBuilder()
    for element in root.descendants():
        if element.tag == "AvClass" and element.get("id") == "ATTR":
            _marker(element, rate, builder)
    if not builder.markers:
        raise TurnoverError(f"{where} has no marker that can be read",
                            hint="export the markers of the sequence")  # fmt: skip
    if rate is None:
        what = "the markers name no frame rate: timecode is listed as printed"
        builder.lose(where, what, ASSUMED, "give the rate, as --rate 25 or --rate 24000/1001")
    return builder.cut(path, "Avid markers (XML)", [ProbedTimeline(_TIMELINE, rate)])


def _marker(element: Element, rate: Fraction | None, builder: CutBuilder) -> None:
    where, values = f"line {element.line}", _attributes(element)
    if not values:
        return
    for name in values:
        if name not in _READ | _NOTES:
            builder.lose(where, f"attribute {name[:40]!r} of a marker is not read", LOST)
    stated = values.get("LENGTH", "")
    length = int(stated) if re.fullmatch(r"[0-9]{1,7}", stated) else 1
    if stated and str(length) != stated.lstrip("0"):
        builder.lose(where, f"length {stated[:40]!r} of a marker is not read", LOST)
    try:
        place = _place(values.get("TC", ""), length, rate)
    except TimecodeError as error:
        builder.lose(where, f"a marker is not listed: {error}", LOST)
        return
    builder.markers.append(
        ProbedMarker(
            one_line(values.get("USER", "")),
            "marker",
            place,
            colour=values.get("COLOR", "").lower(),
            comment=values.get("COM", "").strip(),
            track=values.get("TRK", ""),
            timeline=_TIMELINE,
            where=where,
        )
    )


def _attributes(element: Element) -> Mapping[str, str]:
    """The named values of a marker, without their common prefix."""
    values: dict[str, str] = {}
    for entry in (e for holder in element.all("List") for e in holder.all("ListElem")):
        parts = {prop.get("name"): prop.text for prop in entry.all("AvProp")}
        name = parts.get(_NAME, "")
        if name.startswith(_PREFIX):
            values[name.removeprefix(_PREFIX)] = next(
                (parts[key] for key in _VALUES if key in parts), ""
            )
    return values


def _place(printed: str, length: int, rate: Fraction | None) -> ProbedRange:
    """The record range of a marker.  Raises TimecodeError."""
    if rate is None:
        if printed.count(":") + printed.count(";") != 3:
            raise TimecodeError(f"{printed[:40]!r} is not a timecode")
        return ProbedRange((printed, printed))
    code = Timecode.parse(printed, rate)
    drop = ";" in printed and rate in DROP_RATES
    return probed_range(Fraction(code.frame), Fraction(code.frame + length), rate, drop)
