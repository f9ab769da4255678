"""Events that a razor cut divides, or that were joined again: cuts that change no frame.

A cut through a shot divides an event in two that play on as if it were one.  Such pieces are
compared with their part of the old event, so that the cut alone is no change, and an insert
between them moves only what follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from dubsync.core.timeline.change import Use
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.changes.match import Pair
from dubsync.editorial.changes.uses import identity, joined, same_media

_Joint = tuple[tuple[str, str], Fraction, Fraction]


def played_on(uses: Sequence[Use], others: Sequence[Use]) -> list[tuple[Use, ...]]:
    """`uses` in groups that play on as one across cuts which the other version does not have."""
    kept = {joint for a, b in zip(others, others[1:], strict=False) for joint in _joints(a, b)}
    result: list[tuple[Use, ...]] = []
    for use in uses:
        joints = _joints(result[-1][-1], use) if result else set()
        if joints and not joints & kept:
            result[-1] = (*result[-1], use)
        else:
            result.append((use,))
    return result


def as_one(group: Sequence[Use]) -> Use:
    """The uses of a group as one use, with the numbers of all."""
    result = group[0]
    for use in group[1:]:
        assert result.map is not None and use.map is not None
        record = FrameRange(result.record.start, use.record.stop, result.record.rate)
        number, shown = f"{result.number}, {use.number}", joined(result.map, use.map)
        result = replace(result, number=number, record=record, map=shown, tail=use.tail)
    return result


def parts_of(old: Use, group: Sequence[Use]) -> list[Use | None]:
    """The part of an old event that each use of a group continues; None for one with new frames.

    The old event is divided at the source frames of the cuts, or else at the same distances from
    its beginning, as where its picture slipped.
    """
    if len(group) == 1:
        return [old]
    parts = _parts(old, group) or _parts_by_length(old, group)
    if parts is not None:
        return list(parts)
    shared = [_shared(old, use) for use in group]
    most = shared.index(max(shared))
    return [old if n == most else None for n in range(len(group))]


def split_off(
    old: Sequence[Use], new: Sequence[Use], pairs: Sequence[Pair]
) -> Mapping[int, tuple[Use, bool]]:
    """New use -> (its part of the old event, whether it is in order), for events that were split.

    A new use without a partner belongs to the old event of a neighbour if it continues that
    neighbour's frames within the old event, with nothing but new events between them.
    """
    partner = {pair.new: pair for pair in pairs}
    pieces: dict[int, list[int]] = {pair.old: [pair.new] for pair in pairs}
    for forward in (True, False):
        near: int | None = None
        for n in range(len(new)) if forward else reversed(range(len(new))):
            if n in partner:
                near = partner[n].old
            elif near is not None and not any(n in group for group in pieces.values()):
                last = pieces[near][-1 if forward else 0]
                a, b = (new[last], new[n]) if forward else (new[n], new[last])
                if _continues(old[near], a, b):
                    pieces[near].insert(len(pieces[near]) if forward else 0, n)
    result: dict[int, tuple[Use, bool]] = {}
    for place, group in pieces.items():
        parts = _parts(old[place], [new[n] for n in group]) if len(group) > 1 else None
        if parts is not None:
            ordered = next(partner[n].ordered for n in group if n in partner)
            result |= {n: (part, ordered) for n, part in zip(group, parts, strict=True)}
    return result


def _joints(a: Use, b: Use) -> set[_Joint]:
    """The names of the cut between two uses that play on as one; none if they do not."""
    if a.map is None or b.map is None or a.tail or b.head or a.rate != b.rate:
        return set()
    speed = a.map.steady
    if speed is None or speed == 0 or speed != b.map.steady:
        return set()
    if (a.track, a.kind, a.record.stop) != (b.track, b.kind, b.record.start):
        return set()
    ours, at = identity(a), b.map.keyframes[0][1]
    if a.map.keyframes[-1][1] != at or not same_media(ours, identity(b)):
        return set()
    return {(key, at - b.shift, speed) for key in ours.keys}


def _continues(old: Use, a: Use, b: Use) -> bool:
    """Whether `a` and then `b` show parts of `old`, at its speed, one after the other."""
    if old.map is None or a.map is None or b.map is None:
        return False
    speed = old.map.steady
    if not speed or {a.map.steady, b.map.steady} != {speed}:
        return False
    if not (same_media(identity(old), identity(a)) and same_media(identity(old), identity(b))):
        return False
    end = _source(a, -1)
    begin = _source(b, 0)
    return (begin - end) * speed >= 0 and _within(old, end) and _within(old, begin)


def _parts(old: Use, pieces: Sequence[Use]) -> list[Use] | None:
    """`old` divided where each later piece begins; None if that is not on its whole frames."""
    if old.map is None or not old.map.steady:
        return None
    return _divided(old, [old.map.record_of(_source(p, 0) + old.shift) for p in pieces[1:]])


def _parts_by_length(old: Use, pieces: Sequence[Use]) -> list[Use] | None:
    """`old` divided at the record lengths of the pieces; None if they do not all begin in it."""
    by = old.record.start - pieces[0].record.start
    return _divided(old, [Fraction(piece.record.start + by) for piece in pieces[1:]])


def _divided(old: Use, cuts: Sequence[Fraction]) -> list[Use] | None:
    edges = [old.record.start]
    for at in cuts:
        if at.denominator != 1 or not edges[-1] < at < old.record.stop - old.tail:
            return None
        edges.append(int(at))
    edges.append(old.record.stop)
    parts = []
    for n, (start, stop) in enumerate(zip(edges, edges[1:], strict=False)):
        record = FrameRange(start, stop, old.record.rate)
        shown = old.map and old.map.slice(Fraction(start), Fraction(stop))
        head, tail = old.head * (n == 0), old.tail * (n == len(cuts))
        parts.append(replace(old, record=record, map=shown, head=head, tail=tail))
    return parts


def _shared(a: Use, b: Use) -> Fraction:
    assert a.source is not None and b.source is not None
    return min(a.source[1], b.source[1]) - max(a.source[0], b.source[0])


def _source(use: Use, end: int) -> Fraction:
    assert use.map is not None
    return use.map.keyframes[end][1] - use.shift


def _within(use: Use, source: Fraction) -> bool:
    assert use.source is not None
    return use.source[0] <= source <= use.source[1]
