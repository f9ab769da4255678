"""Reads WebVTT: cues from the programme's first frame, the speaker in a voice span (<v NAME>).

Source: W3C, "WebVTT: The Web Video Text Tracks Format", sections 4 and 6.  As there, a cue with
invalid times is skipped; here it is also reported.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from fractions import Fraction

from dubsync.core.errors import TurnoverError
from dubsync.core.script import Script, ScriptLine
from dubsync.core.timeline.losses import LOST, ODD, LossReport
from dubsync.editorial.files.text import one_line, plain
from dubsync.editorial.files.text_file import UTF8_MARK
from dubsync.editorial.script.rows import MOST_LINES, ScriptBuilder
from dubsync.editorial.script.srt import name_in

_SIGNATURE = re.compile(r"WEBVTT(?:[ \t].*)?")
_TIME = r"(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})"
_TIMING = re.compile(rf"[ \t\f]*{_TIME}[ \t\f]*-->[ \t\f]*{_TIME}(?:[ \t\f].*)?")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t\n]+([^<>]{1,200})>")
_TAG = re.compile(r"<[^<>]{0,200}>")


def looks_like_webvtt(data: bytes) -> bool:
    """Whether a file has WebVTT's first line."""
    first = re.split(rb"[\r\n]", data[:1000].removeprefix(UTF8_MARK), maxsplit=1)[0]
    return _SIGNATURE.fullmatch(first.decode("utf-8", "replace")) is not None


def read_webvtt(data: bytes, *, path: str = "") -> Script:
    """The lines of a WebVTT file, counted from the programme's first frame.

    A cue in which several voices speak becomes a line for each.

    Raises:
        TurnoverError: no cue can be read, or too many rows.
    """
    builder = ScriptBuilder(path.rsplit("/", 1)[-1] or "the subtitles")
    text = data.removeprefix(UTF8_MARK).decode("utf-8", "replace").replace("\0", "\ufffd")
    rows = re.split(r"\r\n|\r|\n", text)
    if len(rows) > 10 * MOST_LINES:
        raise TurnoverError(f"{builder.where} has over {10 * MOST_LINES} rows", hint="is it one?")
    named = 0
    for first, block in _blocks(rows, builder):
        named += _block(block, first, builder)
    if named:
        builder.assume(
            f"{named} lines begin with a name in capitals and a colon, used as the character"
        )
    lines = builder.finish("check the times, as 00:01:02.500 --> 00:01:04.000")
    return Script(path, "WebVTT", lines, from_start=True, losses=LossReport.of(builder.losses))


def _blocks(rows: list[str], builder: ScriptBuilder) -> Iterator[tuple[int, list[str]]]:
    """(line number of its first row, rows) of each block after the header.

    A block ends at an empty row, or before an arrow that cannot be its own timing.
    """
    at = 1
    while at < len(rows) and rows[at].strip() and "-->" not in rows[at]:
        if rows[at].startswith("X-TIMESTAMP-MAP"):
            what = "X-TIMESTAMP-MAP is not applied: the times are those of a streaming segment"
            builder.lose(f"line {at + 1}", what, ODD, "export the whole programme's subtitles")
        at += 1
    block: list[str] = []
    for n in range(at, len(rows)):
        arrow = "-->" in rows[n] and not (not block or (len(block) == 1 and "-->" not in block[0]))
        if block and (arrow or not rows[n]):
            yield n + 1 - len(block), block
            block = []
        if rows[n]:
            block.append(rows[n])
    if block:
        yield len(rows) + 1 - len(block), block


def _block(rows: list[str], line: int, builder: ScriptBuilder) -> int:
    """Add the lines of one block; return how many name the character in capitals.

    Args:
        line: line number of its first row.
    """
    if not rows or rows[0].startswith(("NOTE", "STYLE", "REGION")) and "-->" not in rows[0]:
        return 0
    place = next((n for n, row in enumerate(rows[:2]) if "-->" in row), None)
    if place is None:
        builder.lose(f"line {line}", f"{rows[0][:60]!r} is no cue; skipped", LOST)
        return 0
    where, timing = f"line {line + place}", _TIMING.fullmatch(rows[place])
    times = [_seconds(timing.groups()[n : n + 4]) for n in (0, 4)] if timing else []
    start, stop = times if len(times) == 2 else (None, None)
    if start is None or stop is None or stop <= start:
        builder.lose(where, f"{rows[place].strip()[:60]!r} is not a pair of times; skipped", LOST)
        return 0
    number = rows[0].strip() if place else ""
    named = 0
    for voice, said in _voices("\n".join(rows[place + 1 :])):
        character, text = (voice, said) if voice else name_in(said)
        if not text:
            builder.lose(where, "a cue without text is skipped", ODD)
            continue
        named += bool(character) and not voice
        builder.add(ScriptLine(character, text, start, stop, number, where=where))
    return named


def _seconds(parts: tuple[str | None, ...]) -> Fraction | None:
    hours, minutes, seconds, rest = parts
    if int(minutes or 0) > 59 or int(seconds or 0) > 59 or len(hours or "") > 5:
        return None
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole + Fraction(f"0.{rest}")


def _voices(body: str) -> list[tuple[str, str]]:
    """(voice, text) of each voice span of a cue; one with voice "" without any."""
    pieces = _VOICE.split(body)
    spoken = [("", pieces[0]), *zip(pieces[1::2], pieces[2::2], strict=True)]
    result = [(one_line(html.unescape(voice)), _text(said)) for voice, said in spoken]
    return [pair for pair in result if pair[1]] or [("", "")]


def _text(said: str) -> str:
    return plain(html.unescape(_TAG.sub("", said)).replace("\u200e", "").replace("\u200f", ""))
