"""How one shot fared in a run."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.result import RenderedShot, Status
from dubsync.core.shot import ProjectWarning


@dataclass(frozen=True, slots=True)
class ShotResult:
    """How one shot fared.  `reason` and `hint` say why it is not done; `rendered` when it is."""

    name: str
    status: Status
    reason: str = ""
    hint: str = ""
    rendered: RenderedShot | None = None
    warnings: tuple[ProjectWarning, ...] = ()
