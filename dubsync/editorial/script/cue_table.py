"""Reads a table: CSV in any dialect, or the first sheet of an XLSX workbook.

Cells are text only: formulas are not evaluated, and links are not followed.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST, Loss
from dubsync.editorial.files.text_file import UTF16_MARKS, ZIP_MARK

MOST_ROWS, MOST_COLUMNS = 100_000, 200
LONGEST_LINE = 1 << 20
LARGEST_UNPACKED = 256 * 1024 * 1024
LARGEST_RATIO = 200  #: cue sheets compress to about a tenth; zip bombs to a thousandth
MOST_MEMBERS = 2_000
DELIMITERS = ",;\t|"

Rows = list[tuple[int, list[str]]]  #: (row number from 1, its cells)


def text_of(data: bytes, where: str) -> tuple[str, list[Loss]]:
    """Text in UTF-8, UTF-16 or Windows-1252.

    Raises:
        TurnoverError: it is not text.
    """
    if data[:2] in UTF16_MARKS or _like_utf16(data):
        codec = "utf-16" if data[:2] in UTF16_MARKS else "utf-16-le"
        try:
            return data.decode(codec).removeprefix("\ufeff"), []
        except UnicodeDecodeError as error:
            raise TurnoverError(f"{where} is damaged UTF-16", hint="save it as UTF-8") from error
    control = sum(byte < 32 and byte not in b"\t\r\n\x0b\x0c\x1a" for byte in data[:65536])
    if control:
        raise TurnoverError(f"{where} is not text: it has control bytes", hint="save it as UTF-8")
    try:
        return data.decode("utf-8-sig").rstrip("\x1a"), []
    except UnicodeDecodeError:
        loss = Loss(where, "not UTF-8; read as Windows-1252", ASSUMED, "check a line with accents")
        return data.decode("cp1252", errors="replace"), [loss]


def _like_utf16(data: bytes) -> bool:
    head = data[:256]
    return len(head) > 8 and head[1::2].count(0) > len(head) // 3


def csv_rows(text: str, where: str, delimiter: str) -> Rows:
    """The rows of `text`; a quoted cell can span several lines.

    Raises:
        TurnoverError: an unclosed quotation mark, or too many rows.
    """
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:  # to limit the cells of a row
        raise TurnoverError(
            f"{where} has a line of over {LONGEST_LINE} characters",
            hint="is it a cue sheet?",
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    rows: Rows = []
    before = 0
    try:
        for cells in reader:
            rows.append((before + 1, cells[:MOST_COLUMNS]))
            before = reader.line_num
            if len(rows) > MOST_ROWS:
                raise TurnoverError(f"{where} has over {MOST_ROWS} rows", hint="is it a cue sheet?")
    except csv.Error as error:
        raise TurnoverError(
            f"{where}, row {reader.line_num}: {error}", hint="check for an unclosed quotation mark"
        ) from error
    return rows


def looks_like_xlsx(data: bytes) -> bool:
    """Whether a ZIP file is a workbook."""
    return data[:4] == ZIP_MARK and b"xl/" in data


def xlsx_rows(data: bytes, where: str) -> tuple[Rows, list[Loss]]:
    """The rows of the first visible sheet of a workbook that has any.

    Raises:
        TurnoverError: damaged, unsafe or empty.
    """
    from openpyxl.utils.exceptions import InvalidFileException

    _check_zip(data, where)
    try:
        read = _sheets(data, where)
    except TurnoverError:
        raise
    except (InvalidFileException, zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError,
            AttributeError, IndexError, OSError, EOFError, SyntaxError, OverflowError,
            RuntimeError, AssertionError) as error:  # fmt: skip
        # openpyxl passes on all errors of damaged parts, also SyntaxErrors of its XML parser
        raise TurnoverError(
            f"{where} is a damaged workbook: {type(error).__name__}: {str(error)[:120]}",
            hint="save it again as .xlsx, or as CSV",
        ) from error
    filled = {title: rows for title, rows in read.items() if rows}
    if not filled:
        raise TurnoverError(f"{where} has no cell with text", hint="is it a cue sheet?")
    first = next(iter(filled))
    losses = [Loss(where, f"sheet {title[:60]!r} is not read", LOST, "make it the first sheet")
              for title in filled if title != first]  # fmt: skip
    return filled[first], losses


def _sheets(data: bytes, where: str) -> dict[str, Rows]:
    """Title -> rows of each visible sheet; of all sheets if none is visible."""
    import openpyxl

    with warnings.catch_warnings():
        # It warns about styles, extensions and links, which do not affect the text of cells.
        warnings.simplefilter("ignore", UserWarning)
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=False, keep_links=False, rich_text=False
        )
        sheets = [s for s in book.worksheets if s.sheet_state == "visible"] or book.worksheets
        return {sheet.title: list(_sheet_rows(sheet, where)) for sheet in sheets}


def _check_zip(data: bytes, where: str) -> None:
    """Refuse a ZIP that unpacks to an implausible size, or whose XML declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            members = bundle.infolist()
            if len(members) > MOST_MEMBERS:
                raise TurnoverError(f"{where} has {len(members)} parts", hint="is it a workbook?")
            unpacked = 0
            for member in members:
                with bundle.open(member) as stream:  # its stated size can be wrong: count
                    unpacked += _counted(
                        stream, member.filename, where, LARGEST_UNPACKED - unpacked
                    )
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError,
            ValueError) as error:  # fmt: skip
        raise TurnoverError(
            f"{where} is a damaged workbook: {error}", hint="save it again as .xlsx, or as CSV"
        ) from error
    if unpacked > 1 << 20 and unpacked > LARGEST_RATIO * len(data):
        raise TurnoverError(
            f"{where} unpacks to {unpacked // len(data)} times its size, and is not opened",
            hint="save it again, or as CSV",
        )


def _counted(stream: Any, name: str, where: str, room: int) -> int:
    total, tail = 0, b""
    while block := stream.read(1 << 20):
        total += len(block)
        if total > room:
            raise TurnoverError(
                f"{where} unpacks to more than {LARGEST_UNPACKED >> 20} MiB, and is not opened",
                hint="save it again, or as CSV",
            )
        plain = (tail + block).replace(b"\0", b"").upper()
        if b"<!DOCTYPE" in plain or b"<!ENTITY" in plain:
            raise TurnoverError(
                f"{where}: {name[:60]!r} declares XML entities, and is not read",
                hint="save it again, or as CSV",
            )
        tail = block[-32:]
    return total


def _sheet_rows(sheet: Any, where: str) -> Iterator[tuple[int, list[str]]]:
    sheet.reset_dimensions()  # its stated size can be wrong
    rows = sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS, values_only=True)
    for n, values in enumerate(rows, start=1):
        cells = [_cell(value) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if n > MOST_ROWS and cells:
            raise TurnoverError(f"{where} has over {MOST_ROWS} rows", hint="is it a cue sheet?")
        if cells:
            yield n, cells


def _cell(value: object) -> str:
    """The text of a cell, about as it is displayed; a formula as written."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    if isinstance(value, datetime):
        value = value.time()  # a time stored with a date
    if isinstance(value, time):
        since = timedelta(hours=value.hour, minutes=value.minute, seconds=value.second,
                          microseconds=value.microsecond)  # fmt: skip
        return _clock(since)
    if isinstance(value, timedelta):
        return _clock(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(getattr(value, "text", value))  # an array formula


def _clock(since: timedelta) -> str:
    """A time of day as hh:mm:ss.mmm; such a cell has no frames."""
    seconds = Fraction(since // timedelta(microseconds=1), 10**6)
    milliseconds = round(seconds * 1000)
    whole, part = divmod(milliseconds, 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{part:03d}"


def safe_cell(text: str) -> str:
    """`text`, so that a spreadsheet does not run it as a formula (OWASP, CSV injection).

    >>> safe_cell("=1+1"), safe_cell("- Who? "), safe_cell("'tis")
    ("'=1+1", "'- Who? ", "'tis")
    """
    return f"'{text}" if re.match(r"'*[=+\-@\t\r\n]", text) else text


def bare_cell(text: str) -> str:
    """A cell without the apostrophe that `safe_cell` or a spreadsheet put before it."""
    return text[1:] if re.match(r"'+[=+\-@\t\r\n]", text) else text
