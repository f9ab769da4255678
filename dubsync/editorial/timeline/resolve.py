"""Resolves a cut to exact runs: what each record frame of a timeline shows, with its time map.

Tracks are stacked, and the topmost enabled picture wins.  A compound is replaced by its contents;
titles and captions let the picture below through; a transition shows both its sides, each
extrapolated beyond its edge by its own time map.  OpenTimelineIO's flattening does not handle
clips that are nested, retimed or cut inside a dissolve (#353, #1464, #1947).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline
from dubsync.core.timeline.runs import Run, Shown, TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.timeline.layers import (
    EventPicture,
    Height,
    Layer,
    Over,
    cropped,
    mixed,
    stacked,
)
from dubsync.editorial.timeline.time_maps import grid, time_map
from dubsync.editorial.timeline.transitions import comes_from, is_black, sides, stands_alone

#: Kinds that are drawn over a picture: the picture below them counts.
OVERLAYS = frozenset({"title", "caption", "adjustment"})
CONTAINERS = frozenset({"compound", "multicam", "sync", "audition"})
EMPTY = "nothing on any track"
_PICTURE = re.compile(r"V(-?\d*)")


def resolve(cut: ProbedCut, timeline: str = "") -> tuple[Run, ...]:
    """What every record frame of a timeline shows, in record order.

    The runs abut and cover the timeline from its first frame to its last.  An event that begins
    between frames is visible from the next whole frame.

    Args:
        timeline: name of the timeline; "": the only one with record time.

    Raises:
        TurnoverError: no such timeline, several to choose from, or one without a frame rate.
    """
    chosen = timeline_called(cut, timeline)
    assert chosen.rate is not None
    layers = _program(nested(cut, chosen))
    start, stop = _extent(chosen, layers)
    return tuple(_runs(cut, layers, start, stop, chosen.rate))


def timeline_called(cut: ProbedCut, name: str = "") -> ProbedTimeline:
    """The timeline called `name`, or the only one.

    Raises:
        TurnoverError: none, several, or one without a frame rate.
    """
    if not cut.timelines:
        raise TurnoverError(f"{_file(cut)} has no timeline", hint="export the sequence")
    if name:
        result = [t for t in cut.timelines if t.name == name]
    else:
        played = {e.timeline for e in cut.events if e.record is not None}
        result = [t for t in cut.timelines if t.name in played and t.rate is not None]
        result = (
            result or [t for t in cut.timelines if t.rate is not None] or list(cut.timelines[:1])
        )
    names = [t.name for t in cut.timelines]
    if not result:
        near = get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"it has {_listed(names)}"
        raise TurnoverError(f"{_file(cut)} has no timeline called {name!r}", hint=hint)
    if len(result) > 1:
        if len({t.name for t in result}) == 1:
            message = f"{_file(cut)} has {len(result)} timelines called {result[0].name!r}"
            raise TurnoverError(message, hint="give each a name of its own, and export again")
        raise TurnoverError(
            f"{_file(cut)} has {len(result)} timelines: {_listed([t.name for t in result])}",
            hint=f'choose one: timeline = "{result[0].name}" under [project] in dubsync.toml, '
            "or --timeline",
        )
    if result[0].rate is None:
        raise TurnoverError(
            f"{_file(cut)}: {result[0].name!r} states no frame rate",
            hint="give the rate, as 24000/1001 or 25; a bin cannot be used, for its clips have no "
            "record time",
        )
    return result[0]


def _file(cut: ProbedCut) -> str:
    return cut.path.rsplit("/", 1)[-1] or "the file"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(repr(name[:60]) for name in names[:10]) + more


@dataclass(slots=True)
class Node:
    """A picture event on whole record frames, with the events nested in it."""

    index: int
    event: ProbedEvent
    track: str
    start: int
    stop: int
    children: list[Node] = field(default_factory=list)
    program: list[Layer] | None = None

    @property
    def pictured(self) -> bool:
        """Whether it is on a picture track."""
        return _is_picture(self.track) and self.event.kind != "audio"

    @property
    def holds(self) -> bool:
        """Whether its contents replace it."""
        return self.event.kind in CONTAINERS and bool(self.children)


def nested(cut: ProbedCut, timeline: ProbedTimeline) -> list[Node]:
    """The events of the top-level tracks, each with its contents; these follow it in the file."""
    tops: list[Node] = []
    latest: dict[str, Node] = {}
    for index, event in enumerate(cut.events):
        if event.timeline != timeline.name or event.record is None:
            continue
        track = next((t for t in event.tracks if _is_picture(t)), "")
        record = event.record
        if record.start is None or record.stop is None:
            continue
        if not track or event.kind == "audio":
            track = event.tracks[0] if event.tracks else ""
            if "/" not in track:
                continue
        node = Node(index, event, track, grid(record.start), grid(record.stop))
        latest[track] = node
        outer = latest.get(track.rpartition("/")[0])
        contained = outer is not None and outer.start < node.stop and node.start < outer.stop
        (outer.children if outer and contained else tops).append(node)
    return tops


def _is_picture(track: str) -> bool:
    return _PICTURE.fullmatch(track.rpartition("/")[2]) is not None


def track_order(track: str) -> tuple[int, ...]:
    """Sort key of track labels: "V-1" below "V1", "V2" below "V10", "V1" below "V1/V1"."""
    return tuple(int(n) for n in re.findall(r"-?\d{1,9}", track))


def _program(nodes: Sequence[Node]) -> list[Layer]:
    """What a stack of tracks shows."""
    by_track: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.pictured:
            by_track[node.track].append(node)
    layers: list[tuple[Height, Layer]] = []
    for number, track in enumerate(sorted(by_track, key=track_order)):
        layers += _track_layers(by_track[track], number)
    return stacked((height, layer) for height, layer in layers if layer.stop > layer.start)


def _track_layers(nodes: Sequence[Node], track: int) -> Iterable[tuple[Height, Layer]]:
    """The layers of one track; a later clip covers an earlier one."""
    clips = sorted(
        (n for n in nodes if not stands_alone(n.event)), key=lambda n: (n.start, n.index)
    )
    backgrounds: dict[str, int] = defaultdict(lambda: -1)
    for node in clips:
        keyed = node.event.kind == "key" and backgrounds[node.event.number] == node.start
        backgrounds[node.event.number] = node.start
        for sub, layer in _own(node, node.start, node.stop):
            over: Over = "key" if keyed and layer.over == "covers" else layer.over
            yield (track, int(keyed), node.index, sub), replace(layer, over=over)
    starts = [node.start for node in clips]
    end = max((node.stop for node in clips), default=0)
    joined = [
        (n.index, n.start, n.stop, *sides(clips, starts, n.start, n.stop))
        for n in nodes
        if stands_alone(n.event) and n.event.enabled
    ]
    joined += [
        (y.index, y.start, min(y.start + (y.event.transition or 0), y.stop), x, y)
        for x, y in zip(clips, clips[1:], strict=False)
        if _comes_from(x, y)
    ]
    for index, start, stop, x, y in joined:
        if x is None and y is None:
            continue
        start, stop = max(start, starts[0]), min(stop, end)  # limited to the extent of its track
        for layer in mixed(_side(x, start, stop), _side(y, start, stop), start, stop):
            yield (track, 2, index, 0), layer


def _comes_from(x: Node, y: Node) -> bool:
    """Whether the event y comes in from x by a transition of its own, as in CMX3600."""
    event = y.event
    if event.kind not in ("dissolve", "wipe") or not event.transition or stands_alone(event):
        return False
    return comes_from(event, x.event) and x.stop == y.start and event.enabled


def _side(node: Node | None, start: int, stop: int) -> list[Layer]:
    """The layers of one side of a transition, extrapolated over all of it."""
    if node is None:
        return []
    return stacked(((0, 0, 0, sub), layer) for sub, layer in _own(node, start, stop))


def _own(node: Node, start: int, stop: int) -> Iterable[tuple[int, Layer]]:
    """(level, layer) of what a node shows in `start`..`stop`, lowest first."""
    event = node.event
    if stop <= start:
        return
    if not event.enabled:
        yield 0, Layer(start, stop, (), "switched off", "clear")
        return
    if node.children and node.program is None:
        node.program = _program(node.children)
    inside = cropped(node.program or [], max(start, node.start), min(stop, node.stop))
    for layer in inside:
        yield 1, layer
    if node.holds:  # the file lists nothing beyond its edges
        itself = (EventPicture(node.index, None),)
        for first, last in ((start, min(node.start, stop)), (max(node.stop, start), stop)):
            if last > first:
                yield 0, Layer(first, last, itself)
    elif event.kind == "gap":
        yield 0, Layer(start, stop, (), "gap", "clear")
    elif is_black(event):
        yield 0, Layer(start, stop, (), "black")
    else:
        over: Over = "words" if event.kind in OVERLAYS else "covers"
        yield 0, Layer(start, stop, (EventPicture(node.index, time_map(event)),), over=over)


def _extent(timeline: ProbedTimeline, layers: Sequence[Layer]) -> tuple[int, int]:
    """First and past-the-last frame of a timeline, as stated or as its layers need."""
    starts = [layers[0].start] if layers else []
    stops = [layers[-1].stop] if layers else []
    if timeline.start is not None:
        starts.append(floor(timeline.start))
        stops.append(ceil(timeline.start + (timeline.length or Fraction(0))))
    return (min(starts), max(stops)) if starts else (0, 0)


def _runs(
    cut: ProbedCut, layers: Sequence[Layer], start: int, stop: int, rate: Fraction
) -> Iterable[Run]:
    at = start
    for layer in layers:
        if layer.start > at:
            yield Run(FrameRange(at, layer.start, rate), (), EMPTY)
        record = FrameRange(layer.start, layer.stop, rate)
        shown = tuple(_shown(cut, picture, record) for picture in layer.shown)
        yield Run(record, shown, "" if shown else layer.nothing or EMPTY)
        at = layer.stop
    if stop > at:
        yield Run(FrameRange(at, stop, rate), (), EMPTY)


def _shown(cut: ProbedCut, picture: EventPicture, record: FrameRange) -> Shown:
    source = cut.events[picture.event].source
    map_: TimeMap | None = picture.map
    if map_ is None or source is None:
        return Shown(picture.event)
    part = map_.slice(Fraction(record.start), Fraction(record.stop))
    return Shown(picture.event, part, source.rate)
