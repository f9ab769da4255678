"""Every join of a reel: hard cuts first, then what is mixed between them."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.timeline.found_joins import FoundJoin
from dubsync.media.cut_detection.distances import SIDE, Distances
from dubsync.media.cut_detection.gradual import Gradual, gradual_joins
from dubsync.media.cut_detection.hard_cuts import CUT, DOUBTFUL, Join, joins, without_flashes
from dubsync.media.cut_detection.small_pictures import Small, SmallPictures
from dubsync.media.cut_detection.steps import Steps, distinct

#: A shot has at least so many frames.
_SHORTEST = 3


def find_joins(pictures: SmallPictures, first: int = 0) -> tuple[FoundJoin, ...]:
    """Where shots join, in order, doubtful ones too.

    Args:
        pictures: every picture of the reel.
        first: the frame number of its first picture.
    """
    if len(pictures) <= SIDE:
        return ()
    luma, colour = pictures.luma, pictures.colour
    measured = _measured(luma, colour, pictures.steps)
    likely = _highest([join for join in measured if join.probability >= CUT])
    distances = Distances(luma, colour)
    cuts = without_flashes(likely, luma, distances)
    mixed = gradual_joins(luma, colour, [join.at for join in cuts], distances)
    unsure = [join for join in measured if DOUBTFUL[0] < join.probability < CUT]
    doubts = without_flashes(unsure, luma, distances)
    found = [_cut(join, first) for join in cuts]
    found += [_mixed(one, first) for one in mixed]
    found += [_cut(join, first) for join in doubts if not _inside(join, mixed)]
    return tuple(sorted(found, key=lambda one: (one.start, one.stop)))


def _measured(luma: Small, colour: Small, steps: Steps) -> list[Join]:
    """Joins measured without the pictures that are repeats of those before."""
    kept = distinct(steps)
    return joins(Distances(luma[kept], colour[kept]), steps.joined(kept), kept)


def _highest(likely: Sequence[Join]) -> list[Join]:
    """Of joins within two frames the one that is most surely a cut."""
    return [
        join
        for join in likely
        if all(
            join.probability >= other.probability
            for other in likely
            if 0 < abs(other.at - join.at) < _SHORTEST
        )
    ]


def _cut(join: Join, first: int) -> FoundJoin:
    at, likely = first + join.at, join.probability
    if likely >= DOUBTFUL[1]:
        return FoundJoin("cut", at, at)
    percent = f"{likely * 100:.0f} % sure"
    if likely >= CUT:
        return FoundJoin("cut", at, at, False, True, f"perhaps motion, and no cut: {percent}")
    return FoundJoin("cut", at, at, False, False, f"perhaps a cut: {percent}")


def _mixed(one: Gradual, first: int) -> FoundJoin:
    why = "" if one.sure else f"perhaps a {one.kind}, perhaps motion"
    return FoundJoin(one.kind, first + one.start, first + one.stop, one.sure, one.sure, why)


def _inside(join: Join, mixed: Sequence[Gradual]) -> bool:
    return any(one.start - 2 <= join.at <= one.stop + 2 for one in mixed)
