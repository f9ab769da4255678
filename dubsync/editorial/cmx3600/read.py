"""Reads a whole CMX3600 list: picture and sound, black, transitions and keys, locators.

Only drop-frame timecode implies a rate; without a rate, timecode is listed without frame
numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import BLOCKS, LOST, ODD, WARNS, Loss, LossReport
from dubsync.core.timeline.probed import (
    ClipIdentity,
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    frame_text,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange, Timecode
from dubsync.editorial.cmx3600.joins import unjoined_losses
from dubsync.editorial.cmx3600.lines import Printed, PrintedList, Statement, printed_list
from dubsync.editorial.cmx3600.motion import moves, retime
from dubsync.editorial.cmx3600.names import is_generator, line_names
from dubsync.editorial.cmx3600.printed_time import NO_DROP, day_frames, drops
from dubsync.editorial.cmx3600.rate import frame_mode_losses, list_rate, rate_losses
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.timeline.shot_names import shot_name

_LOCATOR = re.compile(
    r"\*?\s*LOC\s*:\s*(?P<time>\d{1,3}:\d{2}:\d{2}[:;.,]\d{2,3})(?:\s+(?P<colour>\S+))?"
    r"(?:\s+(?P<text>.*))?",
    re.IGNORECASE,
)
_MORE_SOUND = re.compile(r"AUD\s+(?P<numbers>\d[\d\s]*)", re.IGNORECASE)
_SOUND = re.compile(r"(AA|A(\d*))")
_TABLE = ">>>"
_KINDS = {"C": "cut", "D": "dissolve", "W": "wipe", "K": "key"}


@dataclass(frozen=True, slots=True)
class _Reading:
    """A list and its rate, None if it is unknown."""

    listed: PrintedList
    rate: Fraction | None
    name: str


def read_cmx(text: str, *, rate: Fraction | None = None, path: str = "") -> ProbedCut:
    """Every event of a CMX3600 list.

    Args:
        rate: frames per second.  None: the rate that drop-frame timecode implies, else timecode
            is listed without frame numbers.

    Raises:
        TimecodeError: the list has timecode that `rate` does not have; names the line.
        TurnoverError: the list has no event.
    """
    where = path.rsplit("/", 1)[-1] or "the list"
    listed = printed_list(text)
    if not listed.statements:
        line, content = listed.unread[0] if listed.unread else (0, "")
        hint = (
            f"line {line} resembles an event but cannot be read: {content!r}"
            if line
            else "expected lines such as '001  A001C003 V     C        ' and four timecodes"
        )
        raise TurnoverError(f"no event in {where}", hint=hint)
    losses: list[Loss] = [*_heading(text), *_table(listed)]
    listed = replace(listed, statements=tuple(_without_table(s) for s in listed.statements))
    rate = list_rate(listed, rate, where, losses)
    name = listed.title or where.rsplit(".", 1)[0]
    reading = _Reading(listed, rate, name)
    events: list[ProbedEvent] = []
    markers: list[ProbedMarker] = []
    for line, content in listed.unread:
        losses.append(
            Loss(
                f"line {line}",
                f"{content!r} cannot be read as an event",
                LOST,
                "correct the line in the list, or export the list again",
                BLOCKS,
            )
        )
    for statement in listed.statements:
        events += _events(statement, reading, losses)
        markers += _locators(statement, reading, losses)
    if rate is not None:
        lines = [line for s in listed.statements for line in s.lines if line.picture]
        losses += unjoined_losses(events)
        losses += frame_mode_losses(lines, rate)
        losses += rate_losses(listed.statements, rate)
    timeline = _timeline(reading, events)
    return ProbedCut(
        path, "CMX3600 EDL", (timeline,), tuple(events), tuple(markers), LossReport.of(losses)
    )


def _heading(text: str) -> list[Loss]:
    """A loss for each line above the first event that is neither title nor frame mode."""
    losses = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip(" \t\x1a\0\ufeff")
        if re.match(r"\d{1,6}\s", line):
            break
        if line and not re.match(r"(TITLE|FCM)\s*:", line, re.IGNORECASE):
            losses.append(
                Loss(f"line {number}", f"{line[:80]!r} is above the first event; not listed")
            )
    return losses[:20]


def _table(listed: PrintedList) -> list[Loss]:
    """Avid's table of sources, printed after the last event."""
    rows = sum(r.startswith(_TABLE) for s in listed.statements for r in s.remarks)
    return (
        [
            Loss(
                "end of the list",
                f"a table of {rows} sources: their media identifiers are not listed",
            )
        ]
        if rows
        else []
    )


def _without_table(statement: Statement) -> Statement:
    """A statement without the table of sources that follows a list's last event."""
    for n, remark in enumerate(statement.remarks):
        if remark.startswith(_TABLE):
            return replace(statement, remarks=statement.remarks[:n])
    return statement


def _timeline(reading: _Reading, events: Sequence[ProbedEvent]) -> ProbedTimeline:
    lines = [line for s in reading.listed.statements for line in s.lines]
    drop = reading.rate in DROP_RATES and any(drops(line).record_in for line in lines)
    starts = [e.record.start for e in events if e.record and e.record.start is not None]
    stops = [e.record.stop for e in events if e.record and e.record.stop is not None]
    if not starts or not stops:
        return ProbedTimeline(reading.name, reading.rate, drop=drop)
    return ProbedTimeline(reading.name, reading.rate, min(starts), max(stops) - min(starts), drop)


def _events(statement: Statement, reading: _Reading, losses: list[Loss]) -> list[ProbedEvent]:
    """The events of a statement: one, or two for both sides of a transition."""
    result = []
    for n, line in enumerate(statement.lines):
        empty = line.times[2] == line.times[3]
        if empty and len(statement.lines) == 2:
            continue  # the outgoing side of a transition: the event's `outgoing` names it
        if empty:
            what = f"event {line.number} has no length"
            turnover = WARNS if line.picture else ""
            losses.append(Loss(f"line {line.line}", what, ODD, turnover=turnover))
        result.append(_event(statement, n, reading, losses))
    return result


def _event(statement: Statement, n: int, reading: _Reading, losses: list[Loss]) -> ProbedEvent:
    line = statement.lines[n]
    source, record = _counted(line, reading, losses)
    black = line.reel.upper() in BLACK_REELS
    generated = not black and line.picture and is_generator(statement, n)
    played = _Played(source, Fraction(1))
    if not black and not generated:
        played = _played(statement, line, source, record, reading)
    if played.loss:
        turnover = played.loss.turnover if line.picture else ""
        losses.append(replace(played.loss, turnover=turnover))
    names = line_names(statement, n)
    other = statement.lines[0] if n else None
    kind = _kind(line, black, generated)
    return ProbedEvent(
        tracks=_tracks(line, statement),
        name=names.clip or ("" if black else line.reel),
        kind=kind,
        record=record,
        source=None if black or (generated and kind != "generator") else played.source,
        reel=line.reel,
        speed=played.speed,
        media=names.file,
        number=line.number,
        transition=int(line.length) if line.length and line.transition[0] in "DWK" else None,
        outgoing=f"{other.reel} {other.times[0]}" if other else "",
        timeline=reading.name,
        where=f"line {line.line}",
        remarks=_remarks(statement, set(names.remarks)),
        identity=ClipIdentity(
            shot_name(names.clip, names.file, f"{line.reel.rstrip('.')}_{line.number}"),
            names.clip,
            names.file,
            line.reel,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Played:
    """The source and speed of a line, and a contradiction in the list about them."""

    source: ProbedRange
    speed: Fraction | None
    loss: Loss | None = None


def _played(
    statement: Statement,
    line: Printed,
    source: ProbedRange,
    record: ProbedRange,
    reading: _Reading,
) -> _Played:
    motions = [m for m in statement.motions if moves(m, line, statement)]
    if motions and reading.rate is None:
        still = re.fullmatch(r"[+-]?0+(\.0*)?", motions[-1].fps)
        return _Played(source, Fraction(0) if still else None)
    if source.length == 0:
        what = f"event {line.number} has no source frames"
        return _Played(source, None, Loss(f"line {line.line}", what, ODD, "", BLOCKS))
    if not record.length or source.start is None or reading.rate is None:
        return _Played(source, Fraction(1))
    rate = reading.rate
    ends = int(source.start), int(source.stop or 0)
    frames = FrameRange(int(record.start or 0), int(record.stop or 0), rate)
    result = retime(frames, FrameRange(*ends, rate), motions, line)
    shown = result.source
    if shown is not None and (shown.start, shown.stop) != ends:
        drop = drops(line).source_in
        source = probed_range(Fraction(shown.start), Fraction(shown.stop), rate, drop)
    return _Played(source, result.speed, result.loss)


def _kind(line: Printed, black: bool, generated: bool) -> str:
    kind = _KINDS[line.transition[0]]
    if kind != "cut":
        return kind
    if black:
        return "black"
    if generated:
        return "generator"
    return "cut" if line.picture else "audio"


def _remarks(statement: Statement, used: set[int | None]) -> tuple[str, ...]:
    """Remarks and M2 lines that no other field of an event holds, as printed."""
    rest = [
        r
        for n, r in enumerate(statement.remarks)
        if n not in used and not _LOCATOR.match(r) and not _MORE_SOUND.fullmatch(r)
    ]
    motions = [f"M2 {m.reel} {m.fps} {m.start}" for m in statement.motions]
    return (*motions, *rest)


def _tracks(line: Printed, statement: Statement) -> tuple[str, ...]:
    """The tracks a line edits: V2, AA/V, B, A1234V and the AUD lines under it."""
    channels = line.channels
    tracks = [line.track] if line.picture else []
    if channels == "B":
        tracks.append("A1")
    for result in _SOUND.finditer(channels):
        numbers = result[2] or ""
        if result[1] == "AA":
            tracks += ["A1", "A2"]
        elif len(numbers) > 2:
            tracks += [f"A{digit}" for digit in numbers]
        else:
            tracks.append(f"A{int(numbers or 1)}")
    for remark in statement.remarks:
        if more := _MORE_SOUND.fullmatch(remark):
            tracks += [f"A{int(number[:4])}" for number in more["numbers"].split()]
    return tuple(dict.fromkeys(tracks))


def _counted(
    line: Printed, reading: _Reading, losses: list[Loss]
) -> tuple[ProbedRange, ProbedRange]:
    """(source, record) of a line; with frame numbers if the rate is known and they are valid."""
    times, where = line.times, f"line {line.line}"
    printed = ProbedRange((times[0], times[1])), ProbedRange((times[2], times[3]))
    if reading.rate is None:
        return printed
    dropping = drops(line) if reading.rate in DROP_RATES else NO_DROP
    turnover = BLOCKS if line.picture else ""
    hint = "correct the line in the list, or export the list again"
    try:
        frames = [
            Timecode.parse(time, reading.rate, drop=drop).frame
            for time, drop in zip(times, dropping, strict=True)
        ]
    except TimecodeError as error:
        what = f"{error}; its frame numbers are not listed"
        losses.append(Loss(where, what, ODD, hint, turnover))
        return printed
    result = []
    for k, side in ((0, "source"), (2, "record")):
        start, stop = frames[k], frames[k + 1]
        day = day_frames(reading.rate, dropping[k])
        if stop < start:
            stop += day  # past midnight
        if stop - start > day // 2:
            what = f"{side} of event {line.number} ends before it begins; "
            what += "its frame numbers are not listed"
            losses.append(Loss(where, what, ODD, hint, turnover))
            return printed
        result.append(
            ProbedRange((times[k], times[k + 1]), Fraction(start), Fraction(stop), reading.rate)
        )
    return result[0], result[1]


def _locators(statement: Statement, reading: _Reading, losses: list[Loss]) -> list[ProbedMarker]:
    """Avid's locators, at record time."""
    markers = []
    line = statement.lines[-1]
    for remark in statement.remarks:
        result = _LOCATOR.match(remark)
        if not result:
            if re.match(r"\*?\s*LOC\s*:", remark, re.IGNORECASE):
                losses.append(
                    Loss(f"line {line.line}", f"locator {remark[:80]!r} has no timecode", ODD)
                )
            continue
        time = result["time"]
        at = ProbedRange((time, time))
        drop = drops(line).record_in and reading.rate in DROP_RATES
        if reading.rate is not None:
            try:
                frame = Fraction(Timecode.parse(time, reading.rate, drop=drop).frame)
                last = frame_text(frame + 1, reading.rate, drop)
                at = ProbedRange((time, last), frame, frame + 1, reading.rate)
            except TimecodeError as error:
                losses.append(Loss(f"line {line.line}", f"locator: {error}", ODD))
        markers.append(
            ProbedMarker(
                (result["text"] or "").strip(),
                "locator",
                at,
                colour=(result["colour"] or "").strip(),
                track=line.track if line.picture else "",
                timeline=reading.name,
                where=f"line {line.line}",
            )
        )
    return markers
