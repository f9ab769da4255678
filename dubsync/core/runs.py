"""What plays at every record frame of a timeline: runs of it, each with its exact map of time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction

from dubsync.core.errors import TimecodeError
from dubsync.core.timecode import FrameRange

Knot = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class TimeMap:
    """From record frames to source frames, straight between its knots, exact.

    knots  (record, source) pairs, at least two, rising in record; frames of either may lie
           between whole ones. The ends are edges: the last record frame shown is before the
           last knot.

    >>> double = TimeMap(((Fraction(100), Fraction(0)), (Fraction(110), Fraction(20))))
    >>> double.at(Fraction(104)), double.speeds
    (Fraction(8, 1), (Fraction(2, 1),))
    """

    knots: tuple[Knot, ...]

    def __post_init__(self) -> None:
        records = [record for record, _ in self.knots]
        if len(records) < 2 or any(b <= a for a, b in zip(records, records[1:], strict=False)):
            raise TimecodeError(
                f"a map of time with {len(self.knots)} knots that do not rise in record time"
            )

    @property
    def start(self) -> Fraction:
        """First record edge."""
        return self.knots[0][0]

    @property
    def stop(self) -> Fraction:
        """Last record edge."""
        return self.knots[-1][0]

    @property
    def speeds(self) -> tuple[Fraction, ...]:
        """Source frames per record frame of each piece, in order."""
        pairs = zip(self.knots, self.knots[1:], strict=False)
        return tuple((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs)

    @property
    def steady(self) -> Fraction | None:
        """The one speed it has throughout; None where it changes."""
        speeds = set(self.speeds)
        return speeds.pop() if len(speeds) == 1 else None

    def at(self, record: Fraction) -> Fraction:
        """The source time of a record time within the map; beyond, its end pieces go on."""
        piece = bisect_right(self.knots, record, key=lambda knot: knot[0]) - 1
        piece = min(max(piece, 0), len(self.knots) - 2)
        (r0, s0), (r1, s1) = self.knots[piece], self.knots[piece + 1]
        return s0 + (record - r0) * (s1 - s0) / (r1 - r0)

    def within(self, start: Fraction, stop: Fraction) -> TimeMap:
        """The map of record `start` up to `stop`.

        Raises:
            TimecodeError: an empty stretch.
        """
        inner = [knot for knot in self.knots if start < knot[0] < stop]
        return TimeMap(((start, self.at(start)), *inner, (stop, self.at(stop))))


@dataclass(frozen=True, slots=True)
class Shown:
    """One event's picture in a run.

    event  its place in ProbedCut.events
    map    record to source frames; None where it has no media, or its speed is not known
    rate   source frames per second; None with `map`
    """

    event: int
    map: TimeMap | None = None
    rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Record frames throughout which the same picture plays.

    shown    what is seen: one event; two in a transition, outgoing first; none where nothing is
    nothing  why nothing is seen ("gap", "black", "nothing on any track"), else ""
    """

    record: FrameRange
    shown: tuple[Shown, ...]
    nothing: str = ""
