"""FCP7 XML out: a cut with its corrected clips on a new track above, made anew or patched.

Source: Apple, "Final Cut Pro XML Interchange Format", version 5; what Premiere Pro and Resolve
read of it.
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
from dubsync.editorial.tracks.carry_over import unread_losses
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import extent, lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout
from dubsync.editorial.tracks.offline_media import bin_clips, with_media
from dubsync.editorial.xmeml.patch import patched_xmeml
from dubsync.editorial.xmeml.write_items import (
    Page,
    ResourceTable,
    characteristics,
    is_known,
    rate_node,
    timecode_node,
)
from dubsync.editorial.xmeml.write_tracks import track_of

VERSION = "5"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n'
#: Taken where nobody says a picture size, which a sequence cannot be without.
ASSUMED_SIZE = (1920, 1080)


def write_xmeml(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """A cut as FCP7 XML, the corrected clips on a video track of their own above theirs.

    Args:
        original: the cut's own file where that is FCP7 XML; it is kept byte for byte, and only
            tracks are let in.

    Raises:
        DeliveryError: nothing to write, a rate FCP7 XML cannot say, or a corrected event with no
            place in it.
    """
    if original is not None:
        return patched_xmeml(cut, corrected, original)
    layout = Layout(cut, losses=unread_losses(cut))
    size = _size(next((one.format for one in corrected), None), layout)
    root = Node("xmeml", {"version": VERSION})
    shelf = ResourceTable(layout, Node("samplecharacteristics"), set())
    laid = [(t, _laid(layout, t, corrected)) for t in programmes(cut, corrected)]
    for _, tracks in laid:
        shelf.gather(tracks)
    for timeline, tracks in laid:
        root.add(_sequence(layout, timeline, tracks, size, shelf))
    root.add(*_bins(layout, shelf))
    if not root.children:
        raise DeliveryError(
            f"{cut.name or cut.path}: no timeline with a known rate to write",
            hint="say the rate, as 24000/1001 or 25",
        )
    return Written((_HEAD + written(root)).encode(), LossReport.of(layout.losses))


def _size(format: PictureFormat | None, layout: Layout) -> tuple[int, int]:
    if format is not None:
        return format.width, format.height
    wide, high = ASSUMED_SIZE
    what = f"no picture size is known, and a sequence must have one: {wide} x {high} taken"
    layout.lose(layout.cut.name, what, ASSUMED)
    return wide, high


def _laid(
    layout: Layout, timeline: ProbedTimeline, corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """A timeline's rows, its corrected clips on one of their own, sound out of its nests."""
    assert timeline.rate is not None
    if not is_known(timeline.rate):
        raise DeliveryError(
            f"FCP7 XML cannot say a rate of {timeline.rate} fps", hint="deliver it as FCPXML"
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
    """Sound inside a nest, which FCP7 XML has on tracks of the sequence."""
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
    shelf: ResourceTable,
) -> Node:
    rate = timeline.rate
    assert rate is not None
    start, stop = extent(timeline, tracks)
    shelf.shape = characteristics(rate, *size)

    def nest(clip: Clip, track: LaidOutTrack) -> Node:
        base, end = track.record_range(clip)
        inner = replace(page, zero=base)
        node = Node("sequence", {"id": shelf.new_id("sequence")}).add(leaf("name", clip.name))
        node.add(leaf("duration", round(end - base)), rate_node(rate))
        node.add(timecode_node(Fraction(0), rate, False))
        return node.add(_media(clip.inside, size, inner))

    page = Page(rate, start, shelf, nest)
    node = Node("sequence", {"id": shelf.new_id("sequence")}).add(leaf("name", timeline.name))
    node.add(leaf("duration", int(stop - start)), rate_node(rate))
    node.add(timecode_node(start, rate, timeline.drop), _media(tracks, size, page))
    markers = [m for m in layout.cut.markers if m.timeline == timeline.name]
    return node.add(*(_marker(m, page) for m in markers))


def _media(tracks: Sequence[LaidOutTrack], size: tuple[int, int], page: Page) -> Node:
    video = Node("video").add(Node("format").add(characteristics(page.rate, *size)))
    video.add(*_tracks([track for track in tracks if not track.sound], page))
    audio = Node("audio").add(*_tracks([track for track in tracks if track.sound], page))
    return Node("media").add(video, audio)


def _tracks(tracks: Sequence[LaidOutTrack], page: Page) -> list[Node]:
    """Tracks from below, empty ones where no row has that height."""
    nodes: list[Node] = []
    lowest = min([1, *(track.height for track in tracks)])
    for track in sorted(tracks, key=lambda track: track.height):
        height = track.height - lowest + (lowest == 1)
        while len(nodes) < height - 1:
            nodes.append(Node("track"))
        nodes.append(track_of(track, page))
    return nodes


def _marker(marker: ProbedMarker, page: Page) -> Node | None:
    lose = page.shelf.layout.lose
    record = marker.record
    if record is None or record.start is None or record.start < page.zero:
        lose(marker.where, f"{marker.kind} {marker.name!r} stands in no record time; not written")
        return None
    if marker.kind not in ("marker", "locator"):
        lose("markers", f"a {marker.kind} is written as a plain marker", APPROXIMATE)
    if marker.colour:
        lose("markers", "colours of markers are not written")
    start = page.frame(record.start)
    stop = start + round(record.length) if record.length else -1
    node = Node("marker").add(leaf("name", marker.name), leaf("comment", marker.comment))
    return node.add(leaf("in", start), leaf("out", stop))


def _bins(layout: Layout, shelf: ResourceTable) -> list[Node]:
    """Clips that lie in bins and logs."""
    result: dict[str, Node] = {}
    for event, track, clip in bin_clips(layout):
        shelf.gather((track,))
        result.setdefault(event.timeline, Node("children")).add(_bin_clip(event, clip, shelf))
    return [Node("bin").add(leaf("name", name), held) for name, held in result.items()]


def _bin_clip(event: ProbedEvent, clip: Clip, shelf: ResourceTable) -> Node:
    media = clip.media
    assert media is not None and clip.map is not None
    use = shelf.use(media)
    node = Node("clip", {"id": shelf.new_id("clip")}).add(leaf("name", clip.name))
    node.add(leaf("duration", int(use.high - use.low)), rate_node(media.rate))
    first = round(clip.start - use.low)
    node.add(leaf("in", first), leaf("out", first + max(round(clip.stop - clip.start), 1)))
    inner = Node("clipitem", {"id": shelf.new_id("clipitem")}).add(leaf("name", clip.name))
    inner.add(shelf.file(media))
    return node.add(Node("media").add(Node("video").add(Node("track").add(inner))))
