"""Writes the tracks and markers of one timeline as .otio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

import opentimelineio as otio

from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.losses import APPROXIMATE
from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.notes.as_markers import NOTE
from dubsync.editorial.otio.nodes import DEFAULT_KEY
from dubsync.editorial.otio.note_markers import note_marker
from dubsync.editorial.otio.references import corrected_reference, span, time
from dubsync.editorial.otio.renders import MASTER, NAMESPACE
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.dubbed_track import corrected_map
from dubsync.editorial.tracks.layout import (
    GAP_KINDS,
    NEST_KINDS,
    Clip,
    LaidOutTrack,
    Layout,
    TrackTransition,
)
from dubsync.editorial.tracks.media_uses import Key, Use, media_key


class TrackWriter:
    """Writes the tracks and markers of one timeline."""

    def __init__(
        self,
        layout: Layout,
        rate: Fraction,
        uses: Mapping[Key, Use],
        ours: Mapping[int, Corrected],
        language: str,
    ) -> None:
        self.layout, self.rate, self.uses = layout, rate, uses
        self.ours, self.language = ours, language

    def track(self, track: LaidOutTrack, zero: Fraction) -> otio.schema.Track:
        """A track whose time begins at record frame `zero`."""
        kind = otio.schema.TrackKind.Audio if track.sound else otio.schema.TrackKind.Video
        made = otio.schema.Track(track.label, kind=kind)
        at, last = zero, None
        for clip in track.clips:
            if clip.start > at:
                self._transition(made, track.transition_at(at), last)
                last = at
                made.append(otio.schema.Gap(source_range=span(0, clip.start - at, self.rate)))
            self._transition(made, track.transition_at(clip.start), last)
            last = clip.start
            made.append(self._item(clip, track))
            at = clip.stop
        self._transition(made, track.transition_at(at), last)
        return made

    def _transition(
        self, track: otio.schema.Track, transition: TrackTransition | None, at: Fraction | None
    ) -> None:
        """Append the transition at the current cut, unless the track has it already."""
        if transition is None or transition.cut == at:
            return
        dissolve = transition.kind == "dissolve"
        types = otio.schema.TransitionTypes
        made = otio.schema.Transition(
            transition.name or transition.kind,
            transition_type=str(types.SMPTE_Dissolve if dissolve else types.Custom),
            in_offset=time(transition.cut - transition.start, self.rate),
            out_offset=time(transition.stop - transition.cut, self.rate),
        )
        if not dissolve and transition.kind not in made.name.lower():
            made.name = f"{made.name} ({transition.kind})"
        if not len(track):  # a transition needs an item before it
            track.append(otio.schema.Gap(source_range=span(0, 0, self.rate)))
        track.append(made)

    def _item(self, clip: Clip, track: LaidOutTrack) -> otio.core.Item:
        length = clip.stop - clip.start
        if clip.inside:
            stack = otio.schema.Stack(clip.name, source_range=span(0, length, self.rate))
            for inner in clip.inside:
                stack.append(self.track(inner, clip.start))
            stack.enabled = clip.enabled
            if clip.kind != "compound":
                what = f"{clip.kind} {clip.name!r} is written as a nested stack"
                self.layout.lose(clip.where, what, APPROXIMATE)
            return stack
        made = otio.schema.Clip(clip.name)
        made.enabled = clip.enabled
        self._set_time(made, clip, length)
        self._set_media(made, clip, track)
        if clip.remarks:
            made.metadata[NAMESPACE] = {"remarks": list(clip.remarks)}
        return made

    def _set_time(self, made: otio.schema.Clip, clip: Clip, length: Fraction) -> None:
        """Set the source range of a clip, of record length, and its speed effect."""
        if clip.map is None or clip.media is None:
            made.source_range = span(0, length, self.rate)
            return
        shown = clip.map.slice(clip.start, clip.stop)
        low = min(shown.keyframes[0][1], shown.keyframes[-1][1])
        made.source_range = otio.opentime.TimeRange(
            time(low, clip.media.rate), time(length, self.rate)
        )
        steady = shown.steady
        if steady is None:
            what = f"{clip.name!r}: .otio cannot hold a varying speed; its average is written"
            self.layout.lose(clip.where, what, APPROXIMATE)
            steady = (shown.keyframes[-1][1] - shown.keyframes[0][1]) / length
        speed = steady * self.rate / clip.media.rate
        if speed == 0:
            made.effects.append(otio.schema.FreezeFrame())
        elif speed != 1:
            made.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(speed)))

    def _set_media(self, made: otio.schema.Clip, clip: Clip, track: LaidOutTrack) -> None:
        plate = self._reference(clip)
        made.media_reference = plate
        one = self.ours.get(clip.event)
        if one is None or track.sound or clip.kind in NEST_KINDS:
            return
        event = self.layout.cut.events[clip.event]
        ours = corrected_reference(one)
        map = corrected_map(clip, track, event, one)
        if map is not None and clip.map is not None and map != clip.map:
            # both references share the source range: the render uses the plate's frame numbers
            shift = clip.map.keyframes[0][1] - map.keyframes[0][1]
            rate = one.frames.rate
            ours.available_range = span(one.frames.start + shift, len(one.frames), rate)
        key = f"dubbed-{self.language}"
        references = {DEFAULT_KEY: plate, key: ours}
        if one.edit is not None:
            master = corrected_reference(
                replace(one, path=one.master, first_number=one.master_number)
            )
            master.available_range = ours.available_range
            references[f"{key}{MASTER}"] = master
        made.set_media_references(references, DEFAULT_KEY)
        made.active_media_reference_key = key

    def _reference(self, clip: Clip) -> otio.core.MediaReference:
        if clip.corrected is not None:
            return corrected_reference(clip.corrected)
        media = clip.media
        if clip.generated:
            return otio.schema.GeneratorReference(clip.name, generator_kind=clip.kind)
        if media is None:
            return otio.schema.MissingReference("" if clip.kind in GAP_KINDS else clip.name)
        use = self.uses[media_key(media)]
        available = span(use.low, use.high - use.low, media.rate)
        made: otio.core.MediaReference
        if media.path:
            made = otio.schema.ExternalReference(media_url(media.path), available_range=available)
        else:
            made = otio.schema.MissingReference(available_range=available)
        made.name = media.name
        if media.reel:
            made.metadata["reel"] = media.reel
        return made

    def mark(self, tracks: otio.schema.Stack, marker: ProbedMarker, zero: Fraction) -> None:
        """Write a marker on the stack of tracks."""
        record = marker.record
        if record is None or record.start is None:
            what = f"{marker.kind} {marker.name!r} has no record time, and is not written"
            self.layout.lose(marker.where, what)
            return
        if marker.kind == NOTE:
            tracks.markers.append(note_marker(marker, zero, self.rate))
            return
        made = otio.schema.Marker(
            marker.name,
            marked_range=span(record.start - zero, record.length or Fraction(0), self.rate),
            color=marker.colour or "",
        )
        made.comment = marker.comment
        if marker.kind != "marker":
            self.layout.lose("markers", f"a {marker.kind} is written as a marker", APPROXIMATE)
        tracks.markers.append(made)
