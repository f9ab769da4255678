"""Statements in the columns of CMX3600: ASCII, CRLF, reels as lists can hold them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from dubsync.editorial.cmx3600.lines import Motion, Printed, Statement
from dubsync.editorial.cmx3600.printed_time import drops
from dubsync.editorial.timeline.reel_names import LONG_REEL, SHORT_REEL

#: Remarks wider than this break some readers.
WIDEST_REMARK = 250


def print_list(
    title: str, statements: Sequence[Statement], drop: bool, lose: Callable[[str], None]
) -> str:
    """The text of a list, its events counted from 1, an FCM line first and at every change.

    Args:
        drop: whether record timecode drops, where a statement does not say.
        lose: told of what ASCII or the columns cannot carry.
    """
    reels = _reels(statements, lose)
    width = SHORT_REEL if all(len(reel) <= SHORT_REEL for reel in reels.values()) else LONG_REEL
    digits = 3 if len(statements) <= 999 else 6
    rows = [f"TITLE: {_ascii(title, lose)}"]
    mode: bool | None = None
    for number, statement in enumerate(statements, start=1):
        first = statement.lines[0]
        wanted = drop if first.drop is None and not any(drops(first)) else drops(first).record_in
        if wanted != mode:
            rows.append(f"FCM: {'DROP FRAME' if wanted else 'NON-DROP FRAME'}")
            mode = wanted
        rows += [_event_row(f"{number:0{digits}d}", x, reels, width) for x in statement.lines]
        rows += [_motion_row(motion, reels, width) for motion in statement.motions]
        rows += [_ascii(remark, lose) for remark in statement.remarks]
        rows += _reel_remarks(statement, reels)
    return "\r\n".join(rows) + "\r\n"


def _event_row(number: str, line: Printed, reels: dict[str, str], width: int) -> str:
    reel = f"{reels[line.reel]:<{width}}"
    edit = f"{line.channels:<4}  {line.transition:<4} {line.length:>3}"
    return f"{number}  {reel} {edit} {' '.join(line.times)}"


def _motion_row(motion: Motion, reels: dict[str, str], width: int) -> str:
    reel = f"{reels.get(motion.reel, motion.reel):<{width}}"
    return f"M2   {reel}      {motion.fps:>6}                {motion.start}"


def _reel_remarks(statement: Statement, reels: dict[str, str]) -> Iterator[str]:
    for reel in dict.fromkeys(line.reel for line in statement.lines):
        if reels[reel] != reel and not any(r.startswith("* REEL NAME") for r in statement.remarks):
            yield f"* REEL NAME: {_ascii(reel, lambda _: None)}"


def _reels(statements: Sequence[Statement], lose: Callable[[str], None]) -> dict[str, str]:
    """Reels as a list can print them: ASCII, no space, at most 32 long, still told apart."""
    printed: dict[str, str] = {}
    taken: set[str] = set()
    for reel in dict.fromkeys(line.reel for s in statements for line in s.lines):
        legal = re.sub(r"[^A-Za-z0-9._-]", "_", _ascii(reel, lambda _: None)) or "AX"
        short, n = legal[:LONG_REEL], 1
        while short in taken:
            n += 1
            short = f"{legal[: LONG_REEL - len(str(n)) - 1]}_{n}"
        taken.add(short)
        if short != reel:
            lose(f"reel {reel!r} is printed as {short}")
        printed[reel] = short
    return printed


def _ascii(text: str, lose: Callable[[str], None]) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    printed = re.sub(r"[^\x20-\x7e]", "?", plain)
    if printed != text:
        lose(f"{text!r} is printed in ASCII as {printed!r}")
    if len(printed) > WIDEST_REMARK:
        lose(f"{printed[:40]!r}... is cut at {WIDEST_REMARK} characters")
    return printed[:WIDEST_REMARK]
