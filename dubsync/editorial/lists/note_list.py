"""The notes of a reel as lists: a CSV to answer in a spreadsheet, and markers to import.

In the CSV an editor fills in the columns "answer" and "reply"; a row without a note's name is a new
note.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.note import Note
from dubsync.core.shot import Shot
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    frame_text,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, Timecode
from dubsync.editorial.lists.listed_markers import (
    LONGEST_COMMENT,
    ListedMarker,
    timecode,
    write_avid_markers,
    write_resolve_markers,
)
from dubsync.editorial.lists.shot_list import print_csv
from dubsync.editorial.notes.as_markers import PlacedNote
from dubsync.editorial.notes.colours import colour_of
from dubsync.editorial.notes.words import answer_line, escaped, one_line, words_of

FORMAT = "dubsync notes"
COLUMNS = (
    "note", "timecode", "shot", "plate timecode", "severity", "author", "text", "answer", "reply",
    "version", "colour", "track",
)  # fmt: skip
_NEEDED = {"note", "timecode", "text", "answer"}
MOST_ROWS = 200_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_note_list(
    placed: Sequence[PlacedNote], shots: Sequence[Shot], timeline: ProbedTimeline
) -> bytes:
    """A CSV with a row for each note, in record order; UTF-8 with BOM."""
    by_name = {shot.name: shot for shot in shots}
    return print_csv(COLUMNS, [_row(one, by_name[one.note.shot], timeline) for one in placed])


def write_avid_list(placed: Sequence[PlacedNote], timeline: ProbedTimeline) -> bytes:
    """The notes as Media Composer imports markers."""
    return write_avid_markers([_listed(one) for one in placed], timeline)


def write_resolve_list(placed: Sequence[PlacedNote], timeline: ProbedTimeline) -> bytes:
    """The notes as Resolve imports timeline markers."""
    return write_resolve_markers([_listed(one) for one in placed], timeline)


def _listed(one: PlacedNote) -> ListedMarker:
    words = words_of(one.note)
    return ListedMarker(
        one.record, one.track, colour_of(one.note), words.name, _short(one.note), words.together,
        one.note.author,
    )  # fmt: skip


def _short(note: Note) -> str:
    """The comment of a marker in one line, short enough for readers of lists.

    A long text is left out, since the name has its begin; a long answer is cut off with dots.
    """
    whole = one_line(words_of(note).comment)
    if len(whole) <= LONGEST_COMMENT:
        return whole
    answer = one_line(answer_line(note))
    if len(answer) <= LONGEST_COMMENT:
        return answer
    return answer[: LONGEST_COMMENT - 3].rstrip() + "..."


def _row(one: PlacedNote, shot: Shot, timeline: ProbedTimeline) -> Mapping[str, str]:
    note = one.note
    row = {
        "note": note.name,
        "timecode": timecode(one.record, timeline),
        "shot": note.shot,
        "plate timecode": frame_text(
            Fraction(note.frame), shot.plate.frames.rate, shot.plate.drop
        ),
        "severity": str(note.severity),
        "author": note.author,
        "text": note.text,
        "answer": "" if note.answer == "open" else note.answer,
        "reply": note.reply,
        "version": note.version,
        "colour": colour_of(note),
        "track": one.track,
    }  # fmt: skip
    return {column: _safe(cell) for column, cell in row.items()}


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; `_unsafe` takes it back."""
    return f"'{cell}" if cell.lstrip(" '").startswith(_FORMULA) else cell


def _unsafe(cell: str) -> str:
    rest = cell[1:]
    return rest if cell[:1] == "'" and rest.lstrip(" '").startswith(_FORMULA) else cell


# -- reading -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Dialect:
    """The delimiter of a table and its columns, in small letters."""

    delimiter: str
    columns: tuple[str, ...]


def _dialect(text: str) -> _Dialect | None:
    """How a list of notes is printed; None if the text is no such list."""
    first = next(iter(text.lstrip("\ufeff \r\n").splitlines()), "")
    for delimiter in (",", ";", "\t"):
        columns = tuple(cell.strip().strip('"').lower() for cell in first.split(delimiter))
        if set(columns) >= _NEEDED:
            return _Dialect(delimiter, columns)
    return None


def looks_like_note_list(text: str | None) -> bool:
    """Whether text begins with the columns of a list of notes."""
    return text is not None and _dialect(text) is not None


def read_note_list(text: str, *, rate: Fraction | None = None, path: str = "") -> ProbedCut:
    """The notes of a list as markers, in the words that a cut would have.

    Raises:
        TurnoverError: it is no list of notes, or has no row.
    """
    where = path.rsplit("/", 1)[-1] or "the list"
    dialect = _dialect(text)
    if dialect is None:
        raise TurnoverError(f"{where} is no list of notes", hint="export it as CSV, headings kept")
    losses: list[Loss] = []
    if rate is None:
        what = "the list states no frame rate: timecode is listed without frame numbers"
        losses.append(Loss(where, what, ASSUMED, "give the rate, as --rate 25"))
    spare = [name for name in dialect.columns if name and name not in COLUMNS]
    if spare:
        losses.append(Loss("columns", f"are not read: {', '.join(spare)[:200]}", LOST))
    name, markers = where.rsplit(".", 1)[0], []
    for number, row in _rows(text, dialect, losses):
        marker = _marker(row, name, f"line {number}", rate, losses)
        if marker is not None:
            markers.append(marker)
    if not markers:
        raise TurnoverError(f"{where} has no notes", hint="export the list again")
    drop = any(m.record and ";" in m.record.text[0] for m in markers) and rate in DROP_RATES
    timeline = ProbedTimeline(name, rate, drop=drop)
    return ProbedCut(path, FORMAT, (timeline,), (), tuple(markers), LossReport.of(losses))


def _rows(text: str, dialect: _Dialect, losses: list[Loss]) -> list[tuple[int, dict[str, str]]]:
    """(line, row) of the table, up to the first row that cannot be read."""
    lines = text.lstrip("\ufeff \r\n").splitlines(keepends=True)
    reader = csv.reader(lines, delimiter=dialect.delimiter)
    result: list[tuple[int, dict[str, str]]] = []
    try:
        for cells in reader:
            if reader.line_num == 1 or not any(cell.strip() for cell in cells):
                continue
            if len(result) >= MOST_ROWS:
                raise TurnoverError(f"more than {MOST_ROWS} notes", hint="is it a list of notes?")
            values = [_unsafe(cell) for cell in cells]
            row = dict(zip(dialect.columns, values, strict=False))
            result.append((reader.line_num, {c: row.get(c, "") for c in COLUMNS}))
    except csv.Error as error:
        what = f"the table cannot be read from here on: {error}"
        losses.append(Loss(f"line {reader.line_num}", what, LOST))
    return result


def _marker(
    row: Mapping[str, str], timeline: str, where: str, rate: Fraction | None, losses: list[Loss]
) -> ProbedMarker | None:
    """A row as a marker; None without words."""
    at = _placed(row["timecode"].strip(), where, rate, losses)
    name, author, text = row["note"].strip(), row["author"], row["text"]
    more = {"kind": "marker", "record": at, "colour": row["colour"].strip().lower(),
            "track": row["track"].strip(), "timeline": timeline, "where": where}  # fmt: skip
    if not name:
        if not text.strip():
            losses.append(Loss(where, "a row without a note and without text is not read", ODD))
            return None
        return ProbedMarker(text, comment=author.strip(), **more)  # type: ignore[arg-type]
    stated = row["severity"].strip()
    severity = int(stated) if stated in ("1", "2", "3") else 2
    words = words_of(Note(name, row["shot"], 0, text, author, severity))  # type: ignore[arg-type]
    answer, reply = row["answer"].strip(), row["reply"].strip()
    said = f"{answer or 'OPEN'}: {reply}" if reply else answer
    comment = "\n".join(filter(None, (words.comment, escaped(said))))
    return ProbedMarker(words.name, comment=comment, **more)  # type: ignore[arg-type]


def _placed(time: str, where: str, rate: Fraction | None, losses: list[Loss]) -> ProbedRange | None:
    if not re.fullmatch(r"\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3}", time):
        losses.append(Loss(where, f"{time[:40]!r} is no timecode", ODD))
        return None
    if rate is None:
        return ProbedRange((time, time))
    drop = time[-3] in ";," and rate in DROP_RATES
    try:
        first = Fraction(Timecode.parse(time, rate, drop=drop).frame)
    except TimecodeError as error:
        losses.append(Loss(where, f"{error}; its frame is not listed", ODD))
        return ProbedRange((time, time))
    return probed_range(first, first + 1, rate, drop)
