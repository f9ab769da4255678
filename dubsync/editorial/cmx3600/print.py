"""Prints statements as CMX3600 text: ASCII, CRLF, fixed columns, legal reel names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence

from dubsync.editorial.cmx3600.lines import Motion, Printed, Statement
from dubsync.editorial.cmx3600.printed_time import drops
from dubsync.editorial.timeline.reel_names import LONG_REEL, SHORT_REEL

#: Longest remark in characters; longer ones break some readers.
WIDEST_REMARK = 250


def print_list(
    title: str, statements: Sequence[Statement], drop: bool, report: Callable[[str], None]
) -> str:
    """The text of a list: events numbered from 1, an FCM line first and at every change.

    Args:
        drop: whether record timecode is drop-frame, if a statement does not state it.
        report: called with each loss: what ASCII or the columns cannot hold.
    """
    reels = _printed_reels(statements, report)
    width = SHORT_REEL if all(len(reel) <= SHORT_REEL for reel in reels.values()) else LONG_REEL
    digits = 3 if len(statements) <= 999 else 6
    lines = [f"TITLE: {_ascii(title, report)}"]
    mode: bool | None = None
    for number, statement in enumerate(statements, start=1):
        first = statement.lines[0]
        wanted = drop if first.drop is None and not any(drops(first)) else drops(first).record_in
        if wanted != mode:
            lines.append(f"FCM: {'DROP FRAME' if wanted else 'NON-DROP FRAME'}")
            mode = wanted
        lines += [_event_line(f"{number:0{digits}d}", x, reels, width) for x in statement.lines]
        lines += [_motion_line(motion, reels, width) for motion in statement.motions]
        lines += [_ascii(remark, report) for remark in statement.remarks]
        lines += _reel_remarks(statement, reels)
    return "\r\n".join(lines) + "\r\n"


def _event_line(number: str, line: Printed, reels: dict[str, str], width: int) -> str:
    reel = f"{reels[line.reel]:<{width}}"
    edit = f"{line.channels:<4}  {line.transition:<4} {line.length:>3}"
    return f"{number}  {reel} {edit} {' '.join(line.times)}"


def _motion_line(motion: Motion, reels: dict[str, str], width: int) -> str:
    reel = f"{reels.get(motion.reel, motion.reel):<{width}}"
    return f"M2   {reel}      {motion.fps:>6}                {motion.start}"


def _reel_remarks(statement: Statement, reels: dict[str, str]) -> Iterator[str]:
    for reel in dict.fromkeys(line.reel for line in statement.lines):
        if reels[reel] != reel and not any(r.startswith("* REEL NAME") for r in statement.remarks):
            yield f"* REEL NAME: {_ascii(reel, lambda _: None)}"


def _printed_reels(
    statements: Sequence[Statement], report: Callable[[str], None]
) -> dict[str, str]:
    """Reel -> its printed name: ASCII, no spaces, at most 32 characters, unique."""
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
            report(f"reel {reel!r} is printed as {short}")
        printed[reel] = short
    return printed


def _ascii(text: str, report: Callable[[str], None]) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    printed = re.sub(r"[^\x20-\x7e]", "?", plain)
    if printed != text:
        report(f"{text!r} is printed in ASCII as {printed!r}")
    if len(printed) > WIDEST_REMARK:
        report(f"{printed[:40]!r}... is truncated to {WIDEST_REMARK} characters")
    return printed[:WIDEST_REMARK]
