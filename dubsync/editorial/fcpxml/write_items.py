"""Writes the clips of an FCPXML document, each with its own time.

A clip's own time begins at its `start`; connected items are placed in that time; a timeMap retimes
it to media time.  The own time of a retimed clip begins on a frame of the programme.
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

#: Rates that conform-rate can state.
_CONFORM = {
    Fraction(24000, 1001): "23.98",
    Fraction(30000, 1001): "29.97",
    Fraction(48000, 1001): "47.95",
    Fraction(60000, 1001): "59.94",
} | {Fraction(n): str(n) for n in (24, 25, 30, 48, 50, 60)}
#: Start of a gap's own time in seconds, as Final Cut Pro writes it.
GAP_START = Fraction(3600)


@dataclass(slots=True)
class Placed:
    """An element, its record frames, and its own time in seconds at `start`.

    pace  record seconds per second of its own time; not 1 where it is conformed (conform-rate)
    """

    node: Node
    start: Fraction
    stop: Fraction
    own: Fraction
    anchors: list[Node] = field(default_factory=list)
    markers: list[Node] = field(default_factory=list)
    pace: Fraction = Fraction(1)

    def finished(self) -> Node:
        """The element with its connected clips and markers, in DTD order."""
        return self.node.add(*self.anchors, *self.markers)


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The rate of the programme, the resources, and a function that writes nests."""

    rate: Fraction
    drop: bool
    table: ResourceTable
    nest: Callable[[Clip, LaidOutTrack], str]
    has_sound: bool = False

    def seconds(self, frames: Fraction) -> Fraction:
        """Record frames in seconds."""
        return frames / self.rate


def gap(start: Fraction, stop: Fraction, offset: Fraction, context: WriteContext) -> Placed:
    """A gap over record frames, at `offset` seconds in the time of its spine."""
    attributes = {"name": "Gap", "offset": clock(offset), "start": clock(GAP_START)}
    attributes["duration"] = clock(context.seconds(stop - start))
    return Placed(Node("gap", attributes), start, stop, GAP_START)


def transition_node(transition: TrackTransition, offset: Fraction, context: WriteContext) -> Node:
    """A transition in a spine, at `offset` seconds in the time of the spine."""
    name = transition.name or ("Wipe" if transition.kind == "wipe" else DISSOLVE[0])
    if transition.kind not in name.lower() and transition.kind != "transition":
        name = f"{name} ({transition.kind})" if transition.kind == "wipe" else DISSOLVE[0]
    length = context.seconds(transition.stop - transition.start)
    node = Node("transition", {"name": name, "offset": clock(offset), "duration": clock(length)})
    if transition.kind == "dissolve":
        ref = context.table.effect(*DISSOLVE)
        return node.add(Node("filter-video", {"ref": ref, "name": DISSOLVE[0]}))
    name = f"{transition.kind} {transition.name!r}"
    what = f"{name} keeps its name and length; Final Cut Pro uses its own look"
    context.table.layout.lose(f"record frame {transition.start}", what, APPROXIMATE)
    return node


def item(
    clip: Clip, track: LaidOutTrack, offset: Fraction, lane: int, context: WriteContext
) -> Placed | None:
    """A clip at `offset` seconds in its parent's time; None if FCPXML cannot hold it."""
    if clip.inside:
        return _nest(clip, track, offset, lane, context)
    if clip.kind in ("title", "caption", "generator"):
        return _generated(clip, offset, lane, context)
    if clip.media is None or clip.map is None:
        what = f"{clip.kind} {clip.name!r} is not written"
        context.table.layout.lose(clip.where, what, LOST)
        return None
    return _asset_clip(clip, track, offset, lane, context)


def _common_attributes(
    clip: Clip, offset: Fraction, lane: int, own: Fraction, context: WriteContext
) -> dict[str, str]:
    """The attributes common to all clips, in Final Cut Pro's order."""
    attributes = {"lane": str(lane)} if lane else {}
    attributes |= {"offset": clock(offset), "name": clip.name, "start": clock(own)}
    attributes["duration"] = clock(context.seconds(clip.stop - clip.start))
    if not clip.enabled:
        attributes["enabled"] = "0"
    return attributes


def _note(clip: Clip) -> Node | None:
    return leaf("note", "\n".join(clip.remarks)) if clip.remarks else None


def _nest(
    clip: Clip, track: LaidOutTrack, offset: Fraction, lane: int, context: WriteContext
) -> Placed:
    if clip.kind != "compound":
        what = f"{clip.kind} {clip.name!r} is written as a compound clip"
        context.table.layout.lose(clip.where, what, APPROXIMATE)
    ref = context.nest(clip, track)
    own = context.seconds(clip.start - track.record_range(clip)[0])
    node = Node("ref-clip", {"ref": ref, **_common_attributes(clip, offset, lane, own, context)})
    return Placed(node.add(_note(clip)), clip.start, clip.stop, own)


def _generated(clip: Clip, offset: Fraction, lane: int, context: WriteContext) -> Placed:
    """A title, caption or generator with default settings: a cut does not have its settings."""
    attributes = _common_attributes(clip, offset, lane, GAP_START, context)
    words = [Node("text").add(leaf("text-style", " ".join(clip.remarks) or clip.name))]
    if clip.kind == "caption" and lane:
        node = Node("caption", attributes).add(*words)
    elif clip.kind == "generator":
        node = Node("video", {"ref": context.table.effect(*GENERATOR), **attributes}).add(
            _note(clip)
        )
    else:
        node = Node("title", {"ref": context.table.effect(*TITLE), **attributes}).add(*words)
    what = f"{clip.kind} {clip.name!r} is written with default settings"
    context.table.layout.lose(clip.where, what, APPROXIMATE)
    return Placed(node, clip.start, clip.stop, GAP_START)


def _asset_clip(
    clip: Clip, track: LaidOutTrack, offset: Fraction, lane: int, context: WriteContext
) -> Placed:
    media, map = clip.media, clip.map
    assert media is not None and map is not None
    use = context.table.use(media)
    own, time_map = own_time(clip, track, use, context.rate)
    tag = "audio" if track.sound and clip.channel else "asset-clip"
    attributes = {
        "ref": context.table.asset(media),
        **_common_attributes(clip, offset, lane, own, context),
    }
    if tag == "audio":
        attributes["srcCh"] = str(clip.channel)
    else:
        attributes |= _streams(clip, track, context)
    node = Node(tag, attributes).add(_note(clip))
    if media.rate != context.rate and not track.sound:
        node.add(_conform(clip, media.rate, context))
    return Placed(node.add(time_map), clip.start, clip.stop, own)


def _streams(clip: Clip, track: LaidOutTrack, context: WriteContext) -> dict[str, str]:
    """The attributes specific to an asset-clip."""
    attributes = {}
    media = clip.media
    assert media is not None
    if track.sound:
        return {"srcEnable": "audio"}
    if context.has_sound or clip.corrected:
        attributes["srcEnable"] = "video"
    attributes["format"] = context.table.format(media.rate, media.format)
    attributes["tcFormat"] = "DF" if media.drop and media.rate in DROP_RATES else "NDF"
    if clip.corrected:
        attributes["videoRole"] = f"dubbed {clip.corrected.language}"
    return attributes


def _conform(clip: Clip, rate: Fraction, context: WriteContext) -> Node | None:
    """A conform-rate that keeps a file of another rate at its own speed."""
    if rate in _CONFORM:
        return Node("conform-rate", {"scaleEnabled": "0", "srcFrameRate": _CONFORM[rate]})
    what = f"{clip.name!r} runs at {rate} fps, which conform-rate cannot state"
    context.table.layout.lose(clip.where, what, APPROXIMATE)
    return None


def own_time(
    clip: Clip, track: LaidOutTrack, use: Use, rate: Fraction
) -> tuple[Fraction, Node | None]:
    """(own time of a clip at its start in seconds, its timeMap if it is retimed)."""
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
    time_map = Node("timeMap")
    for time, value in points:
        attributes = {"time": clock(time), "value": clock(value), "interp": "linear"}
        time_map.add(Node("timept", attributes))
    return own, time_map
