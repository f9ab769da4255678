"""Reads MLT XML, as Kdenlive, Shotcut and melt write it: tracks, clips, mixes and markers.

Positions count from 0 at the rate of the profile; an entry's in and out are the first and last
position of what it plays.  MLT keeps no timecode: neither the timeline's nor, unless the metadata
of a file is in the document, that of the file.
"""

from __future__ import annotations

from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.mlt.census import GRAMMAR
from dubsync.editorial.mlt.document import Document, document_of, properties, sequences, tracks_of
from dubsync.editorial.mlt.items import dissolves_in
from dubsync.editorial.mlt.markers import list_markers
from dubsync.editorial.mlt.time import frames_in, number_in
from dubsync.editorial.mlt.walk import Context, MltBuilder, list_tracks
from dubsync.editorial.timeline.unknown_xml import lose_unknown

#: The first frame of the timeline, which MLT does not keep; and whether it counts drop frame.
START, DROP = "dubsync:start", "dubsync:drop"
_KDENLIVE_TITLE = "kdenlive:docmetadata.meta.attr.title.markup"


def read_mlt(data: bytes, *, path: str = "") -> ProbedCut:
    """The timelines of a document of MLT XML: those of its last service, or of each sequence.

    Raises:
        TimecodeError: an invalid time.
        TurnoverError: damaged, unsafe, without a profile, or without anything that plays.
    """
    where = path.rsplit("/", 1)[-1] or "the document"
    root = xml_tree(data, where)
    document = document_of(root, where)
    builder = MltBuilder(document, _bin(document))
    lose_unknown(root, GRAMMAR, builder, "check it in the editing system")
    timelines: list[ProbedTimeline] = []
    for service in sequences(document):
        timelines.append(_timeline(service, {t.name for t in timelines}, builder))
    if not timelines:
        raise TurnoverError(f"{where} plays nothing", hint="save a project with clips in it")
    for name, count in sorted(builder.effects.items()):
        builder.lose(where, f"effect {name!r} is not listed; number of uses: {count}")
    return builder.cut(path, _format(document), timelines)


def _format(document: Document) -> str:
    """The format's title, with the program that wrote the document, as far as it says."""
    main_bin = document.services.get("main_bin")
    stated = properties(main_bin) if main_bin is not None else {}
    version = stated.get("kdenlive:docproperties.kdenliveversion")
    if version or "kdenlive:docproperties.version" in stated:
        return f"Kdenlive (MLT XML){f' {version[:20]}' if version else ''}"
    title = document.root.get("title")
    return f"MLT XML ({title[:40]})" if title.startswith("Shotcut") else "MLT XML"


def _bin(document: Document) -> dict[str, Element]:
    """The clips of Kdenlive's bin, by its id."""
    main_bin = document.services.get("main_bin")
    clips = [document.played(entry) for entry in main_bin.all("entry")] if main_bin else []
    found = {properties(clip).get("kdenlive:id", ""): clip for clip in clips if clip is not None}
    return {id_: clip for id_, clip in found.items() if id_}


def _timeline(service: Element, taken: set[str], builder: MltBuilder) -> ProbedTimeline:
    stated, rate = properties(service), builder.document.rate
    name = _name(service, stated, builder.document)
    if name in taken:
        name = f"{name} ({service.get('id')})"
    start = number_in(stated.get(START, ""))
    drop = stated.get(DROP) == "1" and rate in DROP_RATES
    if start is None or start.denominator != 1:
        what = f"{name!r} states no first timecode; 00:00:00:00 is assumed"
        builder.lose(f"line {service.line}", what, ASSUMED)
        start = Fraction(0)
    context = Context(name, rate, drop, int(start), nests=(id(service),))
    first = len(builder.events)
    list_tracks(service, context, builder)
    _compositions(service, builder)
    list_markers(service, context, builder)
    stops = [
        e.record.stop for e in builder.events[first:] if e.record and e.record.stop is not None
    ]
    stated_stop = frames_in(service.get("out"), rate) + 1 if service.get("out") else 0
    length = max(max(stops, default=start) - start, Fraction(stated_stop))
    return ProbedTimeline(name, rate, start, length, drop)


def _name(service: Element, stated: dict[str, str], document: Document) -> str:
    main_bin = document.services.get("main_bin")
    of_project = properties(main_bin) if main_bin is not None else {}
    for name in (
        stated.get("title"), stated.get("kdenlive:clipname"), of_project.get(_KDENLIVE_TITLE),
        document.root.get("title"),
    ):  # fmt: skip
        if name and not name.startswith("Shotcut version"):
            return name
    return "untitled"


def _compositions(service: Element, builder: MltBuilder) -> None:
    """Count the transitions between tracks that are neither dissolves nor put there by itself."""
    if service.tag != "tractor":
        return
    known = [*dissolves_in(service), *dissolves_in(service, sound=True)]
    numbers = {str(n) for n in range(len(tracks_of(service)))}
    for element in service.all("transition"):
        stated = properties(element)
        own = stated.get("internal_added") or stated.get("always_active") == "1"
        if own or any(element is one for one in known) and stated.get("b_track") in numbers:
            continue
        builder.effects[f"composition {stated.get('mlt_service', '')[:40]}"] += 1
