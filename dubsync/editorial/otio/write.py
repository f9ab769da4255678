"""Writes a cut of any format as .otio: flat, or as a master.

Flat: the corrected clips are clips of their own on tracks above, so that a host that supports one
media reference per clip (Clip.1) loses nothing.  Master: each corrected clip is the active media
reference `dubbed-<language>` of the original clip, beside DEFAULT_MEDIA, as in `corrected_otio`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LOST, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.notes.as_markers import NOTE
from dubsync.editorial.otio.nodes import DEFAULT_KEY, Node, schema_of, text_in
from dubsync.editorial.otio.note_markers import add_notes, note_marker
from dubsync.editorial.otio.references import corrected_reference, span, time
from dubsync.editorial.otio.renders import MASTER, NAMESPACE
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.timelines import TRACKS, collected, shown_range
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.carry_over import unread_losses
from dubsync.editorial.tracks.dubbed_track import (
    corrected_map,
    dubbed_tracks,
    track_below,
    with_dubbed_tracks,
)
from dubsync.editorial.tracks.from_cut import lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import (
    GAP_KINDS,
    NEST_KINDS,
    Clip,
    LaidOutTrack,
    Layout,
    TrackTransition,
    all_clips,
)
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses, media_key


def write_otio_flat(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    *,
    original: bytes | None = None,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """A cut as .otio, the corrected clips on tracks directly above the originals.

    Args:
        original: the cut's own file, if that is .otio; all its keys are kept, and only tracks
            are added.
        notes: the markers that are added to the original; a new file has all of `cut`.

    Raises:
        DeliveryError: there is nothing to write, or a corrected event is not in the cut.
    """
    if original is not None:
        return _patched(cut, corrected, original, notes)
    layout = Layout(cut, losses=unread_losses(cut))
    made = []
    for timeline in programmes(cut, corrected):
        tracks = lay_out_tracks(layout, timeline)
        ours = [one for one in corrected if cut.events[one.event].timeline == timeline.name]
        tracks = with_dubbed_tracks(layout, tracks, ours)
        made.append(_timeline(layout, timeline, tracks, {}))
    return _written(made, layout)


def write_otio_master(cut: ProbedCut, corrected: Sequence[Corrected], *, language: str) -> Written:
    """A cut as .otio in which each corrected clip is the active media reference of its original.

    Raises:
        DeliveryError: there is nothing to write, or a corrected event is not a picture clip.
    """
    layout = Layout(cut, losses=unread_losses(cut))
    ours = {one.event: one for one in corrected}
    result = []
    present: set[int] = set()
    for timeline in programmes(cut, corrected):
        tracks = lay_out_tracks(layout, timeline)
        present |= {clip.event for track, clip in all_clips(tracks) if not track.sound}
        result.append(_timeline(layout, timeline, tracks, ours, language))
    if missing := set(ours) - present:
        shot = ours[min(missing)].shot
        raise DeliveryError(
            f"shot {shot}: its event is not a picture clip on a track of the cut",
            hint="run the turnover again",
        )
    return _written(result, layout)


def _written(made: Sequence[otio.schema.Timeline], layout: Layout) -> Written:
    if not made:
        raise DeliveryError(
            f"{layout.cut.name or layout.cut.path}: no timeline has a known frame rate",
            hint="give the rate, as 24000/1001 or 25",
        )
    top = made[0] if len(made) == 1 else otio.schema.SerializableCollection(children=list(made))
    for event in layout.cut.events:
        if event.record is None:
            layout.lose(event.timeline, "clips of bins and logs are not written", LOST)
    parsed = json.loads(top.to_json_string())
    text = json.dumps(parsed, indent=4, ensure_ascii=False) + "\n"
    return Written(text.encode("utf-8", "replace"), LossReport.of(layout.losses))


def _timeline(
    layout: Layout,
    timeline: ProbedTimeline,
    tracks: Sequence[LaidOutTrack],
    ours: Mapping[int, Corrected],
    language: str = "",
) -> otio.schema.Timeline:
    rate = timeline.rate
    assert rate is not None
    starts = [track.record_range(clip)[0] for track in tracks for clip in track.clips]
    start = min([*starts, *([timeline.start] if timeline.start is not None else [])], default=0)
    start = Fraction(start)
    if timeline.drop and rate in DROP_RATES:
        what = f"{timeline.name!r} is drop-frame, which .otio cannot state"
        layout.lose(timeline.name, what, ASSUMED)
    uses: dict[Key, Use] = {}
    add_media_uses(uses, tracks)
    writer = _Writer(layout, rate, uses, ours, language)
    made = otio.schema.Timeline(timeline.name, global_start_time=time(start, rate))
    for track in tracks:
        made.tracks.append(writer.track(track, start))
    _prolonged(made.tracks, (timeline.start or start) + (timeline.length or 0) - start, rate)
    for marker in layout.cut.markers:
        if marker.timeline == timeline.name:
            writer.mark(made.tracks, marker, start)
    return made


def _prolonged(tracks: otio.schema.Stack, length: Fraction, rate: Fraction) -> None:
    """Add a final gap to the lowest track if the timeline is longer than all its tracks."""
    if not len(tracks):
        tracks.append(otio.schema.Track("V1", kind=otio.schema.TrackKind.Video))
    short = [
        round(length - Fraction(t.duration().value * float(rate) / t.duration().rate))
        for t in tracks
    ]
    if min(short) > 0:
        tracks[0].append(otio.schema.Gap(source_range=span(0, short[0], rate)))


class _Writer:
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


def _patched(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker],
) -> Written:
    """The original document with the dubbed tracks inserted into its timelines."""
    where = cut.path.rsplit("/", 1)[-1] or "the document"
    root = document(original.decode("utf-8-sig"), where)
    nodes = [top.node for top in collected(root, where)[0]]
    layout = Layout(cut)
    for name in dict.fromkeys(cut.events[one.event].timeline for one in corrected):
        ours = [one for one in corrected if cut.events[one.event].timeline == name]
        result = [
            (node, t) for node, t in zip(nodes, cut.timelines, strict=False) if t.name == name
        ]
        if len(result) != 1 or result[0][1].rate is None:
            raise DeliveryError(
                f"{where} has {len(result)} timelines called {name!r}",
                hint="give each a name of its own, and export again",
            )
        node, timeline = result[0]
        tracks = lay_out_tracks(Layout(cut), timeline)  # the original loses nothing
        above = dubbed_tracks(layout, tracks, ours)
        uses: dict[Key, Use] = {}
        add_media_uses(uses, above)
        assert timeline.rate is not None
        writer = _Writer(layout, timeline.rate, uses, {}, "")
        zero = _zero(node, timeline)
        children = node["tracks"].setdefault("children", [])
        at = _above(children, track_below(tracks, ours))
        children[at:at] = [
            json.loads(writer.track(track, zero).to_json_string()) for track in above
        ]
        add_notes(node["tracks"], [m for m in notes if m.timeline == name], zero, timeline.rate)
    text = json.dumps(root, indent=4, ensure_ascii=False) + "\n"
    return Written(text.encode("utf-8", "surrogatepass"), LossReport.of(layout.losses))


def add_notes_to(root: Any, cut: ProbedCut | None, notes: Sequence[ProbedMarker]) -> None:
    """Add `notes` to the timelines of a document that `cut` was read from."""
    if cut is None or not notes:
        return
    nodes = [top.node for top in collected(root, "the document")[0]]
    for node, timeline in zip(nodes, cut.timelines, strict=False):
        ours = [note for note in notes if note.timeline == timeline.name]
        if ours and timeline.rate is not None:
            add_notes(node["tracks"], ours, _zero(node, timeline), timeline.rate)


def _above(children: Sequence[Node], number: int) -> int:
    """The index in a stack's children directly above its picture track `number`."""
    picture = [
        n
        for n, child in enumerate(children)
        if schema_of(child) not in TRACKS or text_in(child, "kind") in ("", "Video")
    ]
    return picture[number - 1] + 1 if number <= len(picture) else len(children)


def _zero(node: Mapping[str, Any], timeline: ProbedTimeline) -> Fraction:
    """The record frame at which the tracks of a stack begin, visible or not."""
    start = timeline.start or Fraction(0)
    shown = shown_range(node["tracks"], timeline.name)
    if shown is None or timeline.rate is None:
        return start
    return start - round(shown[0] * timeline.rate)
