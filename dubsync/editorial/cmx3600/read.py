"""CMX3600 in, whole: picture and sound, black, transitions and keys, locators, as they stand.

Where `edl.read_edl` makes a Cut of what can be dubbed, this lists all a list holds.  A list
names its rate only by dropping frames; without one its timecode is listed and nothing counted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import ASSUMED, LOST, ODD, Loss, LossReport
from dubsync.core.timeline.probed import (
    ProbedCut,
    ProbedEvent,
    ProbedMarker,
    ProbedRange,
    ProbedTimeline,
    frame_text,
    probed_range,
)
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange, Timecode, counting_base
from dubsync.editorial.cmx3600.cut import day_frames, drops, moves, naming_remarks, retime
from dubsync.editorial.cmx3600.lines import Printed, PrintedList, Statement, printed_list
from dubsync.editorial.cmx3600.rate import rate_warnings
from dubsync.editorial.timeline.reel_names import BLACK_REELS

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
    """A list and the rate it is counted at, None where nobody said."""

    listed: PrintedList
    rate: Fraction | None
    name: str


def read_cmx(text: str, *, rate: Fraction | None = None, path: str = "") -> ProbedCut:
    """Every event of a CMX3600 list.

    Args:
        rate: frames per second.  None: by the list's own word where it drops frames, else
            timecode is listed as printed and no frame is counted.

    Raises:
        TimecodeError: the list cannot run at `rate`; names the line.
        TurnoverError: no event in it.
    """
    where = path.rsplit("/", 1)[-1] or "the list"
    listed = printed_list(text)
    if not listed.statements:
        line, content = listed.unread[0] if listed.unread else (0, "")
        hint = (
            f"line {line} looks like one but cannot be read: {content!r}"
            if line
            else "expected lines such as '001  A001C003 V     C        ' and four timecodes"
        )
        raise TurnoverError(f"no event in {where}", hint=hint)
    losses: list[Loss] = [*_heading(text), *_table(listed)]
    listed = replace(listed, statements=tuple(_without_table(s) for s in listed.statements))
    rate = _rate(listed, rate, where, losses)
    name = listed.title or where.rsplit(".", 1)[0]
    reading = _Reading(listed, rate, name)
    events: list[ProbedEvent] = []
    markers: list[ProbedMarker] = []
    for line, content in listed.unread:
        losses.append(
            Loss(
                f"line {line}",
                f"{content!r} is no event we can read",
                LOST,
                "mend the line in the list",
            )
        )
    for statement in listed.statements:
        events += _events(statement, reading, losses)
        markers += _locators(statement, reading, losses)
    if rate is not None:
        losses += [
            Loss(warning.about, warning.message, ODD, warning.hint)
            for warning in rate_warnings(listed.statements, rate)
        ]
    timeline = _timeline(reading, events)
    return ProbedCut(
        path, "CMX3600 EDL", (timeline,), tuple(events), tuple(markers), LossReport.of(losses)
    )


def _heading(text: str) -> list[Loss]:
    """What stands above the first event and is neither title nor frame mode."""
    losses = []
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        line = raw.strip(" \t\x1a\0\ufeff")
        if re.match(r"\d{1,6}\s", line):
            break
        if line and not re.match(r"(TITLE|FCM)\s*:", line, re.IGNORECASE):
            losses.append(
                Loss(f"line {number}", f"{line[:80]!r} stands above the first event; not listed")
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


def _rate(
    listed: PrintedList, rate: Fraction | None, where: str, losses: list[Loss]
) -> Fraction | None:
    lines = [line for s in listed.statements for line in s.lines]
    highest = max(int(re.split(r"[:;.,]", time)[3]) for line in lines for time in line.times)
    dropping = next((line for line in lines if any(drops(line))), None)
    if rate is not None:
        _refuse_other(lines, rate, losses)
        return rate
    if dropping is not None and highest < 60:
        rate = DROP_RATES[0] if highest < 30 else DROP_RATES[1]
        losses.append(
            Loss(
                f"line {dropping.line}",
                f"the list drops frames; counted at {rate} fps",
                ASSUMED,
                "say another rate with --rate",
            )
        )
        return rate
    losses.append(
        Loss(
            where,
            "the list names no frame rate: timecode is listed as printed and no frame is "
            f"counted (its frame numbers run to {highest:02d})",
            ASSUMED,
            "say the rate, as --rate 25 or --rate 24000/1001",
        )
    )
    return None


def _refuse_other(lines: Sequence[Printed], rate: Fraction, losses: list[Loss]) -> None:
    """Refuse a rate whose seconds are too short for the list's frame numbers."""
    base = counting_base(rate)
    for line in lines:
        for time in line.times:
            if int(re.split(r"[:;.,]", time)[3]) >= base:
                raise TimecodeError(
                    f"line {line.line}: {time} cannot exist at {rate} fps",
                    hint=f"frames count 00 to {base - 1:02d}; was the list cut at another rate?",
                )
        if rate not in DROP_RATES and any(drops(line)):
            if any(mark in time for time in line.times for mark in ";,"):
                raise TimecodeError(
                    f"line {line.line} is drop frame, which does not exist at {rate} fps",
                    hint="drop-frame lists run at 30000/1001 or 60000/1001",
                )
            losses.append(
                Loss(
                    "FCM",
                    f"the list says DROP FRAME, which does not exist at {rate} "
                    "fps; counted non-drop",
                    ODD,
                )
            )


def _timeline(reading: _Reading, events: Sequence[ProbedEvent]) -> ProbedTimeline:
    lines = [line for s in reading.listed.statements for line in s.lines]
    drop = reading.rate in DROP_RATES and any(drops(line)[2] for line in lines)
    starts = [e.record.start for e in events if e.record and e.record.start is not None]
    stops = [e.record.stop for e in events if e.record and e.record.stop is not None]
    if not starts or not stops:
        return ProbedTimeline(reading.name, reading.rate, drop=drop)
    return ProbedTimeline(reading.name, reading.rate, min(starts), max(stops) - min(starts), drop)


def _events(statement: Statement, reading: _Reading, losses: list[Loss]) -> list[ProbedEvent]:
    """The events of a statement: one, or with both sides of a transition two."""
    result = []
    for n, line in enumerate(statement.lines):
        empty = line.times[2] == line.times[3]
        if empty and len(statement.lines) == 2:
            continue  # the outgoing side of a transition: its event names it
        if empty:
            losses.append(Loss(f"line {line.line}", f"event {line.number} has no length", ODD))
        result.append(_event(statement, n, reading, losses))
    return result


def _event(statement: Statement, n: int, reading: _Reading, losses: list[Loss]) -> ProbedEvent:
    line = statement.lines[n]
    where = f"line {line.line}"
    source, record = _counted(line, reading, losses)
    black = line.reel.upper() in BLACK_REELS
    speed: Fraction | None = Fraction(1)
    motions = [m for m in statement.motions if moves(m, line, statement)]
    if motions and reading.rate is None:
        speed = Fraction(0) if re.fullmatch(r"[+-]?0+(\.0*)?", motions[-1].fps) else None
    elif not black and source.length == 0:
        losses.append(Loss(where, f"event {line.number} names no source frames", ODD))
        speed = None
    elif not black and record.length and source.start is not None and reading.rate is not None:
        frames = FrameRange(int(record.start or 0), int(record.stop or 0), reading.rate)
        ends = int(source.start), int(source.stop or 0)
        speed, shown, warnings = retime(frames, ends, motions, line)
        losses += [Loss(where, d.message.removeprefix(f"{where}: "), ODD, d.hint) for d in warnings]
        if speed == 1 and any(d.blocking for d in warnings):
            speed = None  # lengths differ, and nothing says at what speed
        if shown is not None and (shown.start, shown.stop) != ends:
            source = probed_range(
                Fraction(shown.start), Fraction(shown.stop), reading.rate, drops(line)[0]
            )
    clip, file = naming_remarks(statement, n)
    named = [
        statement.remarks[k].partition(":")[2].strip() if k is not None else ""
        for k in (clip, file)
    ]
    if not named[0]:
        named[0] = _reel_clip(statement) or ("" if black else line.reel)
    other = statement.lines[0] if n else None
    return ProbedEvent(
        tracks=_tracks(line, statement),
        name=named[0],
        kind=_kind(line, black),
        record=record,
        source=None if black else source,
        reel=line.reel,
        speed=speed,
        media=named[1],
        number=line.number,
        transition=int(line.length) if line.length and line.transition[0] in "DWK" else None,
        outgoing=f"{other.reel} {other.times[0]}" if other else "",
        timeline=reading.name,
        where=where,
        remarks=_remarks(statement, {clip, file}),
    )


def _reel_clip(statement: Statement) -> str:
    for remark in statement.remarks:
        if result := re.match(r"\*{0,2}\s*REEL\s+\S+\s+IS CLIP\s+(.*)", remark, re.IGNORECASE):
            return result[1].strip()
    return ""


def _kind(line: Printed, black: bool) -> str:
    kind = _KINDS[line.transition[0]]
    if kind != "cut":
        return kind
    if black:
        return "black"
    return "cut" if line.picture else "audio"


def _remarks(statement: Statement, used: set[int | None]) -> tuple[str, ...]:
    """Remarks and M2 lines that nothing else of an event carries, as printed."""
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
    """(source, record) of a line, counted where that can be."""
    times = line.times
    printed = ProbedRange((times[0], times[1])), ProbedRange((times[2], times[3]))
    if reading.rate is None:
        return printed
    may_drop = reading.rate in DROP_RATES
    dropping = drops(line) if may_drop else (False,) * 4
    try:
        frames = [
            Timecode.parse(time, reading.rate, drop=drop).frame
            for time, drop in zip(times, dropping, strict=True)
        ]
    except TimecodeError as error:
        losses.append(Loss(f"line {line.line}", f"{error}; its frames are not counted", ODD))
        return printed
    result = []
    for k, what in ((0, "source"), (2, "record")):
        start, stop = frames[k], frames[k + 1]
        day = day_frames(reading.rate, dropping[k])
        if stop < start:
            stop += day  # past midnight
            if stop - start > day // 2:
                losses.append(
                    Loss(
                        f"line {line.line}",
                        f"{what} of event {line.number} ends "
                        "before it begins; its frames are not counted",
                        ODD,
                    )
                )
                return printed
        result.append(
            ProbedRange((times[k], times[k + 1]), Fraction(start), Fraction(stop), reading.rate)
        )
    return result[0], result[1]


def _locators(statement: Statement, reading: _Reading, losses: list[Loss]) -> list[ProbedMarker]:
    """Avid's locators, which count record time."""
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
        drop = drops(line)[2] and reading.rate in DROP_RATES
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
