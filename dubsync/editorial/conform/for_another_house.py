"""A cut whose media are named without the paths of this machine, for people outside the house.

Media inside the project are written relative to the cut's file; of all others only the name is
left, by which hosts find media in a folder that they are shown.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path, PurePath

from dubsync.core.shot import Turnover
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.timeline.media_paths import base_name, local_path, media_url


def path_for_others(path: str, folder: Path, project: Path) -> str:
    """The path of a file as a cut in `folder` names it for people outside.

    Args:
        path: of the file, absolute.
        folder: of the cut's file, inside `project`.
        project: the project's folder.
    """
    if not PurePath(path).is_absolute():
        return path
    whole = os.path.abspath(path)
    if not Path(whole).is_relative_to(os.path.abspath(project)):
        return PurePath(whole).name
    return Path(os.path.relpath(whole, folder)).as_posix()


def cut_for_others(cut: ProbedCut, home: Path, written: Callable[[str], str]) -> ProbedCut:
    """`cut` with each media path as `written` writes it; of a foreign path only the name is left.

    Args:
        home: the folder from which the cut's relative paths count.
    """

    def shown(media: str) -> str:
        if not media:
            return media
        path = local_path(media, home)
        return media_url(written(str(path)) if path is not None else base_name(media))

    return replace(cut, events=tuple(replace(e, media=shown(e.media)) for e in cut.events))


def turnover_for_others(turnover: Turnover, written: Callable[[str], str]) -> Turnover:
    """`turnover` with the path of each plate as `written` writes it."""
    shots = tuple(
        replace(shot, plate=replace(shot.plate, path=written(shot.plate.path)))
        for shot in turnover.shots
    )
    return replace(turnover, shots=shots)
