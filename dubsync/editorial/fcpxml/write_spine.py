"""Writes the primary storyline of an FCPXML document, with connected clips and markers.

Source: Apple, FCPXML DTD 1.10: only items in a spine can have transitions. Clips of other lanes
are connected to the storyline's items; clips joined by transitions are in a secondary storyline.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.losses import LOST
from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.fcpxml.write_items import Placed, WriteContext, gap, item, transition_node
from dubsync.editorial.fcpxml.write_resources import clock
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, centred


def spine_of(
    tracks: Sequence[LaidOutTrack],
    start: Fraction,
    stop: Fraction,
    zero: Fraction,
    markers: Sequence[ProbedMarker],
    context: WriteContext,
) -> Node:
    """The primary storyline of record frames `start`..`stop`, with the other tracks connected.

    Args:
        zero: record frame at which the spine's own time begins.
        markers: the markers of the timeline, which are connected to the storyline too.
    """
    tracks = [centred(track) for track in tracks]
    main = next((track for track in tracks if not track.sound and track.height == 1), None)
    nodes = _storyline(main or LaidOutTrack("V1", 1, False, ()), start, stop, zero, context)
    placed = [node for node in nodes if isinstance(node, Placed)]
    lowest = min([-1, *(track.height for track in tracks if not track.sound)]) + 1
    for track in tracks:
        if track is not main:
            lane = lowest - track.height if track.sound else track.height - (track.height > 0)
            connect(track, lane, placed, context)
    for marker in markers:
        mark(marker, placed, context)
    return Node("spine").add(*(n.finished() if isinstance(n, Placed) else n for n in nodes))


def _storyline(
    main: LaidOutTrack, start: Fraction, stop: Fraction, zero: Fraction, context: WriteContext
) -> list[Placed | Node]:
    """The clips of a track, the gaps between them, and the transitions at their edges."""
    nodes: list[Placed | Node] = []
    at = start
    for clip in main.clips:
        one = item(clip, main, context.seconds(clip.start - zero), 0, context)
        if one is None:
            continue
        if clip.start > at:
            nothing = gap(at, clip.start, context.seconds(at - zero), context)
            nodes += [*_transition_at(main, at, zero, context, nodes), nothing]
        nodes += [*_transition_at(main, clip.start, zero, context, nodes), one]
        at = clip.stop
    nodes += _transition_at(main, at, zero, context, nodes)
    if stop > at:
        nodes.append(gap(at, stop, context.seconds(at - zero), context))
    return nodes


def _transition_at(
    track: LaidOutTrack,
    cut: Fraction,
    zero: Fraction,
    context: WriteContext,
    nodes: Sequence[Placed | Node],
) -> list[Node]:
    """The transition at a cut, unless the storyline has it already."""
    transition = track.transition_at(cut)
    if transition is None or (nodes and isinstance(nodes[-1], Node)):
        return []
    return [transition_node(transition, context.seconds(transition.start - zero), context)]


def connect(
    track: LaidOutTrack, lane: int, placed: Sequence[Placed], context: WriteContext
) -> None:
    """Connect the clips of a track to the storyline; clips joined by transitions as one."""
    chain: list[Clip] = []
    for n, clip in enumerate(track.clips):
        chain.append(clip)
        after = track.clips[n + 1] if n + 1 < len(track.clips) else None
        transitions = track.transition_at(clip.stop) is not None and not track.sound
        if transitions and after is not None and after.start == clip.stop:
            continue
        _connect_chain(chain, track, lane, placed, context)
        chain = []


def _connect_chain(
    chain: Sequence[Clip],
    track: LaidOutTrack,
    lane: int,
    placed: Sequence[Placed],
    context: WriteContext,
) -> None:
    parent = _item_at(chain[0].start, placed)
    offset = parent.own + context.seconds(chain[0].start - parent.start) / parent.pace
    faded = [c for c in chain if track.transition_at(c.start) or track.transition_at(c.stop)]
    if track.sound and faded:
        what = "an audio cross-fade is written as a cut"
        context.table.layout.lose(chain[0].where, what, LOST)
    if track.sound or not faded:
        for clip in chain:
            one = item(clip, track, offset, lane, context)
            if one is not None:
                parent.anchors.append(one.finished())
        return
    spine = Node("spine", {"lane": str(lane), "offset": clock(offset)})
    zero = chain[0].start
    for clip in chain:
        one = item(clip, track, context.seconds(clip.start - zero), 0, context)
        spine.add(*_transition_at(track, clip.start, zero, context, ()))
        spine.add(one.finished() if one else None)
    spine.add(*_transition_at(track, chain[-1].stop, zero, context, ()))
    parent.anchors.append(spine)


def _item_at(record: Fraction, placed: Sequence[Placed]) -> Placed:
    """The item of the storyline at a record frame."""
    n = bisect_right(placed, record, key=lambda one: one.start) - 1
    return placed[max(n, 0)]


_MARKERS = {
    "marker": "marker",
    "locator": "marker",
    "note": "marker",
    "chapter": "chapter-marker",
    "keyword": "keyword",
    "to-do": "marker",
    "to-do done": "marker",
}


def mark(marker: ProbedMarker, placed: Sequence[Placed], context: WriteContext) -> None:
    """Add a marker to the item of the storyline at its record frame."""
    lose = context.table.layout.lose
    record = marker.record
    tag = _MARKERS.get(marker.kind)
    if record is None or record.start is None or tag is None or not placed:
        lose(marker.where, f"{marker.kind} {marker.name!r} is not written")
        return
    parent = _item_at(record.start, placed)
    if parent.node.tag == "caption":
        lose(marker.where, f"{marker.kind} {marker.name!r} is not written")
        return
    own = parent.own + context.seconds(record.start - parent.start) / parent.pace
    attributes = {"start": clock(own)}
    if record.length:
        attributes["duration"] = clock(context.seconds(record.length) / parent.pace)
    attributes["value"] = marker.name
    if marker.kind.startswith("to-do"):
        attributes["completed"] = "1" if marker.kind == "to-do done" else "0"
    if marker.comment:
        attributes["note"] = marker.comment
    if marker.colour:
        lose("markers", "marker colours are not written")
    parent.markers.append(Node(tag, attributes))
