"""Clips and transitions of an FCP7 XML document as they are written.

Source: Apple, "Final Cut Pro XML Interchange Format", version 5.  A clip beside a transition has
-1 for the edge it shares with it, and its in and out take the transition in.  A retimed clip's in
and out count its own frames, which a Time Remap's graph draws against its file's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

from dubsync.core.timeline.losses import APPROXIMATE, LOST
from dubsync.core.timeline.probed import frame_text
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import DROP_RATES, NTSC, FrameRange
from dubsync.editorial.files.xml_out import Node, leaf
from dubsync.editorial.timeline.media_paths import media_url
from dubsync.editorial.tracks.corrected_clips import sequence_name
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, Layout, Media, TrackTransition
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses, media_key

_MOST_DIGITS = 12


def rate_node(rate: Fraction) -> Node:
    """An exact rate as timebase and NTSC flag; of one that has neither, the nearest timebase."""
    ntsc = rate.denominator == NTSC
    base = rate * NTSC / 1000 if ntsc else rate
    told = Node("rate").add(leaf("timebase", max(round(base), 1)))
    return told.add(leaf("ntsc", "TRUE" if ntsc else "FALSE"))


def is_known(rate: Fraction) -> bool:
    """Whether timebase and NTSC flag can say a rate."""
    base = rate * NTSC / 1000 if rate.denominator == NTSC else rate
    return base.denominator == 1


def timecode_node(frame: Fraction, rate: Fraction, drop: bool, reel: str = "") -> Node:
    """A first timecode, with the reel beside it."""
    drop = drop and rate in DROP_RATES
    node = Node("timecode").add(rate_node(rate))
    node.add(leaf("string", frame_text(frame, rate, drop)), leaf("frame", int(frame)))
    node.add(leaf("displayformat", "DF" if drop else "NDF"))
    return node.add(Node("reel").add(leaf("name", reel))) if reel else node


def decimal(number: Fraction) -> str:
    """A number with as many digits as it needs, twelve after the point at most.

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
    """Files by id: defined where first played, named alone after."""

    layout: Layout
    shape: Node
    taken: set[str]
    uses: dict[Key, Use] = field(default_factory=dict)
    _known: dict[Key, str] = field(default_factory=dict)
    _last: Counter[str] = field(default_factory=Counter)

    def new_id(self, kind: str) -> str:
        """An id that nothing in the document has."""
        while True:
            self._last[kind] += 1
            name = f"{kind}-{self._last[kind]}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def gather(self, tracks: tuple[LaidOutTrack, ...]) -> None:
        """Take note of all files that rows play; before any of them is put down."""
        add_media_uses(self.uses, tracks)

    def use(self, media: Media) -> Use:
        """What is played of a file."""
        return self.uses[media_key(media)]

    def file(self, media: Media) -> Node:
        """A file, defined at its first mention."""
        key = media_key(media)
        if key in self._known:
            return Node("file", {"id": self._known[key]})
        use = self.uses[key]
        self._known[key] = self.new_id("file")
        node = Node("file", {"id": self._known[key]})
        path = media.path
        if media.format:
            path = sequence_name(path, FrameRange(int(use.low), int(use.high), media.rate))
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
    """The picture's size, of a file that says it."""
    assert media.format is not None
    return characteristics(media.rate, media.format.width, media.format.height)


def characteristics(rate: Fraction, width: int, height: int) -> Node:
    """What FCP7 XML wants to know of a picture; without it Resolve loads nothing (#839)."""
    node = Node("samplecharacteristics").add(rate_node(rate), leaf("width", width))
    node.add(leaf("height", height), leaf("anamorphic", "FALSE"))
    return node.add(leaf("pixelaspectratio", "square"), leaf("fielddominance", "none"))


@dataclass(frozen=True, slots=True)
class Page:
    """What clips are written with: the sequence's rate, its record frame 0, files, nests."""

    rate: Fraction
    zero: Fraction
    shelf: ResourceTable
    nest: Callable[[Clip, LaidOutTrack], Node]

    def frame(self, record: Fraction) -> int:
        """A record frame as the sequence counts it."""
        return round(record - self.zero)


def transition_node(transition: TrackTransition, track: LaidOutTrack, page: Page) -> Node:
    """A fade as a transitionitem, centred on its cut, or from or to black."""
    sound = track.sound
    goes, comes = (
        track.clip_ending_at(transition.cut) is not None,
        track.clip_starting_at(transition.cut) is not None,
    )
    node = Node("transitionitem").add(rate_node(page.rate))
    node.add(leaf("start", page.frame(transition.start)), leaf("end", page.frame(transition.stop)))
    alignment = "center" if goes and comes else "end-black" if goes else "start-black"
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
        page.shelf.layout.lose(f"record frame {transition.start}", what, APPROXIMATE)
    return node.add(effect)


def item(clip: Clip, track: LaidOutTrack, page: Page) -> Node | None:
    """A clip as a clipitem or generatoritem; None for what FCP7 XML has no item for."""
    if clip.inside:
        return _item(clip, track, "clipitem", page.rate, page).add(*_nest(clip, track, page))
    if clip.kind in ("title", "caption", "generator"):
        return _drawn(clip, track, page)
    if clip.media is None or clip.map is None:
        page.shelf.layout.lose(clip.where, f"{clip.kind} {clip.name!r} is not written", LOST)
        return None
    return _played(clip, track, page)


def _item(clip: Clip, track: LaidOutTrack, tag: str, rate: Fraction, page: Page) -> Node:
    """What all items of a track begin with: name, switch, length, rate, record edges."""
    node = Node(tag, {"id": page.shelf.new_id(tag)})
    node.add(leaf("name", clip.name), leaf("enabled", "TRUE" if clip.enabled else "FALSE"))
    start, stop = track.record_range(clip)
    length = ceil((stop - start) * rate / page.rate)
    node.add(leaf("duration", length), rate_node(rate))
    edges = [-1 if track.transition_at(e) else page.frame(e) for e in (clip.start, clip.stop)]
    return node.add(leaf("start", edges[0]), leaf("end", edges[1]))


def _nest(clip: Clip, track: LaidOutTrack, page: Page) -> tuple[Node, ...]:
    if clip.kind != "compound":
        what = f"{clip.kind} {clip.name!r} is written as a nested sequence"
        page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    start, stop = track.record_range(clip)
    return leaf("in", 0), leaf("out", round(stop - start)), page.nest(clip, track), *_words(clip)


def _words(clip: Clip) -> list[Node]:
    if not clip.remarks:
        return []
    return [Node("comments").add(leaf("mastercomment1", "\n".join(clip.remarks)))]


def _drawn(clip: Clip, track: LaidOutTrack, page: Page) -> Node:
    """Titles, captions and generators, whose looks a cut does not tell."""
    node = _item(clip, track, "generatoritem", page.rate, page)
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
    page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    return node.add(effect, *_words(clip))


def _played(clip: Clip, track: LaidOutTrack, page: Page) -> Node:
    media, map = clip.media, clip.map
    assert media is not None and map is not None
    use = page.shelf.use(media)
    if not is_known(media.rate):
        what = f"{clip.name!r} runs at {media.rate} fps, which no timebase says"
        page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    start, stop = track.record_range(clip)
    length = (stop - start) * media.rate / page.rate
    begin, bent = _bent(map.slice(start, stop), use, page.rate)
    if bent is None and begin.denominator != 1:
        what = f"{clip.name!r} begins between frames of its file; written from the one it shows"
        page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    elif begin.denominator != 1:
        what = (
            f"{clip.name!r} begins between its own frames; its Time Remap draws it exactly, "
            "systems that read its speed alone are up to a frame off"
        )
        page.shelf.layout.lose(clip.where, what, APPROXIMATE)
    first = ceil(begin) if bent else floor(begin)
    node = _item(clip, track, "clipitem", media.rate, page)
    node.add(leaf("in", first), leaf("out", first + max(round(length), 1)))
    node.add(page.shelf.file(media), bent)
    if track.sound:
        source_track = Node("sourcetrack").add(leaf("mediatype", "audio"))
        node.add(source_track.add(leaf("trackindex", max(clip.channel, 1))))
    return node.add(*_words(clip))


def _bent(map: TimeMap, use: Use, rate: Fraction) -> tuple[Fraction, Node | None]:
    """(where a clip begins in its own frames, its Time Remap where it is retimed)."""
    pace = use.media.rate / rate  # own frames for each record frame
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
    """The filter that retimes a clip; no speed where it changes."""
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
