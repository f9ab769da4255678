"""Walks through the tracks of a timeline of MLT XML, and lists their clips in record frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial

from dubsync.core.errors import TimecodeError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, BLOCKS, LOST, ODD, REFUSES, WARNS
from dubsync.core.timeline.probed import ProbedEvent, ProbedRange, probed_range
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.mlt.document import Document, properties, tracks_of
from dubsync.editorial.mlt.fades import fades_of
from dubsync.editorial.mlt.items import (
    Mix,
    Placed,
    dissolves_in,
    placed_in,
)
from dubsync.editorial.mlt.labels import TrackOf, labelled
from dubsync.editorial.mlt.media import Played, frames_shown, played_by
from dubsync.editorial.mlt.time import frames_in
from dubsync.editorial.timeline.cut_builder import CutBuilder, Source

MOST_EVENTS = 200_000
#: Lower limits inside nests, whose events multiply.
MOST_NESTED = 20_000
DEEPEST = 12
_AGAIN = "check it in the editing system"
#: Filters of a clip that change when its picture is shown.
_RETIMING = ("freeze", "strobe", "loop")
#: Properties of the transitions that editing systems put on every track.
_OWN = ("internal_added", "always_active")


@dataclass(slots=True)
class MltBuilder(CutBuilder):
    """The cut read so far, and what the clips of the bin say of themselves, by Kdenlive's id."""

    document: Document
    bin: Mapping[str, Element] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """The context of a clip in the walk.

    shift   added to a position to get a record frame
    window  record frames that the nests around it show
    inside  track label of the nest; "" at the top level
    nests   the services around the clip, outermost first
    """

    timeline: str
    rate: Fraction
    drop: bool
    shift: int
    window: tuple[int, int] | None = None
    inside: str = ""
    enabled: bool = True
    nests: tuple[int, ...] = ()

    def record(self, start: int, stop: int) -> ProbedRange | None:
        """The record frames in which positions are visible; None if they are not."""
        low, high = start + self.shift, stop + self.shift
        if self.window:
            low, high = max(low, self.window[0]), min(high, self.window[1])
        if high <= low:
            return None
        return probed_range(Fraction(low), Fraction(high), self.rate, self.drop)


def list_tracks(tractor: Element, context: Context, builder: MltBuilder) -> int:
    """List every track of a tractor, of a playlist or of a single clip; return their number."""
    document = builder.document
    if tractor.tag in ("tractor", "multitrack"):
        tracks = labelled(tractor, document)
    else:
        tracks = [TrackOf("V1", tractor, False, True, "A1")]
    for track in tracks:
        label = f"{context.inside}/{track.label}" if context.inside else track.label
        sounds = f"{context.inside}/{track.sounds}" if context.inside else track.sounds
        on = replace(context, enabled=context.enabled and track.on)
        track = replace(track, label=label, sounds=sounds if track.sounds else "")
        _track(track, on, builder)
        if tractor.tag == "tractor":
            _across(tractor, track, on, builder)
    return len(tracks)


def _across(tractor: Element, track: TrackOf, context: Context, builder: MltBuilder) -> None:
    """List the dissolves of a tractor from a lower track into `track`, or out of it."""
    for element in dissolves_in(tractor, sound=track.sound):
        stated = properties(element)
        if stated.get("b_track") != str(track.number) or not stated.get("out"):
            continue
        rate = builder.document.rate
        mix = Mix(
            element, frames_in(stated.get("in", "0"), rate), frames_in(stated["out"], rate) + 1
        )
        _mixed(mix, track, context, builder)
        record = context.record(mix.start, mix.stop)
        if record is not None:
            _gap(record, track, context, element, builder)


def _track(track: TrackOf, context: Context, builder: MltBuilder) -> None:
    """List the clips of a track, then its transitions and fades."""
    document = builder.document
    lanes = [track.service]
    mixes: list[Mix] = []
    if track.service.tag == "tractor":
        playlists = [document.played(inner) for inner in tracks_of(track.service)]
        if len(playlists) > 2 or any(p is not None and p.tag != "playlist" for p in playlists):
            whole = Placed(track.service, track.service, 0, _stop(track.service, builder), 0)
            _clip(whole, track, context, builder)
            return
        lanes = [p for p in playlists if p is not None]
        for element in dissolves_in(track.service, sound=track.sound):
            stated = properties(element)
            low, last = (frames_in(stated.get(k, "0"), document.rate) for k in ("in", "out"))
            mixes.append(Mix(element, low, last + 1))
        _effects(track.service.all("filter"), (), builder)
    placed: list[Placed] = []
    for lane in lanes:
        found = placed_in(lane, document, partial(_unplaced, track=track, builder=builder))
        placed += found.clips
        mixes += found.mixes
        _effects(lane.all("filter"), (), builder)
    for clip in sorted(placed, key=lambda one: one.start):
        _clip(clip, track, context, builder)
    for mix in mixes:
        _mixed(mix, track, context, builder)


def _unplaced(entry: Element, why: str, *, track: TrackOf, builder: MltBuilder) -> None:
    what = f"{why}; everything after it on {track.label} would be early"
    turnover = "" if track.sound else REFUSES
    builder.lose(f"line {entry.line}", what, LOST, "save the project again", turnover)


def _stop(service: Element, builder: MltBuilder) -> int:
    text = service.get("out")
    return frames_in(text, builder.document.rate) + 1 if text else 0


def _clip(placed: Placed, track: TrackOf, context: Context, builder: MltBuilder) -> None:
    most = MOST_NESTED if context.nests else MOST_EVENTS
    if len(builder.events) > most:
        raise TurnoverError(
            f"more than {most} events", hint="break the nests apart, and save again"
        )
    record = context.record(placed.start, placed.stop)
    if record is None:
        return
    where, service = f"line {placed.entry.line}", placed.service
    if service is None:
        name = placed.entry.get("producer")
        what = f"an entry plays {name[:60]!r}, which the document does not have"
        builder.lose(where, what, ODD, _AGAIN, "" if track.sound else BLOCKS)
        return
    if service.tag not in ("producer", "chain"):
        _nest(placed, service, track, record, context, builder)
        return
    listed = _event(placed, service, track, record, context, builder)
    filters = [*placed.filters, *service.all("filter")]
    if listed:
        _fades(filters, placed, track, context, builder)
    fades = fades_of(filters, builder.document, sound=track.sound)
    _effects(filters, [fade.filter for fade in fades], builder, where)


def _event(
    placed: Placed, service: Element, track: TrackOf, record: ProbedRange, context: Context,
    builder: MltBuilder,
) -> bool:  # fmt: skip
    """List a clip; return whether it is one that is shown, or heard."""
    where, blocks = f"line {placed.entry.line}", "" if track.sound else BLOCKS
    id_ = _kdenlive_id(placed.entry, service)
    try:
        played = played_by(service, builder.document, builder.bin.get(id_))
        begun = int(record.start or 0) - placed.start - context.shift
        span = placed.low + begun, placed.low + begun + int(record.length or 0)
        source = frames_shown(played, span, record, context.rate)
    except TimecodeError as error:
        builder.lose(where, f"{error}; its source frames are unknown", ODD, _AGAIN, blocks)
        played = Played("media", "", "", Fraction(0), context.rate, None)
        source = Source(None, None)
    _doubts(played, source, where, blocks, builder)
    off = not played.picture and not played.sound
    event = ProbedEvent(
        (track.label,), played.name, _kind(played, track.sound), record, source.frames,
        reel=played.reel, speed=source.speed, media=played.path,
        number=str(len(builder.events) + 1), enabled=context.enabled and not off,
        timeline=context.timeline, where=where, available=source.available,
        keyframes=source.keyframes,
        remarks=_remarks(placed.entry, service),
    )  # fmt: skip
    shows = (played.sound if track.sound else played.picture) or off
    if shows:
        builder.events.append(event)
    if track.sounds and played.sound and played.kind == "media":
        number = str(len(builder.events) + 1)
        builder.events.append(replace(event, tracks=(track.sounds,), kind="audio", number=number))
    return shows


def _kdenlive_id(entry: Element, service: Element) -> str:
    for element in (entry, service):
        if id_ := properties(element).get("kdenlive:id"):
            return id_
    return ""


def _remarks(entry: Element, service: Element) -> tuple[str, ...]:
    stated = properties(service)
    words = stated.get("shotcut:comment"), stated.get("kdenlive:description")
    return tuple(filter(None, words))


def _kind(played: Played, sound: bool) -> str:
    kinds = {"colour": "generator", "unknown": "generator"}
    if played.kind == "media":
        return "audio" if sound else "cut"
    return kinds.get(played.kind, played.kind)


def _doubts(played: Played, source: Source, where: str, blocks: str, builder: MltBuilder) -> None:
    """Report what is not known of the time of a clip."""
    if played.unread:
        what = f"{played.name!r} has {played.unread}, which is not read"
        builder.lose(where, what, LOST, "bake the retime in", blocks)
    if played.curved and source.keyframes:
        what = f"the Time Remap of {played.name!r} has smooth keyframes; straight lines are read"
        builder.lose(where, what, APPROXIMATE, _AGAIN, WARNS if blocks else "")
    if source.frames is None and played.kind == "media" and played.speed < 0:
        what = f"{played.name!r} runs backwards, and the length of its file is not stated"
        builder.lose(where, what, ODD, "save the project again", blocks)


def _nest(
    placed: Placed, service: Element, track: TrackOf, record: ProbedRange, context: Context,
    builder: MltBuilder,
) -> None:  # fmt: skip
    """List a tractor or playlist on a track, and its contents, in record time."""
    where = f"line {placed.entry.line}"
    stated = properties(service)
    name = stated.get("kdenlive:clipname") or stated.get("title") or service.get("id")
    if id(service) in context.nests or len(context.nests) >= DEEPEST:
        what = f"{name!r} contains itself or is nested too deep; its contents are not listed"
        builder.lose(where, what, ODD)
        return
    number = str(len(builder.events) + 1)
    builder.events.append(
        ProbedEvent(
            (track.label,), name, "compound", record, None, number=number,
            enabled=context.enabled, timeline=context.timeline, where=where,
        )
    )  # fmt: skip
    assert record.start is not None and record.stop is not None
    inner = replace(
        context, shift=context.shift + placed.start - placed.low,
        window=(int(record.start), int(record.stop)), inside=track.label,
        nests=(*context.nests, id(service)),
    )  # fmt: skip
    first = len(builder.events)
    list_tracks(service, inner, builder)
    letter = "A" if track.sound else "V"
    builder.events[first:] = [
        e for e in builder.events[first:] if e.tracks[0].rsplit("/", 1)[-1].startswith(letter)
    ]


def _mixed(mix: Mix, track: TrackOf, context: Context, builder: MltBuilder) -> None:
    """List a transition between two clips of a track."""
    record = context.record(mix.start, mix.stop)
    if record is None:
        return
    stated = properties(mix.element)
    wipe = bool(stated.get("resource")) and not track.sound
    builder.events.append(
        ProbedEvent(
            (track.label,), stated.get("dubsync:name", ""), "wipe" if wipe else "dissolve", record,
            None, number=str(len(builder.events) + 1), enabled=context.enabled,
            transition=int(record.length or 0), timeline=context.timeline,
            where=f"line {mix.element.line}",
        )
    )  # fmt: skip


def _fades(
    filters: Sequence[Element], placed: Placed, track: TrackOf, context: Context,
    builder: MltBuilder,
) -> None:  # fmt: skip
    """List the fades of a clip as transitions, with a gap that keeps them off its neighbours."""
    for fade in fades_of(list(filters), builder.document, sound=track.sound):
        start = placed.start if fade.end == "in" else placed.stop - fade.length
        record = context.record(max(start, placed.start), min(start + fade.length, placed.stop))
        if record is None:
            continue
        event = ProbedEvent(
            (track.label,), properties(fade.filter).get("dubsync:name", ""), "dissolve", record,
            None, number=str(len(builder.events) + 1), enabled=context.enabled,
            transition=int(record.length or 0), timeline=context.timeline,
            where=f"line {fade.filter.line}",
        )  # fmt: skip
        builder.events.append(event)
        _gap(record, track, context, fade.filter, builder)


def _gap(
    record: ProbedRange, track: TrackOf, context: Context, element: Element, builder: MltBuilder
) -> None:
    """List the nothing that a fade comes from or goes to."""
    builder.events.append(
        ProbedEvent(
            (track.label,), "", "gap", record, None, number=str(len(builder.events) + 1),
            enabled=context.enabled, timeline=context.timeline, where=f"line {element.line}",
        )
    )  # fmt: skip


def _effects(
    filters: Sequence[Element], known: Sequence[Element], builder: MltBuilder, where: str = ""
) -> None:
    """Count the filters that are effects; report those that change the time of a clip."""
    for element in filters:
        stated = properties(element)
        if any(element is one for one in known) or any(stated.get(own) for own in _OWN):
            continue
        if stated.get("disable") == "1":
            continue
        name = stated.get("kdenlive_id") or stated.get("shotcut:filter") \
            or stated.get("mlt_service", "")  # fmt: skip
        builder.effects[name[:60]] += 1
        if where and name in _RETIMING:
            what = f"effect {name!r} changes the time of its clip, and is not read"
            builder.lose(where, what, LOST, "bake the effect in", WARNS)
