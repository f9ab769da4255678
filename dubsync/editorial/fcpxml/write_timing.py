"""Timing of corrected clips taken over, word for word, from the clips they lie over.

A speed ramp's curve, or a conform to the programme's pace, is so kept exactly, even where the
reading of the cut makes straight lines of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.fcpxml.parts import FcpxmlBuilder, item_of
from dubsync.editorial.fcpxml.write_resources import clock
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack

_TIMING = ("conform-rate", "timeMap")


def with_own_timing(
    node: Node,
    tracks: Sequence[LaidOutTrack],
    cut: ProbedCut,
    originals: Mapping[str, list[Element]],
    builder: FcpxmlBuilder,
    rate: Fraction,
) -> None:
    """Give the corrected clips within `node` the timing elements of the clips under them."""
    if node.tag == "spine":
        for child in node.children:
            with_own_timing(child, tracks, cut, originals, builder, rate)
        return
    name = node.attributes.get("name")
    clips = [c for track in tracks for c in track.clips if c.corrected and c.name == name]
    if len(clips) != 1:  # laid in pieces, which their own times tell apart
        return
    clip = clips[0]
    element = _element(clip, cut, originals)
    event = cut.events[clip.event]
    if element is None or event.record is None or event.record.start is None:
        return
    if clip.map is None or clip.media is None or event.source is None:
        return
    source = event.source
    if source.start is None or source.stop is None or clip.media.rate != source.rate:
        return
    top = source.stop if event.speed is not None and event.speed < 0 else source.start
    if clip.map.at(event.record.start) != top:
        return  # counted otherwise than the clip under it
    timing = element.all(*_TIMING)
    if not timing:
        return
    own = item_of(element, builder).start + (clip.start - event.record.start) / rate
    node.attributes["start"] = clock(own)
    kept = [child for child in node.children if child.tag not in _TIMING]
    node.children = [_copied(child) for child in timing] + kept


def _element(clip: Clip, cut: ProbedCut, originals: Mapping[str, list[Element]]) -> Element | None:
    """The element of a clip's event, where there is no warning which it is."""
    event = cut.events[clip.event]
    if "/" in event.track:  # what contains it may trim or bend it
        return None
    result = [
        e for e in originals.get(event.where, ())
        if e.tag == "asset-clip" and e.get("name") == event.name
    ]  # fmt: skip
    return result[0] if len(result) == 1 else None


def _copied(element: Element) -> Node:
    children = [_copied(child) for child in element.children]
    return Node(element.tag, dict(element.attributes), children)
