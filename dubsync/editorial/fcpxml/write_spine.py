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
from dubsync.editorial.fcpxml.write_items import Page, Placed, gap, item, transition
from dubsync.editorial.fcpxml.write_resources import clock
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, centred


def spine_of(
    rows: Sequence[LaidOutTrack],
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
    rows = [centred(row) for row in rows]
    main = next((row for row in rows if not row.sound and row.height == 1), None)
    nodes = _storyline(main or LaidOutTrack("V1", 1, False, ()), start, stop, zero, page)
    placed = [node for node in nodes if isinstance(node, Placed)]
    lowest = min([-1, *(row.height for row in rows if not row.sound)]) + 1
    for row in rows:
        if row is not main:
            lane = lowest - row.height if row.sound else row.height - (row.height > 0)
            hang(row, lane, placed, page)
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
    row: LaidOutTrack, cut: Fraction, zero: Fraction, page: Page, nodes: Sequence[Placed | Node]
) -> list[Node]:
    """The transition at a cut, where the storyline has come to it and not written it yet."""
    fade = row.fade_at(cut)
    if fade is None or (nodes and isinstance(nodes[-1], Node)):
        return []
    return [transition(fade, page.seconds(fade.start - zero), page)]


def hang(row: LaidOutTrack, lane: int, placed: Sequence[Placed], page: Page) -> None:
    """Connect a row's clips to the storyline; those that fade into each other as one storyline."""
    chain: list[Clip] = []
    for n, clip in enumerate(row.clips):
        chain.append(clip)
        after = row.clips[n + 1] if n + 1 < len(row.clips) else None
        fades = row.fade_at(clip.stop) is not None and not row.sound
        if fades and after is not None and after.start == clip.stop:
            continue
        _connect(chain, row, lane, placed, page)
        chain = []


def _connect(
    chain: Sequence[Clip], row: LaidOutTrack, lane: int, placed: Sequence[Placed], page: Page
) -> None:
    parent = _under(chain[0].start, placed)
    offset = parent.own + page.seconds(chain[0].start - parent.start)
    faded = [c for c in chain if row.fade_at(c.start) or row.fade_at(c.stop)]
    if row.sound and faded:
        what = "a cross-fade of sound is written as a cut"
        page.shelf.layout.lose(chain[0].where, what, LOST)
    if row.sound or not faded:
        for clip in chain:
            one = item(clip, row, offset, lane, page)
            if one is not None:
                parent.anchors.append(one.finished())
        return
    spine = Node("spine", {"lane": str(lane), "offset": clock(offset)})
    zero = chain[0].start
    for clip in chain:
        one = item(clip, row, page.seconds(clip.start - zero), 0, page)
        spine.add(*_ends(row, clip.start, zero, page, ()))
        spine.add(one.finished() if one else None)
    spine.add(*_ends(row, chain[-1].stop, zero, page, ()))
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
