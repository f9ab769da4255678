"""What a timeline shows at every record frame: runs of frames, each with an exact time map."""

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
    """An exact piecewise linear map from record frames to source frames.

    keyframes  (record, source) pairs, at least two, rising in record; fractional frames are
               allowed. The ends are edges: the last record frame shown is before the last
               keyframe.

    >>> double = TimeMap(((Fraction(100), Fraction(0)), (Fraction(110), Fraction(20))))
    >>> double.at(Fraction(104)), double.speeds
    (Fraction(8, 1), (Fraction(2, 1),))
    """

    keyframes: tuple[Keyframe, ...]

    def __post_init__(self) -> None:
        records = [record for record, _ in self.keyframes]
        if len(records) < 2 or any(b <= a for a, b in zip(records, records[1:], strict=False)):
            raise TimecodeError(
                f"the {len(self.keyframes)} keyframes of a time map do not rise in record time"
            )

    @classmethod
    def steady_from(
        cls, start: Fraction | int, stop: Fraction | int, source: Fraction | int, speed: Fraction
    ) -> TimeMap:
        """The map of constant speed that plays source edge `source` at record `start`.

        Args:
            source: in reverse, the upper edge of the first frame shown: its number plus one.
            speed: source frames per record frame.

        >>> TimeMap.steady_from(0, 10, 50, Fraction(-1)).frame(0)
        49
        """
        start, stop, source = Fraction(start), Fraction(stop), Fraction(source)
        return cls(((start, source), (stop, source + (stop - start) * speed)))

    @property
    def start(self) -> Fraction:
        """The first record edge."""
        return self.keyframes[0][0]

    @property
    def stop(self) -> Fraction:
        """The last record edge."""
        return self.keyframes[-1][0]

    @property
    def speeds(self) -> tuple[Fraction, ...]:
        """Source frames per record frame of each piece, in order."""
        pairs = zip(self.keyframes, self.keyframes[1:], strict=False)
        return tuple((b[1] - a[1]) / (b[0] - a[0]) for a, b in pairs)

    @property
    def steady(self) -> Fraction | None:
        """The constant speed; None if it varies."""
        speeds = set(self.speeds)
        return speeds.pop() if len(speeds) == 1 else None

    def at(self, record: Fraction) -> Fraction:
        """The source time at a record time; the end segments are extrapolated."""
        (r0, s0), (r1, s1) = self._piece(record)
        return s0 + (record - r0) * (s1 - s0) / (r1 - r0)

    def _piece(self, record: Fraction) -> tuple[Keyframe, Keyframe]:
        piece = bisect_right(self.keyframes, record, key=lambda keyframe: keyframe[0]) - 1
        piece = min(max(piece, 0), len(self.keyframes) - 2)
        return self.keyframes[piece], self.keyframes[piece + 1]

    def frame(self, record: int) -> int:
        """The source frame shown at record frame `record`; in reverse, the frame that ends at the
        source time reached."""
        (_, s0), (_, s1) = self._piece(Fraction(record))
        at = self.at(Fraction(record))
        return ceil(at) - 1 if s1 < s0 else floor(at)

    @property
    def backwards(self) -> bool:
        """Whether its last source time is earlier than its first."""
        return self.keyframes[-1][1] < self.keyframes[0][1]

    @property
    def rising(self) -> bool:
        """Whether it plays forwards throughout, with no freeze."""
        return all(b[1] > a[1] for a, b in zip(self.keyframes, self.keyframes[1:], strict=False))

    def record_of(self, source: Fraction) -> Fraction:
        """The first record time that shows a source time. Outside the map the end segments are
        extrapolated; if they do not reach it either, the start of the map."""
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
        """The record time at which source frame `frame` is first shown; see `record_of`."""
        return self.record_of(Fraction(frame + 1 if self.backwards else frame))

    def slice(self, start: Fraction, stop: Fraction) -> TimeMap:
        """The part of the map from record `start` up to `stop`, extrapolated where it is shorter.

        Raises:
            TimecodeError: an empty range.
        """
        inner = [keyframe for keyframe in self.keyframes[1:-1] if start < keyframe[0] < stop]
        return TimeMap(((start, self.at(start)), *inner, (stop, self.at(stop))))


@dataclass(frozen=True, slots=True)
class Shown:
    """One event's picture in a run.

    event  index in ProbedCut.events
    map    record to source frames; None without media or with an unknown speed
    rate   source frames per second; None where `map` is None
    """

    event: int
    map: TimeMap | None = None
    rate: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """A range of record frames that shows the same events throughout.

    shown    the visible events: one; both sides of a transition or key, outgoing first; or none
    nothing  why nothing is visible ("gap", "black", "switched off", "nothing on any track"), or ""
    """

    record: FrameRange
    shown: tuple[Shown, ...]
    nothing: str = ""
