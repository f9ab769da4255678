"""AAF out, linked and without essence, as Media Composer, Resolve and Premiere take it.

One composition: a Timecode slot, a slot for each track, corrected clips on a new one above their
own, locators in event slots.  Transitions are components that eat into both neighbours; speeds
are Motion Control.  Source: AAF Object Specification 1.1; AAF Edit Protocol (SMPTE/AMWA AS-01).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from dubsync.core.corrected import Corrected, Written
from dubsync.core.errors import DeliveryError
from dubsync.core.losses import APPROXIMATE, LOST, Loss, LossReport
from dubsync.core.probed import ProbedCut, ProbedTimeline
from dubsync.editorial.aaf_composition import Writer
from dubsync.editorial.aaf_patch import patched_aaf
from dubsync.editorial.carried import other_timelines, unread_losses
from dubsync.editorial.laying import LaidTrack, Piece, lay, renumbered, timeline_of, with_corrected
from dubsync.editorial.rows import HOLES


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
    if original is not None:
        laid = with_corrected(lay(cut, timeline.name), cut, corrected)
        if patched := patched_aaf(original, cut, timeline, laid, corrected):
            return Written(patched[0], LossReport.of(patched[1]))
    losses = other_timelines(cut, timeline) + unread_losses(cut)
    if original is not None:
        what = "written anew: columns, colours and media identifiers of its bin are not in it"
        hint = "keep the original sequence, and lay the new track over it"
        losses.append(Loss(cut.path.rsplit("/", 1)[-1], what, APPROXIMATE, hint))
    losses += _unwritten(cut, timeline)
    tracks = _unnested(lay(cut, timeline.name), losses)
    tracks = with_corrected(tracks, cut, corrected)
    aaf2: Any = import_module("aaf2")
    file = aaf2.open(None, "w")
    writer = Writer(file, cut, timeline, timeline.rate, losses)
    writer.composition(tracks)
    file.save()
    file.cfb.close()
    data = file.f.getvalue()
    return Written(data, LossReport.of(losses))


def _unwritten(cut: ProbedCut, timeline: ProbedTimeline) -> list[Loss]:
    """Events that lie on no track: switched off, or with no place in record time."""
    found = []
    for event in cut.events:
        if event.timeline != timeline.name or event.kind in HOLES:
            continue
        if not event.enabled:
            found.append(
                Loss(event.where, f"{event.name} is switched off, and is not written", LOST)
            )
        elif event.record is None or event.record.start is None:
            found.append(Loss(event.where, f"{event.name} has no place in the timeline", LOST))
    return found


def _unnested(tracks: Sequence[LaidTrack], losses: list[Loss]) -> tuple[LaidTrack, ...]:
    """Nests of one track stay nests; those of several are broken apart onto tracks of their own.

    An AAF clip plays one slot of what it nests.
    """
    found: list[LaidTrack] = []
    for track in tracks:
        pieces: list[Piece] = []
        above: list[LaidTrack] = []
        place: dict[int, int] = {}
        for k, piece in enumerate(track.pieces):
            rows = [row for row in piece.inside if row.sound == track.sound and row.pieces]
            if len(rows) < 2:
                place[k] = len(pieces)
                pieces.append(replace(piece, inside=tuple(rows)))
                continue
            losses.append(
                Loss(
                    track.name,
                    f"a nest of {len(rows)} tracks at record frame {piece.start} is broken apart "
                    "onto tracks of its own",
                    APPROXIMATE,
                )
            )
            if track.fade_at(k, head=True) or track.fade_at(k, head=False):
                losses.append(Loss(track.name, "the transition of that nest is a cut", APPROXIMATE))
            above += list(_unnested(rows, losses))
        fades = [renumbered(fade, place, place) for fade in track.fades]
        found.append(replace(track, pieces=tuple(pieces), fades=tuple(filter(None, fades))))
        found += above
    return tuple(found)
