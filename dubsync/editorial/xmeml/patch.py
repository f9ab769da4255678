"""Inserts tracks of corrected clips into the original FCP7 XML document.

Everything else stays byte for byte, except the track numbers in links to the tracks above.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker
from dubsync.editorial.files.xml_out import Node, Patch
from dubsync.editorial.files.xml_tree import Element, xml_tree
from dubsync.editorial.notes.words import names_one_of
from dubsync.editorial.tracks.dubbed_track import dubbed_tracks, track_below
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout
from dubsync.editorial.xmeml.notes import note_node
from dubsync.editorial.xmeml.write_items import ResourceTable, WriteContext, characteristics
from dubsync.editorial.xmeml.write_tracks import track_of


def patched_xmeml(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    original: bytes,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The original document with the dubbed tracks inserted, and `notes` as markers.

    Raises:
        DeliveryError: the sequence of a corrected event is missing, or its name is not unique.
        TurnoverError: `original` is damaged.
    """
    root = xml_tree(original, cut.path.rsplit("/", 1)[-1] or "the document")
    layout = Layout(cut)
    taken = {e.get("id") for e in root.descendants() if e.get("id")}
    table = ResourceTable(layout, Node("samplecharacteristics"), taken)
    patch = Patch(original)
    for name in dict.fromkeys(cut.events[one.event].timeline for one in corrected):
        ours = [one for one in corrected if cut.events[one.event].timeline == name]
        timeline = next(t for t in cut.timelines if t.name == name)
        rate = timeline.rate
        if rate is None:
            raise DeliveryError(f"{name!r} has no record time", hint="run the turnover again")
        sequence, depth = _sequence(root, name)
        video = sequence.first("media", "video")
        if video is None:
            raise DeliveryError(f"{name!r} has no picture", hint="run the turnover again")
        tracks = lay_out_tracks(Layout(cut), timeline)  # the original loses nothing
        above = dubbed_tracks(layout, tracks, ours)
        table.add_uses(above)
        first = ours[0].format
        table.shape = characteristics(rate, *first.shown_size, first)
        context = WriteContext(rate, timeline.start or Fraction(0), table, _no_nest)
        elements = video.all("track")
        below = track_below(tracks, ours)
        after = _following(video, elements[min(below, len(elements)) - 1]) if elements else None
        patch.insert(video, after, [track_of(track, context) for track in above], depth + 3)
        marks = [note_node(m, context) for m in notes if m.timeline == name]
        patch.insert(sequence, None, [node for node in marks if node is not None], depth + 1)
        for element in sequence.all("marker") if marks else ():
            if names_one_of(element.text_at("name"), {m.where for m in notes}):
                patch.remove(element)  # as an earlier delivery wrote it
        for link in _links(sequence):
            index = link.first("trackindex")
            number = index.text if index is not None else ""
            if index is not None and number.isdecimal() and int(number) > below:
                patch.renumber(index, int(number) + len(above))
    return Written(patch.written(), LossReport.of(layout.losses))


def _no_nest(clip: Clip, track: LaidOutTrack) -> Node:
    raise DeliveryError(
        f"{clip.name!r} is a nest that dissolves into a corrected shot",
        hint="break the nest apart in the editing system",
    )


def _links(sequence: Element) -> list[Element]:
    """The links to clips on the picture tracks of a sequence, without those of nested sequences."""
    result, waiting = [], list(sequence.children)
    while waiting:
        element = waiting.pop()
        if element.tag == "link" and element.text_at("mediatype", otherwise="video") == "video":
            result.append(element)
        elif element.tag != "sequence":
            waiting += element.children
    return result


def _sequence(root: Element, name: str) -> tuple[Element, int]:
    """(a top-level sequence, its depth in the document)."""
    result: list[tuple[Element, int]] = []
    waiting = [(child, 1) for child in reversed(root.children)]
    while waiting:
        element, depth = waiting.pop()
        if element.tag == "sequence":
            if (element.text_at("name") or "untitled") == name:
                result.append((element, depth))
        elif element.tag != "clip":
            waiting += [(child, depth + 1) for child in reversed(element.children)]
    if len(result) > 1:
        raise DeliveryError(
            f"the document has {len(result)} sequences called {name!r}",
            hint="give each a name of its own, and export again",
        )
    if not result:
        raise DeliveryError(
            f"the document has no sequence called {name!r}", hint="run the turnover again"
        )
    return result[0]


def _following(parent: Element, child: Element) -> Element | None:
    n = next(i for i, e in enumerate(parent.children) if e is child)
    return parent.children[n + 1] if n + 1 < len(parent.children) else None
