"""The picture events of any probed timeline as a Cut: what FCP7 XML, FCPXML and AAF hand over."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TurnoverError
from dubsync.core.shot import Cut, Event, ProjectWarning, playing
from dubsync.core.timeline.losses import ASSUMED, LOST, Loss
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedRange
from dubsync.core.timeline.runs import Run, TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.overlaps import Mixes, overlap_warnings
from dubsync.editorial.timeline.resolve import Node, nested, resolve, timeline_called
from dubsync.editorial.timeline.shot_names import shot_name, unique_names
from dubsync.editorial.timeline.time_maps import time_map
from dubsync.editorial.timeline.transitions import stands_alone

#: Off a source frame by less than this is how the file rounds.
NEAR = Fraction(1, 50)
#: What is laid over a picture, or is none, and has no plate.
NO_SHOT = frozenset({"gap", "black", "title", "caption", "generator", "adjustment", "audio"})

#: Losses that bear on no picture's time, or are doubted with their event already.
_ELSEWHERE = ("marker", "locator", "alternative", "between frames")


def cut_from(probed: ProbedCut, timeline: str = "") -> Cut:
    """The picture events of one timeline, and warnings about all that is not exact in them.

    Raises:
        TurnoverError: as `resolve`, or no picture event in it.
    """
    chosen = timeline_called(probed, timeline)
    assert chosen.rate is not None
    nodes = list(_flat(nested(probed, chosen)))
    clips = sorted(
        (n for n in nodes if _is_shot(n) and n.stop > n.start), key=lambda n: (n.start, n.index)
    )
    where = probed.path.rsplit("/", 1)[-1]
    if not clips:
        raise TurnoverError(f"{where} has no picture event", hint="is its video track empty?")
    seen = _seen(resolve(probed, chosen.name))
    made = [_event(node, chosen.rate, seen.get(node.index)) for node in clips]
    names = unique_names(event.name for event, _ in made)
    events = tuple(replace(event, name=n) for (event, _), n in zip(made, names, strict=True))
    warnings = [
        replace(warning, about=event.name)
        for event, (_, result) in zip(events, made, strict=True)
        for warning in result
    ]
    warnings += overlap_warnings(events, _mixes(nodes))
    warnings += _told(probed.losses, events, where)
    name = chosen.name if chosen.name != "untitled" else where.rsplit(".", 1)[0]
    return Cut(name, probed.path, chosen.rate, chosen.drop, events, tuple(warnings))


def _flat(nodes: Iterable[Node]) -> Iterable[Node]:
    for node in nodes:
        yield node
        yield from _flat(node.children)


def _is_shot(node: Node) -> bool:
    """Whether a node is a clip of the picture; a compound is, where its contents are not told."""
    event = node.event
    return node.pictured and not (node.holds or event.kind in NO_SHOT or stands_alone(event))


def _seen(runs: Sequence[Run]) -> dict[int, tuple[int, int]]:
    """Event -> the first and past-the-last record frame at which any of it shows."""
    result: dict[int, tuple[int, int]] = {}
    for run in runs:
        for shown in run.shown:
            first, last = result.get(shown.event, (run.record.start, run.record.stop))
            result[shown.event] = min(first, run.record.start), max(last, run.record.stop)
    return result


def _mixes(nodes: Sequence[Node]) -> Mixes:
    mixes: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for node in nodes:
        if stands_alone(node.event):
            mixes[node.track].append((node.start, node.stop))
    return mixes


def _event(
    node: Node, rate: Fraction, seen: tuple[int, int] | None
) -> tuple[Event, tuple[ProjectWarning, ...]]:
    """The Event of a node, and what is doubtful about it."""
    probed = node.event
    record = FrameRange(node.start, node.stop, rate)
    time = time_map(probed)
    source, warnings = _source(probed, record, time)
    speed = Fraction(1)
    if time is not None and source is not None and time.steady is not None:
        speed = time.steady
        if _alike(time.slice(*_edges(record)), playing(record, source, speed)):
            time = None
    if probed.record is not None and not probed.record.whole:
        message = f"begins or ends between frames at {rate} fps; taken as {node.start}..{node.stop}"
        warnings.append(_mild(probed, message, "is every clip at the timeline's rate?"))
    if probed.speed is not None and probed.speed < 0:
        message = "runs backwards; systems differ on which end its source range names"
        warnings.append(_mild(probed, message, "check its first and last frame"))
    first, last = seen or (node.start, node.stop)
    event = Event(
        number=probed.number,
        name=shot_name(probed.name, base_name(probed.media), f"{node.track}_{probed.number}"),
        clip=probed.name,
        reel=probed.reel,
        media=probed.media,
        record=record,
        source=source,
        speed=speed,
        track=node.track,
        enabled=probed.enabled,
        where=_where(probed),
        available=_whole(probed.available),
        time=time,
        overlap=(max(0, node.start - first), max(0, last - node.stop)),
    )
    return event, tuple(warnings)


def _alike(a: TimeMap, b: TimeMap) -> bool:
    """Whether two maps of the same record frames differ by no more than their file's rounding."""
    return all(abs(x[1] - y[1]) <= NEAR for x, y in zip(a.keyframes, b.keyframes, strict=True))


def _where(probed: ProbedEvent) -> str:
    name = f" ({probed.name})" if probed.name else ""
    return f"{probed.where}{name}"


def _edges(record: FrameRange) -> tuple[Fraction, Fraction]:
    return Fraction(record.start), Fraction(record.stop)


def _source(
    probed: ProbedEvent, record: FrameRange, time: TimeMap | None
) -> tuple[FrameRange | None, list[ProjectWarning]]:
    """Source frames used over `record`, and the warnings about them."""
    if time is None:
        listed = _whole(probed.source)
        if listed is None or probed.speed is not None:
            return None, []  # turnover says that no frames are named
        message = f"{_where(probed)}: nobody says at what speed its source frames are played"
        hint = "bake the retime in, or export in a format that carries it"
        return listed, [ProjectWarning("", message, hint, blocking=True)]
    assert probed.source is not None and probed.source.rate is not None
    edges = [at for _, at in time.slice(*_edges(record)).keyframes]
    first, last = floor(min(edges) + NEAR), ceil(max(edges) - NEAR)
    warnings = []
    if time.steady is not None and time.steady > 0 and edges[0] - first > NEAR:
        message = f"starts {float(edges[0] - first):.3f} into source frame {first}"
        warnings.append(_mild(probed, message, "check its first frame"))
    return FrameRange(first, max(last, first + 1), probed.source.rate), warnings


def _whole(span: ProbedRange | None) -> FrameRange | None:
    """A stretch as whole frames; None where it is not any."""
    if span is None or span.start is None or span.stop is None or span.rate is None:
        return None
    if not span.whole or span.stop <= span.start:
        return None
    return FrameRange(int(span.start), int(span.stop), span.rate)


def _mild(probed: ProbedEvent, message: str, hint: str) -> ProjectWarning:
    return ProjectWarning("", f"{_where(probed)}: {message}", hint)


def _told(losses: Iterable[Loss], events: Sequence[Event], where: str) -> list[ProjectWarning]:
    """Warnings of the losses that bear on the picture's time: about one event, or the whole cut."""
    places: dict[str, list[str]] = defaultdict(list)
    for event in events:
        places[event.where.partition(" (")[0]].append(event.name)
    warnings = []
    for loss in losses:
        about = places.get(loss.where, [])
        if any(word in loss.what for word in _ELSEWHERE):
            continue
        if len(about) == 1:
            warnings.append(ProjectWarning(about[0], f"{loss.where}: {loss.what}", loss.hint))
        elif loss.kind == ASSUMED or (loss.kind == LOST and "contents" in loss.what):
            warnings.append(ProjectWarning(where, f"{loss.where}: {loss.what}", loss.hint))
    return warnings
