"""Writes tracks as the slots of an AAF composition: components that overlap in transitions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.losses import APPROXIMATE, LOST
from dubsync.core.timeline.probed import ProbedTimeline
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import counting_base
from dubsync.editorial.aaf.effects import dissolve, motion, rational
from dubsync.editorial.aaf.markers import write_markers
from dubsync.editorial.aaf.media import Medium, MobTable
from dubsync.editorial.timeline.media_paths import base_name, local_path
from dubsync.editorial.timeline.time_maps import grid
from dubsync.editorial.tracks.corrected_clips import numbered_name
from dubsync.editorial.tracks.from_cut import extent
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout, TrackTransition, all_clips


class Writer:
    """Writes one AAF file."""

    def __init__(self, file: Any, layout: Layout, timeline: ProbedTimeline, rate: Fraction) -> None:
        self.file, self.layout, self.timeline, self.rate = file, layout, timeline, rate
        self.cut = layout.cut
        self.mobs = MobTable(file, {}, {}, {})

    def composition(self, tracks: Sequence[LaidOutTrack]) -> None:
        """Write the top composition: timecode, tracks, locators."""
        first, stop = self._extent(tracks)
        self.gather(tracks)
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
        self.layout.losses += write_markers(
            self.file, top, self.cut, self.timeline, self.rate, first, labels
        )

    def _extent(self, tracks: Sequence[LaidOutTrack]) -> tuple[int, int]:
        if self.timeline.start is None and not any(track.clips for track in tracks):
            raise DeliveryError(
                f"{self.timeline.name} has no clip", hint="export the sequence again"
            )
        first, stop = extent(self.timeline, tracks)
        return int(first), int(stop)

    def _tracks(
        self, mob: Any, tracks: Sequence[LaidOutTrack], first: int, stop: int
    ) -> dict[str, int]:
        """Write a slot per track; return label -> slot id."""
        labels: dict[str, int] = {}
        numbers = {True: 0, False: 0}
        for n, track in enumerate(tracks, start=len(list(mob.slots)) + 1):
            numbers[track.sound] += 1
            slot = mob.create_timeline_slot(rational(self.rate), n)
            slot.name = track.label
            slot["PhysicalTrackNumber"].value = numbers[track.sound]
            slot.segment = self.sequence(track, first, stop)
            labels.setdefault(track.label, n)
        return labels

    def sequence(self, track: LaidOutTrack, first: int, stop: int) -> Any:
        """The components of a track in order; a transition steps back by its length."""
        kind = "sound" if track.sound else "picture"
        sequence = self.file.create.Sequence(kind)
        parts, at = _Parts(self.file, sequence, kind), first
        for clip in track.clips:
            shown = track.shown(clip)
            begin, end = self._framed(shown)
            head, tail = track.transition_at(clip.start), track.transition_at(clip.stop)
            if head is not None:
                length = grid(head.stop) - grid(head.start)
                if track.sides(head)[0] is None and begin + length > at:
                    parts.fill(begin + length - at)
                    at = begin + length
                parts.add(self._transition(head, track, length))
                at -= length
            if begin > at:
                parts.fill(begin - at)
            elif begin < at:
                what = f"overlaps the clip before it by {at - begin} frames; trimmed"
                self._report(clip, what, APPROXIMATE)
                begin = at
            if end <= begin:
                continue
            parts.add(self._segment(shown, end - begin, track.sound))
            at = end
            if tail is not None and track.sides(tail)[1] is None:
                length = grid(tail.stop) - grid(tail.start)
                parts.add(self._transition(tail, track, length))
                parts.fill(length)
        if stop > at or not track.clips:
            parts.fill(max(stop - at, 1))
            at = stop
        sequence.length = at - first
        return sequence

    def _framed(self, clip: Clip) -> tuple[int, int]:
        begin, end = grid(clip.start), grid(clip.stop)
        if begin != clip.start or end != clip.stop:
            self._report(clip, "begins or ends between frames; moved to whole frames", APPROXIMATE)
        return begin, end

    def _transition(self, transition: TrackTransition, track: LaidOutTrack, length: int) -> Any:
        outgoing, incoming = (side is not None for side in track.sides(transition))
        if transition.kind == "wipe" or (transition.kind != "dissolve" and outgoing and incoming):
            what = f"{transition.name or transition.kind} is written as a dissolve"
            self.layout.lose(track.label, what, APPROXIMATE)
        cut_point = 0 if not outgoing else length if not incoming else length // 2
        return dissolve(
            self.file, length, cut_point, sound=track.sound, outgoing=outgoing, incoming=incoming
        )

    def _segment(self, clip: Clip, length: int, sound: bool) -> Any:
        """The component for a clip of `length` edit units; Filler if there is no media."""
        if clip.inside:
            return self._nest(clip, length, sound)
        kind = "sound" if sound else "picture"
        medium = self._medium(clip)
        if medium is None or clip.map is None:
            self._report(clip, "has no media that AAF can link to; a gap is written", LOST)
            return self.file.create.Filler(kind, length)
        first = self.mobs.first(medium)
        low = min(source for _, source in clip.map.keyframes)
        high = max(source for _, source in clip.map.keyframes)
        scale = self.rate / medium.rate
        if clip.map.steady == medium.rate / self.rate:
            units_in = self._units(clip, low - first, medium)
            return self.mobs.clip(medium, units_in, length, sound=sound)
        if medium.rate != self.rate:
            what = f"runs at {medium.rate} fps in a cut at {self.rate} fps; its speed is rounded"
            self._report(clip, what, APPROXIMATE)
        at = max(floor((low - first) * scale), 0)
        used = max(ceil((high - first) * scale) - at, 1)
        whole = self.mobs.clip(medium, at, used, sound=sound)
        units = tuple((record, (source - first) * scale) for record, source in clip.map.keyframes)
        return motion(self.file, whole, length, TimeMap(units), Fraction(at))

    def _units(self, clip: Clip, frames: Fraction, medium: Medium) -> int:
        """Frames of a medium in the composition's edit units."""
        exact = frames * self.rate / medium.rate
        if exact.denominator != 1:
            self._report(clip, "begins between edit units; moved to the nearest", APPROXIMATE)
        return max(round(exact), 0)

    def _nest(self, clip: Clip, length: int, sound: bool) -> Any:
        inner = self.file.create.CompositionMob(self.cut.events[clip.event].name or "nest")
        inner.usage = "Usage_LowerLevel"
        self.file.content.mobs.append(inner)
        first = grid(clip.start)
        labels = self._tracks(inner, clip.inside[:1], first, first + length)
        kind = "sound" if sound else "picture"
        return inner.create_source_clip(next(iter(labels.values())), 0, length, kind)

    def _medium(self, clip: Clip) -> Medium | None:
        event = self.cut.events[clip.event]
        if clip.corrected is not None:
            one = clip.corrected
            path = numbered_name(one.path, one.frames, one.first_number)
            return Medium(one.name, path, one.reel, one.frames.rate, one.drop, one.format, one.edit)
        source = event.source
        if clip.generated or source is None or source.rate is None or source.start is None:
            return None
        name = event.name or base_name(event.media) or event.reel or "clip"
        local = local_path(event.media, Path(self.cut.path).resolve().parent)
        path = str(local) if local is not None else event.media
        return Medium(name, path, event.reel, source.rate, ";" in source.text[0])

    def gather(self, tracks: Sequence[LaidOutTrack]) -> None:
        """Add the frames of each medium that clips use or that its file is known to have."""
        for track, clip in all_clips(tracks):
            medium = self._medium(clip)
            if medium is None:
                continue
            shown = track.shown(clip)
            event = self.cut.events[clip.event]
            edges = [s for _, s in shown.map.keyframes] if shown.map else []
            if clip.corrected is not None:
                frames = clip.corrected.frames
                edges += [Fraction(frames.start), Fraction(frames.stop)]
            else:
                for span in (event.source, event.available):
                    if span is not None and span.rate == medium.rate:
                        edges += [e for e in (span.start, span.stop) if e is not None]
            low, high = floor(min(edges)), ceil(max(edges))
            known = self.mobs.extents.get(medium, (low, high))
            self.mobs.extents[medium] = min(known[0], low), max(known[1], high, low + 1)

    def _report(self, clip: Clip, what: str, kind: str) -> None:
        event = self.cut.events[clip.event]
        self.layout.lose(event.where, f"{event.name or event.kind}: {what}", kind)


class _Parts:
    """Appends components to a sequence; adjacent fillers are merged."""

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
