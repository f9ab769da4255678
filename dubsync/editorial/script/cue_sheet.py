"""Reads and writes ADR cue sheets: one row per cue, in CSV, TSV or XLSX.

There is no standard: columns are identified by their headers (cue_columns.py) or by `--map`.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from dubsync.core.errors import DeliveryError, TurnoverError
from dubsync.core.script import OnScreen, Script, ScriptLine
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LOST, ODD, Loss, LossReport
from dubsync.core.timeline.timecode import TIMECODE_RATES
from dubsync.editorial.files.text import one_line, plain
from dubsync.editorial.script.cue_columns import FIELDS, Columns, find_columns
from dubsync.editorial.script.cue_table import (
    DELIMITERS,
    Rows,
    bare_cell,
    csv_rows,
    looks_like_xlsx,
    safe_cell,
    text_of,
    xlsx_rows,
)
from dubsync.editorial.script.cue_time import CueTime, cue_time, timecode_text
from dubsync.editorial.script.rows import ScriptBuilder, on_screen

HEAD_ROWS = 40  #: rows searched for the header; titles and dates can precede it
_NO_HEAD = "name the columns: --map start=COLUMN --map stop=COLUMN --map text=COLUMN"
_SHEET = (
    ("Cue", "number"), ("Character", "character"), ("TC In", "start"), ("TC Out", "stop"),
    ("Line", "text"), ("Original", "original"), ("On/Off", "on_screen"),
    ("Performer", "performer"), ("Reason", "reason"), ("Notes", "notes"),
    ("Language", "language"),
)  # fmt: skip
_WIDTHS = (8, 16, 13, 13, 60, 60, 9, 18, 14, 40, 10)
_TICKED, _NOT_TICKED = ("x", "yes", "y", "1", "true"), ("no", "n", "0", "false")
_ON_OFF_TEXT = {"on": "ON", "off": "OFF", "on_off": "ON/OFF", "off_on": "OFF/ON", None: ""}


@dataclass(slots=True)
class _Sheet:
    """The state of reading a sheet.

    kinds    kind of time -> the first row that has it
    dropped  whether any timecode was printed as drop-frame
    """

    columns: Columns
    rate: Fraction | None
    drop: bool
    builder: ScriptBuilder
    kinds: dict[str, str] = field(default_factory=dict)
    dropped: bool = False


def read_cue_sheet(
    data: bytes,
    *,
    path: str = "",
    rate: Fraction | None = None,
    drop: bool = False,
    maps: Mapping[str, str] | None = None,
) -> Script:
    """The cues of a sheet.

    Args:
        rate: frames per second of its timecode.
        drop: whether its timecode is drop-frame although printed with colons.
        maps: field -> header, letter or number of a column, for headers that are not recognised.

    Raises:
        TurnoverError: damaged, unsafe, without a time column, or with rows that cannot be read,
            each with its number.
        SettingsError: a map names a column that does not exist.
    """
    where = path.rsplit("/", 1)[-1] or "the cue sheet"
    maps = maps or {}
    if looks_like_xlsx(data):
        rows, losses = xlsx_rows(data, where)
        kind = "cue sheet (XLSX)"
    else:
        text, losses = text_of(data, where)
        rows, kind = _table(text, where, maps)
    columns = find_columns([cells for _, cells in rows[:HEAD_ROWS]], maps)
    if columns is None:
        raise TurnoverError(f"{where} has no column for the start of a cue", hint=_NO_HEAD)
    if not {"stop", "duration"} & set(columns.places):
        raise TurnoverError(f"{where} has no column for the end of a cue", hint=_NO_HEAD)
    sheet = _Sheet(columns, rate, drop, ScriptBuilder(where, losses=list(losses)))
    for number, cells in rows[columns.row + 1 :]:
        _row(f"row {number}", cells, sheet)
    return _script(path, kind, sheet)


def _script(path: str, kind: str, sheet: _Sheet) -> Script:
    result, places = sheet.builder, sheet.columns.places
    for head in sheet.columns.unused:
        result.lose(result.where, f"column {head[:60]!r} is not kept", LOST)
    if "translation" in places and "text" in places and "original" not in places:
        result.assume(
            "the translation column is used as the dub's line, and the text column as the original",
            "if that is wrong: --map text=COLUMN --map original=COLUMN",
        )
    kinds = sorted(set(sheet.kinds))
    if len(kinds) > 1:
        kinds_text = " and ".join(f"{name} ({sheet.kinds[name]})" for name in kinds)
        result.refuse(result.where, f"its times are of different kinds: {kinds_text}")
    if "clock" in kinds and sheet.kinds["clock"].endswith("hundredths"):
        result.assume("two digits after the seconds are read as hundredths, not as frames")
    lines = result.finish(
        "correct these rows; timecode needs a frame rate: --rate 24000/1001"
        if sheet.rate is None
        else "correct these rows"
    )
    from_start = kinds != ["timecode"]
    language = Counter(line.language for line in lines).most_common(1)[0][0]
    lines = tuple(
        replace(line, language="") if line.language == language else line for line in lines
    )
    return Script(
        path,
        kind,
        lines,
        language,
        rate=sheet.rate,
        drop=sheet.drop or sheet.dropped,
        from_start=from_start,
        losses=LossReport.of(result.losses),
    )


def _table(text: str, where: str, maps: Mapping[str, str]) -> tuple[Rows, str]:
    """The rows of text, and the format's name; the delimiter is the one that gives most fields."""
    best: tuple[int, int] = (-1, -1)
    chosen = ","
    head = "\n".join(text.splitlines()[:HEAD_ROWS])
    for delimiter in DELIMITERS:
        try:
            rows = [cells for _, cells in csv_rows(head, where, delimiter)]
        except TurnoverError:
            continue
        columns = find_columns(rows, {})
        wide = sum(len(row) > 1 for row in rows)
        score = (len(columns.places) if columns else 0, wide)
        if score > best:
            best, chosen = score, delimiter
    names = {",": "CSV", ";": "CSV, semicolons", "\t": "TSV", "|": "CSV, bars"}
    return csv_rows(text, where, chosen), f"cue sheet ({names[chosen]})"


def _row(where: str, cells: Sequence[str], sheet: _Sheet) -> None:
    fields = {name: _at(cells, place) for name, place in sheet.columns.places.items()}
    if not any(fields.values()):
        return
    result = sheet.builder
    if not fields["start"] and not any(fields.get(n) for n in ("stop", "text", "translation")):
        result.lose(where, "a row without times and text is skipped", ODD)
        return
    times = _times(where, fields, sheet)
    if times is None:
        return
    text, original = _texts(fields)
    try:
        shown = on_screen(fields.get("on_screen", "")) or _unseen(fields.get("off_screen", ""))
    except KeyError:
        word = fields.get("on_screen") or fields.get("off_screen", "")
        result.lose(where, f"{word[:40]!r} is neither on nor off screen; ignored", LOST)
        shown = None
    if any(value.startswith("=") for value in fields.values()):
        result.lose(where, "a formula is kept as text", ODD)
    result.add(
        ScriptLine(
            character=one_line(fields.get("character", "")),
            text=text,
            start=times[0].seconds,
            stop=times[1].seconds,
            number=one_line(fields.get("number", "")),
            original=original,
            language=one_line(fields.get("language", "")),
            on_screen=shown,
            performer=one_line(fields.get("performer", "")),
            reason=one_line(fields.get("reason", "")),
            notes=plain(fields.get("notes", "")),
            where=where,
        )
    )


def _unseen(text: str) -> OnScreen | None:
    """The value of a column "off" or "O/S": a tick means off; ON and OFF are as written."""
    word = text.lower()
    if word in _TICKED:
        return "off"
    return "on" if word in _NOT_TICKED else on_screen(text)


def _at(cells: Sequence[str], place: int) -> str:
    return bare_cell(cells[place]).strip() if place < len(cells) else ""


def _texts(fields: Mapping[str, str]) -> tuple[str, str]:
    text, translation = fields.get("text", ""), fields.get("translation", "")
    original = fields.get("original", "")
    if "translation" in fields and "original" not in fields:
        return plain(translation), plain(text)
    return plain(translation or text), plain(original)


def _times(where: str, fields: Mapping[str, str], sheet: _Sheet) -> tuple[CueTime, CueTime] | None:
    result = sheet.builder
    read: dict[str, CueTime] = {}
    for name in ("start", "stop", "duration"):
        if not fields.get(name) or (name == "duration" and "stop" in read):
            continue
        try:
            read[name] = cue_time(fields[name], sheet.rate, sheet.drop)
        except ValueError as error:
            result.refuse(where, str(error))
            return None
    if "start" not in read:
        result.refuse(where, "the start time is missing")
        return None
    start = read["start"]
    if "stop" not in read:
        if "duration" not in read:
            result.refuse(where, "the end time and the duration are missing")
            return None
        read["stop"] = CueTime(start.seconds + read["duration"].seconds, start.kind)
    for time in (start, read["stop"]):
        sheet.kinds.setdefault(time.kind, where + (", hundredths" if time.hundredths else ""))
        sheet.dropped |= time.drop
    return start, read["stop"]


# -- out -------------------------------------------------------------------------------------


def write_cue_csv(script: Script, *, delimiter: str = ",") -> Written:
    """The script as a CSV cue sheet: UTF-8 with a BOM (for Excel), CRLF.

    An apostrophe is put before cells that a spreadsheet would run as a formula.
    """
    losses: list[Loss] = []
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([head for head, _ in _SHEET])
    for cells in _cells(script, losses):
        writer.writerow([safe_cell(cell) for cell in cells])
    return Written(b"\xef\xbb\xbf" + out.getvalue().encode(), LossReport.of(losses))


def write_cue_xlsx(script: Script) -> Written:
    """The script as an XLSX cue sheet: all cells are text, and the header row is frozen."""
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    losses: list[Loss] = []
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Cues")
    sheet.freeze_panes = "A2"
    for place, width in enumerate(_WIDTHS):
        sheet.column_dimensions["ABCDEFGHIJK"[place]].width = width
    wrapped = Alignment(wrap_text=True, vertical="top")
    for n, cells in enumerate([[head for head, _ in _SHEET], *_cells(script, losses)]):
        row = []
        for cell in cells:
            # The reader takes an apostrophe before a formula away: one that is text is doubled.
            value = safe_cell(cell) if cell.startswith("'") else cell
            written_cell = WriteOnlyCell(sheet, value=value)
            written_cell.data_type = "s"  # text, even if it begins like a formula
            written_cell.alignment = wrapped
            if n == 0:
                written_cell.font = Font(bold=True)
            row.append(written_cell)
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return Written(out.getvalue(), LossReport.of(losses))


def _cells(script: Script, losses: list[Loss]) -> list[list[str]]:
    """Rows of text, in the order of _SHEET."""
    assert all(name in FIELDS for _, name in _SHEET)
    zero = script.start or Fraction(0)
    known = not script.from_start or script.start is not None
    timecode = known and script.rate in TIMECODE_RATES
    rows = []
    between = 0
    for line in script.lines:
        if script.from_start and line.start < zero:
            raise DeliveryError(
                f"{line.name} begins before the programme's first frame", hint="check --start"
            )
        times = []
        for time in (line.start, line.stop):
            text = None
            if timecode:
                assert script.rate is not None
                text = timecode_text(time, script.rate, script.drop)
                if text is None:
                    frame = round(time * script.rate)
                    text = timecode_text(Fraction(frame) / script.rate, script.rate, script.drop)
                    between += 1
            times.append(text or _seconds(time - (zero if script.from_start else 0), losses))
        values = {
            "number": line.number, "character": line.character, "start": times[0],
            "stop": times[1], "text": line.text, "original": line.original,
            "on_screen": _ON_OFF_TEXT[line.on_screen], "performer": line.performer,
            "reason": line.reason, "notes": line.notes,
            "language": line.language or script.language,
        }  # fmt: skip
        rows.append([values[name] for _, name in _SHEET])
    if between:
        what = f"{between} times are between two frames; rounded"
        losses.append(Loss("times", what, APPROXIMATE))
    if not timecode and not script.from_start:
        what = "without a frame rate, seconds since midnight are written; a reader can mistake "
        what += "them for seconds from the first frame"
        losses.append(Loss("times", what, ASSUMED, "give the frame rate: --rate"))
    return rows


def _seconds(time: Fraction, losses: list[Loss]) -> str:
    whole, part = divmod(round(time * 10**6), 10**6)
    if (time * 10**6).denominator != 1:
        losses.append(Loss("times", "rounded to a millionth of a second", APPROXIMATE))
    decimals = f"{part:06d}".rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)
