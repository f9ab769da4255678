"""Pictures laid over each other, as a stack of tracks shows them: the topmost that covers wins."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from dubsync.core.timeline.runs import TimeMap

#: How a layer lies over what is below it.
#: covers: nothing of it is seen.  clear: all of it, and nothing of the layer.  words: all of it;
#: the layer itself counts where there is nothing else.  in, out: a fade, to and from the layer,
#: over what lies on lower tracks.  key: over the background on its own track.
Over = Literal["covers", "clear", "words", "in", "out", "key"]

#: Place of a layer in a stack, lowest first; the first number is its track's.
Height = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Pictured:
    """An event's picture, and its map of time wherever it shows."""

    event: int
    map: TimeMap | None


@dataclass(frozen=True, slots=True)
class Layer:
    """Record frames `start` up to `stop` of one picture, or of a stated nothing."""

    start: int
    stop: int
    shown: tuple[Pictured, ...]
    nothing: str = ""
    over: Over = "covers"


def cropped(layers: Sequence[Layer], start: int, stop: int) -> list[Layer]:
    """Those of rising, separate `layers` that lie in `start`..`stop`, cut to it."""
    first = bisect_right(layers, start, key=lambda layer: layer.stop)
    last = bisect_left(layers, stop, key=lambda layer: layer.start)
    return [
        replace(layer, start=max(layer.start, start), stop=min(layer.stop, stop))
        for layer in layers[first:last]
    ]


def stacked(layers: Iterable[tuple[Height, Layer]]) -> list[Layer]:
    """What a stack shows, rising and separate; equal neighbours are one.  O(n log n)."""
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
    """What shows of layers that all lie over `start`..`stop`, from the top down."""
    before: tuple[Pictured, ...] = ()
    after: tuple[Pictured, ...] = ()
    words: Layer | None = None
    base: Layer | None = None
    faded, outermost, reasons = None, "", set()
    for height, layer in topmost:
        if height[0] == faded:
            continue  # the two sides of a fade are in it already
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
    """A transition's layers from both its sides, which may each show nothing."""
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
    """What covers at a frame of one side of a transition; None where nothing does."""
    n = bisect_right(side, frame, key=lambda layer: layer.start) - 1
    if n < 0 or side[n].stop <= frame or side[n].over in ("clear", "words"):
        return None
    return side[n]
