"""The expressions of a shot's characters as pictures to pick from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.learning.expressions import NamedExpression
from dubsync.core.progress import Progress
from dubsync.service.preview.packed import Packing, unpacked
from dubsync.service.preview.previewed_shot import PreviewedShot
from dubsync.service.reel.heads.seen_expressions import expressions_of


@dataclass(frozen=True, slots=True, eq=False)
class ShownExpression:
    """An expression of a character, and a picture of it.

    where    plate and frame, for people
    picture  (side, side, 3) uint8 R'G'B'
    """

    one: NamedExpression
    where: str
    picture: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class ShotExpressions:
    """Character -> the expressions that their footage shows, for the dubbed ones of a shot."""

    shot: str
    characters: Mapping[str, tuple[ShownExpression, ...]]


def shown_expressions(shown: PreviewedShot, side: int, progress: Progress) -> ShotExpressions:
    """Find the expressions of a shot's characters in all their plates.

    Args:
        side: of each picture, pixels.

    Raises:
        ConsentMissing: no consent record covers training on a performer.
        SettingsError, EngineError: as `expressions_of`.
        MediaError: a plate cannot be read.
    """
    found = {}
    for one in expressions_of(shown.reel, shown.characters, progress):
        found[one.character] = tuple(
            ShownExpression(named, one.where(named), one.face(named, side)) for named in one.found
        )
    return ShotExpressions(shown.shot.name, found)


def packed_expressions(shown: ShotExpressions) -> tuple[dict[str, Any], bytes]:
    """The expressions as JSON and bytes."""
    packing = Packing()
    characters = {
        name: [
            {"name": one.one.name, "track": one.one.track, "frame": one.one.frame,
             "strength": one.one.strength, "scores": list(map(list, one.one.scores)),
             "gaze": list(one.one.gaze), "where": one.where, "picture": packing.add(one.picture)}
            for one in mine
        ]
        for name, mine in shown.characters.items()
    }  # fmt: skip
    return {"shot": shown.shot, "characters": characters}, packing.bytes


def unpacked_expressions(body: Mapping[str, Any], data: memoryview) -> ShotExpressions:
    """What `packed_expressions` packed.  Raises ValueError, KeyError or TypeError."""
    characters = {
        str(name): tuple(_shown(one, data) for one in mine)
        for name, mine in body["characters"].items()
    }
    return ShotExpressions(str(body["shot"]), characters)


def _shown(body: Mapping[str, Any], data: memoryview) -> ShownExpression:
    scores = tuple((str(name), float(value)) for name, value in body["scores"])
    across, up = (float(value) for value in body["gaze"])
    one = NamedExpression(
        str(body["name"]), int(body["track"]), int(body["frame"]), float(body["strength"]), scores,
        (across, up),
    )  # fmt: skip
    return ShownExpression(one, str(body["where"]), unpacked(body["picture"], data))
