"""M2 lines: the speed of an event, and the source frames it shows at that speed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.core.timeline.losses import APPROXIMATE, BLOCKS, ODD, WARNS, Loss
from dubsync.core.timeline.probed import frame_text
from dubsync.core.timeline.timecode import DROP_RATES, FrameRange, counting_base
from dubsync.editorial.cmx3600.lines import Motion, Printed, Statement
from dubsync.editorial.cmx3600.printed_time import drops


@dataclass(frozen=True, slots=True)
class Retime:
    """The speed and source frames of an event.

    speed   source frames per record frame; None if the list does not state it
    source  source frames shown; None if the list prints none
    loss    a contradiction or gap in the list
    """

    speed: Fraction | None
    source: FrameRange | None
    loss: Loss | None = None


def moves(motion: Motion, line: Printed, statement: Statement) -> bool:
    """Whether an M2 line is about this line: by reel and start, else by start, by reel, or any."""
    exact = [x for x in statement.lines if x.reel == motion.reel and x.times[0] == motion.start]
    near = exact or [x for x in statement.lines if x.times[0] == motion.start]
    near = near or [x for x in statement.lines if x.reel == motion.reel]
    return line in (near or statement.lines)


def retime(
    record: FrameRange,
    printed: FrameRange | None,
    motions: Sequence[Motion],
    line: Printed,
    *,
    descends: bool = False,
) -> Retime:
    """Speed and source frames of an event.

    Args:
        printed: the source range as printed; None if it is empty.
        motions: the M2 lines about this line.
        descends: whether source out was printed before source in, and the two were exchanged.
    """
    where, length = f"line {line.line}", 0 if printed is None else len(printed)
    if not motions:
        if length == len(record):
            return Retime(Fraction(1), printed)
        message = (
            f"{length} source frames over {len(record)} record frames, and no M2 line states "
            "the speed"
        )
        hint = "add the M2 line, or trim the event"
        return Retime(None, printed, Loss(where, message, ODD, hint, BLOCKS))
    motion = motions[-1]
    speed = stated_speed(motion.fps, record.rate)
    if speed is None or len({m.fps for m in motions}) > 1:
        stated = " and ".join(dict.fromkeys(m.fps for m in motions))
        message = f"M2 speed {stated!r} (line {motion.line}) is not one number of frames per second"
        return Retime(
            None, printed, Loss(where, message, ODD, "expected a number such as 048.0", BLOCKS)
        )
    needed = max(1, ceil(len(record) * abs(speed)))
    if speed < 0 and printed is not None:
        return _reversed(record, printed, speed, motion, line, descends)
    if _agree(length, len(record), speed, record.rate):
        return Retime(speed, printed)
    if printed is not None and length == len(record):
        # Final Cut Pro 7 and Resolve print the record's length as the source's
        # (OpenTimelineIO#948): the speed and the first frame are used instead.
        message = (
            f"the source range is as long as the record range although M2 states {motion.fps} fps; "
            f"the {needed} frames from its start are used"
        )
        source = FrameRange(printed.start, printed.start + needed, record.rate)
        hint = "check the last frame of this event"
        return Retime(speed, source, Loss(where, message, ODD, hint, WARNS))
    message = (
        f"M2 states {motion.fps} fps, which is {needed} source frames over {len(record)} record "
        f"frames, but the source range has {length}"
    )
    hint = "a freeze frame needs M2 000.0" if length == 1 else "correct M2 or source out"
    return Retime(speed, printed, Loss(where, message, ODD, hint, BLOCKS))


def _reversed(
    record: FrameRange,
    printed: FrameRange,
    speed: Fraction,
    motion: Motion,
    line: Printed,
    descends: bool,
) -> Retime:
    """The source frames of an event that runs backwards, lowest first.

    Avid and Final Cut Pro 7 print the frame that plays first as source in, and count source out up
    from it: by the source's length, by the record's, or by one frame.  Premiere prints the lowest
    frame as source in, and the speed with two digits.
    """
    where, length = f"line {line.line}", len(printed)
    needed = max(1, ceil(len(record) * abs(speed)))
    agree = _agree(length, len(record), speed, record.rate)
    if not agree and length not in (1, len(record)):
        message = (
            f"M2 states {motion.fps} fps, which is {needed} source frames over {len(record)} "
            f"record frames, but the source range has {length}"
        )
        loss = Loss(where, message, ODD, "correct M2 or source out", BLOCKS)
        return Retime(speed, printed, loss)
    count = length if agree else needed
    low, how = printed.stop if descends else printed.start + 1, "as Avid and Final Cut Pro print it"
    low -= count
    if descends:
        how = "from its source in down to its source out"
    elif low < 0 or re.fullmatch(r"-\d{2}(\.\d+)?", motion.fps):
        low, how = printed.start, "as Premiere prints it, with the lowest frame as source in"
    source = FrameRange(low, low + count, record.rate)
    drop = drops(line).source_in and record.rate in DROP_RATES
    first, last = (frame_text(Fraction(n), record.rate, drop) for n in (source.stop - 1, low))
    message = (
        f"runs backwards; read {how}: {first} plays first and {last} last; systems differ on "
        "which end source in names"
    )
    return Retime(
        speed, source, Loss(where, message, APPROXIMATE, "check its first and last frame", WARNS)
    )


def _agree(source: int, record: int, speed: Fraction, rate: Fraction) -> bool:
    """Whether a source length fits a speed: from the frames shown (as Avid counts) to the
    frames passed, give or take a frame and what M2's tenths of a frame per second round away.
    """
    if speed == 0:
        return source == 1
    slack = 1 + Fraction(record, 20 * counting_base(rate))
    shown = (record - 1) * abs(speed) + 1
    return source > 0 and floor(shown) - slack <= source <= ceil(record * abs(speed)) + slack


def stated_speed(printed: str, rate: Fraction) -> Fraction | None:
    """An M2 speed as source frames per record frame; None if it is not a number."""
    if not re.fullmatch(r"[+-]?\d{1,6}(\.\d{1,6})?", printed):
        return None
    fps = Fraction(printed)
    unit = 10 ** len(printed.partition(".")[2])
    # Normal speed at 24000/1001 is printed as 24, 23.98 or, cut off, as 23.97 or 23.9.
    cut_off = floor(rate * unit) if unit > 1 else None
    if abs(fps) * unit in (cut_off, round(rate * unit)):
        return Fraction(1 if fps > 0 else -1)
    return fps / counting_base(rate)
