"""Clips of an FCPXML document as they are written, each with its own time.

A clip's own time runs from its `start`; what hangs on it is placed in that time; a timeMap bends
it into media time.  Retimed clips get an own time that begins on a frame of the programme.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from dubsync.core.timeline.losses import APPROXIMATE, LOST
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.fcpxml.write_resources import (
    DISSOLVE,
    GENERATOR,
    TITLE,
    ResourceTable,
    clock,
)
from dubsync.editorial.files.xml_out import Node, leaf
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, TrackTransition
from dubsync.editorial.tracks.media_uses import Use

#: Rates that conform-rate can name.
_CONFORM = {
    Fraction(24000, 1001): "23.98",
    Fraction(30000, 1001): "29.97",
    Fraction(48000, 1001): "47.95",
    Fraction(60000, 1001): "59.94",
} | {Fraction(n): str(n) for n in (24, 25, 30, 48, 50, 60)}
#: Where a gap's own time begins, by Final Cut Pro's custom.
GAP_START = Fraction(3600)


@dataclass(slots=True)
class Placed:
    """An element, where it lies in record frames, and its own second at that place."""

    node: Node
    start: Fraction
    stop: Fraction
    own: Fraction
    anchors: list[Node] = field(default_factory=list)
    markers: list[Node] = field(default_factory=list)

    def finished(self) -> Node:
        """The element with all that hangs on it, in the order of the DTD."""
        return self.node.add(*self.anchors, *self.markers)


@dataclass(frozen=True, slots=True)
class Page:
    """What clips are written with: the programme's rate, the resources, how nests are written."""

    rate: Fraction
    drop: bool
    shelf: ResourceTable
    nest: Callable[[Clip, LaidOutTrack], str]
    has_sound: bool = False

    def seconds(self, frames: Fraction) -> Fraction:
        """Record frames in seconds."""
        return frames / self.rate


def gap(start: Fraction, stop: Fraction, offset: Fraction, page: Page) -> Placed:
    """Nothing, over record frames, `offset` seconds in its spine's time."""
    told = {"name": "Gap", "offset": clock(offset), "start": clock(GAP_START)}
    told["duration"] = clock(page.seconds(stop - start))
    return Placed(Node("gap", told), start, stop, GAP_START)


def transition_node(transition: TrackTransition, offset: Fraction, page: Page) -> Node:
    """A fade in a spine, `offset` seconds in the spine's time."""
    name = transition.name or ("Wipe" if transition.kind == "wipe" else DISSOLVE[0])
    if transition.kind not in name.lower() and transition.kind != "transition":
        name = f"{name} ({transition.kind})" if transition.kind == "wipe" else DISSOLVE[0]
    length = page.seconds(transition.stop - transition.start)
    node = Node("transition", {"name": name, "offset": clock(offset), "duration": clock(length)})
    if transition.kind == "dissolve":
        ref = page.shelf.effect(*DISSOLVE)
        return node.add(Node("filter-video", {"ref": ref, "name": DISSOLVE[0]}))
    name = f"{transition.kind} {transition.name!r}"
    what = f"{name} keeps its name and length; Final Cut Pro uses its own look"
    page.shelf.layout.lose(f"record frame {transition.start}", what, APPROXIMATE)
    return node


def item(clip: Clip, track: LaidOutTrack, offset: Fraction, lane: int, page: Page) -> Placed | None:
    """A clip, `offset` seconds in its parent's time; None for what FCPXML has no clip for."""
    if clip.inside:
        return _nest(clip, track, offset, lane, page)
    if clip.kind in ("title", "caption", "generator"):
        return _drawn(clip, offset, lane, page)
    if clip.media is None or clip.map is None:
        what = f"{clip.kind} {clip.name!r} is not written"
        page.shelf.layout.lose(clip.where, what, LOST)
        return None
    return _asset_clip(clip, track, offset, lane, page)


def _told(clip: Clip, offset: Fraction, lane: int, own: Fraction, page: Page) -> dict[str, str]:
    """The attributes that all clips have, as Final Cut Pro orders them."""
    told = {"lane": str(lane)} if lane else {}
    told |= {"offset": clock(offset), "name": clip.name, "start": clock(own)}
    told["duration"] = clock(page.seconds(clip.stop - clip.start))
    if not clip.enabled:
        told["enabled"] = "0"
    return told


def _note(clip: Clip) -> Node | None:
    return leaf("note", "\n".join(clip.remarks)) if clip.remarks else None


def _nest(clip: Clip, track: LaidOutTrack, offset: Fraction, lane: int, page: Page) -> Placed:
    if clip.kind != "compound":
        what = f"{clip.kind} {clip.name!r} is written as a compound clip"
        page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    ref = page.nest(clip, track)
    own = page.seconds(clip.start - track.record_range(clip)[0])
    node = Node("ref-clip", {"ref": ref, **_told(clip, offset, lane, own, page)})
    return Placed(node.add(_note(clip)), clip.start, clip.stop, own)


def _drawn(clip: Clip, offset: Fraction, lane: int, page: Page) -> Placed:
    """Titles, captions and generators, whose looks a cut does not tell."""
    told = _told(clip, offset, lane, GAP_START, page)
    words = [Node("text").add(leaf("text-style", " ".join(clip.remarks) or clip.name))]
    if clip.kind == "caption" and lane:
        node = Node("caption", told).add(*words)
    elif clip.kind == "generator":
        node = Node("video", {"ref": page.shelf.effect(*GENERATOR), **told}).add(_note(clip))
    else:
        node = Node("title", {"ref": page.shelf.effect(*TITLE), **told}).add(*words)
    what = f"{clip.kind} {clip.name!r} is written with a plain look of its kind"
    page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    return Placed(node, clip.start, clip.stop, GAP_START)


def _asset_clip(clip: Clip, track: LaidOutTrack, offset: Fraction, lane: int, page: Page) -> Placed:
    media, map = clip.media, clip.map
    assert media is not None and map is not None
    use = page.shelf.use(media)
    own, bent = own_time(clip, track, use, page.rate)
    tag = "audio" if track.sound and clip.channel else "asset-clip"
    told = {"ref": page.shelf.asset(media), **_told(clip, offset, lane, own, page)}
    if tag == "audio":
        told["srcCh"] = str(clip.channel)
    else:
        told |= _streams(clip, track, page)
    node = Node(tag, told).add(_note(clip))
    if media.rate != page.rate and not track.sound:
        node.add(_conform(clip, media.rate, page))
    return Placed(node.add(bent), clip.start, clip.stop, own)


def _streams(clip: Clip, track: LaidOutTrack, page: Page) -> dict[str, str]:
    """Attributes of an asset-clip alone."""
    told = {}
    media = clip.media
    assert media is not None
    if track.sound:
        return {"srcEnable": "audio"}
    if page.has_sound or clip.corrected:
        told["srcEnable"] = "video"
    told["format"] = page.shelf.format(media.rate, media.format)
    told["tcFormat"] = "DF" if media.drop and media.rate in DROP_RATES else "NDF"
    if clip.corrected:
        told["videoRole"] = f"dubbed {clip.corrected.language}"
    return told


def _conform(clip: Clip, rate: Fraction, page: Page) -> Node | None:
    """Keeps a file of another rate at its own pace."""
    if rate in _CONFORM:
        return Node("conform-rate", {"scaleEnabled": "0", "srcFrameRate": _CONFORM[rate]})
    what = f"{clip.name!r} runs at {rate} fps, which conform-rate cannot name"
    page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    return None


def own_time(
    clip: Clip, track: LaidOutTrack, use: Use, rate: Fraction
) -> tuple[Fraction, Node | None]:
    """(a clip's own second at its start, its timeMap where it is retimed)."""
    map, media = clip.map, clip.media
    assert map is not None and media is not None
    steady = map.steady
    if steady is not None and steady * rate == media.rate:
        return map.at(clip.start) / media.rate, None
    begin, end = use.low / media.rate, use.high / media.rate
    own = ceil(begin * rate) / rate
    if steady is None or steady == 0:
        head = (clip.start - track.record_range(clip)[0]) / rate
        own = ceil((begin + head) * rate) / rate
        inner = map.slice(*track.record_range(clip))
        points = [(own + (r - clip.start) / rate, s / media.rate) for r, s in inner.keyframes]
    else:
        speed = steady * rate / media.rate
        first = map.at(clip.start) / media.rate
        before = (first - begin) / speed if speed > 0 else (first - end) / speed
        own = ceil((begin + before) * rate) / rate
        ends = [begin, end] if speed > 0 else [end, begin]
        points = [(own + (edge - first) / speed, edge) for edge in ends]
    bent = Node("timeMap")
    for time, value in points:
        told = {"time": clock(time), "value": clock(value), "interp": "linear"}
        bent.add(Node("timept", told))
    return own, bent
