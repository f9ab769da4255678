"""AAF out, linked and without essence, as Media Composer, Resolve and Premiere take it.

One composition: a Timecode slot, a slot for each track, corrected clips on a new one above
theirs, locators in event slots.  Transitions are components that eat into both neighbours; speeds
are Motion Control.  Source: AAF Object Specification 1.1; AAF Edit Protocol (SMPTE/AMWA AS-01).
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
from dubsync.core.timeline.probed import ProbedCut, ProbedTimeline
from dubsync.editorial.aaf.patch import patched_aaf
from dubsync.editorial.aaf.write_composition import Writer
from dubsync.editorial.tracks.carry_over import other_timelines, timeline_of, unread_losses
from dubsync.editorial.tracks.dubbed_track import with_dubbed_tracks
from dubsync.editorial.tracks.from_cut import lay_out_tracks
from dubsync.editorial.tracks.layout import GAP_KINDS, Clip, LaidOutTrack, Layout, enabled_only


def write_aaf(
    cut: ProbedCut, corrected: Sequence[Corrected], *, original: bytes | None = None
) -> Written:
    """The cut's timeline with its corrected clips as an AAF file.

    Args:
        original: the cut's own file where that is AAF; it is kept, and only a track let in.  Where
            that cannot be done safely, it is written anew, and what is not in it is said.

    Raises:
        DeliveryError: pyaaf2 is not installed, or the timeline states no rate.
    """
    if find_spec("aaf2") is None:
        raise DeliveryError("pyaaf2, which writes AAF, is not installed", hint="pip install pyaaf2")
    timeline = timeline_of(cut, corrected)
    if timeline.rate is None:
        raise DeliveryError(
            f"{timeline.name} states no frame rate, and AAF counts in frames",
            hint="say the rate of the cut, as 24000/1001",
        )
    if original is not None and (patched := patched_aaf(original, cut, timeline, corrected)):
        return patched
    layout = Layout(cut, losses=other_timelines(cut, timeline) + unread_losses(cut))
    if original is not None:
        what = "written anew: columns, colours and media identifiers of its bin are not in it"
        hint = "keep the original sequence, and lay the new track over it"
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
    """Events that lie on no track: switched off, or with no place in record time."""
    result = []
    for event in cut.events:
        if event.timeline != timeline.name or event.kind in GAP_KINDS:
            continue
        if not event.enabled:
            result.append(
                Loss(event.where, f"{event.name} is switched off, and is not written", LOST)
            )
        elif event.record is None or event.record.start is None:
            result.append(Loss(event.where, f"{event.name} has no place in the timeline", LOST))
    return result


def _unnested(tracks: Sequence[LaidOutTrack], layout: Layout) -> tuple[LaidOutTrack, ...]:
    """Nests of one track stay nests; those of several are broken apart onto tracks of their own.

    An AAF clip plays one slot of what it nests.
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
                layout.lose(track.label, "the transition of that nest is a cut", APPROXIMATE)
            named = [replace(inner, label=f"{track.label}/{inner.label}") for inner in inside]
            above += _unnested(named, layout)
            gone |= {clip.start, clip.stop}
        transitions = tuple(
            transition for transition in track.transitions if transition.cut not in gone
        )
        result.append(replace(track, clips=tuple(clips), transitions=transitions))
        result += above
    return tuple(result)
