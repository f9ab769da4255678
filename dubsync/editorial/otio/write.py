"""A cut of any format as .otio: one language laid flat, or the master with every language beside
its plate.

Flat: the corrected clips are the only media of clips on a track of their own above; a host that
knows one reference a clip (Clip.1) loses nothing.  Master: each corrected clip stands where its
plate does, as `dubbed-<language>` beside DEFAULT_MEDIA, and plays, as in `corrected_otio`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import opentimelineio as otio

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LOST, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.otio.nodes import DEFAULT_KEY, Node, schema_of, text_in
from dubsync.editorial.otio.references import corrected_reference, span, time
from dubsync.editorial.otio.renders import NAMESPACE
from dubsync.editorial.otio.text import document
from dubsync.editorial.otio.timelines import TRACKS, timelines_in
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.carry_over import unread_losses
from dubsync.editorial.tracks.dubbed_track import (
    corrected_map,
    corrected_rows,
    track_below,
    with_corrected,
)
from dubsync.editorial.tracks.from_cut import programmes, rows_of
from dubsync.editorial.tracks.layout import (
    HOLES,
    NESTS,
    Clip,
    Fade,
    LaidOutTrack,
    Layout,
    all_clips,
)
from dubsync.editorial.tracks.media_uses import Key, Use, add_uses, key_of


def write_otio_flat(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """A cut as .otio, the corrected clips on a track of their own directly above theirs.

    Args:
        original: the cut's own file where that is .otio; every key of it is kept, and only
            tracks are added.

    Raises:
        DeliveryError: nothing to write, or a corrected event with no place in it.
    """
    if original is not None:
        return _patched(cut, corrected, original)
    layout = Layout(cut, losses=unread_losses(cut))
    made = []
    for timeline in programmes(cut, corrected):
        rows = rows_of(layout, timeline)
        ours = [one for one in corrected if cut.events[one.event].timeline == timeline.name]
        rows = with_corrected(layout, rows, ours)
        made.append(_timeline(layout, timeline, rows, {}))
    return _written(made, layout)


def write_otio_master(cut: ProbedCut, corrected: Sequence[Corrected], *, language: str) -> Written:
    """A cut as .otio in which each corrected clip lies beside its plate, and plays.

    Raises:
        DeliveryError: nothing to write, or a corrected event that is no picture clip.
    """
    layout = Layout(cut, losses=unread_losses(cut))
    ours = {one.event: one for one in corrected}
    result = []
    laid: set[int] = set()
    for timeline in programmes(cut, corrected):
        rows = rows_of(layout, timeline)
        laid |= {clip.event for row, clip in all_clips(rows) if not row.sound}
        result.append(_timeline(layout, timeline, rows, ours, language))
    if missing := set(ours) - laid:
        raise DeliveryError(
            f"shot {ours[min(missing)].shot}: its event is no picture clip on a track of the cut",
            hint="run the turnover again",
        )
    return _written(result, layout)


def _written(made: Sequence[otio.schema.Timeline], layout: Layout) -> Written:
    if not made:
        raise DeliveryError(
            f"{layout.cut.name or layout.cut.path}: no timeline with a known rate to write",
            hint="say the rate, as 24000/1001 or 25",
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
    rows: Sequence[LaidOutTrack],
    ours: Mapping[int, Corrected],
    language: str = "",
) -> otio.schema.Timeline:
    rate = timeline.rate
    assert rate is not None
    starts = [row.reach(clip)[0] for row in rows for clip in row.clips]
    start = min([*starts, *([timeline.start] if timeline.start is not None else [])], default=0)
    start = Fraction(start)
    if timeline.drop and rate in DROP_RATES:
        what = f"{timeline.name!r} counts drop-frame, which .otio does not say"
        layout.lose(timeline.name, what, ASSUMED)
    uses: dict[Key, Use] = {}
    add_uses(uses, rows)
    page = _Page(layout, rate, uses, ours, language)
    made = otio.schema.Timeline(timeline.name, global_start_time=time(start, rate))
    for row in rows:
        made.tracks.append(page.track(row, start))
    _prolonged(made.tracks, (timeline.start or start) + (timeline.length or 0) - start, rate)
    for marker in layout.cut.markers:
        if marker.timeline == timeline.name:
            page.mark(made.tracks, marker, start)
    return made


def _prolonged(tracks: otio.schema.Stack, length: Fraction, rate: Fraction) -> None:
    """Give the lowest track a last gap where the timeline is longer than all that is on it."""
    if not len(tracks):
        tracks.append(otio.schema.Track("V1", kind=otio.schema.TrackKind.Video))
    short = [
        round(length - Fraction(t.duration().value * float(rate) / t.duration().rate))
        for t in tracks
    ]
    if min(short) > 0:
        tracks[0].append(otio.schema.Gap(source_range=span(0, short[0], rate)))


class _Page:
    """What clips are written with."""

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

    def track(self, row: LaidOutTrack, zero: Fraction) -> otio.schema.Track:
        """A row as a track, its time beginning at record frame `zero`."""
        kind = otio.schema.TrackKind.Audio if row.sound else otio.schema.TrackKind.Video
        track = otio.schema.Track(row.label, kind=kind)
        at, faded = zero, None
        for clip in row.clips:
            if clip.start > at:
                self._fade(track, row.fade_at(at), faded)
                faded = at
                track.append(otio.schema.Gap(source_range=span(0, clip.start - at, self.rate)))
            self._fade(track, row.fade_at(clip.start), faded)
            faded = clip.start
            track.append(self._item(clip, row))
            at = clip.stop
        self._fade(track, row.fade_at(at), faded)
        return track

    def _fade(self, track: otio.schema.Track, fade: Fade | None, at: Fraction | None) -> None:
        """A transition at the cut the track has come to, unless it stands there already."""
        if fade is None or fade.cut == at:
            return
        dissolve = fade.kind == "dissolve"
        types = otio.schema.TransitionTypes
        made = otio.schema.Transition(
            fade.name or fade.kind,
            transition_type=str(types.SMPTE_Dissolve if dissolve else types.Custom),
            in_offset=time(fade.cut - fade.start, self.rate),
            out_offset=time(fade.stop - fade.cut, self.rate),
        )
        if not dissolve and fade.kind not in made.name.lower():
            made.name = f"{made.name} ({fade.kind})"
        if not len(track):  # a transition needs a neighbour on its left
            track.append(otio.schema.Gap(source_range=span(0, 0, self.rate)))
        track.append(made)

    def _item(self, clip: Clip, row: LaidOutTrack) -> otio.core.Item:
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
        self._timed(made, clip, length)
        self._referred(made, clip, row)
        if clip.remarks:
            made.metadata[NAMESPACE] = {"remarks": list(clip.remarks)}
        return made

    def _timed(self, made: otio.schema.Clip, clip: Clip, length: Fraction) -> None:
        """The clip's source range, of record length, and its speed."""
        if clip.map is None or clip.media is None:
            made.source_range = span(0, length, self.rate)
            return
        shown = clip.map.within(clip.start, clip.stop)
        low = min(shown.keyframes[0][1], shown.keyframes[-1][1])
        made.source_range = otio.opentime.TimeRange(
            time(low, clip.media.rate), time(length, self.rate)
        )
        steady = shown.steady
        if steady is None:
            what = f"{clip.name!r} changes its speed, as .otio cannot; its average is written"
            self.layout.lose(clip.where, what, APPROXIMATE)
            steady = (shown.keyframes[-1][1] - shown.keyframes[0][1]) / length
        speed = steady * self.rate / clip.media.rate
        if speed == 0:
            made.effects.append(otio.schema.FreezeFrame())
        elif speed != 1:
            made.effects.append(otio.schema.LinearTimeWarp(time_scalar=float(speed)))

    def _referred(self, made: otio.schema.Clip, clip: Clip, row: LaidOutTrack) -> None:
        plate = self._reference(clip)
        made.media_reference = plate
        one = self.ours.get(clip.event)
        if one is None or row.sound or clip.kind in NESTS:
            return
        event = self.layout.cut.events[clip.event]
        ours = corrected_reference(one)
        map = corrected_map(clip, row, event, one)
        if map is not None and clip.map is not None and map != clip.map:
            # both references of a clip share its source range: ours counts as the plate does
            shift = clip.map.keyframes[0][1] - map.keyframes[0][1]
            rate = one.frames.rate
            ours.available_range = span(one.frames.start + shift, len(one.frames), rate)
        made.set_media_references(
            {DEFAULT_KEY: plate, f"dubbed-{self.language}": ours}, DEFAULT_KEY
        )
        made.active_media_reference_key = f"dubbed-{self.language}"

    def _reference(self, clip: Clip) -> otio.core.MediaReference:
        if clip.corrected is not None:
            return corrected_reference(clip.corrected)
        media = clip.media
        if clip.drawn:
            return otio.schema.GeneratorReference(clip.name, generator_kind=clip.kind)
        if media is None:
            return otio.schema.MissingReference("" if clip.kind in HOLES else clip.name)
        use = self.uses[key_of(media)]
        held = span(use.low, use.high - use.low, media.rate)
        made: otio.core.MediaReference
        if media.path:
            made = otio.schema.ExternalReference(media_url(media.path), available_range=held)
        else:
            made = otio.schema.MissingReference(available_range=held)
        made.name = media.name
        if media.reel:
            made.metadata["reel"] = media.reel
        return made

    def mark(self, tracks: otio.schema.Stack, marker: ProbedMarker, zero: Fraction) -> None:
        """A marker on the stack of tracks."""
        record = marker.record
        if record is None or record.start is None:
            what = f"{marker.kind} {marker.name!r} stands in no record time; not written"
            self.layout.lose(marker.where, what)
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


def _patched(cut: ProbedCut, corrected: Sequence[Corrected], original: bytes) -> Written:
    """The document with tracks let into its timelines' stacks."""
    where = cut.path.rsplit("/", 1)[-1] or "the document"
    root = document(original.decode("utf-8-sig"), where)
    nodes = timelines_in(root, where)
    layout = Layout(cut)
    for name in dict.fromkeys(cut.events[one.event].timeline for one in corrected):
        ours = [one for one in corrected if cut.events[one.event].timeline == name]
        result = [(node, t) for node, t in zip(nodes, cut.timelines, strict=True) if t.name == name]
        if len(result) != 1 or result[0][1].rate is None:
            raise DeliveryError(
                f"{where} holds {len(result)} timelines called {name!r}",
                hint="give each its own name, and export again",
            )
        node, timeline = result[0]
        rows = rows_of(Layout(cut), timeline)  # what is in the document loses nothing
        above = corrected_rows(layout, rows, ours)
        uses: dict[Key, Use] = {}
        add_uses(uses, above)
        assert timeline.rate is not None
        page = _Page(layout, timeline.rate, uses, {}, "")
        zero = _zero(node, timeline)
        children = node["tracks"].setdefault("children", [])
        at = _above(children, track_below(rows, ours))
        children[at:at] = [json.loads(page.track(row, zero).to_json_string()) for row in above]
    text = json.dumps(root, indent=4, ensure_ascii=False) + "\n"
    return Written(text.encode("utf-8", "surrogatepass"), LossReport.of(layout.losses))


def _above(children: Sequence[Node], number: int) -> int:
    """The place in a stack's children directly above its picture track of a number."""
    picture = [
        n
        for n, child in enumerate(children)
        if not (schema_of(child) in TRACKS and text_in(child, "kind") == "Audio")
    ]
    return picture[number - 1] + 1 if number <= len(picture) else len(children)


def _zero(node: Mapping[str, Any], timeline: ProbedTimeline) -> Fraction:
    """Record frame at which the tracks of a document's stack begin, shown or not."""
    start = timeline.start or Fraction(0)
    held = node["tracks"].get("source_range")
    if not isinstance(held, dict) or timeline.rate is None:
        return start
    first = held["start_time"]
    return start - round(Fraction(first["value"]) * timeline.rate / Fraction(first["rate"]))
