"""FCPXML out: a cut with its corrected clips on a lane above, made anew or let into its own file.

Source: Apple, "FCPXML Reference" 1.8 to 1.14 and the DTD of 1.10.  Times are rational seconds on
frames of the programme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import ASSUMED, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.fcpxml.patch import patched_fcpxml
from dubsync.editorial.fcpxml.write_items import Page, item
from dubsync.editorial.fcpxml.write_resources import ResourceTable, clock
from dubsync.editorial.fcpxml.write_spine import spine_of
from dubsync.editorial.files.xml_out import Node, written
from dubsync.editorial.tracks.carry_over import unread_losses
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import extent, lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout
from dubsync.editorial.tracks.offline_media import bin_clips, with_media

VERSION = "1.10"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n\n'


def write_fcpxml(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """A cut as FCPXML, each corrected clip connected above its event.

    Args:
        original: the cut's own file where that is FCPXML; it is kept byte for byte, and only
            resources and connected clips are let in.

    Raises:
        DeliveryError: nothing to write, or a corrected event with no place in it.
    """
    if original is not None:
        return patched_fcpxml(cut, corrected, original)
    layout = Layout(cut, losses=unread_losses(cut))
    size = next((one.format for one in corrected), None)
    shelf = ResourceTable(layout, size)
    if size is None:
        layout.lose(cut.name, "no picture size is known; formats name their rate alone", ASSUMED)
    laid = [(t, _laid(layout, t, corrected)) for t in programmes(cut, corrected)]
    shelf.gather(track for _, tracks in laid for track in tracks)
    event = Node("event", {"name": cut.name or "dubsync"})
    for timeline, tracks in laid:
        event.add(_project(layout, timeline, tracks, shelf))
    bins = _bins(layout, shelf)
    if not event.children and not bins:
        raise DeliveryError(
            f"{cut.name or cut.path}: no timeline with a known rate to write",
            hint="say the rate, as 24000/1001 or 25",
        )
    root = Node("fcpxml", {"version": VERSION})
    events = [event] if event.children else []
    library = Node("library").add(*events, *bins)
    root.add(Node("resources").add(*_ordered(shelf.nodes)), library)
    return Written((_HEAD + written(root)).encode(), LossReport.of(layout.losses))


def _ordered(nodes: Sequence[Node]) -> list[Node]:
    """Formats first: what names an id stands after it."""
    order = {"format": 0, "asset": 1, "effect": 1, "media": 2}
    return sorted(nodes, key=lambda node: order[node.tag])


def _laid(
    layout: Layout, timeline: ProbedTimeline, corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """A timeline's rows, its corrected clips on one of their own."""
    assert timeline.rate is not None
    ours = [one for one in corrected if layout.cut.events[one.event].timeline == timeline.name]
    tracks = tuple(
        with_media(track, timeline.rate, layout) for track in lay_out_tracks(layout, timeline)
    )
    return with_dubbed_tracks(layout, tracks, ours)


def _project(
    layout: Layout, timeline: ProbedTimeline, tracks: Sequence[LaidOutTrack], shelf: ResourceTable
) -> Node:
    rate = timeline.rate
    assert rate is not None
    start, stop = extent(timeline, tracks)
    sound = any(track.sound for track in tracks)

    def nest(clip: Clip, track: LaidOutTrack) -> str:
        base, end = track.record_range(clip)
        inner = replace(page, drop=False)
        told = {"format": shelf.format(rate, None), "duration": clock((end - base) / rate)}
        sequence = Node("sequence", {**told, "tcStart": "0s", "tcFormat": "NDF"})
        return shelf.nest(
            clip.name, sequence.add(spine_of(clip.inside, base, end, base, (), inner))
        )

    drop = timeline.drop and rate in DROP_RATES
    page = Page(rate, drop, shelf, nest, sound)
    told = {"format": shelf.format(rate, None), "duration": clock((stop - start) / rate)}
    told |= {"tcStart": clock(start / rate), "tcFormat": "DF" if drop else "NDF"}
    markers = [m for m in layout.cut.markers if m.timeline == timeline.name]
    spine = spine_of(tracks, start, stop, Fraction(0), markers, page)
    return Node("project", {"name": timeline.name}).add(Node("sequence", told).add(spine))


def _bins(layout: Layout, shelf: ResourceTable) -> list[Node]:
    """Clips that lie in bins and logs, each in the event that stands for its bin."""
    result: dict[str, Node] = {}
    for event, track, clip in bin_clips(layout):
        assert clip.media is not None
        shelf.gather((track,))
        page = Page(clip.media.rate, False, shelf, lambda *_: "")
        one = item(clip, track, Fraction(0), 0, page)
        if one is not None:
            one.node.attributes.pop("offset", None)
            held = result.setdefault(event.timeline, Node("event", {"name": event.timeline}))
            held.add(one.finished())
    return list(result.values())
