"""The dubbed tracks: new tracks of corrected clips, directly above the tracks they correct."""

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

#: Event index -> ranges of record frames in which the event is visible.
Seen = Mapping[int, Sequence[tuple[int, int]]]


def with_dubbed_tracks(
    layout: Layout, tracks: Sequence[LaidOutTrack], corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """`tracks` with the dubbed tracks inserted, lowest first, picture before sound.

    The tracks above the dubbed ones are moved up.

    Raises:
        DeliveryError: see `dubbed_tracks`.
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
    """The number of the picture track directly below the `dubbed_tracks`.

    Raises:
        DeliveryError: see `dubbed_tracks`.
    """
    track = _highest(tracks, corrected)
    return max(track_number(track.label) or track.height, 1)


def dubbed_tracks(
    layout: Layout, tracks: Sequence[LaidOutTrack], corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """New tracks with `corrected` at the record frames of their events; in most cases one.

    They belong directly above the highest track with a corrected event, so that titles and
    inserts on higher tracks stay on top. A corrected clip covers only the record frames in which
    its event is visible. Next to a transition the new track repeats the transition and, for its
    length, the picture of the other side: a hard cut above a dissolve would hide it.

    Raises:
        DeliveryError: a corrected event that is not a picture clip of these tracks.
    """
    if not corrected:
        return ()
    ours = {one.event: one for one in corrected}
    top = max(_highest(tracks, corrected).height, 1)
    pictures = picture_tracks([track for track in tracks if track.height <= top])
    seen = _seen_in(_up_to(top, tracks, layout.cut), layout.cut.events[corrected[0].event].timeline)
    made = [_track_above(track, ours, seen, layout) for track in pictures]
    for event in set(ours) - set(seen):
        what = f"shot {ours[event].shot} is not visible in the cut, and is not added to it"
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
    """The highest picture track with a corrected event, including events in nests.

    V1 if that track is below V1, where new picture would be hidden.

    Raises:
        DeliveryError: a corrected event that is not a picture clip of these tracks.
    """
    ours = {one.event: one for one in corrected}
    result, missing = None, set(ours)
    pictures = [track for track in tracks if not track.sound]
    for track in sorted(pictures, key=lambda track: track.height):
        contained = {clip.event for one in picture_tracks([track]) for clip in one.clips}
        contained &= set(ours)
        missing -= contained
        number = track_number(track.label)
        same = result is not None and number is not None and number == track_number(result.label)
        if contained or same or (result is not None and track.height <= 1):
            result = track
    if missing or result is None:
        shot = ours[min(missing)].shot if missing else ""
        raise DeliveryError(
            f"shot {shot}: its event is not a picture clip on a track of the cut",
            hint="run the turnover again",
        )
    return result


def _report_titles(
    made: Sequence[LaidOutTrack], pictures: Sequence[LaidOutTrack], layout: Layout
) -> None:
    """Report each title that was above a corrected event and is now below the corrected clip."""
    words = [c for track in pictures for c in track.clips if c.kind in OVERLAYS and c.enabled]
    for clip in (c for track in made for c in track.clips if c.corrected):
        for title in words:
            if clip.start < title.stop and title.start < clip.stop:
                what = f"{title.kind} {title.name!r} is now below {clip.name}"
                layout.lose(title.where, what, ODD, "move the title's track above the dubbed track")


def _track_above(
    track: LaidOutTrack, ours: Mapping[int, Corrected], seen: Seen, layout: Layout
) -> LaidOutTrack:
    """The track above one track: its corrected clips, and what dissolves into or out of them."""
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
    """The parts of an uncorrected clip under its transitions to and from corrected clips."""
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
    """Whether a transition can be repeated on the dubbed track; if not, that is reported."""
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
        what = f"shot {shot}: on the dubbed track its fade is from or to its plate, not black"
        layout.lose(mine[0].where, what, APPROXIMATE)
    return True


def _holds(ranges: Sequence[tuple[int, int]], start: Fraction, stop: Fraction) -> bool:
    return any(first <= start and stop <= last for first, last in ranges)


def _seen_pieces(clip: Clip, track: LaidOutTrack, seen: Seen, layout: Layout) -> list[Clip]:
    """The parts of a corrected clip in which its event is visible."""
    ranges = seen.get(clip.event, ())
    if _holds(ranges, *track.record_range(clip)):
        return [clip]
    assert clip.corrected is not None
    what = (
        f"shot {clip.corrected.shot} is partly covered by other picture; only its visible parts "
        "are corrected"
    )
    layout.lose(clip.where, what, APPROXIMATE)
    result = []
    for first, last in ranges:
        start, stop = max(clip.start, Fraction(first)), min(clip.stop, Fraction(last))
        if start < stop:
            result.append(replace(clip, start=start, stop=stop))
    return result


def _up_to(top: int, tracks: Sequence[LaidOutTrack], cut: ProbedCut) -> ProbedCut:
    """The cut with all picture above height `top` disabled."""
    picture = [track for track in tracks if not track.sound]
    high = {_outer_track(track.label) for track in picture if track.height > top}
    high -= {_outer_track(track.label) for track in picture if track.height <= top}
    events = tuple(
        replace(event, enabled=False) if {_outer_track(t) for t in event.tracks} <= high else event
        for event in cut.events
    )
    return replace(cut, events=events) if high else cut


def _outer_track(label: str) -> str:
    """The top-level track of a label."""
    return label.partition(OVER)[0].partition("/")[0]


def _seen_in(cut: ProbedCut, timeline: str) -> Seen:
    """Ranges of record frames in which each event is visible; ranges that abut are joined."""
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
    """A clip of `track` with its new picture, at the speed of its event."""
    frames = new.frames
    media = Media(
        new.path,
        new.name,
        new.reel,
        frames.rate,
        new.drop,
        (Fraction(frames.start), Fraction(frames.stop)),
        new.format,
        new.first_number,
    )
    map = corrected_map(clip, track, event, new)
    if map is None:
        what = f"shot {new.shot}: the cut states no speed for its event; normal speed is used"
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
    """The event's time map in the frame numbers of the corrected file; None without one.

    A cut can count a plate without timecode from another frame than its file does. The offset
    follows from the frames it shows and the frames that turnover found in the plate.
    """
    if new.time is not None:
        return new.time
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
