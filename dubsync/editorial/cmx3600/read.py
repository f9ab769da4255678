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
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange, day_frames
from dubsync.editorial.cmx3600.census import heading_losses, statement_losses
from dubsync.editorial.cmx3600.joins import unjoined_losses, with_outgoing
from dubsync.editorial.cmx3600.lines import Motion, Printed, PrintedList, Statement, printed_list
from dubsync.editorial.cmx3600.markers import (
    is_marker,
    is_marker_remark,
    is_resolve_marker,
    locators,
    resolve_markers,
)
from dubsync.editorial.cmx3600.motion import moves, retime, stated_speed
from dubsync.editorial.cmx3600.names import is_generator, line_names
from dubsync.editorial.cmx3600.placing import overlap_losses, past_midnight
from dubsync.editorial.cmx3600.printed_time import (
    NO_DROP,
    descends,
    drops,
    printed_frame,
)
from dubsync.editorial.cmx3600.rate import frame_mode_losses, list_rate, rate_losses
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.timeline.shot_names import shot_name

_MORE_SOUND = re.compile(r"AUD\s+(?P<numbers>\d[\d\s]*)", re.IGNORECASE)
_SOUND = re.compile(r"(AA|A(\d*))")
_TABLE = ">>>"
_SIDES = ("source", "record")
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
    name = listed.title or where.rsplit(".", 1)[0]
    if not listed.statements and not any(is_marker(text) for _, text in listed.heading):
        line, content = listed.unread[0] if listed.unread else (0, "")
        hint = (
            f"line {line} resembles an event but cannot be read: {content!r}"
            if line
            else "expected lines such as '001  A001C003 V     C        ' and four timecodes"
        )
        raise TurnoverError(f"no event in {where}", hint=hint)
    losses: list[Loss] = [*heading_losses(listed), *_table(listed)]
    listed = replace(listed, statements=tuple(_without_table(s) for s in listed.statements))
    rate = list_rate(listed, rate, where, losses)
    reading = _Reading(listed, rate, name)
    events: list[ProbedEvent] = []
    heading = ((f"line {line}", text) for line, text in listed.heading)
    markers = locators(heading, None, rate, name, losses)
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
        markers += _markers(statement, reading, losses)
        if not is_resolve_marker(statement):
            events += _events(statement, reading, losses)
    events = with_outgoing(events, _outgoing(reading))
    losses += statement_losses(listed.statements)
    if rate is not None:
        lines = [line for s in listed.statements for line in s.lines if line.picture]
        drop = _drops(reading)
        events, markers = past_midnight(events, markers, rate, drop, losses)
        losses += unjoined_losses(events)
        losses += overlap_losses(events)
        losses += frame_mode_losses(lines, rate)
        losses += rate_losses(listed.statements, rate)
    timeline = _timeline(reading, events)
    return ProbedCut(
        path, "CMX3600 EDL", (timeline,), tuple(events), tuple(markers), LossReport.of(losses)
    )


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
    drop = _drops(reading)
    starts = [e.record.start for e in events if e.record and e.record.start is not None]
    stops = [e.record.stop for e in events if e.record and e.record.stop is not None]
    if not starts or not stops:
        return ProbedTimeline(reading.name, reading.rate, drop=drop)
    return ProbedTimeline(reading.name, reading.rate, min(starts), max(stops) - min(starts), drop)


def _drops(reading: _Reading) -> bool:
    lines = [line for s in reading.listed.statements for line in s.lines]
    return reading.rate in DROP_RATES and any(drops(line).record_in for line in lines)


def _markers(statement: Statement, reading: _Reading, losses: list[Loss]) -> list[ProbedMarker]:
    """The markers under an event; for one of Resolve's, all of its remarks are the note."""
    line, rate = statement.lines[-1], reading.rate
    remarks = [(f"line {line.line}", remark) for remark in statement.remarks]
    made = (
        [] if is_resolve_marker(statement) else locators(remarks, line, rate, reading.name, losses)
    )
    if any("|C:" in remark for remark in statement.remarks):
        own = statement.lines[0]
        record = _counted(own, statement, reading, [])[1]
        made += resolve_markers(statement, record, reading.name, losses)
    return made


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


def _outgoing(reading: _Reading) -> dict[str, ProbedEvent]:
    """Place of an event with a dissolve or wipe -> its outgoing picture, without record frames."""
    rate, result = reading.rate, {}
    for statement in reading.listed.statements:
        line = statement.lines[0]
        if rate is None or len(statement.lines) < 2 or line.times[2] != line.times[3]:
            continue
        if not line.picture or line.reel.upper() in BLACK_REELS or is_generator(statement, 0):
            continue
        event, motions = _event(statement, 0, reading, []), _motions(line, statement)
        speed = stated_speed(motions[-1].fps, rate) if motions else Fraction(1)
        source = event.source
        if speed is None or source is None or source.start is None or event.record is None:
            continue
        at = source.start + (speed < 0)  # the frame that plays first is the one below this edge
        source = replace(source, start=at, stop=at)
        where = f"line {statement.lines[1].line}"
        result[where] = replace(event, source=source, speed=speed)
    return result


def _event(statement: Statement, n: int, reading: _Reading, losses: list[Loss]) -> ProbedEvent:
    line = statement.lines[n]
    source, record = _counted(line, statement, reading, losses)
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
            shot_name(names.clip, names.file, f"{line.reel.rstrip('.') or 'event'}_{line.number}"),
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
    motions = _motions(line, statement)
    if motions and reading.rate is None:
        stopped = re.fullmatch(r"[+-]?0+(\.0*)?", motions[-1].fps)
        return _Played(source, Fraction(0) if stopped else None)
    rate, drop = reading.rate, drops(line).source_in
    still = {stated_speed(motion.fps, rate) for motion in motions} == {0} if rate else False
    if source.length == 0 and still and source.start is not None and rate is not None:
        source = probed_range(source.start, source.start + 1, rate, drop)  # a freeze frame
    if source.length == 0:
        what = f"event {line.number} has no source frames"
        return _Played(source, None, Loss(f"line {line.line}", what, ODD, "", BLOCKS))
    if not record.length or source.start is None or rate is None:
        return _Played(source, None if motions else Fraction(1))
    ends = int(source.start), int(source.stop or 0)
    frames = FrameRange(int(record.start or 0), int(record.stop or 0), rate)
    down = bool(motions) and descends(line, rate)
    result = retime(frames, FrameRange(*ends, rate), motions, line, descends=down)
    shown = result.source
    if shown is not None and (shown.start, shown.stop) != ends:
        source = probed_range(Fraction(shown.start), Fraction(shown.stop), rate, drop)
    return _Played(source, result.speed, result.loss)


def _motions(line: Printed, statement: Statement) -> list[Motion]:
    return [m for m in statement.motions if moves(m, line, statement)]


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
        if n not in used
        and not is_marker(r)
        and not is_marker_remark(r)
        and not _MORE_SOUND.fullmatch(r)
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
    line: Printed, statement: Statement, reading: _Reading, losses: list[Loss]
) -> tuple[ProbedRange, ProbedRange]:
    """(source, record) of a line; with frame numbers if the rate is known and they are valid."""
    times, rate = line.times, reading.rate
    printed = ProbedRange((times[0], times[1])), ProbedRange((times[2], times[3]))
    if rate is None:
        return printed
    if any(m.fps.startswith("-") for m in statement.motions) and _descends(line, rate):
        printed = ProbedRange((times[1], times[0])), printed[1]
    made = [_side(line, side, rate, printed[n], losses) for n, side in enumerate(_SIDES)]
    source = made[0]
    if source.text != times[:2]:
        source = replace(source, text=(times[0], times[1]))
    return source, made[1]


def _side(
    line: Printed, side: str, rate: Fraction, printed: ProbedRange, losses: list[Loss]
) -> ProbedRange:
    """The source or record of a line, with frame numbers if they are valid."""
    where, turnover = f"line {line.line}", BLOCKS if line.picture else ""
    hint = "correct the line in the list, or export the list again"
    own = drops(line) if rate in DROP_RATES else NO_DROP
    drop = own.source_in if side == "source" else own.record_in
    try:
        if rate not in DROP_RATES and any(mark in "".join(printed.text) for mark in ";,"):
            raise TimecodeError(f"its {side} is drop frame, which does not exist at {rate} fps")
        start, stop = (printed_frame(time, rate, drop) for time in printed.text)
    except TimecodeError as error:
        losses.append(
            Loss(where, f"{error}; its frame numbers are not listed", ODD, hint, turnover)
        )
        return printed
    day = day_frames(rate, drop)
    if stop < start:
        stop += day  # past midnight
    if stop - start > day // 2:
        what = f"{side} of event {line.number} ends before it begins; "
        what += "its frame numbers are not listed"
        losses.append(Loss(where, what, ODD, hint, turnover))
        return printed
    return ProbedRange(printed.text, Fraction(start), Fraction(stop), rate)


def _descends(line: Printed, rate: Fraction) -> bool:
    """Whether a line's source out is valid, and before its source in."""
    try:
        return descends(line, rate)
    except TimecodeError:
        return False
