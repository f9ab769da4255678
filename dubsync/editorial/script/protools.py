"""Reads a Pro Tools session as a script: one track per character, one clip per cue.

Track: `Leonard To[LEOTO]{Jason Tobin}`, character, prefix, performer. Clip: `text [reason]
{comment}`; also ptulsconv's tags, `{R=reason}`, `{Note=...}`, `$QN=number`. A clip `@ {...}` has
tags only, for a range of time.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.script import Script, ScriptLine
from dubsync.core.timeline.losses import ASSUMED, LOST, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.editorial.files.text import one_line
from dubsync.editorial.script.rows import ScriptBuilder

_CURLY = re.compile(r"\{([^{}]*)\}")
_SQUARE = re.compile(r"\[([^\[\]]*)\]")
_DOLLAR = re.compile(r"\$(\w{1,30})=(\S+)")
_KEY = re.compile(r"\s*(\w{1,30})\s*=(.*)", re.DOTALL)
#: Names of clips that are not cues: made by Pro Tools, or named after a file.
_FILE = re.compile(
    r"\.(?:\d+-\d+|L|R|wav|aif+|dup\d*|cm)\b|^\((?:cross )?fade|_\d{2,}(?:-\d+)?$", re.I
)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A parsed name: bare text, parts in {curly} and [square] brackets, and tags by key."""

    bare: str
    curly: tuple[str, ...]
    square: tuple[str, ...]
    tags: Mapping[str, str]


def tagged(name: str) -> Tagged:
    """Parse the name of a track or clip.

    >>> tagged("Who's there? [noise] {softer} $QN=R101").bare
    "Who's there?"
    """
    tags: dict[str, str] = {}
    curly: list[str] = []
    for inner in _CURLY.findall(name):
        if result := _KEY.fullmatch(inner):
            tags[result[1].upper()] = result[2].strip()
        elif inner.strip():
            curly.append(inner.strip())
    rest = _CURLY.sub(" ", name)
    tags |= {key.upper(): value for key, value in _DOLLAR.findall(rest)}
    rest = _DOLLAR.sub(" ", rest)
    square = tuple(inner.strip() for inner in _SQUARE.findall(rest) if inner.strip())
    return Tagged(one_line(_SQUARE.sub(" ", rest)), tuple(curly), square, tags)


def protools_script(cut: ProbedCut) -> Script:
    """The cues of a session's text.

    Raises:
        TurnoverError: no clip is a cue.
    """
    builder = ScriptBuilder(cut.path.rsplit("/", 1)[-1] or "the session")
    tracks: dict[str, Tagged] = {}
    files = 0
    for event in cut.events:
        if event.kind != "audio" or event.record is None or event.record.start is None:
            continue
        if _FILE.search(event.name) and "{" not in event.name and "[" not in event.name:
            files += 1
            continue
        track = tracks.setdefault(event.track, tagged(event.track))
        _cue(event, track, builder)
    if files:
        builder.lose(
            builder.where, f"{files} clips are named after sound files; they are not cues", LOST
        )
    for loss in cut.losses:
        builder.losses.append(loss)
    timeline = cut.timelines[0]
    lines = builder.finish("name each clip after its line: text [reason] {comment}")
    rate = timeline.rate
    start = timeline.start / rate if timeline.start is not None and rate else None
    return Script(cut.path, cut.format, lines, rate=rate, drop=timeline.drop,
                  start=start, losses=LossReport.of(builder.losses))  # fmt: skip


def _cue(event: ProbedEvent, track: Tagged, builder: ScriptBuilder) -> None:
    parts = tagged(event.name)
    if parts.bare in ("", "@") or parts.bare.startswith(("@ ", "& ")):
        if parts.bare.startswith("& "):
            builder.lose(
                event.where, f"{event.name[:60]!r} continues the cue before it; not joined", LOST
            )
        return
    if not event.enabled:
        builder.lose(event.where, f"the muted clip {parts.bare[:60]!r} is not a cue", LOST)
        return
    record = event.record
    assert record is not None and record.rate is not None
    start, stop = record.start, record.stop
    if start is None or stop is None:
        builder.refuse(event.where, f"{' '.join(record.text)} are not valid times")
        return
    if start.denominator != 1 or stop.denominator != 1:
        builder.lose(builder.where, "cues begin between frames; their times are kept", ASSUMED)
    tags = {**track.tags, **parts.tags}
    notes = [*parts.curly, *([tags["NOTE"]] if "NOTE" in tags else [])]
    character = one_line(tags.get("CHAR", "") or re.sub(r"\.dup\d+$", "", track.bare))
    builder.add(
        ScriptLine(
            character=character,
            text=parts.bare,
            start=Fraction(start) / record.rate,
            stop=Fraction(stop) / record.rate,
            number=tags.get("QN", ""),
            performer=one_line(tags.get("ACTOR", "") or "; ".join(track.curly)),
            reason="; ".join(dict.fromkeys([*([tags["R"]] if "R" in tags else []), *parts.square])),
            notes="\n".join(notes),
            where=event.where,
        )
    )
