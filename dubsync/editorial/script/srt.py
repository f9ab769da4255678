"""Reads and writes SRT: times from the programme's first frame, optional names in the text."""

from __future__ import annotations

import re
from fractions import Fraction

from dubsync.core.errors import DeliveryError, TurnoverError
from dubsync.core.script import Script, ScriptLine, marked_text
from dubsync.core.timeline.corrected import Written
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, ODD, Loss, LossReport
from dubsync.editorial.files.text import plain
from dubsync.editorial.script.rows import MOST_LINES, ScriptBuilder

_TIME = r"(-?\s*\d{1,3})\s*:\s*(-?\d{1,2})\s*:\s*(-?\d{1,2})\s*(?:[,.]\s*(\d{0,6}))?"
_ARROW = re.compile(rf"^\s*{_TIME}\s*-+>\s*{_TIME}(?:\s+\S.*)?\s*$")
_TAGS = re.compile(r"</?[A-Za-z][^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}")
#: A name in capitals before a colon, as in subtitles for the deaf.
_NAME = re.compile(r"(?:[-\u2013\u2014]\s*)?\[?([^\W\d_a-z][^\n:\[\]a-z]{0,39}?)\]?\s*:\s+(?=\S)")


def looks_like_srt(text: str) -> bool:
    """Whether one of the first lines is an arrow between two times."""
    return any(_ARROW.match(line) for line in text.lstrip("\ufeff").splitlines()[:60])


def read_srt(text: str, *, path: str = "") -> Script:
    """The lines of an SRT file, counted from the programme's first frame.

    Raises:
        TurnoverError: invalid times, each with its line number, or no cue.
    """
    builder = ScriptBuilder(path.rsplit("/", 1)[-1] or "the subtitles")
    rows = text.removeprefix("\ufeff").splitlines()
    heads = [(n, _ARROW.match(row)) for n, row in enumerate(rows) if "->" in row]
    cues = [(n, match) for n, match in heads if match]
    if len(cues) > MOST_LINES:
        raise TurnoverError(f"{builder.where} has over {MOST_LINES} lines", hint="is it a script?")
    for n, match in heads:
        if match is None and re.match(r"\s*-?\d", rows[n]):
            builder.refuse(f"line {n + 1}", f"{rows[n].strip()[:60]!r} is not a pair of times")
    named = 0
    for place, (n, match) in enumerate(cues):
        assert match is not None
        stop = cues[place + 1][0] if place + 1 < len(cues) else len(rows)
        body = rows[n + 1 : stop]
        if place + 1 < len(cues) and body and body[-1].strip().isdigit():
            body = body[:-1]  # the next cue's number
        number = rows[n - 1].strip() if n and rows[n - 1].strip().isdigit() else ""
        named += _cue(match, number, "\n".join(body), f"line {n + 1}", builder)
    if named:
        builder.assume(
            f"{named} lines begin with a name in capitals and a colon, used as the character"
        )
    lines = builder.finish("correct these times, or export the subtitles again")
    return Script(path, "SRT", lines, from_start=True, losses=LossReport.of(builder.losses))


def _cue(match: re.Match[str], number: str, body: str, where: str, builder: ScriptBuilder) -> int:
    """Add one cue; return whether it names a character."""
    parts = match.groups()
    if any(part and part.strip().startswith("-") for part in parts):
        builder.refuse(where, "a negative time")
        return 0
    times = []
    for hours, minutes, seconds, rest in (parts[:4], parts[4:]):
        if int(minutes) > 59 or int(seconds) > 59:
            builder.refuse(where, f"{minutes}:{seconds} has minutes or seconds above 59")
            return 0
        if rest is not None and len(rest) != 3:
            builder.lose(
                where,
                f"{len(rest)} digits after the seconds, not 3; read as decimals",
                ASSUMED,
            )
        whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
        times.append(whole + Fraction(f"0.{rest or 0}"))
    text = plain(_TAGS.sub("", body))
    if not text:
        builder.lose(where, "a cue without text is skipped", ODD)
        return 0
    character, text = name_in(text)
    builder.add(ScriptLine(character, text, times[0], times[1], number, where=where))
    return bool(character)


def name_in(text: str) -> tuple[str, str]:
    """(character, words) of a subtitle that begins with a name in capitals; else ("", text).

    >>> name_in("- MARC: Wohin?"), name_in("Wohin?")
    (('MARC', 'Wohin?'), ('', 'Wohin?'))
    """
    name = _NAME.match(text)
    return (name[1].strip(), text[name.end() :]) if name else ("", text)


def write_srt(script: Script) -> Written:
    """The script as SRT: UTF-8, CRLF, times from its first frame, names in capitals.

    Raises:
        DeliveryError: a line before the programme's first frame, or no line with text.
    """
    zero = script.start or Fraction(0)
    blocks: list[str] = []
    rounded = 0
    lines = [line for line in script.lines if plain(line.text)]
    if not lines:
        raise DeliveryError("no line of the script has text", hint="write it as DAPT")
    for place, line in enumerate(lines, start=1):
        if line.start < zero:
            raise DeliveryError(
                f"{line.name} begins before the programme's first frame, which SRT cannot state",
                hint="give the programme's start: --start",
            )
        start, stop = (round((t - zero) * 1000) for t in (line.start, line.stop))
        rounded += any((t - zero) * 1000 % 1 for t in (line.start, line.stop))
        prefix = f"{line.character.upper()}: " if line.character else ""
        text = prefix + plain(marked_text(line))  # SRT has no notes
        blocks.append(f"{place}\r\n{_clock(start)} --> {_clock(stop)}\r\n"
                      + text.replace("\n", "\r\n") + "\r\n")  # fmt: skip
    losses = []
    if script.start is None and not script.from_start:
        what = "record time is written, although SRT counts from the programme's first frame"
        losses.append(Loss("times", what, ASSUMED, "give that frame: --start"))
    if len(lines) < len(script.lines):
        what = f"{len(script.lines) - len(lines)} lines without text are not written"
        losses.append(Loss("text", what))
    if rounded:
        what = f"{rounded} lines begin or end between milliseconds; rounded"
        losses.append(Loss("times", what, APPROXIMATE))
    return Written("\r\n".join(blocks).encode(), LossReport.of(losses))


def _clock(milliseconds: int) -> str:
    seconds, part = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d},{part:03d}"
