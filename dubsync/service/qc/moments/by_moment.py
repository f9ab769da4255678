"""A render's written frames as the moments that they show: each field of an interlaced plate.

Faces are tracked, and everything is measured, at every moment, so that a fault in the later field
is found as one in the earlier is.  What is told counts the file's frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.reading.moments import Moments, moments_of, shot_by_moment
from dubsync.core.result import Finding
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.pixels.fields import field_of, in_order
from dubsync.media.pixels.square import lying_as, squared, squared_matte
from dubsync.qc.chart import Chart, timecode
from dubsync.qc.head.findings import BehindHead
from dubsync.service.qc.moments.fields import worst_of_fields
from dubsync.service.reel.pipeline import Part, with_actor

#: The number of a moment; plate, render and matte (H, W) in it, square and upright.
Pictures = tuple[int, tuple[Frame, Frame, NDArray[np.uint8]]]
#: Frames that are held: a film frame lies in two at most, and a cadence may break between them.
_HELD = 4


class ByMoment:
    """The moments of `frames` of a shot's plate; they are the frames where each is one moment.

    shot, frames  counted by the moment
    file          the file's own frames
    """

    def __init__(self, shot: Shot, frames: FrameRange) -> None:
        self._moments: Moments | None = moments_of(shot.plate)
        self._drop = shot.plate.drop
        self.file = frames
        self.shot = shot_by_moment(shot)
        self.frames = frames if self._moments is None else self._moments.of(frames)
        self._held: dict[int, tuple[Frame, Frame, Frame]] = {}
        self._next = self.frames.start

    @property
    def in_fields(self) -> bool:
        """Whether the two fields of a frame are moments of their own."""
        return self._moments is not None and not self._moments.film

    @property
    def each(self) -> str:
        """What a moment is called where moments are counted."""
        if self._moments is None:
            return "frame"
        return "film frame" if self._moments.film else "field"

    def parts(self, parts: Sequence[Part]) -> tuple[Part, ...]:
        """The parts as they are drawn: at moments."""
        return tuple(
            part if part.by_moment is None else with_actor(part.by_moment, part.actor, part.head)
            for part in parts
        )

    def pictures(self, before: Frame, after: Frame, mask: Frame) -> Iterator[Pictures]:
        """The moments that are whole with this frame of plate, render and matte, in order.

        Args:
            before, after, mask: the next frame as stored, under the plate's number.
        """
        form = before.format
        after = lying_as(after, form)
        if self._moments is None:
            cover = squared_matte(np.asarray(mask.planes[0]), form)
            yield before.number, (squared(before), squared(after), cover)
            return
        mask = Frame(before.number, mask.planes[:1], replace(mask.format, fields=form.fields))
        self._held[before.number] = before, after, mask
        while self._next < self.frames.stop:
            places = self._shown(self._next)
            if max(frame for frame, _ in places) > before.number:
                return
            one, other, matte = (
                _woven([(self._held[frame][n], late) for frame, late in places], self._next)
                for n in range(3)
            )
            yield self._next, (squared(one), squared(other), _square_matte(matte, form))
            self._next += 1
        for gone in [n for n in self._held if n <= before.number - _HELD]:
            del self._held[gone]

    def _shown(self, number: int) -> tuple[tuple[int, int], ...]:
        """(frame, 0 earlier or 1 later) of the one or two fields in which a moment is measured.

        A film frame in three fields is measured in the first two and in the last two by turns.
        """
        assert self._moments is not None
        shown = [one for one in self._moments.places(number) if one[0] in self.file]
        places = shown or [(self.file.start, 0)]
        if len(places) > 2:
            places = places[:2] if number // 4 % 2 == 0 else places[1:3]
        return tuple(places if len({late for _, late in places}) == len(places) else places[:1])

    # -- what is told ------------------------------------------------------------------------

    def frame(self, number: int, *, last: bool = False) -> int:
        """The file's frame that shows a moment: the first, or the last that does."""
        if self._moments is None:
            return number
        frame = self._moments.places(number)[-1 if last else 0][0]
        return min(max(frame, self.file.start), self.file.stop - 1)

    def label(self, number: int) -> str:
        """A moment's frame as timecode, and whether it is in the later field."""
        text = self.frame_label(self.frame(number))
        if not self.in_fields or self._moments is None or not self._moments.places(number)[0][1]:
            return text
        return f"{text}, later field"

    def frame_label(self, frame: int) -> str:
        """One of the file's frames as timecode."""
        return timecode(frame, self.file, self._drop)

    def findings(self, found: Sequence[Finding]) -> tuple[Finding, ...]:
        """Findings of moments, their worst stretch in frames."""
        if self._moments is None:
            return tuple(found)
        return tuple(
            one if one.frames is None else replace(
                one, frames=(self.frame(one.frames[0]), self.frame(one.frames[1], last=True))
            )
            for one in found
        )  # fmt: skip

    def contacts(self, found: Sequence[Contact]) -> tuple[Contact, ...]:
        """Contacts of moments at frames."""
        return tuple(replace(one, frame=self.frame(one.frame)) for one in found)

    def chart(self, chart: Chart) -> Chart:
        """A chart of moments over frames: of a frame's two moments the mean is drawn."""
        if self._moments is None:
            return chart
        series = (replace(one, values=self.at_frames(one.values, _mean)) for one in chart.series)
        spoken = chart.spoken
        return replace(
            chart, frames=self.file, drop=self._drop, series=tuple(series),
            spoken=None if spoken is None else self.at_frames(spoken, np.any),
            marks=tuple(replace(one, frame=self.frame(one.frame)) for one in chart.marks),
        )  # fmt: skip

    def at_frames(
        self, values: NDArray[Any], joined: Callable[[NDArray[Any]], object]
    ) -> NDArray[Any]:
        """(T,) values of moments as (F,) of frames, those of a frame `joined`."""
        moments = self._moments
        if moments is None:
            return values
        first = self.frames.start
        return np.array([
            joined(values[moments.first(n) - first : moments.last(n) - first + 1])
            for n in range(self.file.start, self.file.stop)
        ])  # fmt: skip

    def any(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(F,) whether any moment of each frame is True."""
        return np.asarray(self.at_frames(values, np.any), bool)

    def all(self, values: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(F,) whether all moments of each frame are."""
        return np.asarray(self.at_frames(values, np.all), bool)

    def behind(self, behind: BehindHead | None) -> BehindHead | None:
        """What a record says of frames, at moments."""
        if behind is None or self._moments is None:
            return behind
        rows = np.array([
            self.frame(n) - self.file.start for n in range(self.frames.start, self.frames.stop)
        ])  # fmt: skip
        return BehindHead(behind.elsewhere[rows], behind.filled[rows], behind.made_up[rows])

    def worst(
        self, judged: Callable[[NDArray[np.bool_]], Sequence[Finding]], *, fails: bool = False
    ) -> tuple[Finding, ...]:
        """What `judged` finds in the moments that it is given, (T,): in all, or in the worse field.

        A fault in one field hardly moves the median of both.

        Args:
            fails: of one field alone only a failure counts.
        """
        late = np.arange(len(self.frames)) % 2 == (1 - self.frames.start % 2)
        shown = late if self.in_fields else None
        return worst_of_fields(judged, shown, len(self.frames), fails=fails)


def _mean(values: NDArray[Any]) -> float:
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(known.mean()) if len(known) else float("nan")


def _woven(fields: Sequence[tuple[Frame, int]], number: int) -> Frame:
    """One field of a frame, or a film frame woven of two."""
    parts = [field_of(frame, in_order(frame.format)[late], number) for frame, late in fields]
    if len(parts) == 1:
        return parts[0]
    form: PictureFormat = fields[0][0].format
    planes = tuple(np.array(plane) for plane in fields[0][0].planes)
    for part in parts:
        for plane, lines in zip(planes, part.planes, strict=True):
            plane[0 if part.format.field == "top" else 1 :: 2] = lines
    return Frame(number, planes, replace(form, fields=""))


def _square_matte(cover: Frame, form: PictureFormat) -> NDArray[np.uint8]:
    """The matte of a moment: of a field at all lines of the frame."""
    lines = np.asarray(cover.planes[0])
    whole = np.repeat(lines, 2, axis=0) if cover.format.field else lines
    return squared_matte(whole, replace(form, fields=""))
