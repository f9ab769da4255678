"""The storyline of an FCPXML document, and what is connected to it: lanes, markers.

Source: Apple, FCPXML DTD 1.10: only what is in a spine may fade; clips of other lanes hang on the
storyline's items, those that fade into each other in a storyline of their own.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.timeline.losses import LOST
from dubsync.core.timeline.probed import ProbedMarker
from dubsync.editorial.fcpxml.write_items import Page, Placed, gap, item, transition_node
from dubsync.editorial.fcpxml.write_resources import clock
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, centred


def spine_of(
    tracks: Sequence[LaidOutTrack],
    start: Fraction,
    stop: Fraction,
    zero: Fraction,
    markers: Sequence[ProbedMarker],
    page: Page,
) -> Node:
    """The primary storyline of record frames `start`..`stop`, all other rows hanging on it.

    Args:
        zero: record frame at which the spine's own time begins.
        markers: those of the timeline, which hang on the storyline too.
    """
    tracks = [centred(track) for track in tracks]
    main = next((track for track in tracks if not track.sound and track.height == 1), None)
    nodes = _storyline(main or LaidOutTrack("V1", 1, False, ()), start, stop, zero, page)
    placed = [node for node in nodes if isinstance(node, Placed)]
    lowest = min([-1, *(track.height for track in tracks if not track.sound)]) + 1
    for track in tracks:
        if track is not main:
            lane = lowest - track.height if track.sound else track.height - (track.height > 0)
            hang(track, lane, placed, page)
    for marker in markers:
        _mark(marker, placed, page)
    return Node("spine").add(*(n.finished() if isinstance(n, Placed) else n for n in nodes))


def _storyline(
    main: LaidOutTrack, start: Fraction, stop: Fraction, zero: Fraction, page: Page
) -> list[Placed | Node]:
    """The row's clips, gaps between them, and the transitions at their edges."""
    nodes: list[Placed | Node] = []
    at = start
    for clip in main.clips:
        one = item(clip, main, page.seconds(clip.start - zero), 0, page)
        if one is None:
            continue
        if clip.start > at:
            nothing = gap(at, clip.start, page.seconds(at - zero), page)
            nodes += [*_ends(main, at, zero, page, nodes), nothing]
        nodes += [*_ends(main, clip.start, zero, page, nodes), one]
        at = clip.stop
    nodes += _ends(main, at, zero, page, nodes)
    if stop > at:
        nodes.append(gap(at, stop, page.seconds(at - zero), page))
    return nodes


def _ends(
    track: LaidOutTrack, cut: Fraction, zero: Fraction, page: Page, nodes: Sequence[Placed | Node]
) -> list[Node]:
    """The transition at a cut, where the storyline has come to it and not written it yet."""
    transition = track.transition_at(cut)
    if transition is None or (nodes and isinstance(nodes[-1], Node)):
        return []
    return [transition_node(transition, page.seconds(transition.start - zero), page)]


def hang(track: LaidOutTrack, lane: int, placed: Sequence[Placed], page: Page) -> None:
    """Connect a row's clips to the storyline; those that fade into each other as one storyline."""
    chain: list[Clip] = []
    for n, clip in enumerate(track.clips):
        chain.append(clip)
        after = track.clips[n + 1] if n + 1 < len(track.clips) else None
        transitions = track.transition_at(clip.stop) is not None and not track.sound
        if transitions and after is not None and after.start == clip.stop:
            continue
        _connect(chain, track, lane, placed, page)
        chain = []


def _connect(
    chain: Sequence[Clip], track: LaidOutTrack, lane: int, placed: Sequence[Placed], page: Page
) -> None:
    parent = _under(chain[0].start, placed)
    offset = parent.own + page.seconds(chain[0].start - parent.start)
    faded = [c for c in chain if track.transition_at(c.start) or track.transition_at(c.stop)]
    if track.sound and faded:
        what = "a cross-fade of sound is written as a cut"
        page.shelf.layout.lose(chain[0].where, what, LOST)
    if track.sound or not faded:
        for clip in chain:
            one = item(clip, track, offset, lane, page)
            if one is not None:
                parent.anchors.append(one.finished())
        return
    spine = Node("spine", {"lane": str(lane), "offset": clock(offset)})
    zero = chain[0].start
    for clip in chain:
        one = item(clip, track, page.seconds(clip.start - zero), 0, page)
        spine.add(*_ends(track, clip.start, zero, page, ()))
        spine.add(one.finished() if one else None)
    spine.add(*_ends(track, chain[-1].stop, zero, page, ()))
    parent.anchors.append(spine)


def _under(record: Fraction, placed: Sequence[Placed]) -> Placed:
    """The item of the storyline that plays at a record frame."""
    n = bisect_right(placed, record, key=lambda one: one.start) - 1
    return placed[max(n, 0)]


_MARKERS = {
    "marker": "marker",
    "locator": "marker",
    "chapter": "chapter-marker",
    "keyword": "keyword",
    "to-do": "marker",
    "to-do done": "marker",
}


def _mark(marker: ProbedMarker, placed: Sequence[Placed], page: Page) -> None:
    lose = page.shelf.layout.lose
    record = marker.record
    tag = _MARKERS.get(marker.kind)
    if record is None or record.start is None or tag is None or not placed:
        lose(marker.where, f"{marker.kind} {marker.name!r} is not written")
        return
    parent = _under(record.start, placed)
    if parent.node.tag == "caption":
        lose(marker.where, f"{marker.kind} {marker.name!r} is not written")
        return
    own = parent.own + page.seconds(record.start - parent.start)
    told = {"start": clock(own)}
    if record.length:
        told["duration"] = clock(page.seconds(record.length))
    told["value"] = marker.name
    if marker.kind.startswith("to-do"):
        told["completed"] = "1" if marker.kind == "to-do done" else "0"
    if marker.comment:
        told["note"] = marker.comment
    if marker.colour:
        lose("markers", "colours of markers are not written")
    parent.markers.append(Node(tag, told))
