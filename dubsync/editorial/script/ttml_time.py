"""Parses TTML2 time expressions (W3C TTML2 10.3.1), exactly.

Media time is in seconds from the programme's first frame; SMPTE time is timecode.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.script.dapt_names import TT, TTP

_CLOCK = re.compile(r"(\d{2,3}):(\d{2}):(\d{2})(?:\.(\d{1,12})|:(\d{2,3})(?:\.(\d{1,6}))?)?")
_OFFSET = re.compile(r"(\d{1,18})(?:\.(\d{1,12}))?(h|ms|m|s|f|t)")
_SECONDS = {"h": Fraction(3600), "m": Fraction(60), "s": Fraction(1), "ms": Fraction(1, 1000)}


@dataclass(frozen=True, slots=True)
class TtmlClock:
    """The time parameters of a document.

    rate       ttp:frameRate with its multiplier; None if not stated
    tick_rate  ticks per second; None if not stated
    sub_rate   sub-frames per frame
    smpte      whether ttp:timeBase is "smpte": clock times are timecodes since midnight
    drop       whether ttp:dropMode is drop-frame, for SMPTE time
    """

    rate: Fraction | None = None
    tick_rate: int | None = None
    sub_rate: int = 1
    smpte: bool = False
    drop: bool = False

    def seconds(self, text: str) -> Fraction:
        """A time expression in seconds.  Raises ValueError with a message for the row."""
        text = text.strip()
        if result := _CLOCK.fullmatch(text):
            return self._clock(result, text)
        if result := _OFFSET.fullmatch(text):
            count = Fraction(f"{result[1]}.{result[2] or 0}")
            if result[3] == "f":
                return count / self._frame_rate(text)
            if result[3] == "t":
                if self.tick_rate is None:
                    raise ValueError(f"{text} needs a ttp:tickRate")
                return count / self.tick_rate
            return count * _SECONDS[result[3]]
        raise ValueError(f"{text[:40]!r} is not a TTML time")

    def _clock(self, result: re.Match[str], text: str) -> Fraction:
        hours, minutes, seconds = (int(result[n]) for n in (1, 2, 3))
        if minutes > 59 or seconds > 60:
            raise ValueError(f"{text} has minutes or seconds above 59")
        whole = (hours * 60 + minutes) * 60 + seconds
        if result[5] is None:
            return whole + Fraction(f"0.{result[4] or 0}")
        rate = self._frame_rate(text)
        if self.smpte:
            try:
                code = Timecode.parse(text.partition(".")[0], rate, drop=self.drop)
            except TimecodeError as error:
                raise ValueError(str(error)) from error
            return (code.frame + Fraction(int(result[6] or 0), self.sub_rate)) / rate
        if int(result[5]) >= rate:
            raise ValueError(f"{text} is not a time at {rate} fps")
        return whole + (int(result[5]) + Fraction(int(result[6] or 0), self.sub_rate)) / rate

    def _frame_rate(self, text: str) -> Fraction:
        if self.rate is None:
            raise ValueError(f"{text} needs a ttp:frameRate")
        return self.rate


def starts_in(element: Element, begin: Fraction, clock: TtmlClock) -> Mapping[int, Fraction | None]:
    """id() of each p and div of a container that begins at `begin` -> from when its times count.

    That is `begin` in a parallel container.  In a sequence it is the end of the one before; None
    after one without an end.
    """
    children = element.all(TT + "p", TT + "div")
    if element.get("timeContainer", "par") != "seq":
        return {id(child): begin for child in children}
    result: dict[int, Fraction | None] = {}
    at: Fraction | None = begin
    for child in children:
        result[id(child)] = at
        if at is not None:
            at = end_within(child, at, clock)
    return result


def end_within(element: Element, base: Fraction, clock: TtmlClock) -> Fraction | None:
    """When an element ends by its own times or those of all inside it; None if that is not stated.

    Args:
        base: the time from which its own times count.
    """
    zero = Fraction(0) if clock.smpte else base
    try:
        times = {n: clock.seconds(element.get(n)) for n in ("begin", "end", "dur")
                 if n in element.attributes}  # fmt: skip
    except ValueError:
        return None  # reported where the element itself is read
    begin = zero + times["begin"] if "begin" in times else base
    ends = [zero + times["end"]] if "end" in times else []
    ends += [begin + times["dur"]] if "dur" in times else []
    return min(ends) if ends else end_inside(element, begin, clock)


def end_inside(element: Element, begin: Fraction, clock: TtmlClock) -> Fraction | None:
    """When all inside an element that begins at `begin` has ended; None if that is not stated."""
    inner = element.all(TT + "p", TT + "div", TT + "span")
    if not inner or any(piece.strip() for piece in element.pieces):
        return None
    if element.get("timeContainer", "par") == "seq":
        at: Fraction | None = begin
        for child in inner:
            at = end_within(child, at, clock) if at is not None else None
        return at
    found = [end_within(child, begin, clock) for child in inner]
    known = [end for end in found if end is not None]
    return max(known) if len(known) == len(found) else None


def ttml_clock(root: Element, where: str) -> TtmlClock:
    """The clock of a document, from the attributes of its root.

    Raises:
        TurnoverError: invalid parameters, or an unsupported time base.
    """
    base = root.get(TTP + "timeBase", "media")
    if base not in ("media", "smpte"):
        raise TurnoverError(
            f"{where} has time base {base[:20]!r} (ttp:timeBase), which is not supported",
            hint="export it again with media time",
        )
    drop_mode = root.get(TTP + "dropMode", "nonDrop")
    if base == "smpte" and drop_mode == "dropPAL":
        raise TurnoverError(
            f"{where} has M-PAL drop-frame timecode, which is not supported",
            hint="export it again with media time",
        )
    try:
        rate = _rate(root)
        ticks = _whole(root, "tickRate")
        sub_rate = _whole(root, "subFrameRate") or 1
    except (ValueError, ZeroDivisionError) as error:
        raise TurnoverError(f"{where}: {error}", hint="export it again") from error
    if base == "smpte" and rate is not None and rate not in TIMECODE_RATES:
        raise TurnoverError(
            f"{where} has timecode at {rate} fps, which SMPTE does not define",
            hint="export it again with media time",
        )
    return TtmlClock(rate, ticks, sub_rate, base == "smpte", drop_mode == "dropNTSC")


def _rate(root: Element) -> Fraction | None:
    frames = _whole(root, "frameRate")
    if frames is None:
        return None
    multiplier = root.get(TTP + "frameRateMultiplier", "1 1").replace(":", " ").split()
    if len(multiplier) != 2 or not all(re.fullmatch(r"\d{1,9}", part) for part in multiplier):
        raise ValueError(
            f"ttp:frameRateMultiplier {' '.join(multiplier)[:40]!r} is not two numbers"
        )
    rate = Fraction(frames) * Fraction(int(multiplier[0]), int(multiplier[1]))
    if not 1 <= rate <= 1000:
        raise ValueError(f"ttp:frameRate of {rate} fps is out of range")
    return rate


def _whole(root: Element, name: str) -> int | None:
    text = root.get(TTP + name)
    if not text:
        return None
    if not re.fullmatch(r"\d{1,12}", text) or int(text) == 0:
        raise ValueError(f"ttp:{name} {text[:40]!r} is not a positive number")
    return int(text)
