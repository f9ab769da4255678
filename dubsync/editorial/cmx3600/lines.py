"""Parses the lines of a CMX3600 list; timecodes stay as printed.

Source: "CMX 3600 EDL", CMX Systems, and the dialects of Avid, Final Cut Pro 7, Resolve and
Premiere: reels of up to 128 characters, six-digit event numbers, comments without "*".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

LONGEST_LINE = 1000
_CHANNELS = r"NONE|B|V\d{0,2}|AA?\d{0,4}(?:/?V\d?)?"
_CODE = r"\s+\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3}"
_REST = (
    rf"(?P<channels>{_CHANNELS})\s+"
    r"(?P<transition>C|D|W\d{1,3}|K(?:\s?[BO])?)(?:\s+(?P<length>\d{1,4}))?"
    rf"(?P<times>(?:(?:{_CODE}){{2}}|(?:\s+\d{{1,9}}){{2}})(?:{_CODE}){{2}})"
)
_EVENT = re.compile(
    rf"(?P<number>\d{{1,6}})\s+(?P<reel>\S.{{0,127}}?)\s+{_REST}",
    re.IGNORECASE,
)
#: An event whose reel column is empty.
_NO_REEL = re.compile(rf"(?P<number>\d{{1,6}})\s+(?P<reel>){_REST}", re.IGNORECASE)
_LOOKS_LIKE_EVENT = re.compile(r"\d{3,6}\s+\S")
#: Statements that are printed above the event that they are about.
_ABOVE = re.compile(r"SPLIT\b", re.IGNORECASE)
_MOTION = re.compile(r"M2\s+(?:(?P<reel>\S.*?)\s+)?(?P<fps>\S+)\s+(?P<start>\S*:\S*)")
_FRAME_MODE = re.compile(r"FCM\s*:\s*(?P<mode>.*)", re.IGNORECASE)
_TITLE = re.compile(r"TITLE\s*:\s*(?P<title>.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Motion:
    """An M2 line: speed as printed, in frames per second."""

    line: int
    reel: str
    fps: str
    start: str


@dataclass(frozen=True, slots=True)
class Printed:
    """One event line as printed.

    reel    "" if the column is empty
    times   source in, source out, record in, record out; the source as frame numbers in some lists
    drop    whether the last FCM line states drop frame; None before the first
    """

    line: int
    number: str
    reel: str
    channels: str
    transition: str
    length: str
    times: tuple[str, str, str, str]
    drop: bool | None

    @property
    def picture(self) -> bool:
        """Whether it edits picture, not only sound."""
        return "V" in self.channels or self.channels == "B"

    @property
    def track(self) -> str:
        """Name of the picture track."""
        result = re.search(r"V(\d+)", self.channels)
        return f"V{int(result.group(1))}" if result else "V1"


@dataclass(frozen=True, slots=True)
class Statement:
    """An event: one line, or the two of a transition, and the remarks printed under it."""

    lines: tuple[Printed, ...]
    remarks: tuple[str, ...] = ()
    motions: tuple[Motion, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedList:
    """A whole list.

    unread   (line, text) of each line that resembles an event but is none
    heading  (line, text) of each line above the first event that is neither title nor frame mode
    modes    (line, text) of each FCM line
    titles   (line, text) of each further TITLE line
    """

    title: str
    statements: tuple[Statement, ...]
    unread: tuple[tuple[int, str], ...] = ()
    heading: tuple[tuple[int, str], ...] = ()
    modes: tuple[tuple[int, str], ...] = ()
    titles: tuple[tuple[int, str], ...] = ()


def printed_list(text: str) -> PrintedList:
    """Parse the lines of `text`; any other line after an event is a remark of that event."""
    drop = None
    statements: list[Statement] = []
    unread: list[tuple[int, str]] = []
    heading: list[tuple[int, str]] = []
    modes: list[tuple[int, str]] = []
    titles: list[tuple[int, str]] = []
    above: list[str] = []
    for line, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        content = raw.strip(" \t\x1a\0\ufeff")
        if len(content) > LONGEST_LINE:
            unread.append((line, content[:80] + " ..."))
        elif mode := _FRAME_MODE.match(content):
            drop = mode["mode"].upper().startswith("D")
            modes.append((line, mode["mode"].strip()))
        elif result := _TITLE.match(content):
            titles.append((line, result["title"].strip()))
        elif event := _EVENT.fullmatch(content) or _NO_REEL.fullmatch(content):
            _add_event(statements, _printed(event, line, drop))
            for remark in above:
                statements[-1] = _with_remark(statements[-1], remark, line)
            above.clear()
        elif _LOOKS_LIKE_EVENT.match(content):
            unread.append((line, content))
        elif _ABOVE.match(content):
            above.append(content)
        elif content and statements:
            statements[-1] = _with_remark(statements[-1], content, line)
        elif content:
            heading.append((line, content))
    heading += [(0, content) for content in above]
    title = next((title for _, title in titles if title), "")
    rest = tuple(one for one in titles if one[1] not in ("", title))
    return PrintedList(title, tuple(statements), tuple(unread), tuple(heading), tuple(modes), rest)


def _printed(event: re.Match[str], line: int, drop: bool | None) -> Printed:
    source_in, source_out, record_in, record_out = event["times"].split()
    return Printed(
        line=line,
        number=event["number"],
        reel=event["reel"],
        channels=event["channels"].upper(),
        transition=" ".join(event["transition"].upper().split()),
        length=event["length"] or "",
        times=(source_in, source_out, record_in, record_out),
        drop=drop,
    )


def _add_event(statements: list[Statement], line: Printed) -> None:
    last = statements[-1] if statements else None
    second_half = (
        last is not None
        and len(last.lines) == 1
        and last.lines[0].number == line.number
        and last.lines[0].channels == line.channels
        and line.transition != "C"
    )
    if last is not None and second_half:
        statements[-1] = replace(last, lines=(*last.lines, line))
    else:
        statements.append(Statement((line,)))


def _with_remark(statement: Statement, content: str, line: int) -> Statement:
    if not re.match(r"M2\b", content):
        return replace(statement, remarks=(*statement.remarks, content))
    result = _MOTION.fullmatch(content)
    motion = (
        Motion(line, result["reel"] or "", result["fps"], result["start"])
        if result
        else Motion(line, "", content[2:].strip(), "")
    )
    return replace(statement, motions=(*statement.motions, motion))
