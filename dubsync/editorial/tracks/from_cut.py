"""Lays out the tracks of a cut, whatever its format does to the clips next to a transition."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.losses import APPROXIMATE, ODD
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline
from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.timeline.media_paths import base_name
from dubsync.editorial.timeline.shot_names import is_file_name
from dubsync.editorial.timeline.time_maps import grid, time_map
from dubsync.editorial.timeline.transitions import (
    TRANSITIONS,
    comes_from,
    is_black,
    is_underlay,
    stands_alone,
)
from dubsync.editorial.tracks.layout import (
    GAP_KINDS,
    NEST_KINDS,
    Clip,
    LaidOutTrack,
    Layout,
    Media,
    TrackTransition,
)
from dubsync.editorial.tracks.order import OVER, is_sound, stacked

_Member = tuple[int, ProbedEvent, tuple[tuple[int, ProbedEvent], ...]]
_Edges = tuple[Fraction, Fraction]


def programmes(cut: ProbedCut, corrected: Sequence[Corrected]) -> tuple[ProbedTimeline, ...]:
    """The timelines of a cut that have a frame rate, without bins and logs.

    Raises:
        DeliveryError: several have the same name, so their events cannot be distinguished; or a
            corrected event is in none of them.
    """
    played = {e.timeline for e in cut.events if e.record is not None}
    result = tuple(t for t in cut.timelines if t.rate and (t.name in played or t.start is not None))
    twice = [name for name, n in Counter(t.name for t in result).items() if n > 1]
    if twice:
        raise DeliveryError(
            f"{cut.path.rsplit('/', 1)[-1]} has several timelines called {twice[0]!r}",
            hint="give each a name of its own, and export again",
        )
    names = {timeline.name for timeline in result}
    for one in corrected:
        if cut.events[one.event].timeline not in names:
            raise DeliveryError(
                f"shot {one.shot}: its event is in no timeline with record time",
                hint="run the turnover again",
            )
    return result


def lay_out_tracks(layout: Layout, timeline: ProbedTimeline) -> tuple[LaidOutTrack, ...]:
    """The tracks of one timeline, picture then sound, each lowest first."""
    events = [
        (n, event)
        for n, event in enumerate(layout.cut.events)
        if event.timeline == timeline.name
        and event.record is not None
        and event.record.start is not None
    ]
    return _lay_out(events, "", layout)


def extent(timeline: ProbedTimeline, tracks: Sequence[LaidOutTrack]) -> tuple[Fraction, Fraction]:
    """First and past-the-last record frame of a timeline, whole; (0, 0) if it is empty."""
    edges = [edge for track in tracks for clip in track.clips for edge in track.record_range(clip)]
    if timeline.start is not None:
        edges += [timeline.start, timeline.start + (timeline.length or 0)]
    return Fraction(floor(min(edges, default=0))), Fraction(ceil(max(edges, default=0)))


def _lay_out(
    events: Sequence[tuple[int, ProbedEvent]], prefix: str, layout: Layout
) -> tuple[LaidOutTrack, ...]:
    by_label: dict[str, list[_Member]] = defaultdict(list)
    n = 0
    while n < len(events):
        place, event = events[n]
        n += 1
        inside = []
        while event.kind in NEST_KINDS and n < len(events) and _lies_in(events[n][1], event):
            inside.append(events[n])
            n += 1
        for name in event.tracks:
            label = name.removeprefix(prefix)
            if inside and is_sound(label, event.kind):
                by_label[label] += [(m, e, ()) for m, e in inside]
                what = f"{event.name!r} is an audio nest; its contents replace it"
                layout.lose(event.where, what, APPROXIMATE)
            else:
                by_label[label].append((place, event, tuple(inside)))
    tracks: list[LaidOutTrack] = []
    for label, members in by_label.items():
        tracks += _lay_out_track(label, members, prefix, layout)
    return stacked(tracks)


def _lies_in(event: ProbedEvent, nest: ProbedEvent) -> bool:
    """Whether an event that follows a nest is inside it: by its track label and its time."""
    if not event.tracks[0].startswith(nest.tracks[0] + "/"):
        return False
    one, other = event.record, nest.record
    if one is None or other is None or None in (one.start, one.stop, other.start, other.stop):
        return True
    assert one.start is not None and other.stop is not None
    assert one.stop is not None and other.start is not None
    return one.start < other.stop and other.start < one.stop


def _lay_out_track(
    label: str, members: Sequence[_Member], prefix: str, layout: Layout
) -> list[LaidOutTrack]:
    """A track of the cut as one laid-out track, or several if its clips overlap."""
    sound = is_sound(label, members[0][1].kind)
    clips: list[Clip] = []
    gaps: list[_Edges] = []
    transitions: list[TrackTransition] = []
    for place, event, inside in members:
        edges = _edges(event, sound, layout)
        if edges is None or (edges[0] == edges[1] and (sound or not is_underlay(event))):
            continue
        transition, is_clip = _transition_of(place, event, edges, layout)
        if transition is not None:
            transitions.append(transition)
        if is_clip:
            tracks = _lay_out(inside, prefix + label + "/", layout) if inside else ()
            channel = event.tracks.index(prefix + label) if len(event.tracks) > 1 else 0
            clips.append(_clip(place, event, edges, tracks, channel, layout))
        elif not stands_alone(event):
            gaps.append(edges)
    clips.sort(key=lambda clip: (clip.start, clip.stop))
    transitions = _within(transitions, [e for _, e, _ in members if not stands_alone(e)])
    met = _meet(clips, sorted(gaps), sorted(transitions, key=lambda f: (f.start, f.stop)), layout)
    for clip in (c for c in clips if c.stop == c.start):
        layout.lose(clip.where, f"{clip.name!r} is wholly under its transition; not written")
    clips = [clip for clip in clips if clip.stop > clip.start]
    result: list[LaidOutTrack] = []
    for n, lying in enumerate(_apart(clips, label, layout)):
        cuts = {edge for clip in lying for edge in (clip.start, clip.stop)}
        mine = tuple(transition for transition in met if transition.cut in cuts)
        result.append(
            LaidOutTrack(f"{label}{OVER}{n}" if n else label, 0, sound, tuple(lying), mine)
        )
    return result


def _within(
    transitions: Sequence[TrackTransition], events: Sequence[ProbedEvent]
) -> list[TrackTransition]:
    """Transitions limited to the extent of their track."""
    places = [e.record for e in events if e.record is not None]
    first = min((p.start for p in places if p.start is not None), default=None)
    last = max((p.stop for p in places if p.stop is not None), default=None)
    if first is None or last is None:
        return []
    cut = [replace(f, start=max(f.start, first), stop=min(f.stop, last)) for f in transitions]
    return [transition for transition in cut if transition.start < transition.stop]


def _edges(event: ProbedEvent, sound: bool, layout: Layout) -> _Edges | None:
    """The record range of an event, on whole frames for picture; None if it has none.

    It is empty for a clip that is wholly under a transition.
    """
    record = event.record
    if record is None or record.start is None or record.stop is None:
        return None
    if sound or record.whole:
        return (record.start, record.stop) if record.stop >= record.start else None
    start, stop = Fraction(grid(record.start)), Fraction(grid(record.stop))
    if event.kind not in (*TRANSITIONS, *GAP_KINDS):
        what = f"{event.name!r} begins or ends between frames; moved to whole frames"
        layout.lose(event.where, what, APPROXIMATE)
    return (start, stop) if stop > start else None


def _transition_of(
    place: int, event: ProbedEvent, edges: _Edges, layout: Layout
) -> tuple[TrackTransition | None, bool]:
    """(the transition that an event is or comes in by, whether it is a clip as well)."""
    start, stop = edges
    if stands_alone(event):
        return TrackTransition(start, stop, start, event.kind, event.name), False
    if event.kind == "key":
        layout.lose(event.where, f"{event.name!r} is a key; it is written as a cut", APPROXIMATE)
    is_clip = event.kind not in GAP_KINDS and not is_black(event)
    if not event.transition or event.kind not in TRANSITIONS:
        return None, is_clip
    stop = min(start + event.transition, stop)
    return TrackTransition(start, stop, start, event.kind, "", place), is_clip


def _clip(
    place: int,
    event: ProbedEvent,
    edges: _Edges,
    inside: tuple[LaidOutTrack, ...],
    channel: int,
    layout: Layout,
) -> Clip:
    clip = Clip(
        event.name or base_name(event.media) or event.reel or event.kind,
        event.kind, *edges, place, event.where,
        enabled=event.enabled, remarks=event.remarks, inside=inside, channel=channel,
    )  # fmt: skip
    source = event.source
    if inside or source is None or source.start is None or source.rate is None:
        return clip
    called = event.name if is_file_name(event.name) else ""
    name = base_name(event.media) or called or event.reel or clip.name
    available = event.available
    frames = None
    if available is not None and available.start is not None and available.stop is not None:
        frames = (available.start, available.stop) if available.rate == source.rate else None
    media = Media(event.media, name, event.reel, source.rate, ";" in source.text[0], frames)
    return replace(clip, media=media, map=_map(event, layout))


def _map(event: ProbedEvent, layout: Layout) -> TimeMap | None:
    """The time map of an event; at its average speed if the file does not define one."""
    result = time_map(event)
    record, source = event.record, event.source
    if result is not None or record is None or source is None:
        return result
    start, stop, low, high = record.start, record.stop, source.start, source.stop
    if start is None or stop is None or low is None or high is None or stop <= start:
        return None
    what = f"{event.name!r} has a varying speed without keyframes; its average is written"
    layout.lose(event.where, what, APPROXIMATE)
    return TimeMap(((start, low), (stop, high)))


def _meet(
    clips: list[Clip],
    gaps: Sequence[_Edges],
    transitions: Sequence[TrackTransition],
    layout: Layout,
) -> tuple[TrackTransition, ...]:
    """The transitions with their cuts; `clips` is trimmed or extended to them in place."""
    kept = []
    for transition in transitions:
        left, right = _sides(clips, gaps, transition, layout.cut)
        before = clips[left] if left is not None else None
        after = clips[right] if right is not None else None
        cut = _cut(transition, before, after)
        if cut is None:
            where = f"at record frame {transition.start}"
            what = f"a {transition.kind} {where} joins no two clips, and is not written"
            layout.lose("timeline", what, ODD)
            continue
        if left is None or right is None:
            cut = _clear(cut, transition, clips, left, right)
        if left is not None:
            clips[left] = replace(clips[left], stop=cut)
        if right is not None:
            clips[right] = replace(clips[right], start=cut)
        kept.append(replace(transition, cut=cut))
    return tuple(kept)


def _clear(
    cut: Fraction,
    transition: TrackTransition,
    clips: Sequence[Clip],
    left: int | None,
    right: int | None,
) -> Fraction:
    """The cut of a fade from or to nothing.

    It is moved inside the fade if another clip abuts the fade's edge; otherwise the two clips
    would dissolve into each other.
    """
    half = (transition.stop - transition.start) // 2
    if left is not None and any(clip.start == cut for clip in clips[left + 1 : left + 2]):
        return transition.start + half
    if right is not None and any(clip.stop == cut for clip in clips[max(right - 1, 0) : right]):
        return transition.stop - half
    return cut


def _sides(
    clips: Sequence[Clip], gaps: Sequence[_Edges], transition: TrackTransition, cut: ProbedCut
) -> tuple[int | None, int | None]:
    """Indices of the outgoing and incoming clip of a transition; None for a gap or nothing."""
    first = bisect_left(clips, transition.start, key=lambda c: c.stop)  # no earlier clip reaches it
    last = bisect_right(clips, transition.stop, key=lambda c: c.start)
    near = range(max(first - 1, 0), last)
    if transition.incoming is not None:
        right = next((n for n in near if clips[n].event == transition.incoming), None)
        ends = [n for n in near if clips[n].stop == transition.start and n != right]
        under = [n for n in ends if clips[n].start == clips[n].stop]
        left = next(iter(under or ends), None)
        event = cut.events[transition.incoming]
        comes = left is None or comes_from(event, cut.events[clips[left].event])
        return (left, right) if comes else (None, None)
    first = bisect_left(gaps, transition.start, key=lambda gap: gap[1])
    last = bisect_right(gaps, transition.stop, key=lambda gap: gap[0])
    placed: list[tuple[int | None, _Edges]] = [(None, gap) for gap in gaps[first:last]]
    placed += [(n, (clips[n].start, clips[n].stop)) for n in near]
    out = [
        (n, stop)
        for n, (start, stop) in placed
        if start <= transition.start <= stop <= transition.stop
    ]
    come = [
        (n, start)
        for n, (start, stop) in placed
        if transition.start <= start <= transition.stop <= stop
    ]
    pairs = [(one, other) for one in out for other in come if one[0] != other[0]]
    if pairs:
        middle = transition.start + transition.stop
        (left, _), (right, _) = min(pairs, key=lambda p: abs(p[0][1] + p[1][1] - middle))
        return left, right
    left = next((n for n, _ in reversed(out) if n is not None), None)
    right = next((n for n, _ in come if n is not None), None)
    return left, right if left is None else None


def _cut(transition: TrackTransition, before: Clip | None, after: Clip | None) -> Fraction | None:
    """Where the clips on both sides of a transition meet; None if it belongs to no clip edge."""
    if before is None or after is None:
        return transition.stop if before else transition.start if after else None
    abut = before.stop == after.start and before.stop > before.start
    cut = before.stop if abut else transition.middle
    return cut if before.start < cut < after.stop else None


def _apart(clips: Sequence[Clip], label: str, layout: Layout) -> list[list[Clip]]:
    """Clips of one track split into layers without overlaps, lowest first; later clips on top."""
    tracks: list[list[Clip]] = [[]]
    for clip in sorted(clips, key=lambda clip: clip.event):
        level = next((n + 1 for n in reversed(range(len(tracks))) if _taken(tracks[n], clip)), 0)
        if level:
            what = f"{clip.name!r} overlaps another clip of {label}; moved to a track above"
            layout.lose(clip.where, what, ODD)
        if level == len(tracks):
            tracks.append([])
        insort(tracks[level], clip, key=lambda c: c.start)
    return tracks


def _taken(track: Sequence[Clip], clip: Clip) -> bool:
    """Whether a clip overlaps one of a track."""
    after = bisect_left(track, clip.stop, key=lambda c: c.start)
    return after > 0 and track[after - 1].stop > clip.start
