"""What plays at every record frame of a timeline: runs of it, each with its exact map of time."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TimecodeError
from dubsync.core.timeline.timecode import FrameRange

Keyframe = tuple[Fraction, Fraction]


@dataclass(frozen=True, slots=True)
class TimeMap:
    """From record frames to source frames, straight between its keyframes, exact.

    keyframes  (record, source) pairs, at least two, rising in record; frames of either may lie
           between whole ones. The ends are edges: the last record frame shown is before the
           last keyframe.

    >>> double = TimeMap(((Fraction(100), Fraction(0)), (Fraction(110), Fraction(20))))
    >>> double.at(Fraction(104)), double.speeds
    (Fraction(8, 1), (Fraction(2, 1),))
    """

    keyframes: tuple[Keyframe, ...]

    def __post_init__(self) -> None:
        records = [record for record, _ in self.keyframes]
        if len(records) < 2 or any(b <= a for a, b in zip(records, records[1:], strict=False)):
            raise TimecodeError(
                f"a time map whose {len(self.keyframes)} keyframes do not rise in record time"
            )

    @classmethod
    def steady_from(
        cls, start: Fraction | int, stop: Fraction | int, source: Fraction | int, speed: Fraction
    ) -> TimeMap:
        """The map that is at source edge `source` at record `start` and runs at one speed.

        Args:
            source: backwards, the upper edge of the first frame shown: one past its number.
            speed: source frames per record frame.

        >>> TimeMap.steady_from(0, 10, 50, Fraction(-1)).frame(0)
        49
        """
        start, stop, source = Fraction(start), Fraction(stop), Fraction(source)
        return cls(((start, source), (stop, source + (stop - start) * speed)))

    @property
    def start(self) -> Fraction:
        """First record edge."""
        return self.keyframes[0][0]

    @property
    def stop(self) -> Fraction:
        """Last record edge."""
        return self.keyframes[-1][0]

    @property
    def speeds(self) -> tuple[Fraction, ...]:
        """Source frames per record frame of each piece, in order."""
        pairs = zip(self.keyframes, self.keyframes[1:], strict=False)
        return tuple((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs)

    @property
    def steady(self) -> Fraction | None:
        """The one speed it has throughout; None where it changes."""
        speeds = set(self.speeds)
        return speeds.pop() if len(speeds) == 1 else None

    def at(self, record: Fraction) -> Fraction:
        """The source time of a record time within the map; beyond, its end pieces go on."""
        (r0, s0), (r1, s1) = self._piece(record)
        return s0 + (record - r0) * (s1 - s0) / (r1 - r0)

    def _piece(self, record: Fraction) -> tuple[Keyframe, Keyframe]:
        piece = bisect_right(self.keyframes, record, key=lambda keyframe: keyframe[0]) - 1
        piece = min(max(piece, 0), len(self.keyframes) - 2)
        return self.keyframes[piece], self.keyframes[piece + 1]

    def frame(self, record: int) -> int:
        """The one source frame shown at record frame `record`: playing backwards, that which
        ends at the time reached."""
        (_, s0), (_, s1) = self._piece(Fraction(record))
        at = self.at(Fraction(record))
        return ceil(at) - 1 if s1 < s0 else floor(at)

    @property
    def backwards(self) -> bool:
        """Whether it ends at an earlier source time than it begins."""
        return self.keyframes[-1][1] < self.keyframes[0][1]

    @property
    def rising(self) -> bool:
        """Whether it plays forwards throughout, and nowhere stands still."""
        return all(b[1] > a[1] for a, b in zip(self.keyframes, self.keyframes[1:], strict=False))

    def record_of(self, source: Fraction) -> Fraction:
        """The first record time that shows a source time; where none of it does, its end pieces
        go on; where they never come there either, its start."""
        pieces = list(zip(self.keyframes, self.keyframes[1:], strict=False))
        for (r0, s0), (r1, s1) in pieces:
            if min(s0, s1) <= source <= max(s0, s1):
                return r0 if s0 == s1 else r0 + (source - s0) * (r1 - r0) / (s1 - s0)
        for end, edge in ((pieces[0], self.start), (pieces[-1], self.stop)):
            (r0, s0), (r1, s1) = end
            record = edge if s0 == s1 else r0 + (source - s0) * (r1 - r0) / (s1 - s0)
            if record < self.start if edge == self.start else record > self.stop:
                return record
        return self.start

    def first_shown(self, frame: int) -> Fraction:
        """The record time at which source frame `frame` is first shown, as `record_of`."""
        return self.record_of(Fraction(frame + 1 if self.backwards else frame))

    def slice(self, start: Fraction, stop: Fraction) -> TimeMap:
        """The map of record `start` up to `stop`.

        Raises:
            TimecodeError: an empty stretch.
        """
        inner = [keyframe for keyframe in self.keyframes[1:-1] if start < keyframe[0] < stop]
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

    shown    what is seen: one event; in a transition or under a key both sides, outgoing first;
             none where nothing is
    nothing  why nothing is seen ("gap", "black", "switched off", "nothing on any track"), else ""
    """

    record: FrameRange
    shown: tuple[Shown, ...]
    nothing: str = ""
