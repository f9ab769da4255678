"""Markers of a list: Avid's locators, and the events by which Resolve lists its markers.

A Resolve marker is an event of one frame whose source times are its record times, with the
marker's note, colour, name and length below it, the last three in any order:

    001  001      V     C        01:00:05:10 01:00:05:11 01:00:05:10 01:00:05:11
    a note |C:ResolveColorBlue |M:Marker 1 |D:24
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.losses import LOST, ODD, Loss
from dubsync.core.timeline.probed import ProbedMarker, ProbedRange, frame_text
from dubsync.core.timeline.timecode import DROP_RATES, Timecode
from dubsync.editorial.cmx3600.lines import Printed, Statement
from dubsync.editorial.cmx3600.printed_time import drops
from dubsync.editorial.notes.list_lines import is_words_remark, whole_words, words_in
from dubsync.editorial.notes.words import Words, names_one_of

_LOCATOR = re.compile(
    r"\*?\s*LOC\s*:\s*(?P<time>\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3})(?:\s+(?P<colour>\S+))?"
    r"(?:\s+(?P<text>.*))?",
    re.IGNORECASE,
)
#: A row of Avid's "Marker Metadata", printed after the last event.
_ROW = re.compile(
    r"\*\s+\d{1,6}\s+(?P<colour>[A-Za-z]+)\s+(?P<name>\S.*?)\s+"
    r"(?P<time>\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3})(?:\s+(?P<stop>\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3}))?"
    r"(?:\s+\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3})?\s+(?P<track>[A-Z]{1,4}\d{0,3})(?:\s+(?P<text>.*))?"
)
#: A bookmark as Nucoda prints it: a timecode, the number of its colour, and a text.
_BOOKMARK = re.compile(
    r"\*\s*(?P<time>\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3})(?:\s+(?P<colour>\d{1,2}))?(?:\s+(?P<text>.*))?"
)
_TABLE_HEADING = re.compile(r"\*\s*(Marker Metadata|-{8,}|Number\s+Color\s+Marker Name\b.*)\s*")
_ANY_LOCATOR = re.compile(r"\*?\s*LOC\s*:", re.IGNORECASE)
#: Before each value of a Resolve marker: colour, name or length, in any order.
_TAG = re.compile(r"\|([CMD]):")


@dataclass(frozen=True, slots=True)
class _ResolveMarker:
    """A remark with a Resolve marker; length in frames, None where it is not stated."""

    note: str
    colour: str
    name: str
    length: int | None


def _resolve_marker(remark: str) -> _ResolveMarker | None:
    """The marker that a remark holds; None where it holds none, or a damaged one.

    Two of the three values make a marker: lists made by other programs leave one out.
    """
    note, *rest = _TAG.split(remark)
    values = dict(zip(rest[::2], map(str.strip, rest[1::2]), strict=True))
    length = values.get("D")
    if len(values) < 2 or len(rest) > 2 * len(values):
        return None
    if length is not None and not re.fullmatch(r"[0-9]{1,9}", length):
        return None
    return _ResolveMarker(
        note.strip(), values.get("C", "").removeprefix("ResolveColor"), values.get("M", ""),
        None if length is None else int(length),
    )  # fmt: skip


def is_marker(remark: str) -> bool:
    """Whether a remark is a locator, a bookmark, or a part of Avid's table of markers."""
    found = any(one.fullmatch(remark) for one in (_LOCATOR, _ROW, _BOOKMARK, _TABLE_HEADING))
    return found or is_words_remark(remark)


def is_locator_of(remark: str, notes: Collection[str]) -> bool:
    """Whether a remark is the locator of one of `notes`, by name, or a piece of its words."""
    locator = _LOCATOR.match(remark)
    ours = locator is not None and names_one_of((locator["text"] or "").strip(), notes)
    return ours or is_words_remark(remark)


def is_resolve_marker(statement: Statement) -> bool:
    """Whether an event is one of Resolve's markers, and no clip."""
    times = statement.lines[0].times
    marked = any(map(is_marker_remark, statement.remarks))
    return marked and len(statement.lines) == 1 and times[:2] == times[2:]


def locators(
    remarks: Iterable[tuple[str, str]],
    line: Printed | None,
    rate: Fraction | None,
    timeline: str,
    losses: list[Loss],
) -> list[ProbedMarker]:
    """The locators, bookmarks and rows of Avid's table of markers, at record time.

    Args:
        remarks: (place in the file, remark); other remarks are ignored.
        line: the event that they are printed under; None for those above the first event.
    """
    own = line.track if line is not None and line.picture else ""
    remarks, markers = list(remarks), []
    written = words_in(remark for _, remark in remarks)
    for where, remark in remarks:
        row = _ROW.fullmatch(remark)
        result = row or _LOCATOR.match(remark) or _BOOKMARK.fullmatch(remark)
        if result is None:
            if _ANY_LOCATOR.match(remark):
                losses.append(Loss(where, f"locator {remark[:80]!r} has no timecode", ODD))
            continue
        time, text = result["time"], (result["text"] or "").strip()
        drop = time[-3] in ";," or (line is not None and drops(line).record_in)
        at = _counted(time, row["stop"] if row else None, rate, drop, where, losses)
        words = Words(row["name"], text) if row else whole_words(text, written)
        markers.append(
            ProbedMarker(
                words.name,
                "locator" if row or _LOCATOR.match(remark) else "marker",
                at,
                colour=(result["colour"] or "").strip(),
                comment=words.comment,
                track=row["track"] if row else own,
                timeline=timeline,
                where=where,
            )
        )
    return markers


def resolve_markers(
    statement: Statement, record: ProbedRange, timeline: str, losses: list[Loss]
) -> list[ProbedMarker]:
    """The markers under an event, at its record in.

    Args:
        record: the event's record range.
    """
    line = statement.lines[0]
    markers = []
    notes: list[str] = []
    for remark in statement.remarks:
        result = _resolve_marker(remark)
        if result is None:
            if _TAG.search(remark):
                losses.append(Loss(f"line {line.line}", f"marker {remark[:80]!r} is damaged", ODD))
            notes.append(remark)
            continue
        note = [*(notes if is_resolve_marker(statement) else ()), result.note]
        at, length = record, result.length
        if length is None:
            pass  # as long as its event
        elif record.start is None or record.rate is None:
            if length != 1:
                what = f"the length of marker {result.name[:60]!r}, {length} frames, is not listed"
                losses.append(Loss(f"line {line.line}", what, LOST, "give the rate, as --rate 25"))
        else:
            stop = record.start + length
            drop = ";" in record.text[0]
            at = ProbedRange(
                (record.text[0], frame_text(stop, record.rate, drop)),
                record.start,
                stop,
                record.rate,
            )
        markers.append(
            ProbedMarker(
                result.name,
                "marker",
                at,
                colour=result.colour.lower(),
                comment="\n".join(filter(None, note)),
                track=line.track if line.picture else "",
                timeline=timeline,
                where=f"line {line.line}",
            )
        )
        notes.clear()
    return markers


def is_marker_remark(remark: str) -> bool:
    """Whether a remark holds a marker as Resolve prints them."""
    return _resolve_marker(remark) is not None


def _counted(
    time: str, stop: str | None, rate: Fraction | None, drop: bool, where: str, losses: list[Loss]
) -> ProbedRange:
    """One frame from `time`, or up to `stop`."""
    if rate is None:
        return ProbedRange((time, stop or time))
    drop = drop and rate in DROP_RATES
    try:
        frame = Fraction(Timecode.parse(time, rate, drop=drop).frame)
        last = Fraction(Timecode.parse(stop, rate, drop=drop).frame) if stop else frame + 1
    except TimecodeError as error:
        losses.append(Loss(where, f"locator: {error}", ODD))
        return ProbedRange((time, stop or time))
    return ProbedRange((time, frame_text(last, rate, drop)), frame, last, rate)
