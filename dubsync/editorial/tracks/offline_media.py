"""Clips that a written timeline must give a file to, though their cut names none; clips of bins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from dubsync.core.timeline.losses import ASSUMED
from dubsync.core.timeline.probed import ProbedEvent, ProbedTimeline
from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.tracks.from_cut import rows_of
from dubsync.editorial.tracks.layout import DRAWN, Clip, LaidOutTrack, Layout, Media


def sourced(row: LaidOutTrack, rate: Fraction, layout: Layout) -> LaidOutTrack:
    """The row with a file for every clip that should have one, taken to begin with the clip."""
    clips = []
    for clip in row.clips:
        if clip.inside:
            inside = tuple(sourced(inner, rate, layout) for inner in clip.inside)
            clip = replace(clip, inside=inside)
        elif clip.map is None and clip.kind not in DRAWN:
            what = f"the cut names no source frames for {clip.name!r}; its file is taken to begin"
            layout.lose(clip.where, what + " with it", ASSUMED)
            media = clip.media or Media("", clip.name, "", rate)
            last = (clip.stop - clip.start) * media.rate / rate
            map = TimeMap(((clip.start, Fraction(0)), (clip.stop, last)))
            clip = replace(clip, media=media, map=map)
        clips.append(clip)
    return replace(row, clips=tuple(clips))


def loose_rows(layout: Layout) -> Iterator[tuple[ProbedEvent, LaidOutTrack, Clip]]:
    """Clips that lie in bins and logs, each on a row of its own, in its file's own time."""
    for event in layout.cut.events:
        if event.record is not None:
            continue
        source = event.source
        if source is None or source.start is None or source.stop is None or not source.rate:
            layout.lose(event.where, f"{event.name!r} has no source frames; it is not written")
            continue
        made = replace(event, record=source, transition=None, speed=Fraction(1), keyframes=())
        inner = Layout(replace(layout.cut, events=(made,)))
        for row in rows_of(inner, ProbedTimeline(event.timeline, source.rate))[:1]:
            for clip in row.clips:
                if clip.map is not None:
                    yield event, row, clip
