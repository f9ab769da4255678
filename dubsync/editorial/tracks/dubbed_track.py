"""The new track of corrected clips, directly above the highest track that holds one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.losses import APPROXIMATE, ODD
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.timeline.resolve import OVERLAYS, resolve
from dubsync.editorial.tracks.layout import (
    NEST_KINDS,
    Clip,
    LaidOutTrack,
    Layout,
    Media,
    TrackTransition,
    centred,
    clash,
    merged,
    picture_tracks,
)
from dubsync.editorial.tracks.order import OVER, track_number

#: Record frames in which each event is seen.
Seen = Mapping[int, Sequence[tuple[int, int]]]


def with_dubbed_tracks(
    layout: Layout, tracks: Sequence[LaidOutTrack], corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """`tracks` from below, picture first, with the new ones among them and those above raised.

    Raises:
        DeliveryError: as `dubbed_tracks`.
    """
    new = dubbed_tracks(layout, tracks, corrected)
    if not new:
        return tuple(tracks)
    pictures = [track for track in tracks if not track.sound]
    raised = [
        replace(track, height=track.height + len(new)) if track.height >= new[0].height else track
        for track in pictures
    ]
    sound = (track for track in tracks if track.sound)
    return (*sorted((*raised, *new), key=lambda track: track.height), *sound)


def track_below(tracks: Sequence[LaidOutTrack], corrected: Sequence[Corrected]) -> int:
    """The number of the picture track that the rows of `dubbed_tracks` come to lie over.

    Raises:
        DeliveryError: as `dubbed_tracks`.
    """
    track = _highest(tracks, corrected)
    return max(track_number(track.label) or track.height, 1)


def dubbed_tracks(
    layout: Layout, tracks: Sequence[LaidOutTrack], corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """New rows with `corrected` at their events' own record frames, one in most cases, to lie
    directly above the highest row that holds one: titles and inserts on higher tracks stay above.

    A corrected clip is laid where its event shows above what the new row comes to lie over.
    Beside a fade the new row holds the fade too, and for as long as it lasts the other side's
    own picture: a corrected clip that ended hard above a dissolve would hide it.

    Raises:
        DeliveryError: a corrected event that is no picture clip of these rows.
    """
    if not corrected:
        return ()
    ours = {one.event: one for one in corrected}
    top = max(_highest(tracks, corrected).height, 1)
    pictures = picture_tracks([track for track in tracks if track.height <= top])
    seen = _seen_in(_up_to(top, tracks, layout.cut), layout.cut.events[corrected[0].event].timeline)
    made = [_track_above(track, ours, seen, layout) for track in pictures]
    for event in set(ours) - set(seen):
        what = f"shot {ours[event].shot} is nowhere seen in the cut, and not laid into it"
        layout.lose(layout.cut.events[event].where, what, ODD)
    _report_titles(made, pictures, layout)
    result: list[LaidOutTrack] = []
    for track in made:
        free = next((n for n, r in enumerate(result) if not clash(r, track)), None)
        if not track.clips:
            continue
        if free is None:
            label = next(clip.corrected.language for clip in track.clips if clip.corrected)
            result.append(replace(track, label=label, height=top + len(result) + 1))
        else:
            result[free] = merged(result[free], track)
    return tuple(result)


def _highest(tracks: Sequence[LaidOutTrack], corrected: Sequence[Corrected]) -> LaidOutTrack:
    """The highest picture row of the highest track that holds a corrected clip, nests included;
    what is under V1 counts as V1, for new picture under it would be hidden.

    Raises:
        DeliveryError: a corrected event that is no picture clip of these rows.
    """
    ours = {one.event: one for one in corrected}
    result, lost = None, set(ours)
    for track in sorted(
        (track for track in tracks if not track.sound), key=lambda track: track.height
    ):
        held = {clip.event for one in picture_tracks([track]) for clip in one.clips} & set(ours)
        lost -= held
        number = track_number(track.label)
        same = result is not None and number is not None and number == track_number(result.label)
        if held or same or (result is not None and track.height <= 1):
            result = track
    if lost or result is None:
        shot = ours[min(lost)].shot if lost else ""
        raise DeliveryError(
            f"shot {shot}: its event is no picture clip on a track of the cut",
            hint="run the turnover again",
        )
    return result


def _report_titles(
    made: Sequence[LaidOutTrack], pictures: Sequence[LaidOutTrack], layout: Layout
) -> None:
    """Words over a corrected clip come to lie under it: a loss for each."""
    words = [c for track in pictures for c in track.clips if c.kind in OVERLAYS and c.enabled]
    for clip in (c for track in made for c in track.clips if c.corrected):
        for title in words:
            if clip.start < title.stop and title.start < clip.stop:
                what = f"{title.kind} {title.name!r} comes to lie under {clip.name}"
                layout.lose(title.where, what, ODD, "move the title's track above the new one")


def _track_above(
    track: LaidOutTrack, ours: Mapping[int, Corrected], seen: Seen, layout: Layout
) -> LaidOutTrack:
    """What lies over one row: its corrected clips, and what fades into or out of them."""
    track = centred(track)
    if not any(clip.event in ours for clip in track.clips):
        return LaidOutTrack(track.label, 0, False, ())
    track = replace(
        track,
        transitions=tuple(
            f for f in track.transitions if _can_repeat(f, track, seen, ours, layout)
        ),
    )
    clips: list[Clip] = []
    transitions: list[TrackTransition] = []
    for clip in track.clips:
        if clip.event in ours and clip.kind not in NEST_KINDS:
            event = layout.cut.events[clip.event]
            made = corrected_clip(clip, track, event, ours[clip.event], layout)
            clips += _seen_pieces(made, track, seen, layout)
            transitions += [
                f for c in (clip.start, clip.stop) if (f := track.transition_at(c)) is not None
            ]
        else:
            clips += _beside_corrected(clip, track, ours)
    transitions.sort(key=lambda transition: transition.cut)
    if not any(clip.corrected for clip in clips):
        return LaidOutTrack(track.label, 0, False, ())
    return LaidOutTrack(track.label, 0, False, tuple(clips), tuple(dict.fromkeys(transitions)))


def _beside_corrected(clip: Clip, track: LaidOutTrack, ours: Mapping[int, Corrected]) -> list[Clip]:
    """Of a clip that is not corrected, what plays in fades from and to those that are."""
    head, tail = track.transition_at(clip.start), track.transition_at(clip.stop)
    left, right = track.clip_ending_at(clip.start), track.clip_starting_at(clip.stop)
    result, start = [], clip.start
    if head is not None and left is not None and track.clips[left].event in ours:
        start = min(head.stop, clip.stop)
        result.append(replace(clip, stop=start))
    if tail is not None and right is not None and track.clips[right].event in ours:
        first = max(tail.start, start)
        if first < clip.stop:
            result.append(replace(clip, start=first))
    return result


def _can_repeat(
    transition: TrackTransition,
    track: LaidOutTrack,
    seen: Seen,
    ours: Mapping[int, Corrected],
    layout: Layout,
) -> bool:
    """Whether a fade of a corrected clip can be repeated above; what cannot is a loss."""
    sides = [track.clip_ending_at(transition.cut), track.clip_starting_at(transition.cut)]
    clips = [track.clips[n] for n in sides if n is not None]
    mine = [clip for clip in clips if clip.event in ours]
    if not mine:
        return False
    shot = ours[mine[0].event].shot
    whole = all(
        _holds(seen.get(clip.event, ()), transition.start, transition.stop) for clip in mine
    )
    if not whole or (len(clips) == 2 and not transition.start < transition.cut < transition.stop):
        what = (
            f"shot {shot}: its {transition.kind} at record frame {transition.start} becomes a cut "
            "on the dubbed track"
        )
        layout.lose(mine[0].where, what, APPROXIMATE)
        return False
    if len(clips) == 1:
        what = f"shot {shot} fades from or to black: on a track above, from or to its plate"
        layout.lose(mine[0].where, what, APPROXIMATE)
    return True


def _holds(ranges: Sequence[tuple[int, int]], start: Fraction, stop: Fraction) -> bool:
    return any(first <= start and stop <= last for first, last in ranges)


def _seen_pieces(clip: Clip, track: LaidOutTrack, seen: Seen, layout: Layout) -> list[Clip]:
    """As much of a corrected clip as is seen of its event: it hides nothing that hid that."""
    ranges = seen.get(clip.event, ())
    if _holds(ranges, *track.record_range(clip)):
        return [clip]
    assert clip.corrected is not None
    what = (
        f"shot {clip.corrected.shot} is covered by other picture in part, and laid where it shows"
    )
    layout.lose(clip.where, what, APPROXIMATE)
    result = []
    for first, last in ranges:
        start, stop = max(clip.start, Fraction(first)), min(clip.stop, Fraction(last))
        if start < stop:
            result.append(replace(clip, start=start, stop=stop))
    return result


def _up_to(top: int, tracks: Sequence[LaidOutTrack], cut: ProbedCut) -> ProbedCut:
    """The cut with all picture switched off that lies higher than `top`."""
    picture = [track for track in tracks if not track.sound]
    high = {_outer_track(track.label) for track in picture if track.height > top}
    high -= {_outer_track(track.label) for track in picture if track.height <= top}
    events = tuple(
        replace(event, enabled=False) if {_outer_track(t) for t in event.tracks} <= high else event
        for event in cut.events
    )
    return replace(cut, events=events) if high else cut


def _outer_track(label: str) -> str:
    """The outermost track that a label names."""
    return label.partition(OVER)[0].partition("/")[0]


def _seen_in(cut: ProbedCut, timeline: str) -> Seen:
    """Record frames in which each event is seen, joined where they abut."""
    result: dict[int, list[tuple[int, int]]] = {}
    for run in resolve(cut, timeline):
        for shown in run.shown:
            ranges = result.setdefault(shown.event, [])
            if ranges and ranges[-1][1] == run.record.start:
                ranges[-1] = (ranges[-1][0], run.record.stop)
            else:
                ranges.append((run.record.start, run.record.stop))
    return result


def corrected_clip(
    clip: Clip, track: LaidOutTrack, event: ProbedEvent, new: Corrected, layout: Layout
) -> Clip:
    """A clip of `track` playing its new picture, at its event's own speed."""
    frames = new.frames
    media = Media(
        new.path,
        new.name,
        new.reel,
        frames.rate,
        new.drop,
        (Fraction(frames.start), Fraction(frames.stop)),
        new.format,
    )
    map = corrected_map(clip, track, event, new)
    if map is None:
        what = f"shot {new.shot}: the cut does not say how its event runs; laid at normal speed"
        layout.lose(clip.where, what, APPROXIMATE)
        first = Fraction(new.source.start)
        assert event.record is not None and event.record.rate is not None
        step = new.source.rate / event.record.rate
        map = TimeMap(((clip.start, first), (clip.stop, first + step * (clip.stop - clip.start))))
    return replace(
        clip, name=new.name, kind="cut", map=map, media=media, remarks=(), inside=(),
        corrected=new,
    )  # fmt: skip


def corrected_map(
    clip: Clip, track: LaidOutTrack, event: ProbedEvent, new: Corrected
) -> TimeMap | None:
    """The event's own map of time, counted as the corrected file counts; None without one.

    A cut may count an untimed plate from elsewhere than its file does: the frames it shows and
    those the turnover found in the plate tell by how much.
    """
    if clip.map is None or clip.media is None or clip.media.rate != new.frames.rate:
        return None
    shown = clip.map.slice(*track.record_range(clip))
    edges = [source for _, source in shown.keyframes]
    low, high = floor(min(edges)), max(ceil(max(edges)), floor(min(edges)) + 1)
    source = event.source
    if new.source.start <= low and high <= new.source.stop:
        return clip.map
    known = [(low, high)]
    if source is not None and source.start is not None and source.stop is not None:
        known.append((floor(source.start), ceil(source.stop)))
        if new.source.start == known[1][0]:
            return clip.map
    length = len(new.source)
    first = next((a for a, b in known if b - a == length), known[-1][0])
    shift = new.source.start - first
    return TimeMap(tuple((record, frame + shift) for record, frame in clip.map.keyframes))
