"""Every join of a reel: hard cuts first, then what is mixed between them."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.timeline.found_joins import FoundJoin
from dubsync.media.cut_detection.distances import SIDE, Distances
from dubsync.media.cut_detection.gradual import Gradual, gradual_joins
from dubsync.media.cut_detection.hard_cuts import CUT, DOUBTFUL, Join, joins, without_flashes
from dubsync.media.cut_detection.small_pictures import SmallPictures


def find_joins(pictures: SmallPictures, first: int = 0) -> tuple[FoundJoin, ...]:
    """Where shots join, in order, doubtful ones too.

    Args:
        pictures: every picture of the reel.
        first: the frame number of its first picture.
    """
    if len(pictures) <= SIDE:
        return ()
    luma, colour = pictures.luma, pictures.colour
    distances = Distances(luma, colour)
    measured = joins(distances, len(pictures))
    likely = [join for join in measured if join.probability >= CUT]
    cuts = without_flashes(likely, luma, distances)
    mixed = gradual_joins(luma, colour, [join.at for join in cuts], distances)
    doubts = [join for join in measured if DOUBTFUL[0] < join.probability < CUT]
    found = [_cut(join, first) for join in cuts]
    found += [_mixed(one, first) for one in mixed]
    found += [_cut(join, first) for join in doubts if not _inside(join, mixed)]
    return tuple(sorted(found, key=lambda one: (one.start, one.stop)))


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
