"""Media for clips whose cut names no file; clips of bins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from dubsync.core.timeline.losses import ASSUMED
from dubsync.core.timeline.probed import ProbedEvent, ProbedTimeline
from dubsync.core.timeline.runs import TimeMap
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import GENERATED_KINDS, Clip, LaidOutTrack, Layout, Media


def with_media(track: LaidOutTrack, rate: Fraction, layout: Layout) -> LaidOutTrack:
    """The track with media for every clip that needs it; assumed media begins with the clip."""
    clips = []
    for clip in track.clips:
        if clip.inside:
            inside = tuple(with_media(inner, rate, layout) for inner in clip.inside)
            clip = replace(clip, inside=inside)
        elif clip.map is None and clip.kind not in GENERATED_KINDS:
            what = f"the cut states no source frames for {clip.name!r}; frame 0 is assumed"
            layout.lose(clip.where, what, ASSUMED)
            media = clip.media or Media("", clip.name, "", rate)
            last = (clip.stop - clip.start) * media.rate / rate
            map = TimeMap(((clip.start, Fraction(0)), (clip.stop, last)))
            clip = replace(clip, media=media, map=map)
        clips.append(clip)
    return replace(track, clips=tuple(clips))


def bin_clips(layout: Layout) -> Iterator[tuple[ProbedEvent, LaidOutTrack, Clip]]:
    """The clips in bins and logs, each on a track of its own, in the time of its file."""
    for event in layout.cut.events:
        if event.record is not None:
            continue
        source = event.source
        if source is None or source.start is None or source.stop is None or not source.rate:
            layout.lose(event.where, f"{event.name!r} has no source frames, and is not written")
            continue
        made = replace(event, record=source, transition=None, speed=Fraction(1), keyframes=())
        inner = Layout(replace(layout.cut, events=(made,)))
        for track in lay_out_tracks(inner, ProbedTimeline(event.timeline, source.rate))[:1]:
            for clip in track.clips:
                if clip.map is not None:
                    yield event, track, clip
