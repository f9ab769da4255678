"""Layers of a stack of tracks, and what is visible of them: the topmost opaque layer wins."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from dubsync.core.timeline.runs import TimeMap

#: How a layer combines with what is below it.
#: covers: opaque.  clear: transparent and empty (a gap, a disabled clip).  words: transparent; the
#: layer itself counts only where there is nothing else.  in, out: a fade in or out over the lower
#: tracks.  key: keyed over the background on its own track.
Over = Literal["covers", "clear", "words", "in", "out", "key"]

#: Position of a layer in a stack, lowest first; the first number is that of its track.
Height = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EventPicture:
    """The picture of an event, with its time map; `event` is an index in ProbedCut.events."""

    event: int
    map: TimeMap | None


@dataclass(frozen=True, slots=True)
class Layer:
    """Record frames `start`..`stop` of one picture; without one, `nothing` says why."""

    start: int
    stop: int
    shown: tuple[EventPicture, ...]
    nothing: str = ""
    over: Over = "covers"


def cropped(layers: Sequence[Layer], start: int, stop: int) -> list[Layer]:
    """The parts of sorted, disjoint `layers` inside `start`..`stop`."""
    first = bisect_right(layers, start, key=lambda layer: layer.stop)
    last = bisect_left(layers, stop, key=lambda layer: layer.start)
    return [
        replace(layer, start=max(layer.start, start), stop=min(layer.stop, stop))
        for layer in layers[first:last]
    ]


def stacked(layers: Iterable[tuple[Height, Layer]]) -> list[Layer]:
    """What a stack shows, sorted and disjoint, equal neighbours merged.  O(n log n)."""
    numbered = [(height, n, layer) for n, (height, layer) in enumerate(layers)]
    edges = sorted(
        [(layer.start, 1, n) for _, n, layer in numbered]
        + [(layer.stop, 0, n) for _, n, layer in numbered]
    )
    keys = [(height, n) for height, n, _ in numbered]
    active: list[tuple[Height, int]] = []
    result: list[Layer] = []
    at = None
    for edge, here in groupby(edges, key=lambda e: e[0]):
        if at is not None and active:
            topmost = ((height, numbered[n][2]) for height, n in reversed(active))
            _append(result, _seen(topmost, at, edge))
        for _, begins, n in here:
            if begins:
                insort(active, keys[n])
            else:
                del active[bisect_left(active, keys[n])]
        at = edge
    return result


def _append(result: list[Layer], layer: Layer) -> None:
    last = result[-1] if result else None
    if (
        last
        and last.stop == layer.start
        and replace(last, stop=layer.stop) == replace(layer, start=last.start)
    ):
        result[-1] = replace(last, stop=layer.stop)
    else:
        result.append(layer)


def _seen(topmost: Iterable[tuple[Height, Layer]], start: int, stop: int) -> Layer:
    """What is visible of layers that all span `start`..`stop`, from the top down."""
    before: tuple[EventPicture, ...] = ()
    after: tuple[EventPicture, ...] = ()
    words: Layer | None = None
    base: Layer | None = None
    faded, outermost, reasons = None, "", set()
    for height, layer in topmost:
        if height[0] == faded:
            continue  # a fade has both its sides already
        if layer.over == "clear":
            reasons.add(layer.nothing)
        elif layer.over == "words":
            words = words or layer
        elif layer.over == "covers":
            base = layer
            break
        elif layer.over == "out":
            before, faded = before + layer.shown, height[0]
        else:
            after = layer.shown + after
            faded = height[0] if layer.over == "in" else faded
        if layer.over in ("in", "out", "key"):
            outermost = outermost or layer.over
    shown = before + (base.shown if base else ()) + after
    if base is None and not shown and words is not None:
        return replace(words, start=start, stop=stop)
    if base is None and not shown:
        why = next((w for w in ("switched off", "gap") if w in reasons), "")
        return Layer(start, stop, (), why, "clear")
    over: Over = "covers" if base else "out" if outermost == "out" else "in"
    return Layer(start, stop, shown, "" if shown or not base else base.nothing, over)


def mixed(out: Sequence[Layer], into: Sequence[Layer], start: int, stop: int) -> list[Layer]:
    """The layers of a transition, from those of its two sides; either side can be empty."""
    result: list[Layer] = []
    edges = sorted({start, stop, *(e for side in (out, into) for x in side for e in _ends(x))})
    inner = [edge for edge in edges if start <= edge <= stop]
    for first, last in zip(inner, inner[1:], strict=False):
        left, right = _at(out, first), _at(into, first)
        shown = (left.shown if left else ()) + (right.shown if right else ())
        over: Over = "covers"
        if left is None and right is None:
            over = "clear"
        elif left is None:
            over = "in"
        elif right is None:
            over = "out"
        nothing = next((x.nothing for x in (left, right) if x and x.nothing), "")
        _append(result, Layer(first, last, shown, "" if shown else nothing, over))
    return result


def _ends(layer: Layer) -> tuple[int, int]:
    return layer.start, layer.stop


def _at(side: Sequence[Layer], frame: int) -> Layer | None:
    """The opaque layer at a frame of one side of a transition, or None."""
    n = bisect_right(side, frame, key=lambda layer: layer.start) - 1
    if n < 0 or side[n].stop <= frame or side[n].over in ("clear", "words"):
        return None
    return side[n]
