"""Tracks as the slots of an AAF composition: components that overlap in transitions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.losses import APPROXIMATE, LOST, Loss
from dubsync.core.probed import ProbedCut, ProbedEvent, ProbedTimeline
from dubsync.core.runs import TimeMap
from dubsync.core.timecode import counting_base
from dubsync.editorial.aaf_effects import motion, rational, transition
from dubsync.editorial.aaf_markers import write_markers
from dubsync.editorial.aaf_media import Medium, Shelf
from dubsync.editorial.laying import Fade, LaidTrack, Piece
from dubsync.editorial.media_paths import base_name, local_path
from dubsync.editorial.time_maps import grid


class Writer:
    """One AAF file being filled."""

    def __init__(
        self,
        file: Any,
        cut: ProbedCut,
        timeline: ProbedTimeline,
        rate: Fraction,
        losses: list[Loss],
    ) -> None:
        self.file, self.cut, self.timeline, self.rate = file, cut, timeline, rate
        self.losses = losses
        self.shelf = Shelf(file, {}, {}, {})

    def composition(self, tracks: Sequence[LaidTrack]) -> None:
        """The top composition: timecode, tracks, locators."""
        first, stop = self._extent(tracks)
        for track in tracks:
            for piece, sound in media_pieces(track):
                self.reach(piece, sound)
        top = self.file.create.CompositionMob(self.timeline.name or "untitled")
        top.usage = "Usage_TopLevel"
        self.file.content.mobs.append(top)
        base = counting_base(self.rate)
        slot = top.create_timeline_slot(rational(self.rate), 1)
        slot.name = "TC1"
        slot["PhysicalTrackNumber"].value = 1
        code = self.file.create.Timecode(base, self.timeline.drop, max(stop - first, 1))
        code.start = first
        slot.segment = code
        labels = self._tracks(top, tracks, first, stop)
        self.losses += write_markers(
            self.file, top, self.cut, self.timeline, self.rate, first, labels
        )

    def _extent(self, tracks: Sequence[LaidTrack]) -> tuple[int, int]:
        edges = [e for t in tracks for p in t.pieces for e in (p.start, p.stop)]
        start, length = self.timeline.start, self.timeline.length
        if start is not None:
            edges += [start, start + (length or 0)]
        if not edges:
            raise DeliveryError(
                f"{self.timeline.name} holds no clip", hint="export the sequence again"
            )
        return floor(min(edges)), ceil(max(edges))

    def _tracks(
        self, mob: Any, tracks: Sequence[LaidTrack], first: int, stop: int
    ) -> dict[str, int]:
        """A slot for each track; track -> slot id."""
        labels: dict[str, int] = {}
        numbers = {True: 0, False: 0}
        for n, track in enumerate(tracks, start=len(list(mob.slots)) + 1):
            numbers[track.sound] += 1
            slot = mob.create_timeline_slot(rational(self.rate), n)
            slot.name = track.name
            slot["PhysicalTrackNumber"].value = numbers[track.sound]
            slot.segment = self.sequence(track, first, stop)
            labels.setdefault(track.name, n)
        return labels

    def sequence(self, track: LaidTrack, first: int, stop: int) -> Any:
        """A track's components in order; a transition takes its length off the time gone by."""
        kind = "sound" if track.sound else "picture"
        sequence = self.file.create.Sequence(kind)
        parts, at = _Parts(self.file, sequence, kind), first
        for k, piece in enumerate(track.pieces):
            begin, end = self._framed(piece)
            head, tail = track.fade_at(k, head=True), track.fade_at(k, head=False)
            if head is not None:
                length = grid(head.stop) - grid(head.start)
                if head.before is None and begin + length > at:
                    parts.fill(begin + length - at)
                    at = begin + length
                parts.add(self._transition(head, track, length))
                at -= length
            if begin > at:
                parts.fill(begin - at)
            elif begin < at:
                what = f"overlaps what comes before it by {at - begin} frames; trimmed"
                self._lose(piece, what, APPROXIMATE)
                begin = at
            if end <= begin:
                continue
            parts.add(self._segment(piece, end - begin, track.sound))
            at = end
            if tail is not None and tail.after is None:
                length = grid(tail.stop) - grid(tail.start)
                parts.add(self._transition(tail, track, length))
                parts.fill(length)
        if stop > at or not track.pieces:
            parts.fill(max(stop - at, 1))
            at = stop
        sequence.length = at - first
        return sequence

    def _framed(self, piece: Piece) -> tuple[int, int]:
        begin, end = grid(piece.start), grid(piece.stop)
        if begin != piece.start or end != piece.stop:
            self._lose(piece, "begins or ends between frames; written to the frame", APPROXIMATE)
        return begin, end

    def _transition(self, fade: Fade, track: LaidTrack, length: int) -> Any:
        comes, goes = fade.before is not None, fade.after is not None
        if fade.kind == "wipe" or (fade.kind != "dissolve" and comes and goes):
            what = f"{fade.name or fade.kind} is written as a dissolve"
            self.losses.append(Loss(track.name, what, APPROXIMATE))
        if track.corrected and not (comes and goes):
            self.losses.append(
                Loss(
                    track.name,
                    f"the fade at record frame {fade.start} mixes with the track below, not with "
                    "black",
                    APPROXIMATE,
                    "switch the clip below off",
                )
            )
        cut_point = 0 if not comes else length if not goes else length // 2
        return transition(self.file, length, cut_point, sound=track.sound, comes=comes, goes=goes)

    def _segment(self, piece: Piece, length: int, sound: bool) -> Any:
        """What plays over `length` edit units; Filler where nothing can."""
        if piece.inside:
            return self._nest(piece, length, sound)
        kind = "sound" if sound else "picture"
        medium = self._medium(piece)
        if medium is None:
            self._lose(piece, "has no media that AAF can link to; left empty", LOST)
            return self.file.create.Filler(kind, length)
        first = self.shelf.first(medium)
        if piece.map is None:
            self._lose(piece, "its speed is not known; written at normal speed", APPROXIMATE)
            source = self.cut.events[piece.event].source
            start = source.start if source and source.start is not None else Fraction(first)
            return self.shelf.clip(medium, self._units(piece, start - first, medium), length,
                                   sound=sound)  # fmt: skip
        low = min(source for _, source in piece.map.knots)
        high = max(source for _, source in piece.map.knots)
        scale = self.rate / medium.rate
        if piece.map.steady == medium.rate / self.rate:
            units_in = self._units(piece, low - first, medium)
            return self.shelf.clip(medium, units_in, length, sound=sound)
        if medium.rate != self.rate:
            what = f"runs at {medium.rate} fps in a cut of {self.rate}; its speed is rounded"
            self._lose(piece, what, APPROXIMATE)
        at = max(floor((low - first) * scale), 0)
        used = max(ceil((high - first) * scale) - at, 1)
        clip = self.shelf.clip(medium, at, used, sound=sound)
        units = tuple((record, (source - first) * scale) for record, source in piece.map.knots)
        return motion(self.file, clip, length, TimeMap(units), Fraction(at))

    def _units(self, piece: Piece, frames: Fraction, medium: Medium) -> int:
        """Frames of a medium in the composition's edit units."""
        exact = frames * self.rate / medium.rate
        if exact.denominator != 1:
            self._lose(piece, "begins between edit units; written to the nearest", APPROXIMATE)
        return max(round(exact), 0)

    def _nest(self, piece: Piece, length: int, sound: bool) -> Any:
        inner = self.file.create.CompositionMob(self.cut.events[piece.event].name or "nest")
        inner.usage = "Usage_LowerLevel"
        self.file.content.mobs.append(inner)
        first = grid(piece.start)
        labels = self._tracks(inner, piece.inside[:1], first, first + length)
        kind = "sound" if sound else "picture"
        return inner.create_source_clip(next(iter(labels.values())), 0, length, kind)

    def _medium(self, piece: Piece) -> Medium | None:
        event = self.cut.events[piece.event]
        if piece.corrected is not None:
            one = piece.corrected
            return Medium(one.name, one.path, one.reel, one.frames.rate, one.drop, one.format)
        source = event.source
        if source is None or source.rate is None or source.start is None:
            return None
        name = event.name or base_name(event.media) or event.reel or "clip"
        local = local_path(event.media, Path(self.cut.path).resolve().parent)
        path = str(local) if local is not None else event.media
        return Medium(name, path, event.reel, source.rate, ";" in source.text[0])

    def reach(self, piece: Piece, sound: bool) -> None:
        """Note the frames of its medium that a piece needs, and that its file is said to have."""
        medium = self._medium(piece)
        if medium is None:
            return
        event = self.cut.events[piece.event]
        edges = [s for _, s in piece.map.knots] if piece.map else []
        if piece.corrected is not None:
            edges += [Fraction(piece.corrected.frames.start), Fraction(piece.corrected.frames.stop)]
        else:
            for span in (event.source, event.available):
                if span is not None and span.rate == medium.rate:
                    edges += [e for e in (span.start, span.stop) if e is not None]
        low, high = floor(min(edges)), ceil(max(edges))
        known = self.shelf.extents.get(medium, (low, high))
        self.shelf.extents[medium] = min(known[0], low), max(known[1], high, low + 1)

    def _lose(self, piece: Piece, what: str, kind: str) -> None:
        event: ProbedEvent = self.cut.events[piece.event]
        self.losses.append(Loss(event.where, f"{event.name or event.kind}: {what}", kind))


class _Parts:
    """Components of a sequence; neighbouring fillers are one."""

    def __init__(self, file: Any, sequence: Any, kind: str) -> None:
        self._file, self._into, self._kind = file, sequence["Components"], kind
        self._filler: Any = None

    def fill(self, length: int) -> None:
        if self._filler is not None:
            self._filler.length = self._filler.length + length
            return
        self._filler = self._file.create.Filler(self._kind, length)
        self._into.append(self._filler)

    def add(self, component: Any) -> None:
        self._filler = None
        self._into.append(component)


def media_pieces(track: LaidTrack) -> Iterator[tuple[Piece, bool]]:
    """Every piece of a track, nested ones too, and whether it is sound."""
    for piece in track.pieces:
        yield piece, track.sound
        for inner in piece.inside:
            yield from media_pieces(inner)
