"""A cut's events laid on tracks as AAF and CMX3600 think of them: clips that overlap where one
fades into the next.

Formats differ in where a clip beside a transition ends: at its middle (.otio, FCPXML), at its
first frame (CMX3600), or past it (AAF, FCP7 XML).  Here both sides always reach as far as the
transition shows them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dubsync.core.corrected import Corrected
from dubsync.core.probed import ProbedCut, ProbedEvent, ProbedTimeline
from dubsync.core.runs import TimeMap
from dubsync.editorial.corrected import count_shift
from dubsync.editorial.resolve import track_order
from dubsync.editorial.rows import HOLES
from dubsync.editorial.time_maps import time_map
from dubsync.editorial.transitions import comes_from, is_black, sides, stands_alone

Numbered = tuple[int, ProbedEvent]


@dataclass(frozen=True, slots=True)
class Piece:
    """One clip on a track, as far as it shows, fades included.

    event      its place in ProbedCut.events
    start, stop   record frames
    map        record to source frames over all of it; None where it has no media or no known speed
    corrected  the new picture it plays, where it is one
    inside     tracks of what it is a nest of, in record time
    """

    event: int
    start: Fraction
    stop: Fraction
    map: TimeMap | None = None
    corrected: Corrected | None = None
    inside: tuple[LaidTrack, ...] = ()

    def reaching(self, start: Fraction, stop: Fraction) -> Piece:
        """The same clip over other record frames, at its own speed."""
        if (start, stop) == (self.start, self.stop):
            return self
        found = self.map.within(start, stop) if self.map else None
        return replace(self, start=start, stop=stop, map=found)


@dataclass(frozen=True, slots=True)
class Fade:
    """Record frames in which one piece gives way to the next, or to or from nothing."""

    kind: str
    name: str
    start: Fraction
    stop: Fraction
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class LaidTrack:
    """A track: `pieces` in record order, overlapping only where a Fade says so.

    Fades name their pieces by place in `pieces`.
    """

    name: str
    pieces: tuple[Piece, ...]
    fades: tuple[Fade, ...] = ()
    corrected: bool = False

    @property
    def sound(self) -> bool:
        return self.name.rsplit("/", 1)[-1].startswith("A")

    def fade_at(self, piece: int, *, head: bool) -> Fade | None:
        """The fade that a piece comes in by (`head`), or goes out by."""
        for fade in self.fades:
            if piece == (fade.after if head else fade.before):
                return fade
        return None


def renumbered(fade: Fade, before: Mapping[int, int], after: Mapping[int, int]) -> Fade | None:
    """A fade whose pieces have come to other places; None where one of them has none.

    Args:
        before: where each piece lies now that one may fade out of, by its old place.
        after: the same of pieces that one may fade into.
    """
    gone = fade.before is not None and fade.before not in before
    if gone or (fade.after is not None and fade.after not in after):
        return None
    return replace(
        fade,
        before=None if fade.before is None else before[fade.before],
        after=None if fade.after is None else after[fade.after],
    )


def timeline_of(cut: ProbedCut, corrected: Sequence[Corrected]) -> ProbedTimeline:
    """The timeline that the corrected events lie in, else the first."""
    names = {cut.events[one.event].timeline for one in corrected}
    return next((t for t in cut.timelines if t.name in names), cut.timelines[0])


def lay(cut: ProbedCut, timeline: str) -> tuple[LaidTrack, ...]:
    """Tracks of one timeline, lowest first, sound after picture."""
    events = [
        (n, event)
        for n, event in enumerate(cut.events)
        if event.timeline == timeline
        and event.record is not None
        and event.record.start is not None
        and event.record.stop is not None
        and event.record.stop > event.record.start
    ]
    return _tracks(events, "", cut.format.startswith("CMX"))


def _tracks(events: Sequence[Numbered], prefix: str, printed: bool) -> tuple[LaidTrack, ...]:
    """Tracks whose labels begin with `prefix`, and what is nested in their clips."""
    heads: dict[str, list[Numbered]] = {}
    nested: dict[str, list[Numbered]] = {}
    for n, event in events:
        for label in event.tracks:
            if label.startswith(prefix):
                head, slash, _ = label.removeprefix(prefix).partition("/")
                (nested if slash else heads).setdefault(prefix + head, []).append((n, event))
    tracks: list[LaidTrack] = []
    for head in sorted({*heads, *nested}, key=_place):
        inner = nested.get(head, [])
        housed: set[int] = set()
        for row in _rows(head, heads.get(head, []), printed):
            pieces = []
            for piece in row.pieces:
                found = _within(inner, piece)
                housed.update(n for n, _ in found)
                inside = _tracks(found, f"{head}/", printed) if found else ()
                pieces.append(replace(piece, inside=inside))
            tracks.append(replace(row, pieces=tuple(pieces)))
        # a second input of an AAF effect lies on a track of its own with no nest around it
        orphans = [(n, event) for n, event in inner if n not in housed]
        tracks += _tracks(orphans, f"{head}/", printed) if orphans else ()
    return tuple(tracks)


def _within(nested: Sequence[Numbered], piece: Piece) -> list[Numbered]:
    """What lies in the record frames of a nest."""
    found = []
    for n, event in nested:
        record = event.record
        assert record is not None and record.start is not None and record.stop is not None
        if piece.start <= record.start and record.stop <= piece.stop:
            found.append((n, event))
    return found


def _place(label: str) -> tuple[bool, tuple[int, ...]]:
    """Labels from low to high, sound last.

    >>> sorted(["A1", "V10", "V2", "V1/V1", "V1", "V-1"], key=_place)
    ['V-1', 'V1', 'V1/V1', 'V2', 'V10', 'A1']
    """
    return label.startswith("A"), track_order(label)


def _rows(name: str, events: Sequence[Numbered], printed: bool) -> list[LaidTrack]:
    """One track's events; what overlaps without a fade lies on a row of its own above."""
    every = sorted(
        (_piece(n, e) for n, e in events if e.enabled and not stands_alone(e)),
        key=lambda p: (p.start, p.event),
    )
    kinds = dict(events)
    joined = _joined(every, kinds, printed)
    kept = [p for p in every if kinds[p.event].kind not in HOLES and not is_black(kinds[p.event])]
    place = {piece.event: k for k, piece in enumerate(kept)}
    fades = [
        Fade(
            kind,
            told,
            start,
            stop,
            place.get(before.event) if before else None,
            place.get(after.event) if after else None,
        )
        for kind, told, start, stop, before, after in joined
    ]
    for fade in fades:
        if fade.before is not None:
            piece = kept[fade.before]
            kept[fade.before] = piece.reaching(piece.start, max(piece.stop, fade.stop))
        if fade.after is not None:
            piece = kept[fade.after]
            kept[fade.after] = piece.reaching(min(piece.start, fade.start), piece.stop)
    return _parted(name, kept, fades)


def _piece(n: int, event: ProbedEvent) -> Piece:
    assert event.record is not None
    start, stop = event.record.start, event.record.stop
    assert start is not None and stop is not None
    return Piece(n, start, stop, time_map(event))


_Joined = tuple[str, str, Fraction, Fraction, Piece | None, Piece | None]


def _joined(
    pieces: Sequence[Piece], events: Mapping[int, ProbedEvent], printed: bool
) -> list[_Joined]:
    """(kind, name, start, stop, outgoing, incoming) of each transition, in record order."""
    found: list[_Joined] = []
    starts = [piece.start for piece in pieces]
    of_event = {piece.event: piece for piece in pieces}
    ending = {piece.stop: piece for piece in pieces}
    for n, event in events.items():
        record = event.record
        if not event.transition or not event.enabled or record is None:
            continue
        assert record.start is not None and record.stop is not None
        start, stop = record.start, record.stop
        if stands_alone(event):
            before, after = sides(pieces, starts, start, stop)
        elif printed:
            stop = min(stop, start + event.transition)
            before, after = ending.get(start), of_event.get(n)
            before = before if before and comes_from(event, events[before.event]) else None
        else:
            continue
        found.append((event.kind, event.name, start, stop, before, after))
    return sorted(found, key=lambda one: one[2])


def _parted(name: str, pieces: Sequence[Piece], fades: Sequence[Fade]) -> list[LaidTrack]:
    joined = {(f.before, f.after) for f in fades}
    rows: list[list[int]] = []
    for k, piece in enumerate(pieces):
        for row in rows:
            last = row[-1]
            if pieces[last].stop <= piece.start or (last, k) in joined:
                row.append(k)
                break
        else:
            rows.append([k])
    made = []
    for number, row in enumerate(rows):
        place = {k: n for n, k in enumerate(row)}
        mine = [
            replace(
                f,
                before=None if f.before is None else place.get(f.before),
                after=None if f.after is None else place.get(f.after),
            )
            for f in fades
            if f.before in place or f.after in place or (number == 0 and f.before is f.after)
        ]
        label = name if number == 0 else f"{name} over {number}"
        made.append(LaidTrack(label, tuple(pieces[k] for k in row), tuple(mine)))
    return made or [LaidTrack(name, ())]


def with_corrected(
    tracks: Sequence[LaidTrack], cut: ProbedCut, corrected: Sequence[Corrected]
) -> tuple[LaidTrack, ...]:
    """`tracks` with a new one above each that holds corrected events, their new pictures on it.

    Where such an event fades, the new track repeats the fade, and the other side's own picture
    for as long as it lasts: a hard edge above a dissolve would hide it.
    """
    new = {one.event: one for one in corrected}
    found: list[LaidTrack] = []
    for track in tracks:
        found.append(track)
        if track.sound:
            continue
        for row in nested_rows(track):
            above = _corrected_row(row, cut, new)
            if above is not None:
                language = next(p.corrected.language for p in above.pieces if p.corrected)
                found.append(replace(above, name=f"{track.name} {language}"))
    return tuple(found)


def nested_rows(track: LaidTrack) -> list[LaidTrack]:
    """A picture track, and every one nested in its pieces."""
    rows = [track]
    for piece in track.pieces:
        for inner in piece.inside:
            if not inner.sound:
                rows += nested_rows(inner)
    return rows


def _corrected_row(
    track: LaidTrack, cut: ProbedCut, new: Mapping[int, Corrected]
) -> LaidTrack | None:
    ours = {
        k: corrected_piece(p, cut.events[p.event], new[p.event])
        for k, p in enumerate(track.pieces)
        if p.event in new
    }
    if not ours:
        return None
    pieces: list[Piece] = []
    fades: list[Fade] = []
    for k, piece in enumerate(track.pieces):
        head = track.fade_at(k, head=True)
        if k in ours:
            if head is not None:
                before = len(pieces) - 1 if head.before is not None else None
                fades.append(replace(head, before=before, after=len(pieces)))
            pieces.append(ours[k])
            tail = track.fade_at(k, head=False)
            if tail is not None and tail.after is None:
                fades.append(replace(tail, before=len(pieces) - 1))
            continue
        if head is not None and head.before in ours:
            fades.append(replace(head, before=len(pieces) - 1, after=len(pieces)))
            pieces.append(piece.reaching(head.start, head.stop))
        tail = track.fade_at(k, head=False)
        if tail is not None and tail.after in ours:
            pieces.append(piece.reaching(tail.start, tail.stop))
    return LaidTrack(track.name, tuple(pieces), tuple(fades), corrected=True)


def corrected_piece(piece: Piece, event: ProbedEvent, new: Corrected) -> Piece:
    """A piece that plays its new picture, whose frames may count from elsewhere."""
    if piece.map is None:
        return replace(piece, corrected=new)
    shift = count_shift(event, new)
    knots = tuple((record, source + shift) for record, source in piece.map.knots)
    return replace(piece, corrected=new, map=TimeMap(knots), inside=())
