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
    NESTS,
    Clip,
    Fade,
    LaidOutTrack,
    Layout,
    Media,
    centred,
    clash,
    merged,
    picture_rows,
)
from dubsync.editorial.tracks.order import OVER, track_number

#: Record frames in which each event is seen.
Seen = Mapping[int, Sequence[tuple[int, int]]]


def with_corrected(
    layout: Layout, rows: Sequence[LaidOutTrack], corrected: Sequence[Corrected]
) -> tuple[LaidOutTrack, ...]:
    """`rows` from below, picture first, with the new ones among them and those above raised.

    Raises:
        DeliveryError: as `corrected_rows`.
    """
    new = corrected_rows(layout, rows, corrected)
    if not new:
        return tuple(rows)
    pictures = [row for row in rows if not row.sound]
    raised = [
        replace(row, height=row.height + len(new)) if row.height >= new[0].height else row
        for row in pictures
    ]
    sound = (row for row in rows if row.sound)
    return (*sorted((*raised, *new), key=lambda row: row.height), *sound)


def track_below(rows: Sequence[LaidOutTrack], corrected: Sequence[Corrected]) -> int:
    """The number of the picture track that the rows of `corrected_rows` come to lie over.

    Raises:
        DeliveryError: as `corrected_rows`.
    """
    row = _highest(rows, corrected)
    return max(track_number(row.label) or row.height, 1)


def corrected_rows(
    layout: Layout, rows: Sequence[LaidOutTrack], corrected: Sequence[Corrected]
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
    top = max(_highest(rows, corrected).height, 1)
    pictures = picture_rows([row for row in rows if row.height <= top])
    seen = _seen_in(_up_to(top, rows, layout.cut), layout.cut.events[corrected[0].event].timeline)
    made = [_over(row, ours, seen, layout) for row in pictures]
    for event in set(ours) - set(seen):
        what = f"shot {ours[event].shot} is nowhere seen in the cut, and not laid into it"
        layout.lose(layout.cut.events[event].where, what, ODD)
    _tell_titles(made, pictures, layout)
    result: list[LaidOutTrack] = []
    for row in made:
        free = next((n for n, r in enumerate(result) if not clash(r, row)), None)
        if not row.clips:
            continue
        if free is None:
            label = next(clip.corrected.language for clip in row.clips if clip.corrected)
            result.append(replace(row, label=label, height=top + len(result) + 1))
        else:
            result[free] = merged(result[free], row)
    return tuple(result)


def _highest(rows: Sequence[LaidOutTrack], corrected: Sequence[Corrected]) -> LaidOutTrack:
    """The highest picture row of the highest track that holds a corrected clip, nests included;
    what is under V1 counts as V1, for new picture under it would be hidden.

    Raises:
        DeliveryError: a corrected event that is no picture clip of these rows.
    """
    ours = {one.event: one for one in corrected}
    result, lost = None, set(ours)
    for row in sorted((row for row in rows if not row.sound), key=lambda row: row.height):
        held = {clip.event for one in picture_rows([row]) for clip in one.clips} & set(ours)
        lost -= held
        number = track_number(row.label)
        same = result is not None and number is not None and number == track_number(result.label)
        if held or same or (result is not None and row.height <= 1):
            result = row
    if lost or result is None:
        shot = ours[min(lost)].shot if lost else ""
        raise DeliveryError(
            f"shot {shot}: its event is no picture clip on a track of the cut",
            hint="run the turnover again",
        )
    return result


def _tell_titles(
    made: Sequence[LaidOutTrack], pictures: Sequence[LaidOutTrack], layout: Layout
) -> None:
    """Words over a corrected clip come to lie under it: a loss for each."""
    words = [c for row in pictures for c in row.clips if c.kind in OVERLAYS and c.enabled]
    for clip in (c for row in made for c in row.clips if c.corrected):
        for title in words:
            if clip.start < title.stop and title.start < clip.stop:
                what = f"{title.kind} {title.name!r} comes to lie under {clip.name}"
                layout.lose(title.where, what, ODD, "move the title's track above the new one")


def _over(
    row: LaidOutTrack, ours: Mapping[int, Corrected], seen: Seen, layout: Layout
) -> LaidOutTrack:
    """What lies over one row: its corrected clips, and what fades into or out of them."""
    row = centred(row)
    if not any(clip.event in ours for clip in row.clips):
        return LaidOutTrack(row.label, 0, False, ())
    row = replace(row, fades=tuple(f for f in row.fades if _kept(f, row, seen, ours, layout)))
    clips: list[Clip] = []
    fades: list[Fade] = []
    for clip in row.clips:
        if clip.event in ours and clip.kind not in NESTS:
            event = layout.cut.events[clip.event]
            made = replaced(clip, row, event, ours[clip.event], layout)
            clips += _seen_pieces(made, row, seen, layout)
            fades += [f for c in (clip.start, clip.stop) if (f := row.fade_at(c)) is not None]
        else:
            clips += _beside(clip, row, ours)
    fades.sort(key=lambda fade: fade.cut)
    if not any(clip.corrected for clip in clips):
        return LaidOutTrack(row.label, 0, False, ())
    return LaidOutTrack(row.label, 0, False, tuple(clips), tuple(dict.fromkeys(fades)))


def _beside(clip: Clip, row: LaidOutTrack, ours: Mapping[int, Corrected]) -> list[Clip]:
    """Of a clip that is not corrected, what plays in fades from and to those that are."""
    head, tail = row.fade_at(clip.start), row.fade_at(clip.stop)
    left, right = row.ending(clip.start), row.beginning(clip.stop)
    result, start = [], clip.start
    if head is not None and left is not None and row.clips[left].event in ours:
        start = min(head.stop, clip.stop)
        result.append(replace(clip, stop=start))
    if tail is not None and right is not None and row.clips[right].event in ours:
        first = max(tail.start, start)
        if first < clip.stop:
            result.append(replace(clip, start=first))
    return result


def _kept(
    fade: Fade, row: LaidOutTrack, seen: Seen, ours: Mapping[int, Corrected], layout: Layout
) -> bool:
    """Whether a fade of a corrected clip can be repeated above; what cannot is a loss."""
    sides = [row.ending(fade.cut), row.beginning(fade.cut)]
    clips = [row.clips[n] for n in sides if n is not None]
    mine = [clip for clip in clips if clip.event in ours]
    if not mine:
        return False
    shot = ours[mine[0].event].shot
    whole = all(_holds(seen.get(clip.event, ()), fade.start, fade.stop) for clip in mine)
    if not whole or (len(clips) == 2 and not fade.start < fade.cut < fade.stop):
        what = f"shot {shot}: its {fade.kind} at record frame {fade.start} is laid above as a cut"
        layout.lose(mine[0].where, what, APPROXIMATE)
        return False
    if len(clips) == 1:
        what = f"shot {shot} fades from or to black: on a track above, from or to its plate"
        layout.lose(mine[0].where, what, APPROXIMATE)
    return True


def _holds(ranges: Sequence[tuple[int, int]], start: Fraction, stop: Fraction) -> bool:
    return any(first <= start and stop <= last for first, last in ranges)


def _seen_pieces(clip: Clip, row: LaidOutTrack, seen: Seen, layout: Layout) -> list[Clip]:
    """As much of a corrected clip as is seen of its event: it hides nothing that hid that."""
    ranges = seen.get(clip.event, ())
    if _holds(ranges, *row.reach(clip)):
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


def _up_to(top: int, rows: Sequence[LaidOutTrack], cut: ProbedCut) -> ProbedCut:
    """The cut with all picture switched off that lies higher than `top`."""
    picture = [row for row in rows if not row.sound]
    high = {_track(row.label) for row in picture if row.height > top}
    high -= {_track(row.label) for row in picture if row.height <= top}
    events = tuple(
        replace(event, enabled=False) if {_track(t) for t in event.tracks} <= high else event
        for event in cut.events
    )
    return replace(cut, events=events) if high else cut


def _track(label: str) -> str:
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


def replaced(
    clip: Clip, row: LaidOutTrack, event: ProbedEvent, new: Corrected, layout: Layout
) -> Clip:
    """A clip of `row` playing its new picture, at its event's own speed."""
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
    map = corrected_map(clip, row, event, new)
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
    clip: Clip, row: LaidOutTrack, event: ProbedEvent, new: Corrected
) -> TimeMap | None:
    """The event's own map of time, counted as the corrected file counts; None without one.

    A cut may count an untimed plate from elsewhere than its file does: the frames it shows and
    those the turnover found in the plate tell by how much.
    """
    if clip.map is None or clip.media is None or clip.media.rate != new.frames.rate:
        return None
    shown = clip.map.within(*row.reach(clip))
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
