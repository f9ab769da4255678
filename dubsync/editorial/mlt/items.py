"""Places the clips of a playlist: entries and blanks, and the mixes that Shotcut puts between them.

Shotcut and `melt -mix` write a dissolve as an entry of its own: a tractor of two clips, which are
the end of the clip before it and the begin of the clip after it.  Here the clips overlap instead.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dubsync.core.errors import TimecodeError
from dubsync.editorial.files.xml_tree import Element
from dubsync.editorial.mlt.document import PLAYED, Document, properties, tracks_of
from dubsync.editorial.mlt.time import frames_in

#: Transitions that take one picture into another.
DISSOLVES = ("luma", "dissolve")
_MOST_REPEATS = 10_000


@dataclass(slots=True)
class Placed:
    """An entry of a playlist at positions `start`..`stop` of it; `low`: its first own position.

    mixed  whether it is the incoming side of a mix, which the next entry may continue
    filters  those of its entries, which a mix splits in two
    """

    entry: Element
    service: Element | None
    start: int
    stop: int
    low: int
    mixed: bool = False
    filters: list[Element] = field(default_factory=list)

    @property
    def next(self) -> int:
        """The own position that would follow its last."""
        return self.low + self.stop - self.start


@dataclass(frozen=True, slots=True)
class Mix:
    """A transition between two clips of a track, at positions `start`..`stop`."""

    element: Element
    start: int
    stop: int


@dataclass(slots=True)
class Lane:
    """The clips and mixes of a playlist; `length`: its positions."""

    clips: list[Placed]
    mixes: list[Mix]
    length: int = 0


def placed_in(playlist: Element, document: Document, lose: Callable[[Element, str], None]) -> Lane:
    """The clips of a playlist, or of a single producer, in positions of it.

    Args:
        lose: called with an entry whose place is not known, and why: what follows it is early.
    """
    lane, at = Lane([], []), 0
    entries = [playlist] if playlist.tag != "playlist" else playlist.all("entry", "blank", *PLAYED)
    for entry in entries:
        try:
            if entry.tag == "blank":
                at += max(frames_in(entry.get("length"), document.rate), 0)
                continue
            at = _place(entry, at, lane, document)
        except TimecodeError as error:
            lose(entry, str(error))
    lane.length = at
    return lane


def _place(entry: Element, at: int, lane: Lane, document: Document) -> int:
    """Place an entry at position `at`; return the position after it."""
    service = document.played(entry)
    low, high = span_of(entry, service, document)
    repeats = frames_in(properties(entry).get("repeat", "1"), document.rate)
    if not 1 <= repeats <= _MOST_REPEATS:
        raise TimecodeError(f"an entry that repeats {repeats} times")
    mix = mix_of(service, document) if service is not None and repeats == 1 else None
    if mix is not None and service is not None:
        length = high - low
        for side, track in enumerate(tracks_of(service)):
            inner = document.played(track)
            first = span_of(track, inner, document)[0] + low
            piece = Placed(track, inner, at, at + length, first, mixed=bool(side))
            _join(lane, piece, document, extend=not side)
        lane.mixes.append(Mix(mix, at, at + length))
        return at + length
    for _ in range(repeats):
        piece = Placed(entry, service, at, at + high - low, low, filters=entry.all("filter"))
        _join(lane, piece, document, extend=bool(lane.clips) and lane.clips[-1].mixed)
        at = piece.stop
    return at


def _join(lane: Lane, piece: Placed, document: Document, *, extend: bool) -> None:
    """Add a piece; with `extend`, as the continuation of the clip before it, if it is one."""
    last = lane.clips[-1] if lane.clips else None
    if extend and last is not None and _continues(last, piece, document):
        last.stop, last.mixed = piece.stop, False
        if last.entry.tag == "track":
            last.entry = piece.entry
        last.filters += piece.filters
        return
    lane.clips.append(piece)


def _continues(last: Placed, piece: Placed, document: Document) -> bool:
    """Whether a piece is what would follow a clip, if it were longer."""
    meets = last.stop == piece.start and last.next == piece.low
    return meets and _same(last.service, piece.service, document)


def _same(one: Element | None, other: Element | None, document: Document) -> bool:
    """Whether two services play the same, perhaps as copies, as Shotcut makes them."""
    if one is None or other is None or one is other:
        return one is other
    if {one.tag, other.tag} - {"producer", "chain"} or one.all("link") or other.all("link"):
        return False
    a, b = properties(one), properties(other)
    return all(a.get(key) == b.get(key) for key in ("resource", "warp_speed", "frame"))


def span_of(entry: Element, service: Element | None, document: Document) -> tuple[int, int]:
    """The positions (first, past the last) of what an entry or track plays.

    Raises:
        TimecodeError: an invalid time, or no end is stated.
    """
    stated = [element for element in (entry, service) if element is not None]
    edges = []
    for name in ("in", "out"):
        text = next((e.get(name) for e in stated if e.get(name)), "")
        edges.append(frames_in(text, document.rate) if text else None)
    low, last = edges[0] or 0, edges[1]
    if last is None and service is not None:
        length = _length(service, document)
        last = None if length is None else length - 1
    if last is None:
        raise TimecodeError("an entry that states neither its end nor a length")
    if last < low or low < 0:
        raise TimecodeError(f"an entry from {low} to {last}")
    return low, last + 1


def _length(service: Element, document: Document, depth: int = 0) -> int | None:
    """The number of positions of a service; None if the document does not state it."""
    if service.tag in ("producer", "chain"):
        text = properties(service).get("length", "")
        return frames_in(text, document.rate) if text else None
    if depth > 12:
        return None
    lengths = []
    for inner in service.all("entry", "blank") if service.tag == "playlist" else tracks_of(service):
        if inner.tag == "blank":
            lengths.append(max(frames_in(inner.get("length"), document.rate), 0))
            continue
        played = document.played(inner)
        text = inner.get("out") or (played.get("out") if played is not None else "")
        low = frames_in(inner.get("in") or "0", document.rate)
        if text:
            lengths.append(frames_in(text, document.rate) + 1 - low)
        elif played is not None and (own := _length(played, document, depth + 1)) is not None:
            lengths.append(own - low)
    if not lengths:
        return 0 if service.tag == "playlist" else None
    return sum(lengths) if service.tag == "playlist" else max(lengths)


def mix_of(service: Element, document: Document) -> Element | None:
    """The dissolve of a tractor that only mixes two clips; None for any other service."""
    if service.tag != "tractor":
        return None
    sides = [document.played(track) for track in tracks_of(service)]
    if len(sides) != 2 or any(s is None or s.tag not in ("producer", "chain") for s in sides):
        return None
    if any(not track.get("out") for track in tracks_of(service)):
        return None
    return next(iter((*dissolves_in(service), *dissolves_in(service, sound=True))), None)


def dissolves_in(tractor: Element, *, sound: bool = False) -> tuple[Element, ...]:
    """The transitions of a tractor that take one picture, or sound, into another."""
    result = []
    for transition in tractor.all("transition"):
        stated = properties(transition)
        if stated.get("always_active") == "1" or stated.get("internal_added"):
            continue
        if stated.get("mlt_service") in (("mix",) if sound else DISSOLVES):
            result.append(transition)
    return tuple(result)
