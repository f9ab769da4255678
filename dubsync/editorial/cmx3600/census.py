"""Everything in a list that is kept but not understood, each reported.

A remark (a line that begins with "*") stays with its event.  Any other line is a statement, which
tells an edit controller to do something: those that are not read are reported by their first word.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, QUIET, WARNS, Loss
from dubsync.editorial.cmx3600.lines import PrintedList, Statement
from dubsync.editorial.cmx3600.markers import is_marker, is_resolve_marker

#: Lines above the first event that are reported one by one.
MOST_LINES = 20
_MODES = re.compile(r"(NON[- ]?DROP|DROP)([- ]FRAME)?", re.IGNORECASE)
#: Lines without "*" that are remarks, or whose contents are read or listed.
_REMARK = re.compile(
    r"\*|\||>>>|AUD\s+\d|(?:FROM|TO|KEY) CLIP|SOURCE FILE|REEL\s+\S+\s+IS\s+CLIP"
    r"|FINAL CUT PRO REEL|EFFECTS? NAME|ASC_S|LOC\s*:|COMMENT|REM\b",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"SPLIT\b.*?(?P<delay>\d{1,3}:\d{2}:\d{2}[:;]\d{2})?\s*$", re.IGNORECASE)
#: Remarks that name a retime, which M2 alone states.
_RETIME = re.compile(
    r"\*+\s*(?:EFFECT NAME\s*:.*(?:TIMEWARP|MOTION EFFECT|SPEED|FREEZE)|TIMEWARP EFFECT"
    r"|MOTION EFFECT|FREEZE FRAME|FRAME HOLD|STILL FRAME)",
    re.IGNORECASE,
)


def heading_losses(listed: PrintedList) -> list[Loss]:
    """Losses about lines above the first event, further titles, and unknown frame modes."""
    lines = [one for one in listed.heading if not is_marker(one[1])]
    losses = [
        Loss(f"line {line}", f"{text[:80]!r} is above the first event; not listed")
        if line
        else Loss("end of the list", f"{text[:80]!r} is about no event; not listed")
        for line, text in lines[:MOST_LINES]
    ]
    if len(lines) > MOST_LINES:
        what = f"{len(lines) - MOST_LINES} more lines above the first event are not listed"
        losses.append(Loss(f"line {lines[MOST_LINES][0]}", what))
    for line, title in listed.titles:
        losses.append(Loss(f"line {line}", f"a further title, {title[:80]!r}, is not listed"))
    seen: set[str] = set()
    for line, mode in listed.modes:
        if mode.upper() not in seen and not _MODES.fullmatch(mode):
            what = f"FCM: {mode[:40]} is no known frame mode; read as "
            what += "drop frame" if mode.upper().startswith("D") else "non-drop"
            losses.append(Loss(f"line {line}", what, ASSUMED, turnover=QUIET))
        seen.add(mode.upper())
    return losses


def statement_losses(statements: Sequence[Statement]) -> list[Loss]:
    """Losses about empty reels, frame numbers, retimes without M2, and statements not read."""
    losses: list[Loss] = []
    unknown: Counter[str] = Counter()
    first: dict[str, str] = {}
    numbered = 0
    for statement in statements:
        if is_resolve_marker(statement):
            continue
        where = f"line {statement.lines[-1].line}"
        for line in statement.lines:
            numbered += line.times[0].isdigit()
            if not line.reel:
                what = f"event {line.number} names no reel"
                turnover = WARNS if line.picture else ""
                losses.append(
                    Loss(f"line {line.line}", what, ODD, "name its reel in the list", turnover)
                )
        for remark in statement.remarks:
            if _SPLIT.match(remark):
                what = f"{remark[:80]!r} of event {statement.lines[-1].number} is not applied: "
                what += "its sound and picture are listed with the same times"
                losses.append(Loss(where, what, LOST, "check the sound of this event"))
            elif _RETIME.match(remark) and not statement.motions:
                what = f"{remark[:80]!r} names a retime, but no M2 line states the speed"
                turnover = WARNS if statement.lines[-1].picture else ""
                losses.append(Loss(where, what, ODD, "add the M2 line", turnover))
            elif not _REMARK.match(remark):
                word = (remark.split() or ["an empty line"])[0][:20]
                first.setdefault(word, where)
                unknown[word] += 1
    for word, count in unknown.items():
        what = f"lines that begin with {word!r} are kept as remarks, and not understood; "
        losses.append(Loss(first[word], f"{what}number of lines: {count}"))
    if numbered:
        what = "source times are frame numbers, not timecode, and are read as frames"
        losses.append(Loss("source times", what, ODD, "check the first source frame", WARNS))
    return losses
