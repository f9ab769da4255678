"""`dubsync cutdiff`: two cuts of any format, resolved and compared; the list written."""

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

#: A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "@", "\t", "\r")


def cut_difference(
    old: Path, new: Path, *, rate: Fraction | None = None, timelines: tuple[str, str] = ("", "")
) -> ChangeList:
    """What became of every event of `old` in `new`.

    Args:
        rate: frames per second of lists that do not say; where only one says, it serves for both.
        timelines: which timeline of each file; "": the only one.

    Raises:
        MissingMedia, TimecodeError, TurnoverError: as `probe_cut`, `resolve` and `change_list`.
    """
    was, now = _both(old, new, rate)
    return change_list(was, resolve(was, timelines[0]), now, resolve(now, timelines[1]))


def _both(old: Path, new: Path, rate: Fraction | None) -> tuple[ProbedCut, ProbedCut]:
    """Both cuts; a list's rate is the other cut's, where that says its own."""
    if rate is not None:
        return probe_cut(old, rate), probe_cut(new, rate)
    was, now = _read(old), _read(new)
    known = next((cut.rate for cut in (was, now) if cut is not None and cut.rate is not None), None)
    if known is None:
        raise TurnoverError(
            f"neither {old.name} nor {new.name} says its frame rate",
            hint="say it: --rate 24000/1001",
        )
    was = was if was is not None and was.rate is not None else probe_cut(old, known)
    now = now if now is not None and now.rate is not None else probe_cut(new, known)
    return was, now


def _read(path: Path) -> ProbedCut | None:
    """The cut, or None where it cannot be read without being told its rate."""
    try:
        return probe_cut(path)
    except TurnoverError as error:
        if "rate" in f"{error} {error.hint}":
            return None
        raise


def write_list(result: ChangeList, *, csv_path: Path | None, html_path: Path | None) -> None:
    """Write the list as CSV (UTF-8, RFC 4180) and as a page.

    Raises:
        DeliveryError: a file of that name is there already, or cannot be written.
    """
    for path in (csv_path, html_path):
        if path is not None and path.exists():
            raise DeliveryError(f"{path} is there already", hint="choose another name")
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
    """Text that no spreadsheet takes for a formula; our own signed numbers stay numbers."""
    signed = cell[:1] in "+-" and cell[1:].replace(".", "", 1).isdigit()
    risky = cell.startswith(_FORMULA) or (cell[:1] in ("+", "-") and not signed)
    return f"'{cell}" if risky else cell
