"""Finds the rate of a list, which does not state it, and checks the list against a given rate."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.losses import ASSUMED, ODD, REFUSES, WARNS, Loss
from dubsync.core.timeline.timecode import DROP_RATES, counting_base
from dubsync.editorial.cmx3600.lines import Printed, PrintedList, Statement
from dubsync.editorial.cmx3600.printed_time import drops, frame_number

#: Frames per timecode second at which lists are cut.
_BASES = (24, 25, 30, 48, 50, 60)


def list_rate(
    listed: PrintedList, rate: Fraction | None, where: str, losses: list[Loss]
) -> Fraction | None:
    """The rate of a list: `rate`, else the one that its drop-frame timecode implies, else None.

    Raises:
        TimecodeError: the list has timecode that `rate` does not have; names the line.
    """
    lines = [line for s in listed.statements for line in s.lines]
    if rate is not None:
        _refuse_other(lines, rate, losses)
        return rate
    numbers = [frame_number(time) for line in lines for time in line.times]
    highest = max((n for n in numbers if n < max(_BASES)), default=0)
    dropping = next((line for line in lines if any(drops(line))), None)
    if dropping is not None and highest < 60:
        rate = DROP_RATES[0] if highest < 30 else DROP_RATES[1]
        what = f"the list has drop-frame timecode; {rate} fps is assumed"
        losses.append(Loss(f"line {dropping.line}", what, ASSUMED, "give another rate with --rate"))
        return rate
    what = (
        "the list states no frame rate: timecode is listed without frame numbers "
        f"(its highest frame field is {highest:02d})"
    )
    losses.append(Loss(where, what, ASSUMED, "give the rate, as --rate 25 or --rate 24000/1001"))
    return None


def _refuse_other(lines: Sequence[Printed], rate: Fraction, losses: list[Loss]) -> None:
    """Refuse a rate that does not have the list's frame numbers.

    A frame number that no rate has is damage of its line, and says nothing about the rate.
    """
    base = counting_base(rate)
    hint = "drop-frame lists run at 30000/1001 or 60000/1001"
    for line in lines:
        for time in line.times:
            if base <= frame_number(time) < max(_BASES):
                raise TimecodeError(
                    f"line {line.line}: {time} is not a timecode at {rate} fps",
                    hint=f"frames are 00 to {base - 1:02d}; was the list cut at another rate?",
                )
        if rate not in DROP_RATES and any(mark in time for time in line.times[2:] for mark in ";,"):
            raise TimecodeError(
                f"line {line.line} is drop frame, which does not exist at {rate} fps", hint=hint
            )
    dropping = next((line for line in lines if any(drops(line)[2:])), None)
    if rate not in DROP_RATES and dropping is not None:
        what = f"the list states DROP FRAME, which does not exist at {rate} fps; read as non-drop"
        losses.append(Loss(f"line {dropping.line}", what, ODD, hint, REFUSES))


def frame_mode_losses(lines: Sequence[Printed], rate: Fraction) -> list[Loss]:
    """Losses if the picture lines do not state drop frame, or contradict each other."""
    losses = []
    unstated = [line for line in lines if line.drop is None and not any(drops(line))]
    if rate in DROP_RATES and unstated:
        what = "no FCM line states whether the list is drop-frame; read as non-drop"
        hint = "add 'FCM: DROP FRAME' or 'FCM: NON-DROP FRAME' above the first event"
        losses.append(Loss("FCM", what, ASSUMED, hint, WARNS))
    if len({drops(line).record_in for line in lines}) > 1:
        what = "some events are drop-frame and others are not"
        losses.append(Loss("record timecode", what, ODD, "check the FCM lines", WARNS))
    return losses


def rate_losses(statements: Sequence[Statement], rate: Fraction) -> list[Loss]:
    """A loss if the events' source and record lengths agree at another rate, but not at this one.

    Retimed events are not compared: their lengths differ at any rate.  The loss does not block;
    the events whose lengths differ are blocked one by one.
    """
    times = [
        line.times
        for statement in statements
        if not statement.motions
        for line in statement.lines
        if line.picture
    ]
    now = counting_base(rate)
    differ = {base: _differing(times, base) for base in _BASES}
    here = _differing(times, now)
    better = [str(base) for base, n in differ.items() if n is not None and n * 10 < (here or 0)]
    if not here or not better:
        return []
    message = (
        f"source and record lengths of {here} events differ at {rate} fps, and hardly any do "
        f"at {' or '.join(better)} frames per second"
    )
    hint = "was the list cut at another rate? give that rate"
    return [Loss("frame rate", message, ODD, hint, WARNS)]


def _differing(times: Sequence[tuple[str, str, str, str]], base: int) -> int | None:
    """Number of events whose lengths differ at `base` frames per second; None if one is invalid."""
    n = 0
    for printed in times:
        counts = []
        for time in printed:
            if time.isdigit():
                counts.append(int(time))
                continue
            hours, minutes, seconds, frames = (int(x) for x in re.split("[:;.,]", time))
            if frames >= max(_BASES):
                break  # damage of the line, which a loss of its own reports
            if frames >= base:
                return None
            counts.append(((hours * 60 + minutes) * 60 + seconds) * base + frames)
        if len(counts) == len(printed):
            n += counts[1] - counts[0] != counts[3] - counts[2]
    return n
