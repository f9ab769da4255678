"""Reads the marker tracks of a Cubase or Nuendo track archive (XML, <tracklist2>).

Positions are seconds from the project's start, or on a musical track quarter notes of 480 units,
which the tempo track turns into seconds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import LOST, ODD, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.editorial.files.xml_tree import Element, xml_tree

#: Units of a quarter note.
QUARTER = 480
#: FrameType of the setup -> frames per second, drop frame.
_RATES = {
    "2": (Fraction(24), False), "3": (Fraction(25), False), "4": (Fraction(30000, 1001), False),
    "5": (Fraction(30), False), "6": (Fraction(30000, 1001), True),
    "12": (Fraction(24000, 1001), False), "14": (Fraction(50), False),
    "15": (Fraction(60000, 1001), False), "16": (Fraction(60), False),
}  # fmt: skip
_MARKERS = ("MMarkerEvent", "MRangeMarkerEvent")


def read_cubase(data: bytes, *, path: str = "") -> ProbedCut:
    """The markers of a track archive; other tracks are reported.

    Raises:
        TurnoverError: damaged, or no marker track.
    """
    where = path.rsplit("/", 1)[-1] or "the archive"
    root = xml_tree(data, where)
    losses: list[Loss] = []
    setup = next((e for e in root.descendants() if e.get("name") == "Setup"), None)
    frame_type = _value(setup, "int", "FrameType") if setup else ""
    rate, drop = _RATES.get(frame_type, (None, False))
    if rate is None:
        what = f"frame type {frame_type or 'not stated'} is not known; times are in seconds"
        losses.append(Loss(where, what, ODD, "set the project's frame rate, and export again"))
    start = _number(_value(_named(setup, "Start"), "float", "Time")) if setup else Fraction(0)
    name = where.rsplit(".", 1)[0]
    tracks = _tracks(root)
    markers: list[ProbedMarker] = []
    others: Counter[str] = Counter()
    tempo: list[tuple[Fraction, Fraction]] = []
    for track in tracks:
        if track.get("class") != "MMarkerTrackEvent":
            others[track.get("class") or track.tag] += 1
            continue
        node = _named(track, "Node")
        tempo = _tempo(node) or tempo  # later tracks refer to the first track's
        markers += _markers(node, tempo, start, rate, drop, name, losses)
    for kind, count in others.items():
        losses.append(Loss(where, f"{kind} is not listed; number of tracks: {count}", LOST))
    if not markers:
        raise TurnoverError(f"{where} has no marker track", hint="export the marker tracks")
    timeline = ProbedTimeline(name, rate, None if rate is None else start * rate, None, drop)
    report = LossReport.of(losses)
    return ProbedCut(path, "Cubase track archive", (timeline,), (), tuple(markers), report)


def _tracks(root: Element) -> list[Element]:
    lists = [e for e in root.all("list") if e.get("name") == "track"]
    return [track for one in lists for track in one.all("obj")]


def _markers(
    node: Element | None,
    tempo: Sequence[tuple[Fraction, Fraction]],
    start: Fraction,
    rate: Fraction | None,
    drop: bool,
    timeline: str,
    losses: list[Loss],
) -> list[ProbedMarker]:
    if node is None:
        return []
    track = _value(node, "string", "Name")
    musical = _value(_named(node, "Domain"), "int", "Type") != "1"
    made = []
    events = _named(node, "Events")
    for event in events.children if events else ():
        where = f"{track}, line {event.line}"
        if event.get("class") not in _MARKERS:
            losses.append(Loss(where, f"a {event.get('class') or event.tag} is not listed", LOST))
            continue
        printed = _value(event, "float", "Start")
        if printed and not _is_number(printed):
            what = f"a marker is not listed: its start is {printed[:40]!r}, not a number"
            losses.append(Loss(where, what, LOST))
            continue
        first = _number(printed)
        last = first + _number(_value(event, "float", "Length"))
        if musical:
            first, last = (_seconds(units, tempo) for units in (first, last))
        made.append(
            ProbedMarker(
                _value(event, "string", "Name"),
                "range" if event.get("class") == "MRangeMarkerEvent" else "marker",
                _placed(first + start, last + start, rate, drop),
                comment=_value(event, "string", "Comment")
                or _value(event, "string", "Description"),
                track=track,
                timeline=timeline,
                where=where,
            )
        )
    return made


def _placed(first: Fraction, last: Fraction, rate: Fraction | None, drop: bool) -> ProbedRange:
    if rate is None:
        return ProbedRange((f"{float(first):.3f} s", f"{float(last):.3f} s"))
    edges = [edge * rate for edge in (first, last)]
    near = [Fraction(round(x)) if abs(x - round(x)) < Fraction(1, 1000) else x for x in edges]
    return probed_range(near[0], near[1], rate, drop)


def _tempo(node: Element | None) -> list[tuple[Fraction, Fraction]]:
    """(units, quarter notes per minute) from which each tempo holds."""
    events = [e for e in node.descendants() if e.get("class") == "MTempoEvent"] if node else []
    steps = [
        (_number(_value(e, "float", "PPQ")), _number(_value(e, "float", "BPM"))) for e in events
    ]
    return sorted(step for step in steps if step[1] > 0)


def _seconds(units: Fraction, tempo: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """Seconds from the project's start to a musical position; 120 quarters a minute at first."""
    seconds, at, speed = Fraction(0), Fraction(0), tempo[0][1] if tempo else Fraction(120)
    for begin, bpm in tempo:
        if begin >= units:
            break
        seconds += (begin - at) / QUARTER * 60 / speed
        at, speed = begin, bpm
    return seconds + (units - at) / QUARTER * 60 / speed


def _named(element: Element | None, name: str) -> Element | None:
    return next((c for c in element.children if c.get("name") == name), None) if element else None


def _value(element: Element | None, tag: str, name: str) -> str:
    found = [c for c in element.all(tag) if c.get("name") == name] if element else []
    return found[0].get("value") if found else ""


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _number(text: str) -> Fraction:
    """A printed number, as exact as a float; 0 for other text."""
    try:
        plain = len(text) < 80 and "e" not in text.lower()
        return Fraction(text) if plain else Fraction(float(text))
    except (ValueError, OverflowError, ZeroDivisionError):
        return Fraction(0)
