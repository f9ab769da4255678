"""Hand movements on a control over time: keys moved, drawn, smoothed, spread; spans moved.

Each takes a Curve and returns another.  Keys stay in order: a key stops beside its neighbour, and
never passes it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

import numpy as np

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.curve import Curve, Span

Key = tuple[int, float]
#: Most keys that one stroke makes.
MOST_DRAWN = 24


def moved_keys(
    curve: Curve, chosen: Collection[int], by: int, rise: float, low: float, high: float
) -> Curve:
    """`curve` with the keys at frames `chosen` moved together.

    Args:
        by: frames, later (+) or earlier (-); they stop beside the first key that is not chosen,
            all by the same way.
        rise: added to their values, which stop at `low` and `high`.
    """
    moving = [key for key in curve.keys if key[0] in chosen]
    staying = [frame for frame, _ in curve.keys if frame not in chosen]
    if not moving:
        return curve
    by = _room(moving, staying, by)
    moved = [(frame, min(max(value + rise, low), high)) for frame, value in moving]
    keys = [key for key in curve.keys if key[0] not in chosen]
    keys += [(frame + by, value) for frame, value in moved]
    return replace(curve, keys=tuple(sorted(keys)))


def _room(moving: list[Key], staying: list[int], by: int) -> int:
    """How far of `by` each of `moving` can go without passing or meeting one that stays."""
    for frame, _ in moving:
        if by > 0:
            beyond = min((other for other in staying if other > frame), default=frame + by + 1)
            by = min(by, beyond - 1 - frame)
        elif by < 0:
            before = max((other for other in staying if other < frame), default=frame + by - 1)
            by = max(by, before + 1 - frame)
    return by


def key_room(curve: Curve, frame: int, limits: FrameRange) -> tuple[int, int]:
    """The first and last frame to which the key at `frame` can be moved within `limits`."""
    others = [other for other, _ in curve.keys if other != frame]
    first = max((other + 1 for other in others if other < frame), default=limits.start)
    last = min((other - 1 for other in others if other > frame), default=limits.stop - 1)
    return max(first, limits.start), min(last, limits.stop - 1)


def with_key(curve: Curve, frame: int, value: float) -> Curve:
    """`curve` with a key added, or set to `value`."""
    return replace(curve, keys=tuple(sorted({**dict(curve.keys), frame: value}.items())))


def without_keys(curve: Curve, frames: Collection[int]) -> Curve:
    """`curve` without the keys at `frames`; the last to go leaves its value throughout."""
    keys = tuple(key for key in curve.keys if key[0] not in frames)
    if curve.keys and not keys:
        return replace(curve, value=curve.keys[0][1], keys=())
    return replace(curve, keys=keys)


def drawn(
    curve: Curve, stroke: Mapping[int, float], tolerance: float, ease: int, limits: FrameRange
) -> Curve:
    """`curve` along a stroke, by as few keys as come within `tolerance` of it.

    Keys under the stroke go.  Where no key is nearer, one more on either side, `ease` + 1 frames
    away, holds what was there before.

    Args:
        stroke: value of each drawn frame; frames between two of them follow a straight line.
        tolerance: of a value.  It is met unless that takes more than MOST_DRAWN keys.
        limits: frames that a key can have.
    """
    drawn_at = sorted(frame for frame in stroke if frame in limits)
    if not drawn_at:
        return curve
    first, last = drawn_at[0], drawn_at[-1]
    wanted = np.interp(np.arange(first, last + 1), drawn_at, [stroke[n] for n in drawn_at])
    base = replace(curve, spans=())
    keys = {frame: value for frame, value in curve.keys if not first <= frame <= last}
    for side, edge in ((first - ease - 1, -1), (last + ease + 1, 1)):
        between = range(side, first) if edge < 0 else range(last + 1, side + 1)
        if side in limits and not any(frame in between for frame in keys):
            keys[side] = float(base.at(FrameRange(side, side + 1, limits.rate), 0)[0])
    keys.update(fitted(wanted.tolist(), first, tolerance))
    return replace(curve, keys=tuple(sorted(keys.items())))


def fitted(values: list[float], first: int, tolerance: float, most: int = MOST_DRAWN) -> list[Key]:
    """At most `most` keys whose eased curve comes within `tolerance` of `values`.

    The worst frame becomes a key until none is farther off than `tolerance`.

    Args:
        values: one for each frame from `first`.
    """
    frames = FrameRange(first, first + len(values), Fraction(1))
    wanted = np.asarray(values, np.float64)
    at = sorted({0, len(values) - 1})
    while True:
        keys = tuple((first + n, float(wanted[n])) for n in at)
        away = np.abs(Curve(0.0, keys).at(frames, 0) - wanted)
        worst = int(away.argmax())
        if away[worst] <= tolerance or len(at) >= most:
            return list(keys)
        at = sorted({*at, worst})


def smoothed(curve: Curve, first: int, last: int) -> Curve:
    """`curve` with each key of frames `first` to `last` halfway to the line of its neighbours.

    The outermost keys of the curve stay.
    """
    keys = list(curve.keys)
    for n in range(1, len(keys) - 1):
        (f0, v0), (f1, v1), (f2, v2) = curve.keys[n - 1 : n + 2]
        if first <= f1 <= last:
            line = v0 + (v2 - v0) * (f1 - f0) / (f2 - f0)
            keys[n] = (f1, (v1 + line) / 2)
    return replace(curve, keys=tuple(keys))


def spread(curve: Curve, frame: int, by: int, limits: FrameRange) -> Curve:
    """`curve` with the neighbours of the key at `frame` `by` frames farther off on either side.

    So it takes longer to come and go: a key is eased from the one before it and to the next.
    Each neighbour stays between `frame` and the key beyond it.
    """
    frames = [key[0] for key in curve.keys]
    if frame not in frames:
        return curve
    n = frames.index(frame)
    for neighbour, way in ((n - 1, -1), (n + 1, 1)):
        if 0 <= neighbour < len(frames):
            low, high = key_room(curve, frames[neighbour], limits)
            to = min(max(frames[neighbour] + way * by, low), high)
            curve = moved_keys(curve, (frames[neighbour],), to - frames[neighbour], 0, *_ANY)
    return curve


def moved_span(curve: Curve, index: int, first: int, last: int, value: float) -> Curve:
    """`curve` with span `index` over other frames or at another value; its place stays."""
    spans = list(curve.spans)
    spans[index] = Span(min(first, last), max(first, last), value)
    return replace(curve, spans=tuple(spans))


def without_span(curve: Curve, index: int) -> Curve:
    """`curve` without span `index`."""
    return replace(curve, spans=curve.spans[:index] + curve.spans[index + 1 :])


_ANY = (float("-inf"), float("inf"))
