"""Writes a cut as FCPXML with corrected clips on a lane above, as a new file or a patch.

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
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.fcpxml.patch import patched_fcpxml
from dubsync.editorial.fcpxml.write_items import WriteContext, item
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
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    *,
    original: bytes | None = None,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """A cut as FCPXML, with each corrected clip connected above its event.

    Args:
        original: the cut's own file, if that is FCPXML; it is kept byte for byte, and only
            resources and connected clips are inserted.
        notes: the markers that are added to the original; a new file has all of `cut`.

    Raises:
        DeliveryError: there is nothing to write, or a corrected event is not in the cut.
    """
    if original is not None:
        return patched_fcpxml(cut, corrected, original, notes)
    layout = Layout(cut, losses=unread_losses(cut))
    size = next((one.format for one in corrected), None)
    table = ResourceTable(layout, size)
    if size is None:
        layout.lose(cut.name, "the picture size is unknown; formats state their rate only", ASSUMED)
    laid_out = [(t, _lay_out(layout, t, corrected)) for t in programmes(cut, corrected)]
    table.add_uses(track for _, tracks in laid_out for track in tracks)
    event = Node("event", {"name": cut.name or "dubsync"})
    for timeline, tracks in laid_out:
        event.add(_project(layout, timeline, tracks, table))
    bins = _bins(layout, table)
    if not event.children and not bins:
        raise DeliveryError(
            f"{cut.name or cut.path}: there is no timeline with a known frame rate to write",
            hint="give the rate, as 24000/1001 or 25",
        )
    root = Node("fcpxml", {"version": VERSION})
    events = [event] if event.children else []
    library = Node("library").add(*events, *bins)
    root.add(Node("resources").add(*_ordered(table.nodes)), library)
    return Written((_HEAD + written(root)).encode(), LossReport.of(layout.losses))


def _ordered(nodes: Sequence[Node]) -> list[Node]:
    """Resources in DTD order: an id is defined before it is used."""
    order = {"format": 0, "asset": 1, "effect": 1, "media": 2}
    return sorted(nodes, key=lambda node: order[node.tag])


def _lay_out(
    layout: Layout, timeline: ProbedTimeline, corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """The tracks of a timeline, with the dubbed tracks."""
    assert timeline.rate is not None
    ours = [one for one in corrected if layout.cut.events[one.event].timeline == timeline.name]
    tracks = tuple(
        with_media(track, timeline.rate, layout) for track in lay_out_tracks(layout, timeline)
    )
    return with_dubbed_tracks(layout, tracks, ours)


def _project(
    layout: Layout, timeline: ProbedTimeline, tracks: Sequence[LaidOutTrack], table: ResourceTable
) -> Node:
    rate = timeline.rate
    assert rate is not None
    start, stop = extent(timeline, tracks)
    sound = any(track.sound for track in tracks)

    def nest(clip: Clip, track: LaidOutTrack) -> str:
        base, end = track.record_range(clip)
        inner = replace(context, drop=False)
        attributes = {"format": table.format(rate, None), "duration": clock((end - base) / rate)}
        sequence = Node("sequence", {**attributes, "tcStart": "0s", "tcFormat": "NDF"})
        return table.add_nest(
            clip.name, sequence.add(spine_of(clip.inside, base, end, base, (), inner))
        )

    drop = timeline.drop and rate in DROP_RATES
    context = WriteContext(rate, drop, table, nest, sound)
    attributes = {"format": table.format(rate, None), "duration": clock((stop - start) / rate)}
    attributes |= {"tcStart": clock(start / rate), "tcFormat": "DF" if drop else "NDF"}
    markers = [m for m in layout.cut.markers if m.timeline == timeline.name]
    spine = spine_of(tracks, start, stop, Fraction(0), markers, context)
    return Node("project", {"name": timeline.name}).add(Node("sequence", attributes).add(spine))


def _bins(layout: Layout, table: ResourceTable) -> list[Node]:
    """The clips of bins and logs, in one event per bin."""
    result: dict[str, Node] = {}
    for event, track, clip in bin_clips(layout):
        assert clip.media is not None
        table.add_uses((track,))
        context = WriteContext(clip.media.rate, False, table, lambda *_: "")
        one = item(clip, track, Fraction(0), 0, context)
        if one is not None:
            one.node.attributes.pop("offset", None)
            bin_event = result.setdefault(event.timeline, Node("event", {"name": event.timeline}))
            bin_event.add(one.finished())
    return list(result.values())
