"""Pieces of a track as the statements of a CMX3600 list."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, floor
from pathlib import PurePath

from dubsync.core.corrected import Corrected
from dubsync.core.losses import APPROXIMATE, LOST, Loss
from dubsync.core.probed import ProbedCut, ProbedEvent, ProbedMarker, ProbedTimeline
from dubsync.core.runs import TimeMap
from dubsync.core.timecode import DROP_RATES, FrameRange, Timecode, counting_base
from dubsync.editorial.corrected import file_name
from dubsync.editorial.edl import day_frames
from dubsync.editorial.edl_lines import BLACK_REELS, Motion, Printed, Statement
from dubsync.editorial.laying import LaidTrack, Piece, corrected_piece
from dubsync.editorial.media_paths import base_name

#: CMX's own reel of black.
BLACK = "BL"


def timecodes(span: FrameRange, drop: bool) -> tuple[str, str]:
    """In and out of a range, printed; an out past midnight begins the day again."""
    drop = drop and span.rate in DROP_RATES
    stop = span.stop
    day = day_frames(span.rate, drop)
    if span.start < day < stop:
        stop -= day
    return str(Timecode(span.start, span.rate, drop)), str(Timecode(stop, span.rate, drop))


def motion_text(speed: Fraction, rate: Fraction) -> tuple[str, bool]:
    """An M2 speed as printed, in frames per second, and whether that is exact.

    >>> motion_text(Fraction(4, 5), Fraction(24)), motion_text(Fraction(-1), Fraction(24))
    (('019.2', True), ('-024.0', True))
    """
    fps = speed * counting_base(rate)
    printed = f"{float(fps):06.1f}" if fps < 0 else f"{float(fps):05.1f}"
    return printed, abs(Fraction(printed) - fps) < Fraction(1, 10_000)


class Printer:
    """Pieces of one track as statements; what cannot be printed goes to `losses`."""

    def __init__(
        self,
        cut: ProbedCut,
        timeline: ProbedTimeline,
        rate: Fraction,
        new: Mapping[int, Corrected],
        losses: list[Loss],
    ) -> None:
        self.cut, self.timeline, self.rate, self.new, self.losses = cut, timeline, rate, new, losses

    def statement(self, track: LaidTrack, k: int) -> Statement | None:
        """A piece, from where it comes in to where the next begins to."""
        piece = self.corrected(track.pieces[k])
        event = self.cut.events[piece.event]
        if reason := self.refused(piece):
            self.losses.append(Loss(event.where, f"{event.name or event.kind}: {reason}", LOST))
            return None
        head, tail = track.fade_at(k, head=True), track.fade_at(k, head=False)
        stop = tail.start if tail is not None and tail.start > piece.start else piece.stop
        times = self.times(piece, piece.start, stop)
        reel = self.reel(piece)
        names, side = [], "FROM"
        lines: tuple[Printed, ...] = (self.line(event, reel, "C", "", times),)
        motions = self.motions(piece, reel, times[0])
        if head is not None:
            length = round(head.stop - head.start)
            kind = "W001" if head.kind == "wipe" else "D"
            if head.kind not in ("dissolve", "wipe"):
                what = f"{head.name or head.kind} is printed as a dissolve"
                self.losses.append(Loss(event.where, what, APPROXIMATE))
            out_reel, out_times, out_names, out_motions = self.outgoing(track, head.before, times)
            lines = (
                self.line(event, out_reel, "C", "", out_times),
                self.line(event, reel, kind, f"{length:03d}", times),
            )
            names, side, motions = out_names, "TO", (*out_motions, *motions)
        remarks = (*names, *self.names(piece, side), *self.markers(track, piece.start, stop))
        return Statement(lines, tuple(remarks), motions)

    def fades_out(self, track: LaidTrack) -> list[tuple[Fraction, Statement]]:
        """Fades to nothing: to black, as an event of its own."""
        found: list[tuple[Fraction, Statement]] = []
        for fade in track.fades:
            if fade.after is not None or fade.before is None:
                continue
            event = self.cut.events[track.pieces[fade.before].event]
            record = FrameRange(floor(fade.start), ceil(fade.stop), self.rate)
            black = FrameRange(0, len(record), self.rate)
            times = (*timecodes(black, False), *timecodes(record, self.timeline.drop))
            reel, out_times, names, motions = self.outgoing(track, fade.before, times)
            lines = (
                self.line(event, reel, "C", "", out_times),
                self.line(event, BLACK, "D", f"{len(record):03d}", times),
            )
            found.append((fade.start, Statement(lines, tuple(names), motions)))
        return found

    def corrected(self, piece: Piece) -> Piece:
        one = self.new.get(piece.event)
        return corrected_piece(piece, self.cut.events[piece.event], one) if one else piece

    def refused(self, piece: Piece) -> str:
        """Why a list cannot hold this piece, or ""."""
        event = self.cut.events[piece.event]
        source = event.source
        if source is None or source.start is None or source.stop is None:
            return "has no source frames that can be printed"
        rate = piece.corrected.frames.rate if piece.corrected else _source_rate(event)
        if rate != self.rate:
            return f"counts its source at {rate} fps, the list at {self.rate}; not printed"
        if (min(at for _, at in piece.map.knots) if piece.map else source.start) < 0:
            return "begins before timecode 00:00:00:00; not printed"
        return ""

    def times(self, piece: Piece, start: Fraction, stop: Fraction) -> tuple[str, str, str, str]:
        event = self.cut.events[piece.event]
        record = FrameRange(floor(start), max(ceil(stop), floor(start) + 1), self.rate)
        if record.start != start or record.stop != stop:
            what = f"{event.name} begins or ends between frames; printed to the frame"
            self.losses.append(Loss(event.where, what, APPROXIMATE))
        span = _shown(piece.map, start, stop, self.rate) if piece.map else _said(event, self.rate)
        drop = piece.corrected.drop if piece.corrected else _drops(event)
        return (*timecodes(span, drop), *timecodes(record, self.timeline.drop))

    def outgoing(
        self, track: LaidTrack, k: int | None, times: tuple[str, str, str, str]
    ) -> tuple[str, tuple[str, str, str, str], list[str], tuple[Motion, ...]]:
        """Reel, times of no length, names and motion of what a fade comes from."""
        zero = "00:00:00:00"
        record = times[2]
        if k is None:
            return BLACK, (zero, zero, record, record), [], ()
        piece = self.corrected(track.pieces[k])
        fade = track.fade_at(k, head=False)
        if self.refused(piece) or fade is None:
            return BLACK, (zero, zero, record, record), [], ()
        event = self.cut.events[piece.event]
        drop = piece.corrected.drop if piece.corrected else _drops(event)
        low = event.source.start if event.source else None
        edge = (low or 0) + fade.start - piece.start  # where nobody says the speed: at normal
        at = max(floor(piece.map.at(fade.start) if piece.map else edge), 0)
        printed = timecodes(FrameRange(at, at + 1, self.rate), drop)[0]
        reel = self.reel(piece)
        times = (printed, printed, record, record)
        return reel, times, self.names(piece, "FROM"), self.motions(piece, reel, printed)

    def line(
        self, event: ProbedEvent, reel: str, kind: str, length: str, times: tuple[str, ...]
    ) -> Printed:
        a, b, c, d = times
        return Printed(0, event.number, reel, "V", kind, length, (a, b, c, d), self.timeline.drop)

    def reel(self, piece: Piece) -> str:
        event = self.cut.events[piece.event]
        if piece.corrected is not None:
            return piece.corrected.reel or event.reel or "AX"
        reel = event.reel or PurePath(base_name(event.media)).stem
        return "AX" if reel.upper() in BLACK_REELS else reel or "AX"

    def motions(self, piece: Piece, reel: str, start: str) -> tuple[Motion, ...]:
        event = self.cut.events[piece.event]
        if piece.map is None:
            what = f"{event.name}: its speed is not known, and none is printed"
            self.losses.append(Loss(event.where, what, APPROXIMATE))
            return ()
        speed = piece.map.steady
        if speed is None:
            (r0, s0), (r1, s1) = piece.map.knots[0], piece.map.knots[-1]
            speed = (s1 - s0) / (r1 - r0)
            what = f"{event.name}: a speed that changes is printed as its mean"
            self.losses.append(Loss(event.where, what, APPROXIMATE))
        if speed == 1:
            return ()
        printed, exact = motion_text(speed, self.rate)
        if not exact:
            fps = float(speed * counting_base(self.rate))
            what = f"{event.name}: its speed of {fps:.4f} fps is printed as {printed}"
            self.losses.append(Loss(event.where, what, APPROXIMATE))
        return (Motion(0, reel, printed, start),)

    def names(self, piece: Piece, side: str) -> list[str]:
        event = self.cut.events[piece.event]
        if piece.corrected is None:
            found = [f"* {side} CLIP NAME:  {event.name}"] if event.name else []
            file = base_name(event.media)
            return [*found, f"* SOURCE FILE: {file}"] if file else found
        name = file_name(piece.corrected)
        named = [f"* {side} CLIP NAME:  {name}", f"* SOURCE FILE: {name}"]
        plate = base_name(event.media) or event.name
        return [*named, f"* PLATE: {plate}"] if plate else named

    def markers(self, track: LaidTrack, start: Fraction, stop: Fraction) -> list[str]:
        """Locators that stand in these record frames."""
        found = [
            (marker.record.start, marker.record.text[0], marker)
            for marker in self.cut.markers
            if marker.record is not None
            and marker.record.start is not None
            and self.of_track(marker, track)
            and start <= marker.record.start < stop
        ]
        return [
            f"* LOC: {time} {_colour(marker):<7} {_comment(marker)}".rstrip()
            for _, time, marker in sorted(found, key=lambda one: one[0])
        ]

    def of_track(self, marker: ProbedMarker, track: LaidTrack) -> bool:
        tracks = marker.track.split("+") if marker.track else [track.name]
        return marker.timeline == self.timeline.name and track.name in tracks

    def lost_markers(self, track: LaidTrack) -> list[Loss]:
        """Markers that no statement of the track can carry."""
        rows = [(p.start, p.stop) for p in track.pieces]
        lost = [
            m
            for m in self.cut.markers
            if m.timeline == self.timeline.name
            and not (
                m.record is not None
                and m.record.start is not None
                and self.of_track(m, track)
                and any(a <= m.record.start < b for a, b in rows)
            )
        ]
        if not lost:
            return []
        return [Loss(track.name, f"{len(lost)} markers lie on no event of it: not printed", LOST)]


def _colour(marker: ProbedMarker) -> str:
    return "".join((marker.colour or "RED").upper().split())


def _comment(marker: ProbedMarker) -> str:
    words = " - ".join(filter(None, (marker.name, marker.comment)))
    return " ".join(words.split())


def _shown(map: TimeMap, start: Fraction, stop: Fraction, rate: Fraction) -> FrameRange:
    """Source frames between two record edges, lowest first; a freeze shows one."""
    edges = sorted((map.at(start), map.at(stop)))
    first = floor(edges[0])
    if map.steady in (1, -1):
        return FrameRange(first, first + ceil(stop) - floor(start), rate)
    return FrameRange(first, max(ceil(edges[1]), first + 1), rate)


def _said(event: ProbedEvent, rate: Fraction) -> FrameRange:
    """Source frames as the cut states them, of an event whose speed nobody says."""
    source = event.source
    assert source is not None and source.start is not None and source.stop is not None
    first = floor(source.start)
    return FrameRange(first, max(ceil(source.stop), first + 1), rate)


def _source_rate(event: ProbedEvent) -> Fraction | None:
    return event.source.rate if event.source else None


def _drops(event: ProbedEvent) -> bool:
    return bool(event.source and ";" in event.source.text[0])
