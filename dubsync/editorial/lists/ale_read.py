"""Reads Avid Log Exchange (ALE): the clips of a bin, at the frame rate stated in its heading.

Source: Avid, "Avid Log Specifications": Heading, Column and Data, tabs between fields.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedRange,
    ProbedTimeline,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, Timecode, day_frames, parse_rate

MOST_ROWS = 200_000
_TRACK = re.compile(r"([VA])(\d{0,2})(?:-(\d{1,2}))?")
_TRACKS = re.compile(rf"(?:{_TRACK.pattern})+")
#: Columns with a field of their own; every other column becomes a remark.
_HEADS = ("fps", "field_delim")
_CODE = re.compile(r"\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3}")
_LISTED = ("name", "tape", "reel", "start", "end", "tracks", "source file", "fps")


@dataclass(frozen=True, slots=True)
class _Table:
    """A parsed ALE file: heading, column names, and (line, row) of its data."""

    heading: Mapping[str, str]
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, str]], ...]


def looks_like_ale(text: str) -> bool:
    """Whether text begins as an ALE file does."""
    return text.lstrip("\ufeff \t\r\n")[:7].lower() == "heading"


def read_ale(text: str, *, rate: Fraction | None = None, path: str = "") -> ProbedCut:
    """The clips of an ALE file: source in and out, and all their columns.

    Args:
        rate: frames per second if the file does not state it; the file takes precedence.

    Raises:
        TurnoverError: no Column or Data section, or too many rows.
    """
    where = path.rsplit("/", 1)[-1] or "the log"
    losses: list[Loss] = []
    table = _table(text, where, losses)
    stated = table.heading.get("fps", "")
    rate = _rate(stated, rate, where, losses)
    name = where.rsplit(".", 1)[0]
    _report_heading(table, where, losses)
    events = tuple(
        _event(n, row, rate, line, name, losses)
        for n, (line, row) in enumerate(table.rows, start=1)
    )
    drop = any(";" in "".join(e.source.text) for e in events if e.source)
    timeline = ProbedTimeline(name, rate, drop=drop)
    return ProbedCut(path, "Avid Log Exchange", (timeline,), events, (), LossReport.of(losses))


def _rate(stated: str, rate: Fraction | None, where: str, losses: list[Loss]) -> Fraction | None:
    """The rate in the heading, if valid, else `rate`; problems are added to `losses`."""
    if stated:
        try:
            own = _parsed(stated)
        except TimecodeError as error:
            losses.append(Loss(where, f"FPS {stated[:40]!r} in the heading: {error}", ODD))
        else:
            if rate is not None and rate != own:
                losses.append(
                    Loss(
                        where,
                        f"the heading states {stated} fps; the given {rate} fps are not used",
                        ODD,
                    )
                )
            return own
    if rate is None:
        losses.append(
            Loss(
                where,
                "the heading states no frame rate: timecode is listed without frame numbers",
                ASSUMED,
                "give the rate, as --rate 25",
            )
        )
    return rate


def _parsed(text: str) -> Fraction:
    """A printed rate; too many digits are refused."""
    if not re.fullmatch(r"\d{1,5}(\.\d{0,6}|/\d{1,4})?", text):
        raise TimecodeError(f"{text[:40]!r} is not a frame rate")
    return parse_rate(text)


def _table(text: str, where: str, losses: list[Loss]) -> _Table:
    heading: dict[str, str] = {}
    columns: tuple[str, ...] = ()
    rows: list[tuple[int, Mapping[str, str]]] = []
    section, fresh = "", False
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not section and line.lower().startswith("heading\t"):  # all of it on one line
            section = "heading"
            heading |= _heading(line.split("\t", 1)[1])
        elif line.strip().lower() in ("heading", "column", "data"):
            section = line.strip().lower()
            fresh = section == "column"
        elif not line.strip():
            continue
        elif section == "heading":
            heading |= _heading(line)
        elif section == "column" and fresh:
            columns, fresh = _unique(c.strip() for c in line.rstrip("\t").split("\t")), False
        elif section == "data":
            rows.append((number, _row(columns, line, number, losses)))
            if len(rows) > MOST_ROWS:
                raise TurnoverError(
                    f"{where} has more than {MOST_ROWS} rows", hint="is it an ALE file?"
                )
        else:
            what = f"{line.strip()[:80]!r} is in no section that is known, and is not listed"
            losses.append(Loss(f"line {number}", what, LOST))
    if not columns:
        raise TurnoverError(
            f"{where} has no Column section", hint="export the bin as tab-delimited ALE again"
        )
    if not rows:
        raise TurnoverError(f"{where} has no clips", hint="export a bin with clips")
    return _Table(heading, columns, tuple(rows))


def _heading(line: str) -> dict[str, str]:
    """The keys of a line of the heading; some systems write all pairs on one line."""
    cells = [cell.strip() for cell in line.split("\t")]
    named = [cell for cell in cells[::2] if cell]
    if len(cells) > 2 and all(re.fullmatch(r"[A-Z][A-Z0-9_ ]*", name) for name in named):
        pairs = zip(cells[::2], [*cells[1::2], ""], strict=False)
        return {key.lower(): value for key, value in pairs if key}
    return {cells[0].lower(): " ".join(cells[1:]).strip()}


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    """Names of columns, numbered where one is repeated, so that no cell is lost."""
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(f"{name} ({seen[name]})" if seen[name] > 1 else name)
    return tuple(result)


def _report_heading(table: _Table, where: str, losses: list[Loss]) -> None:
    """Losses for headings that are not listed, and for a delimiter that is not used."""
    rest = [f"{key.upper()} {value}" for key, value in table.heading.items() if key not in _HEADS]
    if rest:
        losses.append(Loss(where, f"headings are not listed: {', '.join(rest)[:160]}"))
    delimiter = table.heading.get("field_delim", "TABS")
    if delimiter.upper() != "TABS":
        what = f"the heading states {delimiter[:20]!r} between fields; tabs are read"
        losses.append(Loss(where, what, ODD, "export the bin as tab-delimited ALE again"))


def _row(columns: Sequence[str], line: str, number: int, losses: list[Loss]) -> Mapping[str, str]:
    cells = [cell.strip() for cell in line.split("\t")]
    spare = [cell for cell in cells[len(columns) :] if cell]
    if spare:
        losses.append(
            Loss(
                f"line {number}",
                f"{len(spare)} cells after the last column are not listed: {', '.join(spare)[:80]}",
                LOST,
            )
        )
    return dict(zip(columns, cells, strict=False))


def _event(
    n: int,
    row: Mapping[str, str],
    rate: Fraction | None,
    line: int,
    bin_name: str,
    losses: list[Loss],
) -> ProbedEvent:
    low = {key.lower(): value for key, value in row.items()}
    where = f"line {line}"
    source = _source(low, rate, where, losses)
    tracks = tuple(t for t in low.get("tracks", "").replace("/", " ").split() if t) or ("V",)
    sound = all(track.upper().startswith("A") for track in tracks)
    remarks = tuple(
        f"{key}: {value}" for key, value in row.items() if value and key.lower() not in _LISTED
    )
    return ProbedEvent(
        tracks=tuple(_expanded(tracks, where, losses)),
        name=low.get("name", "") or low.get("tape", ""),
        kind="audio" if sound else "cut",
        record=None,
        source=source,
        reel=low.get("tape", "") or low.get("reel", "") or low.get("camroll", ""),
        media=low.get("source file", "") or low.get("unc", ""),
        number=str(n),
        timeline=bin_name,
        where=where,
        remarks=remarks,
        available=source if source is not None and source.stop is not None else None,
    )


def _expanded(tracks: Sequence[str], where: str, losses: list[Loss]) -> list[str]:
    """V, VA1A2 and A1-2 as single tracks; V1 if none is known."""
    result: list[str] = []
    for track in tracks:
        if not _TRACKS.fullmatch(track.upper()):
            what = f"track {track[:20]!r} is neither picture nor sound, and is not listed"
            losses.append(Loss(where, what))
            continue
        for letter, first, last in _TRACK.findall(track.upper()):
            numbers = range(int(first or 1), int(last or first or 1) + 1)
            result += [f"{letter}{number}" for number in list(numbers)[:64]]
    return list(dict.fromkeys(result)) or ["V1"]


def _source(
    low: Mapping[str, str], rate: Fraction | None, where: str, losses: list[Loss]
) -> ProbedRange | None:
    start, end, length = (low.get(key, "") for key in ("start", "end", "duration"))
    own = low.get("fps", "")
    if own and rate is not None:
        try:
            if _parsed(own) != rate:
                losses.append(
                    Loss(
                        where,
                        f"its FPS column is {own}, the heading {rate}; the heading is used",
                        ODD,
                    )
                )
        except TimecodeError as error:
            losses.append(Loss(where, f"FPS column: {error}", ODD))
    if not start:
        losses.append(Loss(where, f"{low.get('name', '')!r} has no Start", ODD))
        return None
    if rate is None:
        for code in filter(None, (start, end)):
            if not _CODE.fullmatch(code):
                losses.append(Loss(where, f"{code[:40]!r} is not a timecode", ODD))
        return ProbedRange((start, end))
    try:
        first = Timecode.parse(start, rate)
        last = Timecode.parse(end, rate) if end else None
        duration = Timecode.parse(length, rate) if length else None
    except TimecodeError as error:
        losses.append(Loss(where, f"{error}; its frame numbers are not listed", ODD))
        return ProbedRange((start, end))
    if last is None and duration is None:
        losses.append(Loss(where, f"{low.get('name', '')!r} has no End", ODD))
        return ProbedRange((start, ""), Fraction(first.frame), None, rate)
    stop = last.frame if last else first.frame + (duration.frame if duration else 0)
    if stop < first.frame:
        day = day_frames(rate, first.drop and rate in DROP_RATES)
        past = stop + day - first.frame
        if past == duration.frame if duration else past <= day // 2:
            stop += day  # past midnight
    if last and duration and stop - first.frame != duration.frame:
        losses.append(
            Loss(where, f"Duration {length} is not End minus Start; Start and End are used", ODD)
        )
    if stop < first.frame:
        losses.append(Loss(where, "End is before Start; its frame numbers are not listed", ODD))
        return ProbedRange((start, end))
    drop = first.drop and rate in DROP_RATES
    return probed_range(Fraction(first.frame), Fraction(stop), rate, drop)
