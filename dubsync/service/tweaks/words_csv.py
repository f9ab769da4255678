"""Words and phones as CSV: a row for each, with its times in seconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from dubsync.core.errors import SettingsError
from dubsync.service.tweaks.timed_words import (
    MOST_ROWS,
    Timed,
    TimedWord,
    checked_text,
    seconds_of,
    together,
)

NEEDED = ("kind", "text", "start_s", "end_s")
COLUMNS = (*NEEDED, "record")
#: A spreadsheet takes a cell that begins so for a formula: an apostrophe stands before it.
_FORMULA = ("=", "+", "-", "@")


def csv_text(words: Sequence[TimedWord], records: Sequence[str]) -> str:
    """The words, each followed by its phones.

    Args:
        records: record timecode of each word.
    """
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for one, record in zip(words, records, strict=True):
        word = one.word
        if word.text:
            rows.writerow(("word", _safe(word.text), repr(word.begin), repr(word.end), record))
        for phone in one.phones:
            rows.writerow(("phone", phone.text, repr(phone.begin), repr(phone.end), ""))
    return out.getvalue()


def csv_words(text: str, name: str) -> tuple[TimedWord, ...]:
    """The words of a CSV file; columns besides NEEDED are not read.

    Raises:
        SettingsError: it lacks a column, has too many rows, or rows that are wrong.
    """
    reader = csv.reader(io.StringIO(text, newline=""))
    words: list[Timed] = []
    phones: list[Timed] = []
    try:
        head = [cell.strip().lower() for cell in next(reader, [])]
        lacking = [column for column in NEEDED if column not in head]
        if lacking:
            raise SettingsError(f"{name} has no column {', '.join(lacking)}",
                                hint=f"the first row: {','.join(COLUMNS)}")  # fmt: skip
        places = [head.index(column) for column in NEEDED]
        for number, row in enumerate(reader, 2):
            if number > MOST_ROWS:
                raise SettingsError(f"{name} has more than {MOST_ROWS} rows",
                                    hint="one shot's words are far fewer")  # fmt: skip
            if not any(cell.strip() for cell in row):
                continue
            kind, one = _row([row[n] if n < len(row) else "" for n in places], f"row {number}")
            (words if kind == "word" else phones).append(one)
    except csv.Error as error:
        raise SettingsError(f"{name} is no CSV: {error}", hint="export it as CSV") from error
    return together(words, phones)


def _row(cells: Sequence[str], where: str) -> tuple[str, Timed]:
    kind, text, begin, end = (cell.strip() for cell in cells)
    if kind not in ("word", "phone"):
        raise SettingsError(f"{where}: kind {kind!r:.40}", hint="word or phone")
    if text.startswith("'") and text[1:].startswith(_FORMULA):
        text = text[1:]
    times = seconds_of(begin, where), seconds_of(end, where)
    return kind, Timed(checked_text(text, where), *times, where)


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
