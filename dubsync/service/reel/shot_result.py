"""The result of one shot in a run."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.result import RenderedShot, Status
from dubsync.core.shot import ProjectWarning


@dataclass(frozen=True, slots=True)
class ShotResult:
    """The result of one shot: `reason` and `hint` if it was not rendered, else `rendered`."""

    name: str
    status: Status
    reason: str = ""
    hint: str = ""
    rendered: RenderedShot | None = None
    warnings: tuple[ProjectWarning, ...] = ()
