"""Editorial time: whole frames at an exact rate, in half-open ranges.

There are no floats here: a float of seconds cannot name a frame at 24000/1001.  Samples are
derived from frames, never frames from samples.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TimecodeError

NTSC = 1001
#: Rates for which SMPTE ST 12-1 and ST 12-3 define a timecode.
TIMECODE_RATES = tuple(
    [Fraction(n) for n in (24, 25, 30, 48, 50, 60)]
    + [Fraction(n * 1000, NTSC) for n in (24, 30, 48, 60)]
)
DROP_RATES = (Fraction(30000, NTSC), Fraction(60000, NTSC))
_COUNTED = frozenset((rate.numerator, rate.denominator) for rate in TIMECODE_RATES)
_PRINTED = re.compile(r"(\d{1,3})[:;](\d{2})[:;](\d{2})([:;.,])(\d{2,3})")
FRAMES_A_FOOT = 16  #: 35 mm film: 64 perforations per foot, four per frame
_FOOTAGE = re.compile(r"(\d{1,7})\+(\d{2})")


@dataclass(frozen=True, slots=True)
class FrameRange:
    """Frames `start` up to, not including, `stop`, at `rate` frames per second.

    >>> FrameRange(86400, 86424, Fraction(24)).with_handles(8)
    FrameRange(start=86392, stop=86432, rate=Fraction(24, 1))
    """

    start: int
    stop: int
    rate: Fraction

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise TimecodeError(f"a frame rate of {self.rate} fps is not positive")
        if self.stop <= self.start:
            raise TimecodeError(f"frames {self.start}..{self.stop} are empty")

    def __len__(self) -> int:
        return self.stop - self.start

    def __contains__(self, frame: object) -> bool:
        return isinstance(frame, int) and self.start <= frame < self.stop

    def holds(self, other: FrameRange) -> bool:
        """Whether this range contains every frame of `other`."""
        return self.rate == other.rate and self.start <= other.start and other.stop <= self.stop

    def with_handles(self, head: int, tail: int | None = None) -> FrameRange:
        """The range extended by `head` frames before and `tail` (default: `head`) after."""
        return replace(
            self, start=self.start - head, stop=self.stop + (head if tail is None else tail)
        )

    def overlap(self, other: FrameRange) -> FrameRange | None:
        """The frames in both ranges, or None.  Raises TimecodeError if the rates differ."""
        if self.rate != other.rate:
            raise TimecodeError(f"{self.rate} fps and {other.rate} fps share no frame grid")
        start, stop = max(self.start, other.start), min(self.stop, other.stop)
        return replace(self, start=start, stop=stop) if start < stop else None

    def samples(self, sample_rate: int) -> range:
        """The audio samples that begin within these frames.

        Frame ranges that abut give sample ranges that abut at every rate, 29.97 included: a cut
        neither repeats nor drops a sample.
        """
        first, last = (ceil(f * sample_rate / self.rate) for f in (self.start, self.stop))
        return range(first, last)


@dataclass(frozen=True, slots=True)
class Timecode:
    """SMPTE ST 12-1 timecode: frame `frame` since midnight at `rate`, drop-frame or not.

    >>> str(Timecode(107892, Fraction(30000, 1001), drop=True))
    '01:00:00;00'
    >>> Timecode.parse("01:00:00:00", Fraction(24000, 1001)).frame
    86400
    """

    frame: int
    rate: Fraction
    drop: bool = False

    def __post_init__(self) -> None:
        if (self.rate.numerator, self.rate.denominator) not in _COUNTED:  # a hot path
            raise TimecodeError(
                f"SMPTE defines no timecode for {self.rate} fps",
                hint="known rates: " + ", ".join(str(r) for r in TIMECODE_RATES),
            )
        if self.drop and self.rate not in DROP_RATES:
            raise TimecodeError(f"there is no drop-frame timecode at {self.rate} fps")
        if self.frame < 0:
            raise TimecodeError(f"timecode cannot be negative: frame {self.frame}")

    @classmethod
    def parse(cls, text: str, rate: Fraction, *, drop: bool | None = None) -> Timecode:
        """Read `text` ("HH:MM:SS:FF", with ";" or "," before FF for drop frame; Premiere
        prints ";" throughout).

        Args:
            text: the printed timecode; hours may exceed 24.
            rate: exact frames per second.
            drop: True or False if stated elsewhere (an FCM line); None: as printed.

        Raises:
            TimecodeError: not a timecode, a frame number beyond the rate, or a dropped number.
        """
        result = _PRINTED.fullmatch(text.strip())
        if not result:
            raise TimecodeError(f"{text!r} is not a timecode", hint="expected HH:MM:SS:FF")
        hours, minutes, seconds, frames = (int(result.group(n)) for n in (1, 2, 3, 5))
        if drop is None:
            drop = result.group(4) in ";,"
        base = counting_base(rate)
        if minutes > 59 or seconds > 59 or frames >= base:
            raise TimecodeError(
                f"{text} is not a timecode at {rate} fps", hint=f"frames are 00 to {base - 1:02d}"
            )
        count = ((hours * 60 + minutes) * 60 + seconds) * base + frames
        if drop:
            skipped = base // 15
            if seconds == 0 and frames < skipped and minutes % 10:
                raise TimecodeError(f"{text} is a dropped number: drop-frame timecode skips it")
            total_minutes = hours * 60 + minutes
            count -= skipped * (total_minutes - total_minutes // 10)
        return cls(count, rate, drop)

    def __str__(self) -> str:
        base = counting_base(self.rate)
        count = self.frame
        if self.drop:
            skipped = base // 15
            per_ten = base * 600 - 9 * skipped
            tens, rest = divmod(count, per_ten)
            past = max(rest - base * 60, -1)
            in_ten = 1 + past // (base * 60 - skipped) if past >= 0 else 0
            count += skipped * (9 * tens + in_ten)
        seconds, frames = divmod(count, base)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        mark = ";" if self.drop else ":"
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{mark}{frames:02d}"


@dataclass(frozen=True, slots=True)
class FeetFrames:
    """A frame count in feet and frames of 35 mm film, four perforations per frame.

    frame  counted from the film's 0+00, at the film's own rate

    >>> str(FeetFrames(90 * 16 + 3)), FeetFrames.parse("90+03").frame
    ('90+03', 1443)
    """

    frame: int

    def __post_init__(self) -> None:
        if self.frame < 0:
            raise TimecodeError(f"feet and frames cannot be negative: frame {self.frame}")

    @classmethod
    def parse(cls, text: str) -> FeetFrames:
        """Read `text` ("FEET+FF", frames 00 to 15).

        Raises:
            TimecodeError: not feet and frames, or a frame number above 15.
        """
        result = _FOOTAGE.fullmatch(text.strip())
        if not result:
            raise TimecodeError(f"{text!r} is not feet and frames", hint="expected FEET+FF")
        feet, frames = int(result[1]), int(result[2])
        if frames >= FRAMES_A_FOOT:
            raise TimecodeError(
                f"{text} is invalid: a foot has {FRAMES_A_FOOT} frames",
                hint="3-perf and 16 mm film are not supported; export as timecode",
            )
        return cls(feet * FRAMES_A_FOOT + frames)

    def __str__(self) -> str:
        feet, frames = divmod(self.frame, FRAMES_A_FOOT)
        return f"{feet}+{frames:02d}"


def counting_base(rate: Fraction) -> int:
    """The number of frame numbers in one second of timecode: 24 at 24000/1001.

    >>> counting_base(Fraction(24000, 1001))
    24
    """
    return -(-rate.numerator // rate.denominator)


def day_frames(rate: Fraction, drop: bool) -> int:
    """The number of timecode frames in 24 hours.

    >>> day_frames(Fraction(24), False), day_frames(Fraction(30000, 1001), True)
    (2073600, 2589408)
    """
    base = counting_base(rate)
    return 24 * 3600 * base - (24 * 54 * base // 15 if drop else 0)


LONGEST_RATE = 24  #: characters of a printed rate


def parse_rate(text: str) -> Fraction:
    """The exact rate that a person typed: "24000/1001", "23.976", "25".

    >>> parse_rate("23.976")
    Fraction(24000, 1001)

    Raises:
        TimecodeError: not a rate, or a decimal that is close to no rate in use.
    """
    try:
        if len(text) > LONGEST_RATE or "e" in text.lower():  # 1e999999999 would be written out
            raise ValueError("too long, or an exponent")
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError) as error:
        shown = repr(text[: 2 * LONGEST_RATE])
        raise TimecodeError(f"{shown} is not a frame rate", hint="try 24000/1001 or 25") from error
    if rate <= 0:
        raise TimecodeError(f"a frame rate of {text} fps is not positive")
    if "/" in text:
        return rate
    return exact_rate(float(rate))


def exact_rate(value: float) -> Fraction:
    """The exact rate of a rounded decimal (23.976, 23.98, 29.97 ...).

    Raises:
        TimecodeError: no whole rate or NTSC rate within 0.005 fps.
    """
    whole = Fraction(round(value)) if value == value and 0 < value < 1e4 else Fraction(0)
    for rate in (whole, whole * 1000 / NTSC):
        if rate > 0 and abs(float(rate) - value) < 5e-3:
            return rate
    raise TimecodeError(
        f"{value} fps is not a known frame rate", hint="write it exactly, as 24000/1001"
    )


@dataclass(frozen=True, slots=True)
class Clock:
    """The timecode of a cut: its rate, and whether it is drop-frame."""

    rate: Fraction
    drop: bool = False

    def timecode(self, seconds: float | Fraction) -> str:
        """Record time in seconds as timecode; in seconds at rates without a SMPTE timecode."""
        if self.rate not in TIMECODE_RATES:
            return f"{float(seconds):.2f} s"
        return str(Timecode(max(0, floor(Fraction(seconds) * self.rate)), self.rate, self.drop))
