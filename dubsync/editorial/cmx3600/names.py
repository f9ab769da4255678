"""Finds the remarks of a statement that name its clips and files, in all dialects of CMX3600.

Avid, Final Cut Pro 7, Resolve and Premiere print a clip's name, file and kind as remarks under
the event, each in its own form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from dubsync.editorial.cmx3600.lines import Statement
from dubsync.editorial.timeline.reel_names import BLACK_REELS

_CLIP_NAME = re.compile(
    r"\*{0,2}\s*(?P<side>FROM|TO|KEY) CLIP NAME\s*:\s*(?P<name>.*)", re.IGNORECASE
)
_SOURCE_FILE = re.compile(r"\*{0,2}\s*SOURCE FILE\s*:\s*(?P<name>.*)", re.IGNORECASE)
_CLIP_PATH = re.compile(r"\*{0,2}\s*(?:FROM|TO) (?:CLIP|FILE)\s*:\s*(?P<name>.*)", re.IGNORECASE)
_REEL_CLIP = re.compile(r"\*{0,2}\s*REEL\s+(?P<reel>\S+)\s+IS CLIP\s+(?P<name>.*)", re.IGNORECASE)
_GENERATOR = re.compile(r"\*?\s*(?P<side>FROM|TO) CLIP IS A GENERATOR", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LineNames:
    """The clip and the file that the remarks name for a line, "" if they name none.

    remarks  indices of the remarks that name clip and file; None for a missing one
    """

    clip: str
    file: str
    remarks: tuple[int | None, int | None]


def line_names(statement: Statement, second: int) -> LineNames:
    """The names that the remarks give to the clip and file of line 0 or 1 of a statement."""
    remarks = naming_remarks(statement, second)
    clip, file = (
        "" if n is None else statement.remarks[n].partition(":")[2].strip() for n in remarks
    )
    for result in filter(None, map(_REEL_CLIP.match, statement.remarks)):
        clip = clip or result["name"].strip()
    return LineNames(clip, file, remarks)


def is_generator(statement: Statement, second: int) -> bool:
    """Whether a remark marks line 0 or 1 of a statement as a generator: bars, slugs, titles."""
    sides = {m["side"].upper() for m in map(_GENERATOR.match, statement.remarks) if m}
    if len(statement.lines) == 1:
        return bool(sides)
    return ("TO" if second else "FROM") in sides


def remark_side(statement: Statement, second: int) -> str:
    """Whether FROM, TO or KEY CLIP NAME names the clip of line 0 or 1 of a statement."""
    sides = {m["side"].upper() for m in map(_CLIP_NAME.match, statement.remarks) if m}
    line = statement.lines[second]
    if len(statement.lines) == 1:
        return "TO" if "TO" in sides and (line.transition != "C" or "FROM" not in sides) else "FROM"
    if second and line.transition[0] == "K" and "KEY" in sides:
        return "KEY"
    if second and "TO" not in sides and statement.lines[0].reel.upper() in BLACK_REELS:
        return "FROM"  # black has no name: older Avid systems name the incoming clip so
    return ("FROM", "TO")[second]


def naming_remarks(statement: Statement, second: int) -> tuple[int | None, int | None]:
    """Indices of the remarks that name the clip and the file of line 0 or 1 of a statement.

    A file belongs to the side named last before it.  Two files in a row after both sides belong
    to the sides in their order, as Avid prints them.
    """
    wanted = remark_side(statement, second)
    clip, side = None, "FROM"
    files: list[tuple[str, int]] = []
    for n, remark in enumerate(statement.remarks):
        if result := _CLIP_NAME.match(remark):
            side = result["side"].upper()
            clip = n if side == wanted else clip
        elif _SOURCE_FILE.match(remark) or _CLIP_PATH.match(remark):
            files.append((side, n))
    if len(statement.lines) == 1:
        return clip, files[0][1] if files else None
    if len(files) == 2 and files[0][0] == files[1][0]:
        return clip, files[second][1]
    return clip, next((n for side, n in files if side == wanted), None)
