"""Writes the producers of MLT XML: a file at its speed, or a plain colour for what has no file.

A position of a producer counts from the first frame of its file.  A clip that begins between
positions, or whose speed varies, is written as a chain with a Time Remap.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

from dubsync.core.timeline.losses import APPROXIMATE, ASSUMED
from dubsync.core.timeline.probed import frame_text
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, TIMECODE_RATES
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.mlt.media import DROP, FIRST, KIND, LENGTH, NAME
from dubsync.editorial.mlt.time import TINY, decimal
from dubsync.editorial.timeline.media_paths import path_text, plain_path
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout, Media
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses, media_key

#: Speeds that a timewarp of MLT takes.
_SLOWEST, _FASTEST = Fraction(1, 100), Fraction(20)
_IMAGE = re.compile(r"\.(exr|dpx|png|jpe?g|tiff?|tga|bmp)$", re.IGNORECASE)
_HOUR = 3600


def prop(name: str, value: object) -> Node:
    """A <property>."""
    return Node("property", {"name": name}, text=str(value))


@dataclass(frozen=True, slots=True)
class Playing:
    """How a clip plays over its shown record frames: a producer, and its first position there."""

    producer: str
    low: int
    kdenlive_id: int


@dataclass(slots=True)
class ProducerTable:
    """The producers of a document, each defined once, and the clips of Kdenlive's bin.

    rate       frames per second of the profile
    kdenlive   whether clips have ids of Kdenlive
    taken      ids that the document has already
    first_id   lowest of Kdenlive's ids that is free
    nodes      what the tracks play, in the order of use; bin_nodes: what only the bin has
    in_bin     the entries of Kdenlive's bin
    """

    layout: Layout
    rate: Fraction
    kdenlive: bool = False
    taken: set[str] = field(default_factory=set)
    first_id: int = 2
    nodes: list[Node] = field(default_factory=list)
    bin_nodes: list[Node] = field(default_factory=list)
    in_bin: list[Node] = field(default_factory=list)
    _uses: dict[Key, Use] = field(default_factory=dict)
    _known: dict[tuple[object, ...], str] = field(default_factory=dict)
    _clips: dict[object, int] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)
    _stated: dict[Key, bool] = field(default_factory=dict)

    def new_id(self, kind: str) -> str:
        """A new id."""
        while True:
            self._last[kind] = self._last.get(kind, -1) + 1
            name = f"{kind}{self._last[kind]}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def add_uses(self, tracks: tuple[LaidOutTrack, ...]) -> None:
        """Add the files that tracks use; call it before any of them is written."""
        add_media_uses(self._uses, tracks)

    def play(self, clip: Clip, track: LaidOutTrack) -> Playing:
        """The producer of a clip, and its position at the first record frame that shows it."""
        start, stop = track.record_range(clip)
        if clip.media is None or clip.map is None:
            return self._colour(clip, round(stop - start))
        media, use = clip.media, self._uses[media_key(clip.media)]
        first = self._first(media, use)
        high = max(use.high, first + 1)
        length = ceil((high - first) * self.rate / media.rate)
        map = clip.map.slice(start, stop)
        speed, low = _warped(map, first, length, media, self.rate)
        clip_id = self._clip_id(clip, media, first, length)
        if speed is None:
            node, low = self._chain(clip, map, first, length), 0
            key: tuple[object, ...] = ("chain", clip.event, start, stop, clip.corrected is None)
        else:
            node = self._file(clip, speed, first, length)
            key = (media_key(media), speed, clip.name, clip.enabled, track.sound)
        if key not in self._known:
            self._known[key] = self.new_id("chain" if speed is None else "producer")
            self._finish(node, self._known[key], clip, clip_id, sound=track.sound)
        return Playing(self._known[key], low, clip_id)

    def _first(self, media: Media, use: Use) -> Fraction:
        """The number of the first frame of a file; assumed if the cut does not state it."""
        if media.frames is not None:
            return use.low
        key = media_key(media)
        first = use.low if use.low >= _HOUR * media.rate else Fraction(0)
        if key not in self._stated:
            self._stated[key] = True
            what = (
                f"MLT counts from the first frame of a file, and the cut does not state that of "
                f"{media.name!r}; {frame_text(first, media.rate, media.drop)} is assumed"
            )
            self.layout.lose(media.name, what, ASSUMED, "deliver from a project with its plates")
        return first

    def _clip_id(self, clip: Clip, media: Media, first: Fraction, length: int) -> int:
        """Kdenlive's id of a file, which is added to the bin at first use."""
        key = media_key(media)
        if key not in self._clips:
            self._clips[key] = self.first_id + len(self._clips)
            if self.kdenlive:
                node = self._file(clip, Fraction(1), first, length)
                node.attributes = {"id": self.new_id("producer"), **node.attributes}
                node.add(prop("kdenlive:clipname", path_text(clip.name)))
                self._bin(node, self._clips[key])
        return self._clips[key]

    def _bin(self, node: Node, clip_id: int) -> None:
        node.add(prop("kdenlive:folderid", -1), prop("kdenlive:id", clip_id))
        self.bin_nodes.append(node)
        span = {name: node.attributes[name] for name in ("in", "out")}
        self.in_bin.append(Node("entry", {"producer": node.attributes["id"], **span}))

    def _finish(self, node: Node, id_: str, clip: Clip, clip_id: int, *, sound: bool) -> None:
        """Add a clip's producer to the document."""
        node.attributes = {"id": id_, **node.attributes}
        node.add(prop(NAME, path_text(clip.name)))
        if self.kdenlive:
            node.add(prop("kdenlive:id", clip_id))
        else:
            node.add(prop("shotcut:caption", path_text(clip.name)))
        if clip.remarks:
            node.add(prop("shotcut:comment", "\n".join(clip.remarks)))
        if not clip.enabled:
            node.add(prop("set.test_audio", 1), prop("set.test_image", 1))
        elif self.kdenlive:
            node.add(prop("set.test_audio", int(not sound)), prop("set.test_image", int(sound)))
        node.children.sort(key=lambda child: child.tag == "link")
        self.nodes.append(node)

    def _file(self, clip: Clip, speed: Fraction, first: Fraction, length: int) -> Node:
        """A producer of a file at a constant speed."""
        assert clip.media is not None
        positions = ceil(length / abs(speed))
        path = resource_of(clip)
        node = Node("producer", {"in": "0", "out": str(positions - 1)})
        node.add(prop("length", positions), prop("eof", "pause"))
        if speed == 1:
            sequence = re.search(r"%0?\d*d", path)
            begun = f"?begin={first}" if sequence and first.denominator == 1 else ""
            node.add(prop("resource", f"{path}{begun}"))
            image = _IMAGE.search(path)
            node.add(prop("mlt_service", "qimage" if image else "avformat-novalidate"))
            node.add(prop("ttl", 1) if image and sequence else None)
        else:
            shown = f"{float(speed):.12g}"
            node.add(prop("resource", f"{shown}:{path}"), prop("mlt_service", "timewarp"))
            node.add(prop("warp_speed", shown), prop("warp_resource", path))
            node.add(prop("warp_pitch", 0))
        return node.add(*_counts(clip.media, first))

    def _chain(self, clip: Clip, map: TimeMap, first: Fraction, length: int) -> Node:
        """A chain whose positions are the record frames that show a clip."""
        assert clip.media is not None
        media, positions = clip.media, max(ceil(map.stop - map.start), 1)
        node = Node("chain", {"in": "0", "out": str(positions - 1)})
        node.add(prop("length", positions), prop("eof", "pause"))
        node.add(prop("resource", resource_of(clip)), prop("mlt_service", "avformat-novalidate"))
        node.add(*_counts(media, first), prop(LENGTH, length))
        speeds = (*map.speeds, map.speeds[-1])
        keys = ";".join(
            f"{round(record - map.start)}="
            f"{decimal((source - first) / media.rate + (TINY if speed >= 0 else -TINY))}"
            for (record, source), speed in zip(map.keyframes, speeds, strict=True)
        )
        if any(record.denominator != 1 for record, _ in map.keyframes):
            what = f"keyframes of {clip.name!r} between frames are moved to whole frames"
            self.layout.lose(clip.where, what, APPROXIMATE)
        link = Node("link", {"mlt_service": "timeremap"})
        link.add(prop("map", keys), prop("time_map", keys), prop("image_mode", "nearest"))
        return node.add(link)

    def _colour(self, clip: Clip, length: int) -> Playing:
        """A transparent colour in place of a title, caption or generator."""
        what = f"{clip.kind} {clip.name!r} is written as a plain transparent colour"
        self.layout.lose(clip.where, what, APPROXIMATE)
        node = Node("producer", {"id": self.new_id("producer"), "in": "0", "out": str(length - 1)})
        node.add(prop("length", length), prop("eof", "pause"), prop("resource", "#00000000"))
        node.add(prop("mlt_service", "color"), prop(KIND, clip.kind))
        node.add(prop(NAME, path_text(clip.name)))
        if clip.remarks:
            node.add(prop("shotcut:comment", "\n".join(clip.remarks)))
        if not clip.enabled:
            node.add(prop("set.test_audio", 1), prop("set.test_image", 1))
        clip_id = self.first_id + len(self._clips)
        self._clips[("colour", clip.event)] = clip_id
        if self.kdenlive:
            node.add(prop("kdenlive:clipname", path_text(clip.name)))
            self._bin(node, clip_id)
        else:
            self.nodes.append(node)
        return Playing(node.attributes["id"], 0, clip_id)


def resource_of(clip: Clip) -> str:
    """The path of a clip's file; its name if the cut states no path."""
    assert clip.media is not None
    path = clip.media.path if clip.corrected else plain_path(clip.media.path)
    return path_text(path or clip.media.name or clip.name)


def _counts(media: Media, first: Fraction) -> list[Node]:
    """The file's own rate and timecode, as MLT's metadata of a file names them."""
    nodes = [
        prop("meta.media.frame_rate_num", media.rate.numerator),
        prop("meta.media.frame_rate_den", media.rate.denominator),
    ]
    drop = media.drop and media.rate in DROP_RATES
    if first and media.rate in TIMECODE_RATES and first > 0 and first.denominator == 1:
        printed = frame_text(first, media.rate, drop)
        nodes.append(prop("meta.attr.timecode.markup", printed))
    elif first:
        nodes.append(prop(FIRST, first if first.denominator == 1 else decimal(first)))
    elif drop:
        nodes.append(prop(DROP, 1))
    if media.reel:
        nodes.append(prop("meta.attr.reel_name.markup", path_text(media.reel)))
    return nodes


def _warped(
    map: TimeMap, first: Fraction, length: int, media: Media, rate: Fraction
) -> tuple[Fraction | None, int]:
    """(speed of a timewarp that plays a clip exactly, its first position); (None, 0) if none does.

    Args:
        length: of the file, in positions of the profile.
    """
    pace = media.rate / rate
    if map.steady is None or not map.steady:
        return None, 0
    speed = map.steady / pace
    if not _SLOWEST <= abs(speed) <= _FASTEST or Fraction(f"{float(speed):.12g}") != speed:
        return None, 0
    low = (map.keyframes[0][1] - first) / pace / abs(speed)
    if speed < 0:
        positions = length / -speed
        if media.frames is None or positions.denominator != 1:
            return None, 0
        low = positions - low
    if low.denominator != 1 or low < 0:
        return None, 0
    return speed, int(low)
