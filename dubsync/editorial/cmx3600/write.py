"""Writes CMX3600 EDLs: one list per picture track, and one of the corrected clips only.

`cmx3600.print` defines columns and dialect.  A dissolve is two lines, as in CMX3600: the outgoing
clip at the start of the dissolve, without length, and the incoming clip with the dissolve's length.
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
from dubsync.editorial.tracks.dubbed_track import corrected_clip
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import (
    GAP_KINDS,
    Clip,
    LaidOutTrack,
    Layout,
    all_clips,
    clash,
    enabled_only,
    merged,
    picture_tracks,
)
from dubsync.editorial.tracks.order import OVER


def write_cmx(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """The list of the lowest track with a corrected clip; see `write_tracks`.

    Raises:
        DeliveryError: no picture track at all.
    """
    made = write_tracks(cut, corrected)
    if not made:
        raise DeliveryError(
            f"{cut.name} has no picture track",
            hint="an EDL lists one picture track; check that the cut has one",
        )
    return next(iter(made.values()))


def write_tracks(cut: ProbedCut, corrected: Sequence[Corrected]) -> dict[str, Written]:
    """Track label -> the list of each picture track with corrected clips, lowest first.

    If there are no corrected clips, all picture tracks are listed.  Corrected clips replace their
    originals, with the originals' reel and timecode.  What a list of one track cannot hold is
    reported.
    """
    timeline = timeline_of(cut, corrected)
    layout = Layout(cut)
    new = {one.event: one for one in corrected}
    tracks = [enabled_only(track) for track in lay_out_tracks(layout, timeline)]
    picture = [track for track in tracks if not track.sound]
    if new:
        picture = [
            track for track in picture if any(clip.event in new for _, clip in all_clips([track]))
        ]
    result = {}
    for track in picture:
        places = {clip.where for _, clip in all_clips([track])}
        losses = other_timelines(cut, timeline) + unread_losses(cut)
        losses += [loss for loss in layout.losses if loss.where in places]
        losses += _left_out(tracks, track)
        result[track.label] = _printed(
            timeline, _flat(track, new, losses), new, Layout(cut, losses=losses)
        )
    return result


def write_corrected_alone(cut: ProbedCut, corrected: Sequence[Corrected]) -> dict[str, Written]:
    """The list of the corrected clips only, each over its whole record range.

    Dissolves between corrected clips are kept.  Readers reject a list with overlapping events: if
    corrected clips of several tracks overlap, the result has one list per track label; otherwise
    it has one list, under "".
    """
    timeline = timeline_of(cut, corrected)
    new = {one.event: one for one in corrected}
    tracks = [enabled_only(track) for track in lay_out_tracks(Layout(cut), timeline)]
    kept = [
        replace(_corrected_only(inner, new), label=track.label)
        for track in tracks
        for inner in picture_tracks([track])
        if any(clip.event in new for clip in inner.clips)
    ]
    title = f"{timeline.name} CORRECTED"
    together = kept[0] if kept else LaidOutTrack("V1", 1, False, ())
    for track in kept[1:]:
        if clash(together, track):
            break
        together = merged(together, track)
    else:
        return {"": _printed(timeline, together, new, Layout(cut), title=title)}
    made: dict[str, Written] = {}
    for n, track in enumerate(kept):
        label = track.label if track.label not in made else f"{track.label}{OVER}{n}"
        made[label] = _printed(timeline, track, new, Layout(cut), title=title)
    return made


def _corrected_only(track: LaidOutTrack, new: Mapping[int, Corrected]) -> LaidOutTrack:
    """The corrected clips of a track, extended over transitions with uncorrected clips."""
    kept = [
        transition
        for transition in track.transitions
        if all(c and c.event in new for c in track.sides(transition))
    ]
    cuts = {transition.cut for transition in kept}
    clips = []
    for clip in track.clips:
        if clip.event in new:
            start, stop = track.record_range(clip)
            start = clip.start if clip.start in cuts else start
            stop = clip.stop if clip.stop in cuts else stop
            clips.append(replace(clip, start=start, stop=stop))
    return replace(track, clips=tuple(clips), transitions=tuple(kept))


def _flat(track: LaidOutTrack, new: Mapping[int, Corrected], losses: list[Loss]) -> LaidOutTrack:
    """A track with its nests replaced by their clips, as far as one track can hold them."""
    if not any(clip.inside for clip in track.clips):
        return track
    clips: list[Clip] = []
    transitions = list(track.transitions)
    for clip in track.clips:
        inner = [_flat(one, new, losses) for one in clip.inside if not one.sound]
        wanted = next((r for r in inner if any(c.event in new for c in r.clips)), None)
        wanted = wanted or (inner[0] if inner else None)
        if wanted is None:
            clips.append(clip)
            continue
        for one in inner:
            if one is not wanted:
                what = f"{track.label}/{one.label}"
                losses.append(Loss(what, "another track of a nest is not printed"))
        part = _trimmed(wanted, clip.start, clip.stop)
        head, tail = track.transition_at(clip.start), track.transition_at(clip.stop)
        if tail is not None and part.clips and part.clips[-1].stop > tail.start:
            last = replace(part.clips[-1], stop=clip.stop)
            part, tail = replace(part, clips=(*part.clips[:-1], last)), None
        for dropped in (head, tail):  # the file lists nothing beyond the edges of a nest
            if dropped in transitions:
                transitions.remove(dropped)
                losses.append(Loss(track.label, "the transition of a nest is printed as a cut"))
        clips += part.clips
        transitions += part.transitions
    return replace(
        track, clips=tuple(clips), transitions=tuple(sorted(transitions, key=lambda f: f.cut))
    )


def _trimmed(track: LaidOutTrack, start: Fraction, stop: Fraction) -> LaidOutTrack:
    """The part of a track from record frame `start` up to `stop`."""
    clips = tuple(
        replace(clip, start=max(clip.start, start), stop=min(clip.stop, stop))
        for clip in track.clips
        if clip.start < stop and start < clip.stop
    )
    transitions = tuple(
        transition for transition in track.transitions if start < transition.cut < stop
    )
    return replace(track, clips=clips, transitions=transitions)


def _left_out(tracks: Sequence[LaidOutTrack], printed: LaidOutTrack) -> list[Loss]:
    names = [track.label for track in tracks if track is not printed and track.clips]
    if not names:
        return []
    return [Loss(", ".join(names), f"not printed: the list has only {printed.label}", LOST)]


def _printed(
    timeline: ProbedTimeline,
    track: LaidOutTrack,
    new: Mapping[int, Corrected],
    layout: Layout,
    *,
    title: str = "",
) -> Written:
    """The list of a track, with the corrected clips `new`; losses are added to `layout`.

    Args:
        title: title of a list of corrected clips only, which does not report what it leaves out.
    """
    rate, cut = timeline.rate, layout.cut
    if rate is None or rate not in TIMECODE_RATES:
        layout.lose(track.label, f"an EDL cannot count at {rate} fps; nothing is printed")
        return Written(b"", LossReport.of(layout.losses))
    track = replace(
        track, clips=tuple(_corrected(clip, track, new, layout) for clip in track.clips)
    )
    printer = Printer(layout, timeline, rate, track)
    placed = printer.fades_to_black()
    for clip in track.clips:
        if (statement := printer.statement(clip)) is not None:
            placed.append((track.record_range(clip)[0], statement))
    placed.sort(key=lambda one: one[0])
    if not title:
        printer.report_markers()
        for event in cut.events:
            if event.enabled or event.timeline != timeline.name or event.kind in GAP_KINDS:
                continue
            if track.label in event.tracks:
                layout.lose(event.where, f"{event.name} is disabled, and is not printed")
    if not placed:
        layout.lose(track.label, "the track has nothing that can be printed")
        return Written(b"", LossReport.of(layout.losses))
    text = print_list(
        title or timeline.name,
        [statement for _, statement in placed],
        timeline.drop,
        lambda what: layout.lose(track.label, what, APPROXIMATE),
    )
    return Written(text.encode("ascii"), LossReport.of(layout.losses))


def _corrected(
    clip: Clip, track: LaidOutTrack, new: Mapping[int, Corrected], layout: Layout
) -> Clip:
    one = new.get(clip.event)
    if one is None:
        return clip
    return corrected_clip(clip, track, layout.cut.events[clip.event], one, layout)
