"""Warnings about controls beyond what an actor's footage shows, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator

from dubsync.core.errors import EngineError
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.steps import Engine
from dubsync.service.reel.pipeline import Part


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
