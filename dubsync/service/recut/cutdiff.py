"""`dubsync cutdiff`: compares two cuts of any format and writes the change list."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import DeliveryError, TurnoverError
from dubsync.core.timeline.change import ChangeList
from dubsync.core.timeline.change_rows import COLUMNS, cells
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.changes.change_list import change_list
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from dubsync.qc.change_list import change_page
from dubsync.service.store.atomic_write import write_whole

#: Spreadsheets read a cell that begins with one of these as a formula.
_FORMULA = ("=", "@", "\t", "\r")


def cut_difference(
    old: Path, new: Path, *, rate: Fraction | None = None, timelines: tuple[str, str] = ("", "")
) -> ChangeList:
    """The changes of every event from `old` to `new`.

    Args:
        rate: frames per second of cuts that do not state theirs; None: the other cut's rate.
        timelines: which timeline of each file; "": the only one.

    Raises:
        MissingMedia, TimecodeError, TurnoverError: as `probe_cut`, `resolve` and `change_list`.
    """
    before, after = _both(old, new, rate)
    return change_list(before, resolve(before, timelines[0]), after, resolve(after, timelines[1]))


def _both(old: Path, new: Path, rate: Fraction | None) -> tuple[ProbedCut, ProbedCut]:
    """Both cuts; one that does not state its rate gets the other's."""
    if rate is not None:
        return probe_cut(old, rate), probe_cut(new, rate)
    before, after = _read(old), _read(new)
    rates = (cut.rate for cut in (before, after) if cut is not None and cut.rate is not None)
    known = next(rates, None)
    if known is None:
        raise TurnoverError(
            f"neither {old.name} nor {new.name} states its frame rate",
            hint="state it with --rate 24000/1001",
        )
    before = before if before is not None and before.rate is not None else probe_cut(old, known)
    after = after if after is not None and after.rate is not None else probe_cut(new, known)
    return before, after


def _read(path: Path) -> ProbedCut | None:
    """The cut, or None where it cannot be read without a rate."""
    try:
        return probe_cut(path)
    except TurnoverError as error:
        if "rate" in f"{error} {error.hint}":
            return None
        raise


def write_list(result: ChangeList, *, csv_path: Path | None, html_path: Path | None) -> None:
    """Write the list as CSV (UTF-8, RFC 4180) and as an HTML page.

    Raises:
        DeliveryError: a file of that name exists already, or cannot be written.
    """
    for path in (csv_path, html_path):
        if path is not None and path.exists():
            raise DeliveryError(f"{path} exists already", hint="choose another file name")
    if csv_path is not None:
        write_whole(csv_path, _csv(result))
    if html_path is not None:
        write_whole(html_path, change_page(result))


def _csv(result: ChangeList) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for change in result.changes:
        writer.writerow([_plain(cell) for cell in cells(change)])
    return out.getvalue()


def _plain(cell: str) -> str:
    """Text that no spreadsheet reads as a formula; signed numbers stay numbers."""
    signed = cell[:1] in "+-" and cell[1:].replace(".", "", 1).isdigit()
    risky = cell.startswith(_FORMULA) or (cell[:1] in ("+", "-") and not signed)
    return f"'{cell}" if risky else cell
