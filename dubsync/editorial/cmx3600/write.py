"""CMX3600 out: one list for each picture track, and one of the corrected clips alone.

Columns and dialect are edl_print's.  A dissolve is two lines, as CMX has it: the outgoing clip
where it begins, of no length, and the incoming one with the dissolve's frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline
from dubsync.core.timeline.timecode import TIMECODE_RATES
from dubsync.editorial.cmx3600.print import print_list
from dubsync.editorial.cmx3600.statements import Printer
from dubsync.editorial.tracks.carry_over import other_timelines, timeline_of, unread_losses
from dubsync.editorial.tracks.dubbed_track import replaced
from dubsync.editorial.tracks.from_cut import rows_of
from dubsync.editorial.tracks.layout import (
    HOLES,
    Clip,
    LaidOutTrack,
    Layout,
    all_clips,
    clash,
    merged,
    picture_rows,
    switched_on,
)
from dubsync.editorial.tracks.order import OVER


def write_cmx(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """The list of the lowest track that holds a corrected clip; see `write_tracks`.

    Raises:
        DeliveryError: no picture track at all.
    """
    made = write_tracks(cut, corrected)
    if not made:
        raise DeliveryError(f"{cut.name} has no picture track", hint="a list is of one such track")
    return next(iter(made.values()))


def write_tracks(cut: ProbedCut, corrected: Sequence[Corrected]) -> dict[str, Written]:
    """A list for each picture track that holds corrected clips, lowest first, by track; with none
    corrected, for each picture track.

    Corrected clips stand in the place of what they replace, with its reel and timecode.  What a
    list of one track cannot hold is lost, and said.
    """
    timeline = timeline_of(cut, corrected)
    layout = Layout(cut)
    new = {one.event: one for one in corrected}
    rows = [switched_on(row) for row in rows_of(layout, timeline)]
    picture = [row for row in rows if not row.sound]
    if new:
        picture = [row for row in picture if any(clip.event in new for _, clip in all_clips([row]))]
    result = {}
    for row in picture:
        held = {clip.where for _, clip in all_clips([row])}
        told = other_timelines(cut, timeline) + unread_losses(cut)
        told += [loss for loss in layout.losses if loss.where in held]
        told += _left_out(rows, row)
        result[row.label] = _printed(timeline, _flat(row, new, told), new, Layout(cut, losses=told))
    return result


def write_corrected_alone(cut: ProbedCut, corrected: Sequence[Corrected]) -> dict[str, Written]:
    """The list of the corrected clips and nothing else, each whole where it plays; where one fades
    into another, with its dissolve.

    Readers refuse a list whose events overlap: where corrected clips lie over each other on
    several tracks there is a list for each of these, by track; else the one list is called "".
    """
    timeline = timeline_of(cut, corrected)
    new = {one.event: one for one in corrected}
    rows = [switched_on(row) for row in rows_of(Layout(cut), timeline)]
    kept = [
        replace(_alone(inner, new), label=row.label)
        for row in rows
        for inner in picture_rows([row])
        if any(clip.event in new for clip in inner.clips)
    ]
    title = f"{timeline.name} CORRECTED"
    together = kept[0] if kept else LaidOutTrack("V1", 1, False, ())
    for row in kept[1:]:
        if clash(together, row):
            break
        together = merged(together, row)
    else:
        return {"": _printed(timeline, together, new, Layout(cut), title=title)}
    made: dict[str, Written] = {}
    for n, row in enumerate(kept):
        label = row.label if row.label not in made else f"{row.label}{OVER}{n}"
        made[label] = _printed(timeline, row, new, Layout(cut), title=title)
    return made


def _alone(row: LaidOutTrack, new: Mapping[int, Corrected]) -> LaidOutTrack:
    """The corrected clips of a row, each as far as it shows where the other side is not one."""
    kept = [fade for fade in row.fades if all(c and c.event in new for c in row.sides(fade))]
    cuts = {fade.cut for fade in kept}
    clips = []
    for clip in row.clips:
        if clip.event in new:
            start, stop = row.reach(clip)
            start = clip.start if clip.start in cuts else start
            stop = clip.stop if clip.stop in cuts else stop
            clips.append(replace(clip, start=start, stop=stop))
    return replace(row, clips=tuple(clips), fades=tuple(kept))


def _flat(row: LaidOutTrack, new: Mapping[int, Corrected], losses: list[Loss]) -> LaidOutTrack:
    """A row with the clips of its nests in the nests' place, as far as one track can hold."""
    if not any(clip.inside for clip in row.clips):
        return row
    clips: list[Clip] = []
    fades = list(row.fades)
    for clip in row.clips:
        inner = [_flat(one, new, losses) for one in clip.inside if not one.sound]
        wanted = next((r for r in inner if any(c.event in new for c in r.clips)), None)
        wanted = wanted or (inner[0] if inner else None)
        if wanted is None:
            clips.append(clip)
            continue
        for one in inner:
            if one is not wanted:
                what = f"{row.label}/{one.label}"
                losses.append(Loss(what, "is a further track of a nest, and is not printed"))
        held = _within(wanted, clip.start, clip.stop)
        head, tail = row.fade_at(clip.start), row.fade_at(clip.stop)
        if tail is not None and held.clips and held.clips[-1].stop > tail.start:
            last = replace(held.clips[-1], stop=clip.stop)
            held, tail = replace(held, clips=(*held.clips[:-1], last)), None
        for lost in (head, tail):  # of what lies beyond a nest's edges its file lists nothing
            if lost in fades:
                fades.remove(lost)
                losses.append(Loss(row.label, "a transition of a nest is printed as a cut"))
        clips += held.clips
        fades += held.fades
    return replace(row, clips=tuple(clips), fades=tuple(sorted(fades, key=lambda f: f.cut)))


def _within(row: LaidOutTrack, start: Fraction, stop: Fraction) -> LaidOutTrack:
    """What a row shows from record frame `start` up to `stop`."""
    clips = tuple(
        replace(clip, start=max(clip.start, start), stop=min(clip.stop, stop))
        for clip in row.clips
        if clip.start < stop and start < clip.stop
    )
    fades = tuple(fade for fade in row.fades if start < fade.cut < stop)
    return replace(row, clips=clips, fades=fades)


def _left_out(rows: Sequence[LaidOutTrack], printed: LaidOutTrack) -> list[Loss]:
    names = [row.label for row in rows if row is not printed and row.clips]
    if not names:
        return []
    return [Loss(", ".join(names), f"not printed: the list is of {printed.label} alone", LOST)]


def _printed(
    timeline: ProbedTimeline,
    row: LaidOutTrack,
    new: Mapping[int, Corrected],
    layout: Layout,
    *,
    title: str = "",
) -> Written:
    """The list of a row, its clips of `new` as corrected; losses of it go to `layout`.

    Args:
        title: of a list of the corrected clips alone, which leaves all else out and means to.
    """
    rate, cut = timeline.rate, layout.cut
    if rate is None or rate not in TIMECODE_RATES:
        layout.lose(row.label, f"no list counts at {rate} fps: nothing is printed")
        return Written(b"", LossReport.of(layout.losses))
    row = replace(row, clips=tuple(_corrected(clip, row, new, layout) for clip in row.clips))
    printer = Printer(layout, timeline, rate, row)
    placed = printer.fades_out()
    for clip in row.clips:
        if (statement := printer.statement(clip)) is not None:
            placed.append((row.reach(clip)[0], statement))
    placed.sort(key=lambda one: one[0])
    if not title:
        printer.lose_markers()
        for event in cut.events:
            if event.enabled or event.timeline != timeline.name or event.kind in HOLES:
                continue
            if row.label in event.tracks:
                layout.lose(event.where, f"{event.name} is switched off, and is not printed")
    if not placed:
        layout.lose(row.label, "nothing on it can be printed")
        return Written(b"", LossReport.of(layout.losses))
    text = print_list(
        title or timeline.name,
        [statement for _, statement in placed],
        timeline.drop,
        lambda what: layout.lose(row.label, what, APPROXIMATE),
    )
    return Written(text.encode("ascii"), LossReport.of(layout.losses))


def _corrected(clip: Clip, row: LaidOutTrack, new: Mapping[int, Corrected], layout: Layout) -> Clip:
    one = new.get(clip.event)
    if one is None:
        return clip
    return replaced(clip, row, layout.cut.events[clip.event], one, layout)
