"""Writes linked AAF without essence, for Media Composer, Resolve and Premiere.

One composition: a Timecode slot, a slot per track, corrected clips on new tracks above the
originals, locators in event slots.  Transitions overlap both neighbours; speed changes are Motion
Controls.  Source: AAF Object Specification 1.1; AAF Edit Protocol (SMPTE/AMWA AS-01).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.corrected import Corrected, Written
from dubsync.core.timeline.losses import APPROXIMATE, LOST, Loss, LossReport
from dubsync.core.timeline.probed import ProbedCut, ProbedMarker, ProbedTimeline
from dubsync.editorial.aaf.patch import patched_aaf
from dubsync.editorial.aaf.write_composition import Writer
from dubsync.editorial.tracks.carry_over import other_timelines, timeline_of, unread_losses
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import GAP_KINDS, Clip, LaidOutTrack, Layout, enabled_only


def write_aaf(
    cut: ProbedCut,
    corrected: Sequence[Corrected],
    *,
    original: bytes | None = None,
    notes: Sequence[ProbedMarker] = (),
) -> Written:
    """The cut's timeline with its corrected clips as an AAF file.

    Args:
        original: the cut's own file, if that is AAF; it is kept, and only tracks are inserted.  If
            that cannot be done safely, a new file is written, and its losses are reported.
        notes: the markers that are added to the original; a new file has all of `cut`.

    Raises:
        DeliveryError: pyaaf2 is not installed, or the timeline states no rate.
    """
    if find_spec("aaf2") is None:
        raise DeliveryError("pyaaf2, which writes AAF, is not installed", hint="pip install pyaaf2")
    timeline = timeline_of(cut, corrected)
    if timeline.rate is None:
        raise DeliveryError(
            f"{timeline.name} states no frame rate, and AAF counts in frames",
            hint="give the rate of the cut, as 24000/1001",
        )
    if original is not None and (patched := patched_aaf(original, cut, timeline, corrected, notes)):
        return patched
    layout = Layout(cut, losses=other_timelines(cut, timeline) + unread_losses(cut))
    if original is not None:
        what = "written anew: columns, colours and media ids of its bin are not carried over"
        hint = "keep the original sequence, and copy the dubbed tracks into it"
        layout.lose(cut.path.rsplit("/", 1)[-1], what, APPROXIMATE, hint)
    layout.losses += _unwritten(cut, timeline)
    tracks = with_dubbed_tracks(layout, lay_out_tracks(layout, timeline), corrected)
    tracks = _unnested([enabled_only(track) for track in tracks], layout)
    aaf2: Any = import_module("aaf2")
    file = aaf2.open(None, "w")
    writer = Writer(file, layout, timeline, timeline.rate)
    writer.composition(tracks)
    file.save()
    file.cfb.close()
    data = file.f.getvalue()
    return Written(data, LossReport.of(layout.losses))


def _unwritten(cut: ProbedCut, timeline: ProbedTimeline) -> list[Loss]:
    """Losses of events that are not laid out: disabled, or without record time."""
    result = []
    for event in cut.events:
        if event.timeline != timeline.name or event.kind in GAP_KINDS:
            continue
        if not event.enabled:
            result.append(Loss(event.where, f"{event.name} is disabled, and is not written", LOST))
        elif event.record is None or event.record.start is None:
            result.append(
                Loss(event.where, f"{event.name} has no record time, and is not written", LOST)
            )
    return result


def _unnested(tracks: Sequence[LaidOutTrack], layout: Layout) -> tuple[LaidOutTrack, ...]:
    """The tracks with nests of several tracks broken apart; nests of one track are kept.

    An AAF clip plays only one slot of the composition that it nests.
    """
    result: list[LaidOutTrack] = []
    for track in tracks:
        clips: list[Clip] = []
        above: list[LaidOutTrack] = []
        gone: set[Fraction] = set()
        for clip in track.clips:
            inside = [inner for inner in clip.inside if inner.sound == track.sound and inner.clips]
            if any(inner.sound != track.sound and inner.clips for inner in clip.inside):
                layout.lose(clip.where, f"sound inside {clip.name!r} is not written")
            if len(inside) < 2:
                clips.append(replace(clip, inside=tuple(inside)))
                continue
            what = (
                f"a nest of {len(inside)} tracks at record frame {clip.start} is broken apart onto "
                "tracks of its own"
            )
            layout.lose(track.label, what, APPROXIMATE)
            if track.transition_at(clip.start) or track.transition_at(clip.stop):
                layout.lose(track.label, "the transition of that nest becomes a cut", APPROXIMATE)
            named = [replace(inner, label=f"{track.label}/{inner.label}") for inner in inside]
            above += _unnested(named, layout)
            gone |= {clip.start, clip.stop}
        transitions = tuple(
            transition for transition in track.transitions if transition.cut not in gone
        )
        result.append(replace(track, clips=tuple(clips), transitions=transitions))
        result += above
    return tuple(result)
