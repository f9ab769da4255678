"""Compares two resolved cuts: the change of every event, to the frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.change import (
    KINDS,
    MOVE_DUB,
    NEW_SYNC,
    NOTHING,
    REMOVE_DUB,
    Change,
    ChangeList,
    Use,
)
from dubsync.core.timeline.probed import ProbedCut
from dubsync.core.timeline.runs import Run, TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.changes.match import matched
from dubsync.editorial.changes.splits import as_one, parts_of, played_on, split_off
from dubsync.editorial.changes.uses import Identity, counted_alike, identity, same_media, uses_of


def change_list(
    old: ProbedCut, old_runs: Sequence[Run], new: ProbedCut, new_runs: Sequence[Run]
) -> ChangeList:
    """The change list from `old` to `new`.

    Args:
        old_runs, new_runs: one resolved timeline of each cut.

    Raises:
        TurnoverError: one of them has no visible picture, or their frame rates differ.
    """
    for cut, runs in ((old, old_runs), (new, new_runs)):
        if not any(run.shown for run in runs):
            raise TurnoverError(f"{cut.path} has no visible picture",
                                hint="is it a bin or a sound session? export the cut")  # fmt: skip
    rates = old_runs[0].record.rate, new_runs[0].record.rate
    if rates[0] != rates[1]:
        raise TurnoverError(
            f"the old cut is at {rates[0]} fps and the new one at {rates[1]} fps; they cannot be "
            "compared",
            hint="check the --rate of an EDL, or export both at one rate",
        )
    before = uses_of(old, old_runs)  # transitions included: both their sides are visible
    after = counted_alike(before, uses_of(new, new_runs), (old, new))
    return ChangeList(
        old_path=old.path,
        new_path=new.path,
        old_name=old.name,
        new_name=new.name,
        rate=rates[0],
        drop=(_drops(before), _drops(after)),
        spans=(_span(old_runs), _span(new_runs)),
        changes=changes(before, after),
        losses=(old.losses, new.losses),
    )


def changes(old: Sequence[Use], new: Sequence[Use]) -> tuple[Change, ...]:
    """Every Change, in the new cut's order; a removed event follows its predecessor.

    A cut that divides an event and changes no frame of it is no change; see splits.py.
    """
    whole = [as_one(group) for group in played_on(old, new)]
    groups = played_on(new, old)
    joined = [as_one(group) for group in groups]
    pairs = matched(whole, joined)
    shown = _Shown(old)
    partner = {pair.new: (whole[pair.old], pair.ordered) for pair in pairs}
    partner |= split_off(whole, joined, pairs)
    kept = {pair.old: pair.new for pair in pairs}
    gone: dict[int, list[Change]] = defaultdict(list)
    behind = -1
    for n, use in enumerate(whole):
        if n in kept:
            behind = kept[n]
        else:
            gone[behind].append(Change(("gone",), to_its_cut(use), None, dub=REMOVE_DUB))
    listed = list(gone[-1])
    for n, group in enumerate(groups):
        was, ordered = partner.get(n, (None, True))
        parts = parts_of(was, group) if was is not None else [None] * len(group)
        listed += [
            _of_event(part, use, ordered=ordered, fresh=shown.lacking(use))
            for part, use in zip(parts, group, strict=True)
        ]
        listed += gone[n]
    return tuple(listed)


def _of_event(old: Use | None, new: Use, *, ordered: bool, fresh: int) -> Change:
    """The change of an event of the new cut; `old` is None if it is new."""
    if old is not None:
        return compared(to_its_cut(old), to_its_cut(new), ordered=ordered, fresh=fresh)
    dub = NEW_SYNC if fresh else MOVE_DUB
    return Change(("new",), None, to_its_cut(new), fresh=fresh, dub=dub)


def to_its_cut(use: Use) -> Use:
    """`use` without the frames under a transition to the next event; `tail` still counts them.

    The transition belongs to the next event, as in CMX3600, so that a change of its length does
    not count as a trim of this event.
    """
    if not 0 < use.tail < len(use.record):
        return replace(use, tail=0)
    record = replace(use.record, stop=use.record.stop - use.tail)
    shown = use.map and use.map.slice(Fraction(record.start), Fraction(record.stop))
    return replace(use, record=record, map=shown)


def compared(old: Use, new: Use, *, ordered: bool, fresh: int) -> Change:
    """The change of an event that is in both cuts.

    Args:
        old, new: see `to_its_cut`.
        ordered: whether it is still between the same neighbours.
        fresh: number of source frames that the old cut does not show anywhere.
    """
    change = _of_pictures(old, new) if old.map and new.map else _of_lengths(old, new)
    change = replace(change, fresh=fresh)
    holds = {
        "retimed": change.speed[0] != change.speed[1] or "retimed" in change.kinds,
        "slipped": change.slipped != 0,
        "extended": change.head > 0 or change.tail > 0,
        "trimmed": change.head < 0 or change.tail < 0,
        "reordered": not ordered,
        "transition": old.head != new.head or bool(change.longer_out),
        "moved": change.moved != 0,
    }
    kinds = tuple(kind for kind in KINDS if holds.get(kind)) or ("same",)
    return replace(change, kinds=kinds, dub=_asked(kinds, fresh))


def _asked(kinds: Sequence[str], fresh: int) -> str:
    """What a change requires of the dub: a render stays valid if frames and speed are unchanged."""
    if fresh or "retimed" in kinds:
        return NEW_SYNC
    return MOVE_DUB if {"moved", "slipped", "reordered"} & set(kinds) else NOTHING


def _of_lengths(old: Use, new: Use) -> Change:
    """The change of an event without media, such as a title: position and length only."""
    moved = Fraction(new.record.start - old.record.start)
    return Change((), old, new, moved=moved, tail=Fraction(len(new.record) - len(old.record)))


def _of_pictures(old: Use, new: Use) -> Change:
    assert old.map is not None and new.map is not None
    stands = Fraction(new.record.start - old.record.start)
    longer = Fraction(len(new.record) - len(old.record))
    speed = old.map.steady, new.map.steady
    if None in speed:
        return _of_ramps(old, new, stands, longer)
    if speed[0] != speed[1]:
        return Change((), old, new, moved=stands, speed=speed)
    first = _first(new) - _first(old)
    if speed[0] == 0:  # a freeze has only a frame and a length
        return Change((), old, new, moved=stands, tail=longer, slipped=first, speed=speed)
    assert speed[0] is not None
    head = first / speed[0]  # record frames removed from its beginning
    if longer == 0 or (head > 0) == (head + longer > 0) and _mostly_other(old, new):
        return Change((), old, new, moved=stands, tail=longer, slipped=first, speed=speed)
    return Change(
        (), old, new, moved=stands - head, head=-head, tail=longer + head, speed=speed
    )  # fmt: skip


def _of_ramps(old: Use, new: Use, stands: Fraction, longer: Fraction) -> Change:
    """The change of a varying speed: the same ramp moved or trimmed, else a retime."""
    assert old.map is not None and new.map is not None
    speed = old.map.steady, new.map.steady
    for moved in _offsets(old.map, new.map, new.shift - old.shift):
        start = max(old.map.start + moved, new.map.start)
        stop = min(old.map.stop + moved, new.map.stop)
        if start >= stop:
            continue
        was = old.map.slice(start - moved, stop - moved)
        now = new.map.slice(start, stop)
        shifted = tuple((r + moved, s + new.shift - old.shift) for r, s in was.keyframes)
        if shifted == now.keyframes:
            head = stands - moved
            return Change((), old, new, moved=moved, head=-head, tail=longer + head, speed=speed)
    return Change(("retimed",), old, new, moved=stands, speed=speed)


def _offsets(old: TimeMap, new: TimeMap, shift: Fraction) -> set[Fraction]:
    """Candidate record offsets: distances of keyframes of both maps at the same source frame."""
    corners = old.keyframes[1:-1] or old.keyframes
    return {
        r - q
        for r, s in (new.keyframes[1:-1] or new.keyframes)
        for q, t in corners
        if s == t + shift
    }


def _first(use: Use) -> Fraction:
    """The source time at its first record edge."""
    assert use.map is not None
    return use.map.keyframes[0][1] - use.shift


def _mostly_other(old: Use, new: Use) -> bool:
    """Whether less than half of the shorter one is in both: then it is a slip, not two trims."""
    assert old.source is not None and new.source is not None
    (a0, a1), (b0, b1) = old.source, new.source
    return 2 * (min(a1, b1) - max(a0, b0)) < min(a1 - a0, b1 - b0)


class _Shown:
    """The source frames that a cut shows, by media."""

    def __init__(self, uses: Sequence[Use]) -> None:
        self._uses: dict[tuple[str, str], list[tuple[int, int, Identity]]] = defaultdict(list)
        for use in uses:
            if use.source is not None:
                name = identity(use)
                entry = (floor(use.source[0]), ceil(use.source[1]), name)
                for key in name.keys:
                    self._uses[key].append(entry)
        for entries in self._uses.values():
            entries.sort(key=lambda entry: entry[:2])

    def lacking(self, use: Use) -> int:
        """The number of whole source frames of `use` that the cut does not show."""
        if use.source is None:
            return 0
        low, high = floor(use.source[0]), ceil(use.source[1])
        mine = identity(use)
        ranges = sorted(
            (max(low, start), min(high, stop))
            for key in mine.keys
            for start, stop, other in self._uses.get(key, ())
            if start < high and stop > low and same_media(mine, other)
        )
        lacking, at = 0, low
        for start, stop in ranges:
            lacking += max(0, start - at)
            at = max(at, stop)
        return lacking + max(0, high - at)


def _span(runs: Sequence[Run]) -> FrameRange:
    records = [run.record for run in runs]
    return FrameRange(min(r.start for r in records), max(r.stop for r in records), records[0].rate)


def _drops(uses: Sequence[Use]) -> bool:
    return any(use.drop for use in uses)
