"""Which take says which word of a shot."""

from __future__ import annotations

from dubsync.core.progress import Progress, silent
from dubsync.service.project import Project
from dubsync.service.reel.comp_list import ShotComp, comp_list


def comp_of(project: Project, shot: str, *, progress: Progress = silent) -> ShotComp:
    """Which source says which word in `shot`, and which takes could.

    The reel's plates are analysed first where they are not yet.

    Raises:
        ConsentMissing, NoFace, EngineError: the shot cannot be driven.
    """
    project.turnover(progress=progress)
    project.turnover(look=bool(project.intake.waiting), progress=progress)
    reel = project.reel
    return comp_list(reel.look(progress).plan(reel.shot(shot)), progress)
