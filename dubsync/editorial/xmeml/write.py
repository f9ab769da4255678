"""Writes a cut as FCP7 XML with corrected clips on tracks above, as a new file or a patch.

Source: Apple, "Final Cut Pro XML Interchange Format", version 5; and the parts of it that Premiere
Pro and Resolve read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import DeliveryError
from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedMarker, ProbedTimeline
from dubsync.editorial.files.xml_out import Node, leaf, written
from dubsync.editorial.notes.as_markers import NOTE
from dubsync.editorial.tracks.carry_over import unread_losses
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import extent, lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout
from dubsync.editorial.tracks.offline_media import bin_clips, with_media
from dubsync.editorial.xmeml.notes import note_node
from dubsync.editorial.xmeml.patch import patched_xmeml
from dubsync.editorial.xmeml.write_items import (
    ResourceTable,
    WriteContext,
    characteristics,
    is_known,
    rate_node,
    timecode_node,
)
from dubsync.editorial.xmeml.write_tracks import track_of

VERSION = "5"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
#: Picture size if unknown, since a sequence must have one.
ASSUMED_SIZE = (1920, 1080)


def write_xmeml(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    *,
    original: bytes | None = None,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """A cut as FCP7 XML, the corrected clips on video tracks above the originals.

    Args:
        original: the cut's own file, if that is FCP7 XML; it is kept byte for byte, and only
            tracks are inserted.
        notes: the markers that are added to the original; a new file has all of `cut`.

    Raises:
        DeliveryError: there is nothing to write, FCP7 XML cannot state the frame rate, or a
            corrected event is not in the cut.
    """
    if original is not None:
        return patched_xmeml(cut, corrected, original, notes)
    layout = Layout(cut, losses=unread_losses(cut))
    form = next((one.format for one in corrected), None)
    size = _size(form, layout)
    root = Node("xmeml", {"version": VERSION})
    table = ResourceTable(layout, Node("samplecharacteristics"), set(), form)
    laid_out = [(t, _lay_out(layout, t, corrected)) for t in programmes(cut, corrected)]
    for _, tracks in laid_out:
        table.add_uses(tracks)
    for timeline, tracks in laid_out:
        root.add(_sequence(layout, timeline, tracks, size, table))
    root.add(*_bins(layout, table))
    if not root.children:
        raise DeliveryError(
            f"{cut.name or cut.path}: there is no timeline with a known frame rate to write",
            hint="give the rate, as 24000/1001 or 25",
        )
    return Written((_HEAD + written(root)).encode(), LossReport.of(layout.losses))


def _size(format: PictureFormat | None, layout: Layout) -> tuple[int, int]:
    if format is not None:
        return format.shown_size
    wide, high = ASSUMED_SIZE
    what = f"the picture size is unknown; {wide} x {high} is assumed"
    layout.lose(layout.cut.name, what, ASSUMED)
    return wide, high


def _lay_out(
    layout: Layout, timeline: ProbedTimeline, corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """The tracks of a timeline, with the dubbed tracks, and with sound moved out of nests."""
    assert timeline.rate is not None
    if not is_known(timeline.rate):
        raise DeliveryError(
            f"FCP7 XML cannot state a rate of {timeline.rate} fps", hint="deliver FCPXML instead"
        )
    ours = [one for one in corrected if layout.cut.events[one.event].timeline == timeline.name]
    tracks = tuple(
        with_media(track, timeline.rate, layout) for track in lay_out_tracks(layout, timeline)
    )
    tracks = with_dubbed_tracks(layout, tracks, ours)
    lifted = [
        inner for track in tracks for clip in track.clips for inner in _sound_in(clip, layout)
    ]
    lowest = max((track.height for track in tracks if track.sound), default=0) + 1
    return tracks + tuple(replace(track, height=lowest + n) for n, track in enumerate(lifted))


def _sound_in(clip: Clip, layout: Layout) -> list[LaidOutTrack]:
    """The sound tracks inside a nest, which FCP7 XML has on tracks of the sequence."""
    result = [track for track in clip.inside if track.sound]
    if result:
        what = f"sound inside {clip.name!r} is written on tracks of its own"
        layout.lose(clip.where, what, APPROXIMATE)
    for track in clip.inside:
        for inner in track.clips:
            result += _sound_in(inner, layout)
    return result


def _sequence(
    layout: Layout,
    timeline: ProbedTimeline,
    tracks: Sequence[LaidOutTrack],
    size: tuple[int, int],
    table: ResourceTable,
) -> Node:
    rate = timeline.rate
    assert rate is not None
    start, stop = extent(timeline, tracks)
    table.shape = characteristics(rate, *size, table.form)

    def nest(clip: Clip, track: LaidOutTrack) -> Node:
        base, end = track.record_range(clip)
        inner = replace(context, zero=base)
        node = Node("sequence", {"id": table.new_id("sequence")}).add(leaf("name", clip.name))
        node.add(leaf("duration", round(end - base)), rate_node(rate))
        node.add(timecode_node(Fraction(0), rate, False))
        return node.add(_media(clip.inside, size, inner))

    context = WriteContext(rate, start, table, nest)
    node = Node("sequence", {"id": table.new_id("sequence")}).add(leaf("name", timeline.name))
    node.add(leaf("duration", int(stop - start)), rate_node(rate))
    node.add(timecode_node(start, rate, timeline.drop), _media(tracks, size, context))
    markers = [m for m in layout.cut.markers if m.timeline == timeline.name]
    return node.add(*(_marker(m, context) for m in markers))


def _media(tracks: Sequence[LaidOutTrack], size: tuple[int, int], context: WriteContext) -> Node:
    shape = characteristics(context.rate, *size, context.table.form)
    video = Node("video").add(Node("format").add(shape))
    video.add(*_tracks([track for track in tracks if not track.sound], context))
    audio = Node("audio").add(*_tracks([track for track in tracks if track.sound], context))
    return Node("media").add(video, audio)


def _tracks(tracks: Sequence[LaidOutTrack], context: WriteContext) -> list[Node]:
    """The track elements, lowest first, with empty ones for missing heights."""
    nodes: list[Node] = []
    lowest = min([1, *(track.height for track in tracks)])
    for track in sorted(tracks, key=lambda track: track.height):
        height = track.height - lowest + (lowest == 1)
        while len(nodes) < height - 1:
            nodes.append(Node("track"))
        nodes.append(track_of(track, context))
    return nodes


def _marker(marker: ProbedMarker, context: WriteContext) -> Node | None:
    if marker.kind == NOTE:
        return note_node(marker, context)
    lose = context.table.layout.lose
    record = marker.record
    if record is None or record.start is None or record.start < context.zero:
        lose(marker.where, f"{marker.kind} {marker.name!r} has no record time, and is not written")
        return None
    if marker.kind not in ("marker", "locator"):
        lose("markers", f"a {marker.kind} is written as a plain marker", APPROXIMATE)
    if marker.colour:
        lose("markers", "marker colours are not written")
    start = context.frame(record.start)
    stop = start + round(record.length) if record.length else -1
    node = Node("marker").add(leaf("name", marker.name), leaf("comment", marker.comment))
    return node.add(leaf("in", start), leaf("out", stop))


def _bins(layout: Layout, table: ResourceTable) -> list[Node]:
    """The clips of bins and logs, in one bin each."""
    result: dict[str, Node] = {}
    for event, track, clip in bin_clips(layout):
        table.add_uses((track,))
        result.setdefault(event.timeline, Node("children")).add(_bin_clip(event, clip, table))
    return [Node("bin").add(leaf("name", name), children) for name, children in result.items()]


def _bin_clip(event: ProbedEvent, clip: Clip, table: ResourceTable) -> Node:
    media = clip.media
    assert media is not None and clip.map is not None
    use = table.use(media)
    node = Node("clip", {"id": table.new_id("clip")}).add(leaf("name", clip.name))
    node.add(leaf("duration", int(use.high - use.low)), rate_node(media.rate))
    first = round(clip.start - use.low)
    node.add(leaf("in", first), leaf("out", first + max(round(clip.stop - clip.start), 1)))
    inner = Node("clipitem", {"id": table.new_id("clipitem")}).add(leaf("name", clip.name))
    inner.add(table.file(media))
    return node.add(Node("media").add(Node("video").add(Node("track").add(inner))))
