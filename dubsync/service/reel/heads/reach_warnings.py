"""Warnings about controls beyond what an actor's footage shows, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dubsync.core.errors import EngineError
from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.steps import Engine
from dubsync.core.tweak.choices import regions_at
from dubsync.media.pixels.square import square_format
from dubsync.service.reel.pipeline import Part

#: Of a face's width, that lies outside the picture: less is the tracker's error.
LEAST_CUT = 0.03


def reach_warnings(shot: Shot, part: Part, engine: Engine) -> Iterator[ProjectWarning]:
    """A warning for each control of the part's tweak that goes beyond; what a head's notes say.

    Raises:
        EngineError: a head that would be torn.
    """
    if engine.beyond is None:
        return
    if part.head is not None:
        for note in part.head.notes:
            yield ProjectWarning(f"{shot.name} {part.character}", note, "")
        yield from cut_by_the_edge(shot, part)
    for one in engine.beyond(part.actor, part.head, part.original, part.corrected, part.tweak):
        if one.torn:
            raise EngineError(
                f"{shot.name} {part.character}: {one.what} cannot be drawn in frames "
                f"{one.first}..{one.last}: {one.why}",
                hint=one.helps,
            )
        by = f" by {one.by:.3g} {one.unit} at {one.worst}" if one.by else ""
        yield ProjectWarning(
            f"{shot.name} {part.character}",
            f"{one.what} is beyond the footage in frames {one.first}..{one.last}{by}: {one.why}",
            one.helps,
        )


def cut_by_the_edge(shot: Shot, part: Part) -> Iterator[ProjectWarning]:
    """A warning where a head is moved whose face the picture's edge cuts: no frame shows the rest.

    The tracker guesses points outside the picture, so how far they lie there is the cut.
    """
    picture, frames = square_format(shot.plate.format), part.track.frames
    points = np.asarray(part.track.landmarks, np.float64)[..., :2]
    ends = np.array([picture.width, picture.height])
    outside = np.maximum(-points, points - ends).max(axis=(1, 2))
    wide = np.ptp(points[..., 0], axis=1)
    moved = (np.asarray(part.corrected.head) != np.asarray(part.original.head)).any(axis=1)
    whole = np.array([one == "head" for one in regions_at(part.tweak.region, frames)])
    seen = np.asarray(part.track.confidence) > 0
    over = np.flatnonzero(whole & moved & seen & (outside > LEAST_CUT * wide))
    if len(over):
        moving = counted(len(over), "frame")
        yield ProjectWarning(
            f"{shot.name} {part.character}",
            f"the picture's edge cuts the face in {moving} in which the head moves, "
            f"{frames.start + over[0]} the first: what comes in from outside is smeared",
            "leave these frames out, or turn the head towards that edge",
        )
