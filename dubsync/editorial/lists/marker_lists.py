"""Reads lists of markers alone: Avid's as text, Nucoda's bookmarks, frame.io's comments.

Source: Media Composer's Markers window, "Export Markers": user, timecode, track, colour, comment
and length, parted by tabs.  A comment may have line ends in it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    frame_text,
)
from dubsync.core.timeline.timecode import DROP_RATES, Timecode

MOST_ROWS = 200_000
_CODE = r"\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3}"
_AVID = re.compile(
    rf"(?P<user>[^\t\n]*)\t(?P<time>{_CODE})\t(?P<track>[^\t\n]*)\t(?P<rest>.*)", re.DOTALL
)
_NUCODA = "timeline bookmarks"
_FRAME_IO = {"Comment", "Timecode", "Commenter"}
#: Columns of frame.io that are read, or that say the same again.
_COLUMNS = {*_FRAME_IO, "Timecode In", "Timecode Out", "Frame", "Duration"}


@dataclass(frozen=True, slots=True)
class _Row:
    """One marker as printed; `length` in frames."""

    line: int
    time: str
    name: str
    comment: str = ""
    colour: str = ""
    track: str = ""
    length: int = 1


def looks_like_markers(text: str) -> bool:
    """Whether text begins like one of these lists."""
    first = next(iter(text.lstrip("\ufeff \r\n").splitlines()), "")
    if first.strip().lower() == _NUCODA or _AVID.fullmatch(first):
        return True
    return all(f"{name}," in first for name in ("Comment", "Commenter")) and "Timecode" in first


def read_markers(text: str, *, rate: Fraction | None = None, path: str = "") -> ProbedCut:
    """The markers of a list, which has no events.

    Args:
        rate: frames per second.  None: timecode is listed without frame numbers.

    Raises:
        TurnoverError: no marker, or too many.
    """
    where = path.rsplit("/", 1)[-1] or "the list"
    losses: list[Loss] = []
    title, rows = _rows(text.lstrip("\ufeff"), losses)
    if not rows:
        raise TurnoverError(f"{where} has no markers", hint="export the list of markers again")
    if len(rows) > MOST_ROWS:
        raise TurnoverError(f"{where} has more than {MOST_ROWS} markers", hint="is it a list?")
    if rate is None:
        what = "the list states no frame rate: timecode is listed without frame numbers"
        hint = "give the rate, as --rate 25 or --rate 24000/1001"
        losses.append(Loss(where, what, ASSUMED, hint))
    name = where.rsplit(".", 1)[0]
    drop = rate in DROP_RATES and any(row.time[-3] in ";," for row in rows)
    markers = [
        ProbedMarker(
            row.name,
            "marker",
            _placed(row, rate, losses),
            colour=row.colour,
            comment=row.comment,
            track=row.track,
            timeline=name,
            where=f"line {row.line}",
        )
        for row in rows
    ]
    timeline = ProbedTimeline(name, rate, drop=drop)
    report = LossReport.of(losses)
    return ProbedCut(path, f"Marker list ({title})", (timeline,), (), tuple(markers), report)


def _rows(text: str, losses: list[Loss]) -> tuple[str, list[_Row]]:
    first = text.lstrip().split("\n", 1)[0].strip()
    if first.lower() == _NUCODA:
        return "Nucoda", list(_nucoda(text.splitlines(), losses))
    if _AVID.fullmatch(first):
        return "Avid", list(_avid(text, losses))
    return "frame.io", list(_frame_io(text, losses))


def _avid(text: str, losses: list[Loss]) -> Iterator[_Row]:
    lines = text.replace("\r\n", "\n")
    lines = lines if "\n" in lines else lines.replace("\r", "\n")
    rows: list[tuple[int, list[str]]] = []
    for number, line in enumerate(lines.split("\n"), start=1):
        if _AVID.fullmatch(line):
            rows.append((number, [line]))
        elif line.strip() and rows:
            rows[-1][1].append(line)
        elif line.strip():
            losses.append(Loss(f"line {number}", f"{line.strip()[:80]!r} is no marker", LOST))
    for number, parts in rows:
        result = _AVID.fullmatch("\n".join(parts))
        assert result is not None  # its first line matches, and the rest may be anything
        colour, _, rest = result["rest"].partition("\t")
        comment, *more = rest.split("\t")
        length = int(more[0]) if more and re.fullmatch(r"\s*\d{1,7}\s*", more[0]) else 1
        spare = [cell for cell in (more[1:] if more else []) if cell.strip()]
        if more and more[0].strip() and not re.fullmatch(r"\s*\d{1,7}\s*", more[0]):
            spare.insert(0, more[0])
        if spare:
            what = f"cells after the length are not listed: {', '.join(spare)[:80]!r}"
            losses.append(Loss(f"line {number}", what, LOST))
        comment = "\n".join(part.strip() for part in re.split(r"[\r\n]", comment) if part.strip())
        user, track = result["user"].strip(), result["track"].strip()
        yield _Row(number, result["time"], comment, user, colour.strip(), track, length)


def _nucoda(lines: Sequence[str], losses: list[Loss]) -> Iterator[_Row]:
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split(",")]
        if number < 3 and not re.fullmatch(_CODE, cells[-1]):
            continue  # the title and the names of the columns
        if len(cells) < 7 or not re.fullmatch(_CODE, cells[-1]):
            if line.strip():
                losses.append(Loss(f"line {number}", f"{line.strip()[:80]!r} is no marker", LOST))
            continue
        text, (colour, kind, time) = ", ".join(cells[3:-3]), cells[-3:]
        yield _Row(number, time, text, f"{kind}, {cells[0]} {cells[1]}", colour)


def _frame_io(text: str, losses: list[Loss]) -> Iterator[_Row]:
    reader = csv.DictReader(text.splitlines(keepends=True))
    spare = [name for name in reader.fieldnames or () if name and name not in _COLUMNS]
    if spare:
        losses.append(Loss("columns", f"are not listed: {', '.join(spare)[:200]}", LOST))
    for number, row in _whole(reader, losses):
        time = _cell(row, "Timecode")
        if not re.fullmatch(_CODE, time):
            losses.append(Loss(f"line {number}", f"{time[:40]!r} is no timecode; not listed", LOST))
            continue
        length = _cell(row, "Duration")
        frames = int(length) if re.fullmatch(r"[1-9]\d{0,6}", length) else 1
        yield _Row(number, time, _cell(row, "Comment"), _cell(row, "Commenter"), length=frames)


def _whole(
    reader: csv.DictReader[str], losses: list[Loss]
) -> Iterator[tuple[int, dict[str, str | None]]]:
    """(line, row) of a table, up to the first row that cannot be read."""
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        what = f"the table cannot be read from here on: {error}"
        losses.append(Loss(f"line {reader.line_num}", what, LOST))


def _cell(row: Mapping[str, str | None], name: str) -> str:
    return (row.get(name) or "").strip().strip('"').strip()


def _placed(row: _Row, rate: Fraction | None, losses: list[Loss]) -> ProbedRange:
    if rate is None:
        if row.length != 1:
            what = f"the length of the marker, {row.length} frames, is not listed"
            losses.append(Loss(f"line {row.line}", what, LOST, "give the rate, as --rate 25"))
        return ProbedRange((row.time, row.time))
    drop = row.time[-3] in ";," and rate in DROP_RATES
    try:
        first = Fraction(Timecode.parse(row.time, rate, drop=drop).frame)
    except TimecodeError as error:
        losses.append(Loss(f"line {row.line}", f"{error}; its frame is not listed", ODD))
        return ProbedRange((row.time, row.time))
    stop = first + row.length
    return ProbedRange((row.time, frame_text(stop, rate, drop)), first, stop, rate)
