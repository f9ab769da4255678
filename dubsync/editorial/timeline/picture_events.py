"""Builds a Cut from the picture events of a probed timeline, for every format."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TurnoverError
from dubsync.core.shot import Cut, Event, ProjectWarning, playing
from dubsync.core.timeline.losses import ASSUMED, BLOCKS, LOST, QUIET, REFUSES, WARNS, Loss
from dubsync.core.timeline.probed import (
    ClipIdentity,
    ProbedCut,
    ProbedEvent,
    ProbedRange,
    ProbedTimeline,
)
from dubsync.core.timeline.runs import Run, TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.overlaps import Mixes, overlap_warnings
from dubsync.editorial.timeline.resolve import Node, nested, resolve, timeline_called
from dubsync.editorial.timeline.shot_names import shot_name, unique_names
from dubsync.editorial.timeline.time_maps import time_map
from dubsync.editorial.timeline.transitions import is_black, stands_alone

_TO_NOTHING = frozenset({"dissolve", "wipe", "key"})
#: Source frames; a smaller offset from a whole frame is rounding of the file.
NEAR = Fraction(1, 50)
#: Kinds of events without a plate: overlays, gaps and sound.
NO_SHOT = frozenset({"gap", "black", "title", "caption", "generator", "adjustment", "audio"})

#: Title of the format that prints source timecode without saying at which rate it counts.
PRINTED = "CMX3600"

#: Words of losses that do not affect the picture's time, or that have their own warning.
_ELSEWHERE = ("marker", "locator", "alternative", "between frames")


def cut_from(probed: ProbedCut, timeline: str = "") -> Cut:
    """The picture events of one timeline, and warnings about everything inexact in them.

    Raises:
        TurnoverError: as `resolve`; or there is no picture event.
    """
    chosen = timeline_called(probed, timeline)
    assert chosen.rate is not None
    where = probed.path.rsplit("/", 1)[-1] or "the timeline"
    losses = _losses_of(probed, chosen)
    _refuse(losses, where)
    nodes = list(_flat(nested(probed, chosen)))
    clips = sorted(
        (n for n in nodes if _is_shot(n) and n.stop > n.start), key=lambda n: (n.start, n.index)
    )
    if not clips:
        raise _no_picture(where, losses, listed=bool(nodes or probed.events))
    seen = _seen(resolve(probed, chosen.name))
    blocked = {loss.where for loss in losses if loss.turnover == BLOCKS}
    made = [_event(node, chosen.rate, seen.get(node.index), blocked) for node in clips]
    names = unique_names(event.name for event, _ in made)
    events = tuple(replace(event, name=n) for (event, _), n in zip(made, names, strict=True))
    if probed.format.startswith(PRINTED):
        events = tuple(
            replace(event, printed=drops(node.event))
            for event, node in zip(events, clips, strict=True)
        )
    warnings = [
        replace(warning, about=event.name)
        for event, (_, result) in zip(events, made, strict=True)
        for warning in result
    ]
    warnings += overlap_warnings(events, _mixes(nodes))
    warnings += _loss_warnings(losses, events, where)
    name = chosen.name if chosen.name != "untitled" else where.rsplit(".", 1)[0]
    return Cut(name, probed.path, chosen.rate, chosen.drop, events, tuple(warnings), probed)


def drops(event: ProbedEvent) -> bool:
    """Whether an event's source is counted as drop-frame."""
    return event.source is not None and any(mark in event.source.text[0] for mark in ";,")


def event_keys(cut: Cut) -> dict[str, tuple[str | int, ...]]:
    """Event name -> the keys that lead to its clip in the JSON document the cut was read from."""
    listed = cut.probed.events if cut.probed else ()
    keys = {e.where: e.identity.keys for e in listed if e.identity and e.kind not in NO_SHOT}
    return {event.name: keys[event.where] for event in cut.events if event.where in keys}


def _losses_of(probed: ProbedCut, chosen: ProbedTimeline) -> list[Loss]:
    """The losses of a file, except those of its other timelines."""
    others = {t.name for t in probed.timelines} - {chosen.name}
    elsewhere = others | {e.where for e in probed.events if e.timeline in others}
    here = {e.where for e in probed.events if e.timeline == chosen.name}
    return [loss for loss in probed.losses if loss.where in here or loss.where not in elsewhere]


def _refuse(losses: Iterable[Loss], where: str) -> None:
    for loss in losses:
        if loss.turnover == REFUSES:
            place = where if loss.where == where else f"{where}, {loss.where}"
            raise TurnoverError(f"{place}: {loss.what}", hint=loss.hint)


def _no_picture(where: str, losses: Iterable[Loss], *, listed: bool) -> TurnoverError:
    """The error for a cut without picture: an event that cannot be read, else an empty track."""
    for loss in losses:
        if loss.turnover == BLOCKS:
            message = f"{where} has no picture event that can be read: {loss.where}: {loss.what}"
            return TurnoverError(message, hint=loss.hint)
    why = ": all its events are sound, black or generators" if listed else ""
    return TurnoverError(f"{where} has no picture event{why}", hint="is its video track empty?")


def _flat(nodes: Iterable[Node]) -> Iterable[Node]:
    for node in nodes:
        yield node
        yield from _flat(node.children)


def _is_shot(node: Node) -> bool:
    """Whether a node is a picture clip; a compound is one if its contents are not listed."""
    event = node.event
    if not node.pictured or node.holds or event.kind in NO_SHOT or stands_alone(event):
        return False
    # A CMX3600 event that is a transition to black or to a generator is not a clip.
    return not (is_black(event) or (event.kind in _TO_NOTHING and event.source is None))


def _seen(runs: Sequence[Run]) -> dict[int, tuple[int, int]]:
    """Event -> the first and past-the-last record frame at which any of it is visible."""
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
    node: Node, rate: Fraction, seen: tuple[int, int] | None, blocked: Container[str]
) -> tuple[Event, tuple[ProjectWarning, ...]]:
    """The Event of a node, and the warnings about it.

    Args:
        blocked: places in the file that already have a blocking warning.
    """
    probed = node.event
    record = FrameRange(node.start, node.stop, rate)
    time = time_map(probed)
    source, warnings = _source(probed, record, time, blocked)
    speed = Fraction(1)
    if time is not None and source is not None and time.steady is not None:
        speed = time.steady
        if _alike(time.slice(*_edges(record)), playing(record, source, speed)):
            time = None
    if probed.record is not None and not probed.record.whole:
        message = f"begins or ends between frames at {rate} fps; taken as {node.start}..{node.stop}"
        warnings.append(_mild(probed, message, "check that every clip is at the timeline's rate"))
    if probed.speed is not None and probed.speed < 0 and probed.identity is None:
        message = "runs backwards; systems differ on which end its source range names"
        warnings.append(_mild(probed, message, "check its first and last frame"))
    first, last = seen or (node.start, node.stop)
    identity = probed.identity or _identity(probed, node.track)
    event = Event(
        number=probed.number,
        name=identity.shot,
        clip=identity.clip,
        reel=identity.reel,
        media=identity.media,
        record=record,
        source=source,
        speed=speed,
        track=node.track,
        enabled=probed.enabled,
        where=_where(probed),
        available=_whole(identity.available),
        time=time,
        overlap=(max(0, node.start - first), max(0, last - node.stop)),
    )
    return event, tuple(warnings)


def _identity(probed: ProbedEvent, track: str) -> ClipIdentity:
    return ClipIdentity(
        shot=shot_name(probed.name, base_name(probed.media), f"{track}_{probed.number}"),
        clip=probed.name,
        media=probed.media,
        reel=probed.reel,
        available=probed.available,
    )


def _alike(a: TimeMap, b: TimeMap) -> bool:
    """Whether two maps of the same record frames differ by rounding only."""
    return all(abs(x[1] - y[1]) <= NEAR for x, y in zip(a.keyframes, b.keyframes, strict=True))


def _where(probed: ProbedEvent) -> str:
    """An event's place in the file, for messages; with its name, except in a list."""
    if probed.identity is not None:  # its place is a line of a list, or names its track
        return probed.where
    name = f" ({probed.name})" if probed.name else ""
    return f"{probed.where}{name}"


def _edges(record: FrameRange) -> tuple[Fraction, Fraction]:
    return Fraction(record.start), Fraction(record.stop)


def _source(
    probed: ProbedEvent, record: FrameRange, time: TimeMap | None, blocked: Container[str]
) -> tuple[FrameRange | None, list[ProjectWarning]]:
    """Source frames used over `record`, and the warnings about them."""
    listed = _whole(probed.source)
    if time is None:
        if listed is None or probed.speed is not None:
            return None, []  # turnover reports that there are no source frames
        if probed.where in blocked:
            return listed, []
        message = f"{_where(probed)}: the file does not state at what speed its frames play"
        hint = "bake the retime in, or export in a format that states speeds"
        return listed, [ProjectWarning("", message, hint, blocking=True)]
    assert probed.source is not None and probed.source.rate is not None
    if listed and probed.identity is not None and probed.record and probed.record.whole:
        return listed, []  # the list's own source out: systems disagree by a frame
    edges = [at for _, at in time.slice(*_edges(record)).keyframes]
    first, last = floor(min(edges) + NEAR), ceil(max(edges) - NEAR)
    warnings = []
    if time.steady is not None and time.steady > 0 and edges[0] - first > NEAR:
        message = f"starts {float(edges[0] - first):.3f} frames after source frame {first}"
        warnings.append(_mild(probed, message, "check its first frame"))
    return FrameRange(first, max(last, first + 1), probed.source.rate), warnings


def _whole(span: ProbedRange | None) -> FrameRange | None:
    """A range in whole frames; None if it has none."""
    if span is None or span.start is None or span.stop is None or span.rate is None:
        return None
    if not span.whole or span.stop <= span.start:
        return None
    return FrameRange(int(span.start), int(span.stop), span.rate)


def _mild(probed: ProbedEvent, message: str, hint: str) -> ProjectWarning:
    return ProjectWarning("", f"{_where(probed)}: {message}", hint)


def _loss_warnings(
    losses: Iterable[Loss], events: Sequence[Event], where: str
) -> list[ProjectWarning]:
    """Warnings for the losses that affect the picture's time: about one event or the whole cut."""
    places: dict[str, list[str]] = defaultdict(list)
    for event in events:
        places[event.where.partition(" (")[0]].append(event.name)
    warnings = []
    for loss in losses:
        about = places.get(loss.where, [])
        message, blocks = f"{loss.where}: {loss.what}", loss.turnover == BLOCKS
        if loss.turnover == QUIET:
            continue
        if not loss.turnover and any(word in loss.what for word in _ELSEWHERE):
            continue
        if len(about) == 1:
            warnings.append(ProjectWarning(about[0], message, loss.hint, blocks))
        elif loss.turnover in (WARNS, BLOCKS):
            warnings.append(ProjectWarning(loss.where, message, loss.hint, blocks))
        elif loss.kind == ASSUMED or (loss.kind == LOST and "contents" in loss.what):
            warnings.append(ProjectWarning(where, message, loss.hint))
    return warnings
