"""Copies the timing elements of original clips to the corrected clips above them.

This keeps the curve of a speed ramp, or a conform to the programme's rate, exactly, even where the
reader makes straight lines of it.
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


def copy_timing(
    node: Node,
    tracks: Sequence[LaidOutTrack],
    cut: ProbedCut,
    originals: Mapping[str, list[Element]],
    builder: FcpxmlBuilder,
    rate: Fraction,
) -> None:
    """Copy the timing elements of the original clips to the corrected clips in `node`."""
    if node.tag == "spine":
        for child in node.children:
            copy_timing(child, tracks, cut, originals, builder, rate)
        return
    name = node.attributes.get("name")
    clips = [c for track in tracks for c in track.clips if c.corrected and c.name == name]
    if len(clips) != 1:  # split into pieces with different times
        return
    clip = clips[0]
    if clip.corrected is not None and clip.corrected.time is not None:  # it has its own count
        return
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
        return  # its frame numbers differ from those of the original clip
    timing = element.all(*_TIMING)
    if not timing:
        return
    numbers = item_of(element, builder, rate)
    own = numbers.start + (clip.start - event.record.start) / rate / numbers.pace
    node.attributes["start"] = clock(own)
    kept = [child for child in node.children if child.tag not in _TIMING]
    node.children = [_copied(child) for child in timing] + kept


def _element(clip: Clip, cut: ProbedCut, originals: Mapping[str, list[Element]]) -> Element | None:
    """The element of a clip's event, if it is unambiguous."""
    event = cut.events[clip.event]
    if "/" in event.track:  # its container can trim or retime it
        return None
    result = [
        e for e in originals.get(event.where, ())
        if e.tag == "asset-clip" and e.get("name") == event.name
    ]  # fmt: skip
    return result[0] if len(result) == 1 else None


def _copied(element: Element) -> Node:
    children = [_copied(child) for child in element.children]
    return Node(element.tag, dict(element.attributes), children)
