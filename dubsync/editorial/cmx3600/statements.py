"""Writes the clips of a track as the statements of a CMX3600 EDL."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from pathlib import PurePath
from typing import NamedTuple

from dubsync.core.timeline.losses import APPROXIMATE
from dubsync.core.timeline.probed import ProbedEvent, ProbedMarker, ProbedTimeline
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import (
    DROP_RATES,
    FrameRange,
    Timecode,
    counting_base,
    day_frames,
)
from dubsync.editorial.cmx3600.lines import Motion, Printed, Statement
from dubsync.editorial.notes.as_markers import NOTE
from dubsync.editorial.notes.list_lines import list_lines
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.reel_names import BLACK_REELS
from dubsync.editorial.tracks.corrected_clips import file_name
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout, TrackTransition

#: The CMX3600 reel name for black.
BLACK = "BL"


class EventTimes(NamedTuple):
    """The four timecodes of an event, in the order in which a list prints them."""

    source_in: str
    source_out: str
    record_in: str
    record_out: str


class Outgoing(NamedTuple):
    """The outgoing side of a transition: its line has no length, at the start of the transition."""

    reel: str
    times: EventTimes
    names: list[str]
    motions: tuple[Motion, ...]


def timecodes(span: FrameRange, drop: bool) -> tuple[str, str]:
    """In and out of a range as timecode; an out past midnight restarts at 00:00:00:00."""
    drop = drop and span.rate in DROP_RATES
    stop = span.stop
    day = day_frames(span.rate, drop)
    if span.start < day < stop:
        stop -= day
    return str(Timecode(span.start, span.rate, drop)), str(Timecode(stop, span.rate, drop))


def record_timecodes(span: FrameRange, drop: bool) -> tuple[str, str]:
    """In and out of a record range as timecode, which restarts at midnight."""
    day = day_frames(span.rate, drop and span.rate in DROP_RATES)
    past = span.start // day * day
    return timecodes(FrameRange(span.start - past, span.stop - past, span.rate), drop)


def motion_text(speed: Fraction, rate: Fraction) -> tuple[str, bool]:
    """(an M2 speed as printed, in frames per second; whether it is exact).

    >>> motion_text(Fraction(4, 5), Fraction(24)), motion_text(Fraction(-1), Fraction(24))
    (('019.2', True), ('-024.0', True))
    """
    fps = speed * counting_base(rate)
    printed = f"{float(fps):06.1f}" if fps < 0 else f"{float(fps):05.1f}"
    return printed, abs(Fraction(printed) - fps) < Fraction(1, 10_000)


class Printer:
    """Writes the clips of one track as statements, each up to the transition to the next.

    What cannot be printed is reported to the layout.
    """

    def __init__(
        self, layout: Layout, timeline: ProbedTimeline, rate: Fraction, track: LaidOutTrack
    ) -> None:
        self.layout, self.timeline, self.rate, self.track = layout, timeline, rate, track
        self.cut = layout.cut

    def statement(self, clip: Clip) -> Statement | None:
        """The event of a clip; None if a list cannot hold it, or if it has no frames of its own.

        A clip wholly under the transition to the next is that event's outgoing side only.
        """
        event, shown = self.cut.events[clip.event], self.track.shown(clip)
        if reason := self.refused(shown):
            self.layout.lose(event.where, f"{event.name or event.kind}: {reason}")
            return None
        head, tail = self.track.transition_at(clip.start), self.track.transition_at(clip.stop)
        stop = min(tail.start if tail is not None else shown.stop, self._next_start(clip))
        if stop <= shown.start:
            if head is not None:
                what = f"{event.name or event.kind}: is wholly under two transitions; not printed"
                self.layout.lose(event.where, what)
            return None
        times = self.times(shown, stop)
        reel = self.reel(clip)
        names, side = [], "FROM"
        lines: tuple[Printed, ...] = (self.line(event, reel, "C", "", times),)
        motions = self.motions(shown, reel, times.source_in)
        if head is not None:
            length = round(min(head.stop, stop) - head.start)
            if head.stop > stop:
                what = f"{event.name or event.kind}: its transition runs into the next, and is cut"
                self.layout.lose(event.where, what, APPROXIMATE)
            kind = "W001" if head.kind == "wipe" else "D"
            if head.kind not in ("dissolve", "wipe"):
                what = f"{head.name or head.kind} is printed as a dissolve"
                self.layout.lose(event.where, what, APPROXIMATE)
            out = self.outgoing(head, times)
            lines = (
                self.line(event, out.reel, "C", "", out.times),
                self.line(event, reel, kind, f"{length:03d}", times),
            )
            names, side, motions = out.names, "TO", (*out.motions, *motions)
        remarks = (*names, *self.names(clip, side), *self.markers(shown.start, stop))
        return Statement(lines, tuple(remarks), motions)

    def _next_start(self, clip: Clip) -> Fraction:
        """The record frame at which the event after a clip begins: events never overlap."""
        n = self.track.clip_starting_at(clip.start)
        following = self.track.clips[n + 1 : n + 4] if n is not None else ()
        return min((self.track.record_range(x)[0] for x in following), default=clip.stop)

    def fades_to_black(self) -> list[tuple[Fraction, Statement]]:
        """(record frame, event) of each fade to nothing, which is printed as a fade to black."""
        result: list[tuple[Fraction, Statement]] = []
        for transition in self.track.transitions:
            before, after = self.track.sides(transition)
            if after is not None or before is None:
                continue
            event = self.cut.events[before.event]
            record = FrameRange(floor(transition.start), ceil(transition.stop), self.rate)
            black = FrameRange(0, len(record), self.rate)
            times = EventTimes(
                *timecodes(black, False), *record_timecodes(record, self.timeline.drop)
            )
            out = self.outgoing(transition, times)
            lines = (
                self.line(event, out.reel, "C", "", out.times),
                self.line(event, BLACK, "D", f"{len(record):03d}", times),
            )
            result.append((transition.start, Statement(lines, tuple(out.names), out.motions)))
        return result

    def refused(self, clip: Clip) -> str:
        """Why a list cannot hold a clip, or ""."""
        source = self.cut.events[clip.event].source
        if clip.generated:
            return f"is a {clip.kind}, which an EDL cannot hold; not printed"
        if source is None or source.start is None or source.stop is None or clip.map is None:
            return "has no known source frames; not printed"
        rate = source.rate
        if clip.corrected is None and rate != self.rate:
            return f"has a source of {rate} fps in a list of {self.rate} fps; not printed"
        if min(at for _, at in clip.map.keyframes) < 0:
            return "begins before timecode 00:00:00:00; not printed"
        return ""

    def times(self, clip: Clip, stop: Fraction) -> EventTimes:
        """The timecodes of a clip that is printed up to record frame `stop`."""
        assert clip.map is not None
        record = FrameRange(floor(clip.start), max(ceil(stop), floor(clip.start) + 1), self.rate)
        # A render at another rate has its own timecode, and M2 says how many frames play a second.
        rate = self.rate if clip.corrected is None else clip.corrected.frames.rate
        span = self.stated(clip, stop) or _shown(clip.map, clip.start, stop, rate)
        if _backwards(clip.map):  # source in is the frame that plays first
            span = FrameRange(span.stop - 1, span.stop - 1 + len(span), rate)
        return EventTimes(
            *timecodes(span, self.drops(clip)), *record_timecodes(record, self.timeline.drop)
        )

    def stated(self, clip: Clip, stop: Fraction) -> FrameRange | None:
        """The source range that the cut states for a whole clip, if it fits its speed to a frame.

        Systems disagree by a frame on the source out of a retimed clip: what came is kept.
        """
        event = self.cut.events[clip.event]
        record, source, map = event.record, event.source, clip.map
        if clip.corrected is not None or map is None or record is None or source is None:
            return None
        if (clip.start, stop) != (record.start, record.stop) or not source.whole:
            return None
        if source.start is None or source.stop is None or source.stop <= source.start:
            return None
        shown = _shown(map, clip.start, stop, self.rate)
        if source.start != shown.start or abs(source.stop - shown.stop) > 1:
            return None
        return FrameRange(int(source.start), int(source.stop), self.rate)

    def outgoing(self, transition: TrackTransition, times: EventTimes) -> Outgoing:
        """The outgoing side of a transition whose incoming event has `times`."""
        zero = "00:00:00:00"
        record = times.record_in
        clip, _ = self.track.sides(transition)
        shown = self.track.shown(clip) if clip else None
        if shown is None or shown.map is None or self.refused(shown):
            return Outgoing(BLACK, EventTimes(zero, zero, record, record), [], ())
        edge = shown.map.at(transition.start)
        at = max(ceil(edge) - 1 if _backwards(shown.map) else floor(edge), 0)
        rate = self.rate if shown.corrected is None else shown.corrected.frames.rate
        printed = timecodes(FrameRange(at, at + 1, rate), self.drops(shown))[0]
        reel = self.reel(shown)
        times = EventTimes(printed, printed, record, record)
        motions = self.motions(shown, reel, printed)
        return Outgoing(reel, times, self.names(shown, "FROM"), motions)

    def drops(self, clip: Clip) -> bool:
        """Whether a clip's source timecode is drop-frame."""
        if clip.corrected is not None:
            return clip.corrected.drop
        source = self.cut.events[clip.event].source
        return bool(source and ";" in source.text[0])

    def line(
        self, event: ProbedEvent, reel: str, kind: str, length: str, times: EventTimes
    ) -> Printed:
        return Printed(0, event.number, reel, "V", kind, length, times, self.timeline.drop)

    def reel(self, clip: Clip) -> str:
        event = self.cut.events[clip.event]
        if clip.corrected is not None:
            return clip.corrected.reel or event.reel or "AX"
        reel = event.reel or PurePath(base_name(event.media)).stem
        return "AX" if reel.upper() in BLACK_REELS else reel or "AX"

    def motions(self, clip: Clip, reel: str, start: str) -> tuple[Motion, ...]:
        event = self.cut.events[clip.event]
        assert clip.map is not None
        speed = clip.map.steady
        if speed is None:
            (r0, s0), (r1, s1) = clip.map.keyframes[0], clip.map.keyframes[-1]
            speed = (s1 - s0) / (r1 - r0)
            what = f"{event.name}: a varying speed is printed as its average"
            self.layout.lose(event.where, what, APPROXIMATE)
        if speed == 1:
            return ()
        printed, exact = motion_text(speed, self.rate)
        if not exact:
            fps = float(speed * counting_base(self.rate))
            what = f"{event.name}: its speed of {fps:.4f} fps is printed as {printed}"
            self.layout.lose(event.where, what, APPROXIMATE)
        return (Motion(0, reel, printed, start),)

    def names(self, clip: Clip, side: str) -> list[str]:
        event = self.cut.events[clip.event]
        if clip.corrected is None:
            result = [f"* {side} CLIP NAME:  {event.name}"] if event.name else []
            file = base_name(event.media)
            return [*result, f"* SOURCE FILE: {file}"] if file else result
        name = file_name(clip.corrected)
        named = [f"* {side} CLIP NAME:  {name}", f"* SOURCE FILE: {name}"]
        plate = base_name(event.media) or event.name
        return [*named, f"* PLATE: {plate}"] if plate else named

    def markers(self, start: Fraction, stop: Fraction) -> list[str]:
        """The locators in a range of record frames, as remarks."""
        result = [
            (marker.record.start, marker.record.text[0], marker)
            for marker in self.cut.markers
            if marker.record is not None
            and marker.record.start is not None
            and self.of_track(marker)
            and start <= marker.record.start < stop
        ]
        lines: list[str] = []
        for _, time, marker in sorted(result, key=lambda one: one[0]):
            if marker.kind == NOTE:
                lines += list_lines(marker)
            else:
                lines.append(f"* LOC: {time} {_colour(marker):<7} {_comment(marker)}".rstrip())
        return lines

    def of_track(self, marker: ProbedMarker) -> bool:
        tracks = marker.track.split("+") if marker.track else [self.track.label]
        if marker.kind == NOTE:  # a shot in a nest is printed on the nest's track
            tracks += [track.partition("/")[0] for track in tracks]
        return marker.timeline == self.timeline.name and self.track.label in tracks

    def report_markers(self) -> None:
        """Report the markers that are on no event of the track."""
        ranges = [self.track.record_range(clip) for clip in self.track.clips]
        missing = [
            m
            for m in self.cut.markers
            if m.timeline == self.timeline.name
            and not (
                m.record is not None
                and m.record.start is not None
                and self.of_track(m)
                and any(a <= m.record.start < b for a, b in ranges)
            )
        ]
        if missing:
            what = f"{len(missing)} markers are on no event of the track, and are not printed"
            self.layout.lose(self.track.label, what)


def _colour(marker: ProbedMarker) -> str:
    return "".join((marker.colour or "RED").upper().split())


def _comment(marker: ProbedMarker) -> str:
    words = " - ".join(filter(None, (marker.name, marker.comment)))
    return " ".join(words.split())


def _backwards(map: TimeMap) -> bool:
    return map.keyframes[-1][1] < map.keyframes[0][1]


def _shown(map: TimeMap, start: Fraction, stop: Fraction, rate: Fraction) -> FrameRange:
    """The source frames between two record edges, lowest first; one frame for a freeze."""
    edges = sorted((map.at(start), map.at(stop)))
    first = floor(edges[0])
    if map.steady in (1, -1):
        return FrameRange(first, first + ceil(stop) - floor(start), rate)
    return FrameRange(first, max(ceil(edges[1]), first + 1), rate)
