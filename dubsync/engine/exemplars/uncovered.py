"""Footage without the frames in which something stands in front of the face: they teach nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import NoFace
from dubsync.core.holdout import COVERED, Holdout
from dubsync.core.steps import Footage

#: Where fewer frames than this are wholly free, frames with free lips are learnt from too: what
#: covers the rest of the face is cut out of their exemplars.  (Lips seen in part were tried: the
#: mouths drawn from them are torn at the cut.)
LEAST_FREE = 12

Flags = NDArray[np.bool_]


def uncovered(footage: Sequence[Footage], character: str) -> list[Footage]:
    """`footage` with confidence 0 in the frames that must teach nothing.

    Raises:
        NoFace: the character's mouth is covered in every frame that shows the face.
    """
    if all(part.track.holdout is None for part in footage):
        return list(footage)
    free = [_without(part, lambda holdout: holdout.covered) for part in footage]
    known = sum(map(_seen, footage))
    if _seen_in(free) >= min(LEAST_FREE, known):
        return free
    lips_free = [_without(part, _lips_covered) for part in footage]
    if _seen_in(lips_free) > 0:
        return lips_free
    if known:
        raise NoFace(
            f"{character}'s mouth is covered in every frame that shows the face, so there is "
            "nothing to learn from",
            hint="give a plate that shows the mouth free, or, if it is free, a holdout matte",
        )
    return list(footage)


def _lips_covered(holdout: Holdout) -> Flags:
    return np.asarray(holdout.lips >= COVERED, bool)


def _without(part: Footage, covered: Callable[[Holdout], Flags]) -> Footage:
    holdout = part.track.holdout
    return part if holdout is None else replace(part, track=part.track.without(covered(holdout)))


def _seen(part: Footage) -> int:
    return int((part.track.confidence > 0).sum())


def _seen_in(footage: Sequence[Footage]) -> int:
    return sum(map(_seen, footage))
