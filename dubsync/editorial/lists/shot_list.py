"""Writes the shot list: a CSV row for each corrected clip."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction

from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.probed import ProbedCut, frame_text
from dubsync.editorial.lists.ale_write import rate_text
from dubsync.editorial.timeline.media_paths import path_text
from dubsync.editorial.tracks.corrected_clips import file_name

COLUMNS = (
    "shot", "name", "language", "track", "event", "clip", "reel",
    "record in", "record out", "record frames", "source in", "source out", "source frames",
    "first frame", "last frame", "head handle", "tail handle", "fps", "speed", "size", "file",
    "path",
)  # fmt: skip
#: First characters of cells that spreadsheets run as formulas (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_shot_list(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """A CSV of the corrected clips: record and source range, handles, file; UTF-8 with BOM."""
    return Written(print_csv(COLUMNS, [_row(cut, one) for one in corrected]))


def _row(cut: ProbedCut, one: Corrected) -> Mapping[str, str]:
    event = cut.events[one.event]
    record = event.record
    return {
        "shot": one.shot,
        "name": one.name,
        "language": one.language,
        "track": event.track,
        "event": event.number,
        "clip": event.name,
        "reel": one.reel,
        "record in": record.text[0] if record else "",
        "record out": record.text[1] if record else "",
        "record frames": str(record.length) if record and record.length is not None else "",
        "source in": frame_text(Fraction(one.source.start), one.source.rate, one.drop),
        "source out": frame_text(Fraction(one.source.stop), one.source.rate, one.drop),
        "source frames": str(len(one.source)),
        "first frame": frame_text(Fraction(one.frames.start), one.frames.rate, one.drop),
        "last frame": frame_text(Fraction(one.frames.stop - 1), one.frames.rate, one.drop),
        "head handle": str(one.source.start - one.frames.start),
        "tail handle": str(one.frames.stop - one.source.stop),
        "fps": rate_text(one.frames.rate),
        "speed": speed_text(event.speed),
        "size": "{}x{}".format(*one.format.shown_size),
        "file": file_name(one),
        "path": one.path,
    }


def speed_text(speed: Fraction | None) -> str:
    """A speed in percent; reverse speeds as a word, since a minus would begin a formula.

    >>> speed_text(Fraction(4, 5)), speed_text(Fraction(-1)), speed_text(None)
    ('80 %', 'reverse 100 %', 'changes')
    """
    if speed is None:
        return "changes"
    percent = f"{float(abs(speed) * 100):.6g} %"
    return f"reverse {percent}" if speed < 0 else percent


def print_csv(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> bytes:
    """A CSV for Excel, Numbers and LibreOffice, with formulas turned into text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([harmless(row.get(column, "")) for column in columns] for row in rows)
    return path_text(text.getvalue()).encode("utf-8-sig")


def harmless(cell: str) -> str:
    """A cell that spreadsheets do not run: an apostrophe is put before a formula.

    >>> harmless("=cmd|' /C calc'!A0"), harmless("A001")
    ("'=cmd|' /C calc'!A0", 'A001')
    """
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell
