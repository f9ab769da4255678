"""Matches the events of two cuts by media and source overlap.

First, events in the same order: the heaviest chain of pairs that rises in both cuts (a weighted
longest increasing subsequence, O(P log n) for P pairs that share frames).  Second, the remaining
events, which were reordered: the best assignment.  Last, events between the same matched
neighbours that share media but no frames: long slips.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy

from dubsync.core.timeline.change import Use
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.changes.uses import Identity, identity, same_media

#: Above this number of pairs of one media, only pairs of similar rank are compared.
MOST_PAIRS, NEAR_RANK = 250_000, 64
_WHOLE, _SAME_EDGES, _NEAR = 2.0, 1.0, 0.01

_Key = tuple[str, str]
_Span = tuple[float, float]  #: exact below 2**53 frames, and only used for weights


@dataclass(frozen=True, slots=True)
class Pair:
    """Indices of the same event in the old and the new uses; not `ordered` if it was reordered."""

    old: int
    new: int
    ordered: bool


def matched(old: Sequence[Use], new: Sequence[Use]) -> tuple[Pair, ...]:
    """The pairs, each use in at most one, in the order of the old cut.

    Args:
        old, new: in record order.
    """
    weights = _weights(old, new)
    chain = _heaviest_chain(weights, len(new))
    rest = _best_of_rest(weights, chain)
    pairs = [Pair(i, j, True) for i, j in chain] + [Pair(i, j, False) for i, j in rest]
    pairs += [Pair(i, j, True) for i, j in _long_slips(old, new, pairs)]
    return tuple(sorted(pairs, key=lambda pair: pair.old))


def _weights(old: Sequence[Use], new: Sequence[Use]) -> dict[tuple[int, int], float]:
    """(old, new) -> how well two uses that share frames match; higher is better."""
    names = [identity(use) for use in old], [identity(use) for use in new]
    spans = [_span(use) for use in old], [_span(use) for use in new]
    result: dict[tuple[int, int], float] = {}
    for i, j in _sharing_keys(names, spans):
        if (i, j) not in result and same_media(names[0][i], names[1][j]):
            records = old[i].record, new[j].record
            result[i, j] = _fit(spans[0][i], spans[1][j], *records)
    return result


def _sharing_keys(
    names: tuple[Sequence[Identity], Sequence[Identity]],
    spans: tuple[Sequence[_Span], Sequence[_Span]],
) -> Iterator[tuple[int, int]]:
    """Pairs with a key in common whose source ranges overlap."""
    by_key: tuple[dict[_Key, list[int]], dict[_Key, list[int]]] = (
        defaultdict(list), defaultdict(list),
    )  # fmt: skip
    for named, places in zip(names, by_key, strict=True):
        for n, name in enumerate(named):
            for key in name.keys:
                places[key].append(n)
    for key, ours in by_key[0].items():
        theirs = by_key[1].get(key)
        if theirs:
            yield from _overlapping(ours, theirs, spans)


def _overlapping(
    ours: Sequence[int],
    theirs: Sequence[int],
    spans: tuple[Sequence[_Span], Sequence[_Span]],
) -> Iterator[tuple[int, int]]:
    """The pairs with overlapping source, by a sweep over source frames."""
    edges = [(*spans[0][i], 0, rank, i) for rank, i in enumerate(ours)]
    edges += [(*spans[1][j], 1, rank, j) for rank, j in enumerate(theirs)]
    many = len(ours) * len(theirs) > MOST_PAIRS
    nearest = NEAR_RANK + abs(len(ours) - len(theirs))
    live: tuple[list[tuple[float, int, int]], list[tuple[float, int, int]]] = ([], [])
    for low, high, side, rank, place in sorted(edges):
        live[1 - side][:] = [one for one in live[1 - side] if one[0] > low]
        for _, other_rank, other in live[1 - side]:
            if not many or abs(rank - other_rank) <= nearest:
                yield (place, other) if side == 0 else (other, place)
        live[side].append((high, rank, place))


def _span(use: Use) -> _Span:
    """The source edges; (0, 1) without media, so that titles of one name overlap."""
    low, high = use.source or (Fraction(0), Fraction(1))
    return float(low), float(high)


def _fit(a: _Span, b: _Span, was: FrameRange, now: FrameRange) -> float:
    shared = min(a[1], b[1]) - max(a[0], b[0])
    together = max(a[1], b[1]) - min(a[0], b[0])
    same = _SAME_EDGES * (a == b and len(was) == len(now))
    return 0.5 + _WHOLE * shared / together + same + _NEAR / (1 + abs(was.start - now.start))


def _heaviest_chain(
    weights: dict[tuple[int, int], float], width: int
) -> tuple[tuple[int, int], ...]:
    """The chain of pairs, rising in both indices, with the largest sum of weights."""
    best = [(0.0, -1)] * (width + 1)  # a Fenwick tree of (sum, last pair) over new indices
    order = sorted(weights, key=lambda pair: (pair[0], -pair[1]))
    back: list[int] = []
    sums: list[float] = []
    for n, (i, j) in enumerate(order):
        before, last = _prefix(best, j)
        total = before + weights[i, j]
        back.append(last)
        sums.append(total)
        place = j + 1
        while place <= width:
            if total > best[place][0]:
                best[place] = (total, n)
            place += place & -place
    at = max(range(len(order)), key=sums.__getitem__, default=-1)
    chain = []
    while at >= 0:
        chain.append(order[at])
        at = back[at]
    return tuple(reversed(chain))


def _prefix(best: Sequence[tuple[float, int]], stop: int) -> tuple[float, int]:
    """The heaviest chain that ends before new index `stop`."""
    result = (0.0, -1)
    while stop > 0:
        result = max(result, best[stop])
        stop -= stop & -stop
    return result


def _best_of_rest(
    weights: dict[tuple[int, int], float], chain: Sequence[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """The heaviest assignment of the uses that are not in the chain."""
    olds, news = {i for i, _ in chain}, {j for _, j in chain}
    left = [(i, j, w) for (i, j), w in weights.items() if i not in olds and j not in news]
    if not left:
        return
    rows = {i: n for n, i in enumerate(sorted({i for i, _, _ in left}))}
    columns = {j: len(rows) + n for n, j in enumerate(sorted({j for _, j, _ in left}))}
    size = len(rows) + len(columns)
    edges = scipy.sparse.coo_array(
        (np.ones(len(left)), ([rows[i] for i, _, _ in left], [columns[j] for _, j, _ in left])),
        shape=(size, size),
    )
    _, label = scipy.sparse.csgraph.connected_components(edges, directed=False)
    groups: dict[int, list[tuple[int, int, float]]] = defaultdict(list)
    for i, j, weight in left:
        groups[int(label[rows[i]])].append((i, j, weight))
    for group in groups.values():
        yield from _assigned(group)


def _assigned(group: Sequence[tuple[int, int, float]]) -> Iterator[tuple[int, int]]:
    olds, news = sorted({i for i, _, _ in group}), sorted({j for _, j, _ in group})
    table = np.zeros((len(olds), len(news)))
    for i, j, weight in group:
        table[bisect_left(olds, i), bisect_left(news, j)] = weight
    for row, column in zip(*scipy.optimize.linear_sum_assignment(-table), strict=True):
        if table[row, column] > 0:
            yield olds[row], news[column]


def _long_slips(
    old: Sequence[Use], new: Sequence[Use], pairs: Sequence[Pair]
) -> Iterator[tuple[int, int]]:
    """Unmatched uses with the same media, length and position between the same neighbours."""
    taken = {p.old for p in pairs}, {p.new for p in pairs}
    edges = [(-1, -1), *sorted((p.old, p.new) for p in pairs if p.ordered), (len(old), len(new))]
    for (i0, j0), (i1, j1) in zip(edges, edges[1:], strict=False):
        moves = {_moved(old, new, i0, j0), _moved(old, new, i1, j1), 0}
        theirs = [j for j in range(j0 + 1, j1) if j not in taken[1]]
        for i in (i for i in range(i0 + 1, i1) if i not in taken[0]):
            result = next((j for j in theirs if _in_its_place(old[i], new[j], moves)), None)
            if result is not None:
                theirs = [j for j in theirs if j > result]
                yield i, result


def _moved(old: Sequence[Use], new: Sequence[Use], i: int, j: int) -> int:
    if 0 <= i < len(old) and 0 <= j < len(new):
        return new[j].record.start - old[i].record.start
    return 0


def _in_its_place(a: Use, b: Use, moves: set[int]) -> bool:
    placed = b.record.start - a.record.start in moves
    alike = len(a.record) == len(b.record) or _frozen(a) and _frozen(b)
    return placed and alike and same_media(identity(a), identity(b))


def _frozen(use: Use) -> bool:
    return use.map is not None and use.map.steady == 0
