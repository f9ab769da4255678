"""CMX3600 out: one list for each picture track, and one of the corrected clips alone.

Columns and dialect are edl_print's.  A dissolve is two lines, as CMX has it: the outgoing clip
where it begins, of no length, and the incoming one with the dissolve's frames.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dubsync.core.corrected import Corrected, Written
from dubsync.core.errors import DeliveryError
from dubsync.core.losses import APPROXIMATE, LOST, Loss, LossReport
from dubsync.core.probed import ProbedCut, ProbedTimeline
from dubsync.core.timecode import TIMECODE_RATES
from dubsync.editorial.carried import other_timelines, unread_losses
from dubsync.editorial.cmx_statements import Printer
from dubsync.editorial.edl_print import print_list
from dubsync.editorial.laying import (
    Fade,
    LaidTrack,
    Piece,
    lay,
    nested_rows,
    renumbered,
    timeline_of,
)
from dubsync.editorial.rows import HOLES


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
    losses = other_timelines(cut, timeline) + unread_losses(cut)
    new = {one.event: one for one in corrected}
    tracks = [_flat(track, new, losses) for track in lay(cut, timeline.name)]
    picture = [track for track in tracks if not track.sound]
    held = [t for t in picture if not new or any(p.event in new for p in t.pieces)]
    found = {}
    for track in held:
        told = [*losses, *_left_out(tracks, track)]
        found[track.name] = _printed(cut, timeline, track, new, told)
    return found


def write_corrected_alone(cut: ProbedCut, corrected: Sequence[Corrected]) -> Written:
    """The list of the corrected clips and nothing else, each whole where it plays; where one fades
    into another, with its dissolve, since readers refuse a list whose events overlap."""
    timeline = timeline_of(cut, corrected)
    new = {one.event: one for one in corrected}
    tracks = [row for track in lay(cut, timeline.name) for row in nested_rows(track)]
    held = [
        (piece, n, k)
        for n, track in enumerate(tracks)
        for k, piece in enumerate(track.pieces)
        if piece.event in new
    ]
    held.sort(key=lambda one: one[0].start)
    places = {(n, k): place for place, (_, n, k) in enumerate(held)}
    fades = [
        replace(fade, before=places[n, fade.before], after=places[n, fade.after])
        for n, track in enumerate(tracks)
        for fade in track.fades
        if fade.before is not None and (n, fade.before) in places
        if fade.after is not None and (n, fade.after) in places
    ]
    track = LaidTrack("V1", tuple(piece for piece, _, _ in held), tuple(fades))
    return _printed(cut, timeline, track, new, (), title=f"{timeline.name} CORRECTED")


def _flat(track: LaidTrack, new: Mapping[int, Corrected], losses: list[Loss]) -> LaidTrack:
    """A track with the clips of its nests in the nests' place, as far as one track can hold."""
    if not any(piece.inside for piece in track.pieces):
        return track
    pieces: list[Piece] = []
    fades: list[Fade | None] = []
    begins: dict[int, int] = {}  # places of pieces that one fades into: no nest's
    ends: dict[int, int] = {}  # and out of: of a nest, its last
    for k, piece in enumerate(track.pieces):
        inner = [_flat(row, new, losses) for row in piece.inside if not row.sound]
        wanted = [row for row in inner if any(p.event in new for p in row.pieces)] or inner
        at = len(pieces)
        if not wanted:
            begins[k] = ends[k] = at
            pieces.append(piece)
            continue
        for row in inner:
            if row is not wanted[0]:
                losses.append(Loss(row.name, "is a further track of a nest, and is not printed"))
        moved = {n: at + n for n in range(len(wanted[0].pieces))}
        pieces += wanted[0].pieces
        fades += [renumbered(fade, moved, moved) for fade in wanted[0].fades]
        tail = track.fade_at(k, head=False)
        if tail is not None and moved and pieces[-1].stop > tail.start:
            ends[k] = len(pieces) - 1
    for fade in track.fades:
        fades.append(renumbered(fade, ends, begins))
        if fades[-1] is None:
            losses.append(Loss(track.name, "a transition of a nest is printed as a cut"))
    return replace(track, pieces=tuple(pieces), fades=tuple(filter(None, fades)))


def _left_out(tracks: Sequence[LaidTrack], printed: LaidTrack) -> list[Loss]:
    names = [t.name for t in tracks if t is not printed and t.pieces]
    if not names:
        return []
    return [Loss(", ".join(names), f"not printed: the list is of {printed.name} alone", LOST)]


def _printed(
    cut: ProbedCut,
    timeline: ProbedTimeline,
    track: LaidTrack,
    new: Mapping[int, Corrected],
    losses: Sequence[Loss],
    *,
    title: str = "",
) -> Written:
    rate = timeline.rate
    told = list(losses)
    if rate is None or rate not in TIMECODE_RATES:
        told.append(Loss(track.name, f"no list counts at {rate} fps: nothing is printed", LOST))
        return Written(b"", LossReport.of(told))
    printer = Printer(cut, timeline, rate, new, told)
    placed = printer.fades_out(track)
    for k, piece in enumerate(track.pieces):
        if (statement := printer.statement(track, k)) is not None:
            placed.append((piece.start, statement))
    placed.sort(key=lambda one: one[0])
    if not title:  # a list of the corrected clips alone leaves the rest out, and means to
        told += printer.lost_markers(track)
    told += [
        Loss(event.where, f"{event.name} is switched off, and is not printed", LOST)
        for event in cut.events
        if not event.enabled and event.timeline == timeline.name and event.kind not in HOLES
        if track.name in event.tracks and not title
    ]
    if not placed:
        told.append(Loss(track.name, "nothing on it can be printed", LOST))
        return Written(b"", LossReport.of(told))
    text = print_list(
        title or timeline.name,
        [statement for _, statement in placed],
        timeline.drop,
        lambda what: told.append(Loss(track.name, what, APPROXIMATE)),
    )
    return Written(text.encode("ascii"), LossReport.of(told))
