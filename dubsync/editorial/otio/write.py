"""Writes a cut of any format as .otio: flat, or as a master.

Flat: the corrected clips are clips of their own on tracks above, so that a host that supports one
media reference per clip (Clip.1) loses nothing.  Master: each corrected clip is the active media
reference `dubbed-<language>` of the original clip, beside DEFAULT_MEDIA, as in `corrected_otio`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

import opentimelineio as otio

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import ASSUMED, LOST, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.core.timeline.timecode import DROP_RATES
from dubsync.editorial.otio.patch import patched
from dubsync.editorial.otio.references import span, time
from dubsync.editorial.otio.renders import NAMESPACE, TRACK_SCHEMA
from dubsync.editorial.otio.write_tracks import TrackWriter
from dubsync.editorial.tracks.carry_over import unread_losses
from dubsync.editorial.tracks.dubbed_track import (
    with_dubbed_tracks,
)
from dubsync.editorial.tracks.from_cut import lay_out_tracks, programmes
from dubsync.editorial.tracks.layout import (
    LaidOutTrack,
    Layout,
    all_clips,
)
from dubsync.editorial.tracks.media_uses import Key, Use, add_media_uses


def write_otio_flat(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    *,
    original: bytes | None = None,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """A cut as .otio, the corrected clips on tracks directly above the originals.

    Args:
        original: the cut's own file, if that is .otio; all its keys are kept, and only tracks
            are added.
        notes: the markers that are added to the original; a new file has all of `cut`.

    Raises:
        DeliveryError: there is nothing to write, or a corrected event is not in the cut.
    """
    if original is not None:
        return patched(cut, corrected, original, notes)
    layout = Layout(cut, losses=unread_losses(cut))
    made = []
    for timeline in programmes(cut, corrected):
        tracks = lay_out_tracks(layout, timeline)
        ours = [one for one in corrected if cut.events[one.event].timeline == timeline.name]
        tracks = with_dubbed_tracks(layout, tracks, ours)
        made.append(_timeline(layout, timeline, tracks, {}))
    return _written(made, layout)


def own_clips(corrected: Sequence[Corrected]) -> list[Corrected]:
    """Those that cannot be another media reference of their original clip.

    They play other frames than it states, or at another speed: one source range and one effect
    would have to serve both.
    """
    return [one for one in corrected if one.time is not None]


def write_otio_master(cut: ProbedCut, corrected: Sequence[Corrected], *, language: str) -> Written:
    """A cut as .otio in which each corrected clip is the active media reference of its original.

    Those of `own_clips` are on a track above instead.

    Raises:
        DeliveryError: there is nothing to write, or a corrected event is not a picture clip.
    """
    layout = Layout(cut, losses=unread_losses(cut))
    ours = {one.event: one for one in corrected if one.time is None}
    result = []
    present: set[int] = set()
    for timeline in programmes(cut, corrected):
        tracks = lay_out_tracks(layout, timeline)
        present |= {clip.event for track, clip in all_clips(tracks) if not track.sound}
        apart = [one for one in own_clips(corrected)
                 if cut.events[one.event].timeline == timeline.name]  # fmt: skip
        tracks = with_dubbed_tracks(layout, tracks, apart)
        result.append(_timeline(layout, timeline, tracks, ours, language))
    if missing := set(ours) - present:
        shot = ours[min(missing)].shot
        raise DeliveryError(
            f"shot {shot}: its event is not a picture clip on a track of the cut",
            hint="run the turnover again",
        )
    return _written(result, layout)


def _written(made: Sequence[otio.schema.Timeline], layout: Layout) -> Written:
    if not made:
        raise DeliveryError(
            f"{layout.cut.name or layout.cut.path}: no timeline has a known frame rate",
            hint="give the rate, as 24000/1001 or 25",
        )
    top = made[0] if len(made) == 1 else otio.schema.SerializableCollection(children=list(made))
    for event in layout.cut.events:
        if event.record is None:
            layout.lose(event.timeline, "clips of bins and logs are not written", LOST)
    parsed = json.loads(top.to_json_string())
    text = json.dumps(parsed, indent=4, ensure_ascii=False) + "\n"
    return Written(text.encode("utf-8", "replace"), LossReport.of(layout.losses))


def _timeline(
    layout: Layout,
    timeline: ProbedTimeline,
    tracks: Sequence[LaidOutTrack],
    ours: Mapping[int, Corrected],
    language: str = "",
) -> otio.schema.Timeline:
    rate = timeline.rate
    assert rate is not None
    starts = [track.record_range(clip)[0] for track in tracks for clip in track.clips]
    start = min([*starts, *([timeline.start] if timeline.start is not None else [])], default=0)
    start = Fraction(start)
    if timeline.drop and rate in DROP_RATES:
        what = f"{timeline.name!r} is drop-frame, which .otio cannot state"
        layout.lose(timeline.name, what, ASSUMED)
    uses: dict[Key, Use] = {}
    add_media_uses(uses, tracks)
    writer = TrackWriter(layout, rate, uses, ours, language)
    made = otio.schema.Timeline(timeline.name, global_start_time=time(start, rate))
    for track in tracks:
        made.tracks.append(writer.track(track, start))
        if language and any(clip.corrected for clip in track.clips):
            made.tracks[-1].metadata[NAMESPACE] = {"schema": TRACK_SCHEMA}
    _prolonged(made.tracks, (timeline.start or start) + (timeline.length or 0) - start, rate)
    for marker in layout.cut.markers:
        if marker.timeline == timeline.name:
            writer.mark(made.tracks, marker, start)
    return made


def _prolonged(tracks: otio.schema.Stack, length: Fraction, rate: Fraction) -> None:
    """Add a final gap to the lowest track if the timeline is longer than all its tracks."""
    if not len(tracks):
        tracks.append(otio.schema.Track("V1", kind=otio.schema.TrackKind.Video))
    short = [
        round(length - Fraction(t.duration().value * float(rate) / t.duration().rate))
        for t in tracks
    ]
    if min(short) > 0:
        tracks[0].append(otio.schema.Gap(source_range=span(0, short[0], rate)))
