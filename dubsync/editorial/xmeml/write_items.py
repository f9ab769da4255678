"""Writes the clips, transitions and files of an FCP7 XML document.

Source: Apple, "Final Cut Pro XML Interchange Format", version 5.  A clip beside a transition has
-1 for the edge they share, and its in and out include the transition.  In and out of a retimed
clip count its own frames, which the graph of a Time Remap maps to the frames of its file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.losses import APPROXIMATE, LOST
from dubsync.core.timeline.probed import frame_text
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, NTSC, FrameRange
from dubsync.editorial.files.xml_out import Node, leaf
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.corrected_clips import first_file
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout, Media, TrackTransition
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses, media_key

_MOST_DIGITS = 12


def rate_node(rate: Fraction) -> Node:
    """A <rate> of timebase and NTSC flag; the nearest timebase if there is no exact one."""
    ntsc = rate.denominator == NTSC
    base = rate * NTSC / 1000 if ntsc else rate
    node = Node("rate").add(leaf("timebase", max(round(base), 1)))
    return node.add(leaf("ntsc", "TRUE" if ntsc else "FALSE"))


def is_known(rate: Fraction) -> bool:
    """Whether timebase and NTSC flag can state a rate exactly."""
    base = rate * NTSC / 1000 if rate.denominator == NTSC else rate
    return base.denominator == 1


def timecode_node(frame: Fraction, rate: Fraction, drop: bool, reel: str = "") -> Node:
    """A <timecode>: the first frame, and the reel if there is one."""
    drop = drop and rate in DROP_RATES
    node = Node("timecode").add(rate_node(rate))
    node.add(leaf("string", frame_text(frame, rate, drop)), leaf("frame", int(frame)))
    node.add(leaf("displayformat", "DF" if drop else "NDF"))
    return node.add(Node("reel").add(leaf("name", reel))) if reel else node


def decimal(number: Fraction) -> str:
    """A decimal number with as many digits as needed, at most twelve after the point.

    >>> decimal(Fraction(5, 2)), decimal(Fraction(3)), decimal(Fraction(1, 3))
    ('2.5', '3', '0.333333333333')
    """
    if number.denominator == 1:
        return str(number.numerator)
    scaled = round(number * 10**_MOST_DIGITS)
    whole, part = divmod(abs(scaled), 10**_MOST_DIGITS)
    digits = f"{part:0{_MOST_DIGITS}d}".rstrip("0")
    return f"{'-' if scaled < 0 else ''}{whole}{'.' if digits else ''}{digits}"


@dataclass(slots=True)
class ResourceTable:
    """The files of a document: defined at first use, then referred to by id.

    shape  picture format of files that do not state theirs
    taken  ids already used in the document
    form   of the corrected clips' pictures, whose pixels and fields a new sequence has
    """

    layout: Layout
    shape: Node
    taken: set[str]
    form: PictureFormat | None = None
    uses: dict[Key, Use] = field(default_factory=dict)
    _known: dict[Key, str] = field(default_factory=dict)
    _last: Counter[str] = field(default_factory=Counter)

    def new_id(self, kind: str) -> str:
        """A new id."""
        while True:
            self._last[kind] += 1
            name = f"{kind}-{self._last[kind]}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def add_uses(self, tracks: tuple[LaidOutTrack, ...]) -> None:
        """Add the files that tracks use; call it before any of them is written."""
        add_media_uses(self.uses, tracks)

    def use(self, media: Media) -> Use:
        """The frames used of a file."""
        return self.uses[media_key(media)]

    def file(self, media: Media) -> Node:
        """A <file>: a definition at first use, then a reference."""
        key = media_key(media)
        if key in self._known:
            return Node("file", {"id": self._known[key]})
        use = self.uses[key]
        self._known[key] = self.new_id("file")
        node = Node("file", {"id": self._known[key]})
        path = media.path
        if media.format:
            frames = FrameRange(int(use.low), int(use.high), media.rate)
            path = first_file(path, frames, media.first_number)  # as Premiere writes a sequence
        node.add(leaf("name", media.name), leaf("pathurl", media_url(path)) if path else None)
        node.add(rate_node(media.rate), leaf("duration", int(use.high - use.low)))
        node.add(timecode_node(use.low, media.rate, media.drop, media.reel))
        inner = Node("media")
        if use.picture:
            inner.add(Node("video").add(shape_node(media) if media.format else self.shape))
        if use.sound:
            inner.add(Node("audio"))
        return node.add(inner)


def shape_node(media: Media) -> Node:
    """The picture format of a file that states it."""
    assert media.format is not None
    return characteristics(media.rate, *media.format.shown_size, media.format)


#: Pixel aspects by the names that Final Cut Pro 7 and Premiere have for them, and whether a picture
#: of such pixels is the 16:9 one of its two (FCP 7 XML Interchange Format: pixelaspectratio).
_PIXELS = {
    Fraction(10, 11): ("NTSC-601", False), Fraction(8, 9): ("NTSC-601", False),
    Fraction(40, 33): ("NTSC-601", True), Fraction(32, 27): ("NTSC-601", True),
    Fraction(12, 11): ("PAL-601", False), Fraction(59, 54): ("PAL-601", False),
    Fraction(16, 15): ("PAL-601", False), Fraction(16, 11): ("PAL-601", True),
    Fraction(118, 81): ("PAL-601", True), Fraction(64, 45): ("PAL-601", True),
    Fraction(3, 2): ("HD-(1280x1080)", False), Fraction(4, 3): ("HD-(1440x1080)", False),
}  # fmt: skip
_DOMINANCE = {"": "none", "top": "upper", "bottom": "lower"}


def characteristics(
    rate: Fraction, width: int, height: int, form: PictureFormat | None = None
) -> Node:
    """The <samplecharacteristics> of a picture; Resolve loads nothing without it (#839)."""
    node = Node("samplecharacteristics").add(rate_node(rate), leaf("width", width))
    aspect = Fraction(1) if form is None else form.shown_aspect
    name, wide = _PIXELS.get(aspect, ("square", False))
    node.add(leaf("height", height), leaf("anamorphic", "TRUE" if wide else "FALSE"))
    dominance = _DOMINANCE["" if form is None else form.fields]
    return node.add(leaf("pixelaspectratio", name), leaf("fielddominance", dominance))


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The rate and first record frame of the sequence, the files, and a function for nests."""

    rate: Fraction
    zero: Fraction
    table: ResourceTable
    nest: Callable[[Clip, LaidOutTrack], Node]

    def frame(self, record: Fraction) -> int:
        """A record frame, counted from the start of the sequence."""
        return round(record - self.zero)


def transition_node(
    transition: TrackTransition, track: LaidOutTrack, context: WriteContext
) -> Node:
    """A <transitionitem>, centred on its cut, or from or to black."""
    sound = track.sound
    outgoing, incoming = (
        track.clip_ending_at(transition.cut) is not None,
        track.clip_starting_at(transition.cut) is not None,
    )
    node = Node("transitionitem").add(rate_node(context.rate))
    node.add(
        leaf("start", context.frame(transition.start)), leaf("end", context.frame(transition.stop))
    )
    alignment = "center" if outgoing and incoming else "end-black" if outgoing else "start-black"
    node.add(leaf("alignment", alignment))
    dissolve = transition.kind == "dissolve"
    name = transition.name or ("Cross Dissolve" if dissolve else transition.kind.title())
    if transition.kind not in name.lower() and transition.kind != "transition":
        name = f"{name} ({transition.kind})"
    effect = Node("effect").add(leaf("name", name))
    effect.add(leaf("effectid", "Cross Dissolve" if dissolve else name))
    effect.add(leaf("effectcategory", "Dissolve" if dissolve else transition.kind.title()))
    effect.add(leaf("effecttype", "transition"))
    effect.add(leaf("mediatype", "audio" if sound else "video"))
    if not dissolve and not sound:
        what = f"{transition.kind} {transition.name!r} keeps its name and length, not its look"
        context.table.layout.lose(f"record frame {transition.start}", what, APPROXIMATE)
    return node.add(effect)


def item(clip: Clip, track: LaidOutTrack, context: WriteContext) -> Node | None:
    """A clip as a clipitem or generatoritem; None if FCP7 XML cannot hold it."""
    if clip.inside:
        return _item(clip, track, "clipitem", context.rate, context).add(
            *_nest(clip, track, context)
        )
    if clip.kind in ("title", "caption", "generator"):
        return _generated(clip, track, context)
    if clip.media is None or clip.map is None:
        context.table.layout.lose(clip.where, f"{clip.kind} {clip.name!r} is not written", LOST)
        return None
    return _played(clip, track, context)


def _item(clip: Clip, track: LaidOutTrack, tag: str, rate: Fraction, context: WriteContext) -> Node:
    """The common first children of all items: name, enabled, duration, rate, start, end."""
    node = Node(tag, {"id": context.table.new_id(tag)})
    node.add(leaf("name", clip.name), leaf("enabled", "TRUE" if clip.enabled else "FALSE"))
    start, stop = track.record_range(clip)
    length = ceil((stop - start) * rate / context.rate)
    node.add(leaf("duration", length), rate_node(rate))
    edges = [-1 if track.transition_at(e) else context.frame(e) for e in (clip.start, clip.stop)]
    return node.add(leaf("start", edges[0]), leaf("end", edges[1]))


def _nest(clip: Clip, track: LaidOutTrack, context: WriteContext) -> tuple[Node, ...]:
    if clip.kind != "compound":
        what = f"{clip.kind} {clip.name!r} is written as a nested sequence"
        context.table.layout.lose(clip.where, what, APPROXIMATE)
    start, stop = track.record_range(clip)
    return (
        leaf("in", 0),
        leaf("out", round(stop - start)),
        context.nest(clip, track),
        *_comments(clip),
    )


def _comments(clip: Clip) -> list[Node]:
    if not clip.remarks:
        return []
    return [Node("comments").add(leaf("mastercomment1", "\n".join(clip.remarks)))]


def _generated(clip: Clip, track: LaidOutTrack, context: WriteContext) -> Node:
    """A title, caption or generator with default settings: a cut does not have its settings."""
    node = _item(clip, track, "generatoritem", context.rate, context)
    start, stop = track.record_range(clip)
    node.add(leaf("in", 0), leaf("out", round(stop - start)))
    text = clip.kind != "generator"
    effect = Node("effect").add(leaf("name", "Text" if text else clip.name))
    effect.add(leaf("effectid", "Text" if text else "Color"))
    effect.add(leaf("effectcategory", "Text" if text else "Matte"))
    effect.add(leaf("effecttype", "generator"), leaf("mediatype", "video"))
    if text:
        words = " ".join(clip.remarks) or clip.name
        value = Node("parameter").add(leaf("parameterid", "str"), leaf("name", "Text"))
        effect.add(value.add(leaf("value", words)))
    what = f"{clip.kind} {clip.name!r} is written as a plain generator"
    context.table.layout.lose(clip.where, what, APPROXIMATE)
    return node.add(effect, *_comments(clip))


def _played(clip: Clip, track: LaidOutTrack, context: WriteContext) -> Node:
    media, map = clip.media, clip.map
    assert media is not None and map is not None
    use = context.table.use(media)
    if not is_known(media.rate):
        what = f"{clip.name!r} runs at {media.rate} fps, which FCP7 XML cannot state"
        context.table.layout.lose(clip.where, what, APPROXIMATE)
    start, stop = track.record_range(clip)
    length = (stop - start) * media.rate / context.rate
    begin, filter_node = _retimed(map.slice(start, stop), use, context.rate)
    if filter_node is None and begin.denominator != 1:
        what = f"{clip.name!r} begins between frames of its file; moved to a whole frame"
        context.table.layout.lose(clip.where, what, APPROXIMATE)
    elif begin.denominator != 1:
        what = (
            f"{clip.name!r} begins between frames; its Time Remap is exact, but systems that read "
            "only the speed are up to a frame off"
        )
        context.table.layout.lose(clip.where, what, APPROXIMATE)
    first = ceil(begin) if filter_node else floor(begin)
    node = _item(clip, track, "clipitem", media.rate, context)
    node.add(leaf("in", first), leaf("out", first + max(round(length), 1)))
    node.add(context.table.file(media), filter_node)
    if track.sound:
        source_track = Node("sourcetrack").add(leaf("mediatype", "audio"))
        node.add(source_track.add(leaf("trackindex", max(clip.channel, 1))))
    return node.add(*_comments(clip))


def _retimed(map: TimeMap, use: Use, rate: Fraction) -> tuple[Fraction, Node | None]:
    """(start of a clip in its own frames, its Time Remap if it is retimed)."""
    pace = use.media.rate / rate  # own frames per record frame
    keyframes = [(record, source - use.low) for record, source in map.keyframes]
    steady, own = map.steady, keyframes[0][1]
    if steady == pace:
        return own, None
    if steady:
        speed = steady / pace
        own = own / speed if speed > 0 else (use.high - use.low - own) / -speed
    begin = ceil(own)
    points = [((r - map.start) * pace + begin, source) for r, source in keyframes]
    if steady and begin:
        points.insert(0, (Fraction(0), keyframes[0][1] - begin * steady / pace))
    graph = _parameter("graphdict", "0", 0, int(use.high - use.low))
    for when, value in points:
        key = Node("keyframe").add(leaf("when", decimal(when)), leaf("value", decimal(value)))
        graph.add(key.add(leaf("speedvirtualkf", "TRUE")))
    graph.add(Node("interpolation").add(leaf("name", "FCPCurve")))
    return own, _time_remap(None if steady is None else steady / pace, graph)


def _time_remap(speed: Fraction | None, graph: Node) -> Node:
    """The <filter> that retimes a clip; `speed` is None if it varies."""
    effect = Node("effect").add(leaf("name", "Time Remap"), leaf("effectid", "timeremap"))
    effect.add(leaf("effectcategory", "motion"), leaf("effecttype", "motion"))
    effect.add(leaf("mediatype", "video"))
    effect.add(_parameter("variablespeed", "1" if speed is None else "0", 0, 1))
    percent = Fraction(100) if speed is None else abs(speed) * 100
    effect.add(_parameter("speed", decimal(percent), -100000, 100000))
    effect.add(_parameter("reverse", "TRUE" if speed is not None and speed < 0 else "FALSE"))
    effect.add(_parameter("frameblending", "FALSE"), graph)
    return Node("filter").add(effect)


def _parameter(name: str, value: str, low: int | None = None, high: int | None = None) -> Node:
    node = Node("parameter").add(leaf("parameterid", name), leaf("name", name))
    if low is not None and high is not None:
        node.add(leaf("valuemin", low), leaf("valuemax", high))
    return node.add(leaf("value", value))
