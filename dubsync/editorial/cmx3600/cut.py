"""CMX3600 in: a printed list, counted at its rate, as a Cut."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.shot import Cut, Event, ProjectWarning
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange, Timecode, counting_base
from dubsync.editorial.cmx3600.joins import Counted, joined
from dubsync.editorial.cmx3600.lines import Motion, Printed, PrintedList, Statement, printed_list
from dubsync.editorial.cmx3600.rate import rate_warnings
from dubsync.editorial.timeline.overlaps import overlap_warnings
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.timeline.shot_names import shot_name, unique_names

CLIP_NAME = re.compile(
    r"\*{0,2}\s*(?P<side>FROM|TO|KEY) CLIP NAME\s*:\s*(?P<name>.*)", re.IGNORECASE
)
SOURCE_FILE = re.compile(r"\*{0,2}\s*SOURCE FILE\s*:\s*(?P<name>.*)", re.IGNORECASE)
CLIP_PATH = re.compile(r"\*{0,2}\s*(?:FROM|TO) (?:CLIP|FILE)\s*:\s*(?P<name>.*)", re.IGNORECASE)
_REEL_CLIP = re.compile(r"\*{0,2}\s*REEL\s+(?P<reel>\S+)\s+IS CLIP\s+(?P<name>.*)", re.IGNORECASE)
_GENERATOR = re.compile(r"\*?\s*(?P<side>FROM|TO) CLIP IS A GENERATOR", re.IGNORECASE)


def read_edl(text: str, rate: Fraction, *, path: str = "") -> Cut:
    """The picture events of a CMX3600 list whose timecode runs at `rate`.

    Sound-only events and black are passed over.  A line that cannot be read becomes a blocking
    warning when the others can.  M2 speeds count in whole timecode frames: 48.0 is double speed
    at 24 and at 24000/1001.

    Raises:
        TimecodeError: the list cannot run at `rate`: a frame number past it, or drop frame
            where there is none; names the line.
        TurnoverError: no event in it.
    """
    listed = printed_list(text)
    if not listed.statements:
        raise TurnoverError(f"no event in {path or 'the list'}", hint=_no_event_hint(listed))
    _refuse_other_rate(listed, rate)
    counted: list[Counted] = []
    warnings = [_unread(line, f"{text!r} is no event we can read") for line, text in listed.unread]
    for statement in listed.statements:
        for line in statement.lines:
            if line.picture:
                warnings += _count(statement, line, rate, counted)
    counted = joined(counted)
    if not counted and not warnings:
        raise TurnoverError(
            f"no picture event in {path or 'the list'}: all its events are sound or black",
            hint="export the list of the picture track",
        )
    counted.sort(key=lambda c: c.event.record.start)
    names = unique_names(c.event.name for c in counted)
    events = tuple(replace(c.event, name=name) for c, name in zip(counted, names, strict=True))
    for event, result in zip(events, counted, strict=True):
        warnings += [replace(warning, about=event.name) for warning in result.warnings]
    warnings += overlap_warnings(events)
    warnings += _frame_mode_warnings(listed, rate)
    warnings += rate_warnings(listed.statements, rate)
    drop = any(drops(line)[2] for s in listed.statements for line in s.lines if line.picture)
    name = listed.title or "untitled"
    return Cut(name, path, rate, drop, events, tuple(warnings))


def _no_event_hint(listed: PrintedList) -> str:
    if listed.unread:
        line, text = listed.unread[0]
        return f"line {line} looks like one but cannot be read: {text!r}"
    return "expected lines such as '001  A001C003 V     C        ' and four timecodes"


def _unread(line: int, message: str) -> ProjectWarning:
    hint = "mend the line in the list, or export the list again"
    return ProjectWarning(f"line {line}", f"line {line}: {message}", hint, blocking=True)


def drops(line: Printed) -> tuple[bool, bool, bool, bool]:
    """Which of a line's four timecodes drop: by their marks if any has one, else by FCM."""
    marks = [re.split(r"\d+", time)[3] in ";," for time in line.times]
    if any(marks):
        return marks[0], marks[1], marks[2], marks[3]
    drop = bool(line.drop)
    return drop, drop, drop, drop


def record_in(line: Printed, rate: Fraction) -> int:
    """The record frame a line begins at.  Raises TimecodeError when it is no timecode."""
    return Timecode.parse(line.times[2], rate, drop=drops(line)[2]).frame


def day_frames(rate: Fraction, drop: bool) -> int:
    """Frames counted from midnight to midnight."""
    base = counting_base(rate)
    return 24 * 3600 * base - (24 * 54 * base // 15 if drop else 0)


def _refuse_other_rate(listed: PrintedList, rate: Fraction) -> None:
    base = counting_base(rate)
    for line in (line for s in listed.statements for line in s.lines):
        for time in line.times:
            if int(re.split(r"[:;.,]", time)[3]) >= base:
                raise TimecodeError(
                    f"line {line.line}: {time} cannot exist at {rate} fps",
                    hint=f"frames count 00 to {base - 1:02d}; was the list cut at another rate?",
                )
        if any(drops(line)) and rate not in DROP_RATES:
            raise TimecodeError(
                f"line {line.line} is drop frame, which does not exist at {rate} fps",
                hint="drop-frame lists run at 30000/1001 or 60000/1001",
            )


def _frame_mode_warnings(listed: PrintedList, rate: Fraction) -> list[ProjectWarning]:
    lines = [line for s in listed.statements for line in s.lines if line.picture]
    unsaid = [line for line in lines if line.drop is None and not any(drops(line))]
    warnings = []
    if rate in DROP_RATES and unsaid:
        warnings.append(
            ProjectWarning(
                f"line {unsaid[0].line}",
                "no FCM line says whether this list drops frames; read as non-drop",
                "add 'FCM: DROP FRAME' or 'FCM: NON-DROP FRAME' above the first event",
            )
        )
    if len({drops(line)[2] for line in lines}) > 1:
        warnings.append(
            ProjectWarning(
                "record timecode", "some events are drop frame and others are not", "check FCM"
            )
        )
    return warnings


def _count(
    statement: Statement, line: Printed, rate: Fraction, counted: list[Counted]
) -> list[ProjectWarning]:
    """Count one line into `counted`; what cannot be is a warning."""
    try:
        source_in, source_out, record_in, record_out = (
            Timecode.parse(time, rate, drop=drop).frame
            for time, drop in zip(line.times, drops(line), strict=True)
        )
    except TimecodeError as error:
        return [_unread(line.line, str(error))]
    second = statement.lines.index(line)
    if record_in == record_out:
        if len(statement.lines) == 2:  # the outgoing half of a transition
            return []
        message = f"line {line.line}: event {line.number} has no length and is passed over"
        return [ProjectWarning(f"line {line.line}", message, "")]
    black = line.reel.upper() in BLACK_REELS or _generated(statement, second)
    if black and line.transition[0] not in "DW":
        return []
    day = day_frames(rate, any(drops(line)))
    if record_out < record_in:
        record_out += day  # past midnight
    if source_out < source_in:
        source_out += day
    if record_out - record_in > day // 2 or source_out - source_in > day // 2:
        return [_unread(line.line, f"event {line.number} ends before it begins")]
    record = FrameRange(record_in, record_out, rate)
    result = _event(statement, second, record, (source_in, source_out))
    counted.append(replace(result, black=True, warnings=()) if black else result)
    return []


def _generated(statement: Statement, second: int) -> bool:
    sides = {m["side"].upper() for m in map(_GENERATOR.match, statement.remarks) if m}
    if len(statement.lines) == 1:
        return bool(sides)
    return ("TO" if second else "FROM") in sides


def _event(
    statement: Statement, second: int, record: FrameRange, source: tuple[int, int]
) -> Counted:
    line = statement.lines[second]
    clip, media = _names(statement, second)
    event = Event(
        number=line.number,
        name=shot_name(clip, media, f"{line.reel.rstrip('.')}_{line.number}"),
        clip=clip,
        reel=line.reel,
        media=media,
        record=record,
        source=None,
        track=line.track,
        where=f"line {line.line}",
    )
    motions = [m for m in statement.motions if moves(m, line, statement)]
    speed, span, warnings = retime(record, source, motions, line)
    outgoing = statement.lines[0] if second else None
    event = replace(event, source=span, speed=speed)
    return Counted(event, line, outgoing, tuple(warnings))


def remark_side(statement: Statement, second: int) -> str:
    """Whether FROM, TO or KEY CLIP NAME names the clip of line 0 or 1 of a statement."""
    sides = {m["side"].upper() for m in map(CLIP_NAME.match, statement.remarks) if m}
    line = statement.lines[second]
    if len(statement.lines) == 1:
        return "TO" if "TO" in sides and (line.transition != "C" or "FROM" not in sides) else "FROM"
    if second and line.transition[0] == "K" and "KEY" in sides:
        return "KEY"
    return ("FROM", "TO")[second]


def naming_remarks(statement: Statement, second: int) -> tuple[int | None, int | None]:
    """Places of the remarks that name the clip and the file of line 0 or 1 of a statement.

    A file belongs to the side named last before it; two files in a row after both sides are
    the sides' in their order, as Avid prints them.
    """
    wanted = remark_side(statement, second)
    clip, side = None, "FROM"
    files: list[tuple[str, int]] = []
    for n, remark in enumerate(statement.remarks):
        if result := CLIP_NAME.match(remark):
            side = result["side"].upper()
            clip = n if side == wanted else clip
        elif SOURCE_FILE.match(remark) or CLIP_PATH.match(remark):
            files.append((side, n))
    if len(statement.lines) == 1:
        return clip, files[0][1] if files else None
    if len(files) == 2 and files[0][0] == files[1][0]:
        return clip, files[second][1]
    return clip, next((n for side, n in files if side == wanted), None)


def _names(statement: Statement, second: int) -> tuple[str, str]:
    """(clip name, media) that the remarks give to line 0 or 1 of the statement."""
    clip, file = (
        "" if n is None else statement.remarks[n].partition(":")[2].strip()
        for n in naming_remarks(statement, second)
    )
    for result in filter(None, map(_REEL_CLIP.match, statement.remarks)):
        clip = clip or result["name"].strip()
    return clip, file


def moves(motion: Motion, line: Printed, statement: Statement) -> bool:
    """Whether an M2 line is about this line: by reel and start, then either, then as the only."""
    exact = [x for x in statement.lines if x.reel == motion.reel and x.times[0] == motion.start]
    near = exact or [x for x in statement.lines if x.times[0] == motion.start]
    near = near or [x for x in statement.lines if x.reel == motion.reel]
    return line in (near or statement.lines)


def retime(
    record: FrameRange, printed: tuple[int, int], motions: list[Motion], line: Printed
) -> tuple[Fraction, FrameRange | None, list[ProjectWarning]]:
    """Speed and source frames of an event, and the warnings about them."""
    source_in, source_out = printed
    length, rate = source_out - source_in, record.rate
    whole = FrameRange(source_in, source_out, rate) if length else None
    if not motions:
        if length == len(record):
            return Fraction(1), whole, []
        message = (
            f"line {line.line}: {length} source frames over {len(record)} record frames, "
            "and no M2 line says at what speed"
        )
        hint = "add the M2 line, or trim the event"
        return Fraction(1), whole, [ProjectWarning("", message, hint, blocking=True)]
    motion = motions[-1]
    speed = _speed(motion.fps, rate)
    if speed is None or len({m.fps for m in motions}) > 1:
        told = " and ".join(dict.fromkeys(m.fps for m in motions))
        message = f"line {motion.line}: M2 speed {told!r} is not one number of frames per second"
        return (
            Fraction(1),
            whole,
            [ProjectWarning("", message, "expected as in 048.0", blocking=True)],
        )
    needed = max(1, ceil(len(record) * abs(speed)))
    if _agree(length, len(record), speed, rate):
        return speed, whole, []
    if length == len(record) and speed >= 0:
        # Final Cut Pro 7 and Resolve print the record's length as the source's
        # (OpenTimelineIO#948): the speed and the first frame say what is shown.
        message = (
            f"line {line.line}: the source range is as long as the record though M2 says "
            f"{motion.fps} fps; the {needed} frames from its start are taken"
        )
        source = FrameRange(source_in, source_in + needed, rate)
        return speed, source, [ProjectWarning("", message, "check the last frame of this event")]
    message = (
        f"line {line.line}: M2 says {motion.fps} fps, which shows {needed} frames over "
        f"{len(record)}, but the source range has {length}"
    )
    hint = "is it a freeze? Then M2 should say 000.0" if length == 1 else "correct M2 or source out"
    return speed, whole, [ProjectWarning("", message, hint, blocking=True)]


def _agree(source: int, record: int, speed: Fraction, rate: Fraction) -> bool:
    """Whether a source length fits a speed: from the frames shown (as Avid counts) to the
    frames passed, give or take a frame and what M2's tenths of a frame per second round away.
    """
    if speed == 0:
        return source == 1
    slack = 1 + Fraction(record, 20 * counting_base(rate))
    shown = (record - 1) * abs(speed) + 1
    return source > 0 and floor(shown) - slack <= source <= ceil(record * abs(speed)) + slack


def _speed(printed: str, rate: Fraction) -> Fraction | None:
    """An M2 speed as source frames per record frame; None when it is no number."""
    if not re.fullmatch(r"[+-]?\d{1,6}(\.\d{1,6})?", printed):
        return None
    fps = Fraction(printed)
    if abs(abs(fps) - rate) < Fraction(6, 1000):  # "23.98" is normal speed at 24000/1001
        return Fraction(1 if fps > 0 else -1)
    return fps / counting_base(rate)
