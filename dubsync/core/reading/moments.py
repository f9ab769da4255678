"""The moments that a plate's frames show, where a frame shows more than one, or two show the same.

Each field of an interlaced plate is a moment of its own: 50 a second at 25 frames.  Telecined film
has a moment for each film frame: 24 for every 30 frames.  Faces are tracked, driven and drawn by
the moment.  What users see counts frames: everything here turns one into the other.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dubsync.core.shot import Plate, Shot
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange

#: The film frame, of four, that each of ten fields shows by 2:3 pulldown (SMPTE RP 197).
_PULLED = (0, 0, 1, 1, 1, 2, 2, 3, 3, 3)
#: How long before a break of the cadence, in frames, its stretch is taken to end.
_JUST = Fraction(1, 1000)


@dataclass(frozen=True, slots=True)
class Moments:
    """The moments of a plate whose file has `frames`.

    frames  the file's own
    film    as `Reading.film`; (): each field is a moment
    """

    frames: FrameRange
    film: tuple[tuple[int, int], ...] = ()

    @property
    def per_frame(self) -> Fraction:
        """Moments to a frame."""
        return Fraction(4, 5) if self.film else Fraction(2)

    @property
    def span(self) -> FrameRange:
        """The numbers of all moments, at their own rate."""
        return self.of(self.frames)

    def of(self, frames: FrameRange) -> FrameRange:
        """Every moment that any of `frames` shows."""
        first, last = self.number(frames.start, 0), self.number(frames.stop - 1, 1)
        return FrameRange(first, last + 1, frames.rate * self.per_frame)

    def number(self, frame: int, late: int) -> int:
        """The moment in the earlier (0) or the later (1) field of a frame."""
        if not self.film:
            return 2 * frame + late
        at, phase = self._film(frame)
        field = 2 * (frame - self.frames.start - at) + late - phase
        return self._base(at) + 4 * (field // 10) + _PULLED[field % 10]

    def first(self, frame: int) -> int:
        """The first moment that a frame shows."""
        return self.number(frame, 0)

    def last(self, frame: int) -> int:
        """The last moment that a frame shows."""
        return self.number(frame, 1)

    def edge(self, frame: Fraction) -> Fraction:
        """A time in frames as the same time in moments, exact."""
        if not self.film:
            return 2 * frame
        at, phase = self._film(int(frame // 1))
        field = 2 * (frame - self.frames.start - at) - phase
        return self._base(at) + field * Fraction(2, 5)

    def time(self, number: int) -> Fraction:
        """When a moment is, in frames, exact: a film frame's own time, not its first field's."""
        if not self.film:
            return Fraction(number, 2)
        at, phase = self._film(self.places(number)[0][0])
        return self.frames.start + at + (phase + (number - self._base(at)) * Fraction(5, 2)) / 2

    def numbers(self, frames: FrameRange) -> NDArray[np.intp]:
        """(T,) the first moment of each of `frames`."""
        return np.array([self.first(n) for n in range(frames.start, frames.stop)], np.intp)

    def frames_with(self, span: FrameRange) -> FrameRange | None:
        """The frames whose first moment is in `span`; None where there is none."""
        about = int(Fraction(span.start) / self.per_frame)
        if self.film:
            about = self.frames.start
        start = max(self.frames.start, about - 2)
        while start < self.frames.stop and self.first(start) < span.start:
            start += 1
        stop = start
        while stop < self.frames.stop and self.first(stop) < span.stop:
            stop += 1
        return FrameRange(start, stop, self.frames.rate) if stop > start else None

    def places(self, number: int) -> tuple[tuple[int, int], ...]:
        """(frame, 0 earlier or 1 later field) of each field that shows a moment, in order.

        Of a number that no field shows, which breaks of a cadence leave out: those before it.
        """
        if not self.film:
            return ((number // 2, number % 2),)
        low, high = self.frames.start, self.frames.stop - 1
        while low < high:  # the last frame whose first moment is not after it
            middle = (low + high + 1) // 2
            if self.first(middle) <= number:
                low = middle
            else:
                high = middle - 1
        near = [
            (frame, late)
            for frame in range(max(low - 2, self.frames.start), min(low + 2, self.frames.stop))
            for late in (0, 1)
        ]
        shown = max((n for f, k in near if (n := self.number(f, k)) <= number), default=None)
        if shown is None:
            return (near[0],)
        return tuple(one for one in near if self.number(*one) == shown)

    def _film(self, frame: int) -> tuple[int, int]:
        """The stretch of one cadence that a frame is in: its first frame from 0, and its phase."""
        place = bisect_right(self.film, frame - self.frames.start, key=lambda one: one[0]) - 1
        return self.film[max(place, 0)]

    def _base(self, at: int) -> int:
        """The number of the moment at which a stretch's groups of ten fields are counted.

        Numbers rise over a break of the cadence: each stretch begins at a multiple of four.
        """
        return 4 * (-(-(self.frames.start + at) // 5) + 2 * self._place(at))

    def _place(self, at: int) -> int:
        return bisect_right(self.film, at, key=lambda one: one[0])


def moments_of(plate: Plate) -> Moments | None:
    """The moments of a plate whose frames are not one moment each; None where they are."""
    if not plate.format.fields or plate.reading.file is not None or plate.shown is not None:
        return None  # a plate that a cut freezes or plays backwards is drawn by the frame
    return Moments(plate.frames, plate.reading.film)


def seconds_at(plate: Plate, frame: int) -> Fraction:
    """Seconds from its file's first frame to frame, or moment, `frame` of a plate, exact."""
    file = plate.reading.file
    if file is None:
        return Fraction(frame - plate.frames.start) / plate.frames.rate
    return (Moments(file, plate.reading.film).time(frame) - file.start) / file.rate


def by_moment(plate: Plate) -> Plate:
    """The plate with a frame for each moment; the same plate where they are frames already."""
    moments = moments_of(plate)
    if moments is None:
        return plate
    return replace(
        plate, frames=moments.span, reading=replace(plate.reading, file=plate.frames), drop=False
    )


def shot_by_moment(shot: Shot) -> Shot:
    """The shot on its plate's moments: plate frames, times and rates; record frames stay."""
    moments = moments_of(shot.plate)
    if moments is None:
        return shot
    return replace(
        shot,
        plate=by_moment(shot.plate),
        source=moments.of(shot.source),
        render=moments.of(shot.render),
        time=_time_by_moment(shot, moments),
    )


def _time_by_moment(shot: Shot, moments: Moments) -> TimeMap:
    """Record frames to moments.  Numbers leap at a break of the cadence: so does the map."""
    time = shot.time
    breaks = [moments.frames.start + at for at, _ in moments.film[1:]]
    if breaks:  # handles beyond the map may lie beyond a break
        first, last = (time.record_of(Fraction(n)) for n in (shot.render.start, shot.render.stop))
        time = time.slice(min(time.start, first), max(time.stop, last))
    keys: list[tuple[Fraction, Fraction]] = []
    for (r0, s0), (r1, s1) in pairwise(time.keyframes):
        keys.append((r0, moments.edge(s0)))
        for at in breaks:
            if s0 < at - _JUST and at <= s1:
                slope = (r1 - r0) / (s1 - s0)
                record = r0 + (at - s0) * slope
                keys.append((record - _JUST * slope, moments.edge(at - _JUST)))
                if at < s1:
                    keys.append((record, moments.edge(Fraction(at))))
    stop, source = time.keyframes[-1]
    end = moments.edge(source - _JUST) + _JUST * moments.per_frame  # of the stretch before it
    return TimeMap((*keys, (stop, end)))
