"""Reads the markers of MLT XML: Kdenlive's guides and clip markers, and Shotcut's markers.

Source: Kdenlive, dev-docs/fileformat.md; Shotcut, "MLT XML Annotations".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.losses import LOST
from dubsync.core.timeline.probed import ProbedMarker, probed_range
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.mlt.document import grouped, properties
from dubsync.editorial.mlt.time import frames_in
from dubsync.editorial.mlt.walk import Context, MltBuilder

MOST_MARKERS = 100_000
_LONGEST = 8 << 20
#: Kdenlive's own categories of guides, which a project may redefine.
CATEGORIES = ("#9b59b6", "#3daee9", "#1abc9c", "#1cdc9a", "#c9ce3b", "#fdbc4b", "#f39c1f",
              "#f47750", "#da4453")  # fmt: skip
_GUIDES = ("kdenlive:sequenceproperties.guides", "kdenlive:docproperties.guides")
_NAMED = re.compile(r"^kdenlive:docproperties\.guidesCategories$")


def list_markers(timeline: Element, context: Context, builder: MltBuilder) -> None:
    """List the markers of a timeline in record frames."""
    main_bin = builder.document.services.get("main_bin")
    of_project = properties(main_bin) if main_bin is not None else {}
    stated = {**of_project, **properties(timeline)}
    colours = _colours(of_project)
    text = next((stated[name] for name in _GUIDES if stated.get(name)), "")
    for guide in _rows(text, f"line {timeline.line}", builder):
        _guide(guide, colours, timeline, context, builder)
    for marker in grouped(timeline, "shotcut:markers"):
        _shotcut(marker, context, builder)


def _rows(text: str, where: str, builder: MltBuilder) -> Iterator[Mapping[str, object]]:
    """The objects of a JSON list; what is none is reported."""
    if not text or len(text) > _LONGEST:
        return
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError):
        builder.lose(where, "its guides are not valid JSON, and are not listed", LOST)
        return
    if not isinstance(rows, list):
        builder.lose(where, "its guides are not a list, and are not listed", LOST)
        return
    for row in rows[:MOST_MARKERS]:
        if isinstance(row, dict):
            yield row


def _colours(of_project: Mapping[str, str]) -> dict[int, str]:
    """Category -> colour: those of the project, as JSON or as lines "name:index:colour"."""
    result = dict(enumerate(CATEGORIES))
    text = of_project.get("kdenlive:docproperties.guidesCategories", "")
    for line in text.splitlines():
        name, _, rest = line.rpartition(":#")
        index = name.rpartition(":")[2]
        if index.isdecimal() and len(index) < 4:
            result[int(index)] = f"#{rest.strip()}"
    if text.lstrip().startswith("[") and len(text) < _LONGEST:
        try:
            rows = json.loads(text)
        except (ValueError, RecursionError):
            rows = []
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and isinstance(row.get("index"), int):
                result[row["index"]] = str(row.get("color", ""))
    return result


def _guide(
    guide: Mapping[str, object], colours: Mapping[int, str], timeline: Element, context: Context,
    builder: MltBuilder,
) -> None:  # fmt: skip
    at, length, kind = guide.get("pos"), guide.get("duration", 0), guide.get("type", 0)
    where = f"line {timeline.line}"
    if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < 10**9:
        builder.lose(where, "a guide has no position", LOST)
        return
    length = length if isinstance(length, int) and 0 <= length < 10**9 else 0
    colour = colours.get(kind, "") if isinstance(kind, int) else ""
    _add(str(guide.get("comment", "")), at, length, colour, where, context, builder)


def _shotcut(marker: Element, context: Context, builder: MltBuilder) -> None:
    stated = properties(marker)
    where = f"line {marker.line}"
    try:
        start = frames_in(stated.get("start", ""), context.rate)
        stop = frames_in(stated.get("end") or stated.get("start", ""), context.rate)
    except TimecodeError as error:
        builder.lose(where, f"marker {stated.get('text', '')[:60]!r} is not listed: {error}", LOST)
        return
    text, length = stated.get("text", ""), max(stop - start, 0)
    _add(text, start, length, stated.get("color", ""), where, context, builder)


def _add(
    text: str, at: int, length: int, colour: str, where: str, context: Context,
    builder: MltBuilder,
) -> None:  # fmt: skip
    """Add a marker; its first line is its name, the others its comment."""
    name, _, comment = text.partition("\n")
    start = Fraction(at + context.shift)
    record = probed_range(start, start + length, context.rate, context.drop)
    marker = ProbedMarker(name, "marker", record, colour=colour.lower(), comment=comment,
                          timeline=context.timeline, where=where)  # fmt: skip
    builder.markers.append(marker)
