"""Writes the tracks of MLT XML: playlists of entries and blanks, mixes and fades.

Kdenlive has two playlists in each track, and a mix is a transition between them.  In Shotcut a mix
is an entry of its own, a tractor of the end of one clip and the begin of the next.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.timeline.losses import APPROXIMATE
from dubsync.editorial.files.xml_out import Node
from dubsync.editorial.mlt.media import NAME
from dubsync.editorial.mlt.write_media import Playing, ProducerTable, prop
from dubsync.editorial.timeline.media_paths import path_text
from dubsync.editorial.tracks.layout import Clip, LaidOutTrack, TrackTransition, centred

#: Heights of tracks in Kdenlive's window, in its pixels.
_HEIGHT = 67


@dataclass(frozen=True, slots=True)
class WriteContext:
    """The first and past-the-last record frame of a tractor, the producers, and its nests."""

    table: ProducerTable
    zero: Fraction
    end: Fraction
    nest: Callable[[Clip, LaidOutTrack], str]

    def at(self, record: Fraction) -> int:
        """A record frame as a position of the tractor."""
        return round(record - self.zero)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A clip over the record frames that show it, and the transitions at its ends."""

    clip: Clip
    start: Fraction
    stop: Fraction
    playing: Playing
    head: TrackTransition | None
    tail: TrackTransition | None


def kdenlive_track(track: LaidOutTrack, name: str, context: WriteContext) -> str:
    """Write a track of Kdenlive: a tractor of two playlists; return its id."""
    track, table = centred(track), context.table
    lanes: tuple[list[_Shown], list[_Shown]] = ([], [])
    mixes: list[Node] = []
    lane = 0
    for shown in _shown(track, context):
        joined = shown.head is not None and track.sides(shown.head)[0] is not None
        if joined:
            assert shown.head is not None
            mixes.append(_kdenlive_mix(shown.head, track.sound, lane == 1, context))
        lane = 1 - lane if joined else 0  # Kdenlive keeps all others in the first
        lanes[lane].append(shown)
    hide = "video" if track.sound else "audio"
    tractor = Node("tractor", {"id": table.new_id("tractor"), "in": "0",
                               "out": str(context.at(context.end) - 1)})  # fmt: skip
    tractor.add(prop("kdenlive:audio_track", 1) if track.sound else None)
    tractor.add(prop("kdenlive:trackheight", _HEIGHT), prop("kdenlive:timeline_active", 1))
    tractor.add(prop("kdenlive:collapsed", 0), prop("kdenlive:track_name", name))
    for clips in lanes:
        playlist = Node("playlist", {"id": table.new_id("playlist")})
        playlist.add(prop("kdenlive:audio_track", 1) if track.sound else None)
        at = context.zero
        for shown in clips:
            playlist.add(*_blank(at, shown.start, context))
            playlist.add(_entry(shown, shown.start, shown.stop, track, context))
            at = shown.stop
        table.nodes.append(playlist)
        tractor.add(Node("track", {"hide": hide, "producer": playlist.attributes["id"]}))
    table.nodes.append(tractor.add(*mixes))
    return tractor.attributes["id"]


def plain_track(track: LaidOutTrack, name: str, context: WriteContext) -> str:
    """Write a track as Shotcut does: one playlist; return its id."""
    track, table = centred(track), context.table
    playlist = Node("playlist", {"id": table.new_id("playlist")})
    playlist.add(prop(f"shotcut:{'audio' if track.sound else 'video'}", 1))
    playlist.add(prop("shotcut:name", name))
    at, before = context.zero, None
    for shown in _shown(track, context):
        start, stop = shown.start, shown.stop
        if before is not None and shown.head is not None and shown.head == before.tail:
            playlist.add(_plain_mix(before, shown, track, context))
            start = at = shown.head.stop
        if shown.tail is not None and all(track.sides(shown.tail)):
            stop = shown.tail.start
        playlist.add(*_blank(at, start, context))
        if stop > start:
            playlist.add(_entry(shown, start, stop, track, context))
        at, before = stop, shown
    table.nodes.append(playlist)
    return playlist.attributes["id"]


def _shown(track: LaidOutTrack, context: WriteContext) -> list[_Shown]:
    """The clips of a track that MLT can hold, in order of time."""
    result = []
    for clip in track.clips:
        start, stop = track.record_range(clip)
        if clip.inside:
            if clip.kind != "compound":
                what = f"{clip.kind} {clip.name!r} is written as a nest"
                context.table.layout.lose(clip.where, what, APPROXIMATE)
            playing = Playing(context.nest(clip, track), 0, 0)
        elif clip.media is None and clip.kind not in ("title", "caption", "generator"):
            what = f"{clip.kind} {clip.name!r} is not written"
            context.table.layout.lose(clip.where, what)
            continue
        elif clip.channel:
            what = f"{clip.name!r} plays all channels of its file on one track"
            context.table.layout.lose(clip.where, what, APPROXIMATE)
            continue
        else:
            playing = context.table.play(clip, track)
        ends = track.transition_at(clip.start), track.transition_at(clip.stop)
        result.append(_Shown(clip, start, stop, playing, *ends))
    return result


def _blank(at: Fraction, until: Fraction, context: WriteContext) -> list[Node]:
    length = context.at(until) - context.at(at)
    return [Node("blank", {"length": str(length)})] if length > 0 else []


def _entry(
    shown: _Shown, start: Fraction, stop: Fraction, track: LaidOutTrack, context: WriteContext
) -> Node:
    """The entry of a clip over record frames `start`..`stop`, with its fades."""
    low = shown.playing.low + round(start - shown.start)
    last = low + max(round(stop - start), 1) - 1
    node = Node("entry", {"producer": shown.playing.producer, "in": str(low), "out": str(last)})
    if context.table.kdenlive:
        node.add(prop("kdenlive:id", shown.playing.kdenlive_id))
    for transition, end in ((shown.head, "in"), (shown.tail, "out")):
        if transition is not None and not all(track.sides(transition)):
            node.add(_fade(transition, end, low, last, track, context))
    return node


def _fade(
    transition: TrackTransition, end: str, low: int, last: int, track: LaidOutTrack,
    context: WriteContext,
) -> Node:  # fmt: skip
    """A fade from or to nothing, as a filter on a clip whose entry plays `low`..`last`."""
    length = round(transition.stop - transition.start)
    values = ("-60", "0") if track.sound else ("0", "1")
    first = low if end == "in" else last - length + 1
    keys = f"0={values[end == 'out']};{length}={values[end == 'in']}"
    node = Node("filter", {"in": str(first), "out": str(first + length - 1)})
    node.add(prop("mlt_service", "volume" if track.sound else "brightness"))
    if track.sound:
        node.add(
            prop("level", keys), prop("gain", int(end == "out")), prop("end", int(end == "in"))
        )
        names = {"in": ("fadein", "fadeInVolume"), "out": ("fadeout", "fadeOutVolume")}
    else:
        node.add(prop("level", 1), prop("alpha", keys))
        names = {"in": ("fade_from_black", "fadeInBrightness"),
                 "out": ("fade_to_black", "fadeOutBrightness")}  # fmt: skip
    node.add(prop("kdenlive_id", names[end][0]) if context.table.kdenlive
             else prop("shotcut:filter", names[end][1]))  # fmt: skip
    _report_look(transition, track, context)
    return node.add(prop(NAME, path_text(transition.name)) if transition.name else None)


def _report_look(transition: TrackTransition, track: LaidOutTrack, context: WriteContext) -> None:
    if transition.kind != "dissolve" and not track.sound:
        what = f"{transition.kind} {transition.name!r} is written as a dissolve"
        context.table.layout.lose(f"record frame {transition.start}", what, APPROXIMATE)


def _kdenlive_mix(
    transition: TrackTransition, sound: bool, reverse: bool, context: WriteContext
) -> Node:
    """A mix between the two playlists of a track, from the second to the first if `reverse`."""
    start, stop = context.at(transition.start), context.at(transition.stop)
    node = Node("transition", {"id": context.table.new_id("transition"), "in": str(start),
                               "out": str(stop - 1)})  # fmt: skip
    service = "mix" if sound else "luma"
    node.add(prop("a_track", 0), prop("b_track", 1), prop("mlt_service", service))
    node.add(prop("kdenlive_id", service))
    if sound:
        node.add(prop("start", -1), prop("accepts_blanks", 1))
    node.add(prop("reverse", int(reverse)))
    node.add(prop("kdenlive:mixcut", stop - context.at(transition.cut)))
    node.add(prop(NAME, path_text(transition.name)) if transition.name else None)
    if transition.kind != "dissolve" and not sound:
        what = f"{transition.kind} {transition.name!r} is written as a dissolve"
        context.table.layout.lose(f"record frame {transition.start}", what, APPROXIMATE)
    return node


def _plain_mix(before: _Shown, after: _Shown, track: LaidOutTrack, context: WriteContext) -> Node:
    """The entry of a mix between two clips, as Shotcut writes it."""
    transition = after.head
    assert transition is not None
    table, length = context.table, round(transition.stop - transition.start)
    tractor = Node("tractor", {"id": table.new_id("tractor"), "in": "0", "out": str(length - 1)})
    tractor.add(prop("shotcut:transition", "lumaMix"))
    for shown in (before, after):
        low = shown.playing.low + round(transition.start - shown.start)
        span = {"in": str(low), "out": str(low + length - 1)}
        tractor.add(Node("track", {"producer": shown.playing.producer, **span}))
    for service in ("luma", "mix"):
        node = Node("transition", {"id": table.new_id("transition"), "in": "0",
                                   "out": str(length - 1)})  # fmt: skip
        node.add(prop("a_track", 0), prop("b_track", 1), prop("mlt_service", service))
        if service == "mix":
            node.add(prop("start", -1), prop("accepts_blanks", 1))
        node.add(prop(NAME, path_text(transition.name)) if transition.name else None)
        tractor.add(node)
    _report_look(transition, track, context)
    table.nodes.append(tractor)
    span = {"in": "0", "out": str(length - 1)}
    return Node("entry", {"producer": tractor.attributes["id"], **span})


def unnested(tracks: Sequence[LaidOutTrack], context_of: ProducerTable) -> list[LaidOutTrack]:
    """The tracks with the contents of nests in their place, which Kdenlive does not have.

    The lowest picture track of a nest takes its place; its others become tracks above.
    """
    result: list[LaidOutTrack] = []
    for track in tracks:
        clips: list[Clip] = []
        transitions = list(track.transitions)
        above: list[LaidOutTrack] = []
        for clip in track.clips:
            if not clip.inside:
                clips.append(clip)
                continue
            what = f"nest {clip.name!r} is broken apart"
            context_of.layout.lose(clip.where, what, APPROXIMATE)
            inner = unnested([t for t in clip.inside if t.sound == track.sound], context_of)
            for n, one in enumerate(inner):
                cut = _within(one, clip)
                if n == 0:
                    clips += cut.clips
                    transitions += cut.transitions
                else:
                    above.append(cut)
        transitions.sort(key=lambda transition: transition.cut)
        result.append(replace(track, clips=tuple(clips), transitions=tuple(transitions)))
        result += above
    return result


def _within(track: LaidOutTrack, nest: Clip) -> LaidOutTrack:
    """A track of a nest, limited to what the nest shows."""
    clips = []
    for clip in track.clips:
        start, stop = max(clip.start, nest.start), min(clip.stop, nest.stop)
        if start < stop:
            enabled = clip.enabled and nest.enabled
            clips.append(replace(clip, start=start, stop=stop, enabled=enabled))
    inner = [t for t in track.transitions if nest.start < t.start and t.stop < nest.stop]
    return replace(track, clips=tuple(clips), transitions=tuple(inner))
