"""Sets and takes away the matte file of one shot in dubsync.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from dubsync.core.errors import SettingsError
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.settings.shot_tables import parse_holdouts
from dubsync.service.settings.toml_fields import FILE_NAME
from dubsync.service.store.atomic_write import write_whole


def matte_path(project: ProjectFile, shot: str, text: str) -> Path:
    """The matte file that `text` names for a shot.

    Args:
        text: a path; relative ones count from the project or from one of its media folders.

    Raises:
        SettingsError: it lies outside the media folders.
    """
    named = {shot: {"holdout": text}}
    return parse_holdouts(named, project.folder, project.media)[shot]


def save_matte_file(project: ProjectFile, shot: str, path: Path | None) -> None:
    """Write [shots.SHOT] holdout, or take it away with None; comments and the rest stay.

    Raises:
        SettingsError: dubsync.toml cannot be edited.
    """
    file = project.folder / FILE_NAME
    try:
        document = tomlkit.parse(file.read_text(encoding="utf-8"))
        shots: Any = document.get("shots")
        if path is not None:
            if shots is None:
                shots = document["shots"] = tomlkit.table(is_super_table=True)
            if shot not in shots:
                shots[shot] = tomlkit.table()
            shots[shot]["holdout"] = project.shown(path)
        elif shots is not None and shot in shots:
            shots[shot].pop("holdout", None)
            if not shots[shot]:
                shots.pop(shot)
            if not shots:
                document.pop("shots")
        write_whole(file, tomlkit.dumps(document))
    except (OSError, UnicodeDecodeError, TOMLKitError, KeyError, TypeError) as error:
        raise SettingsError(
            f"{file} cannot be edited: {error}", hint=f'write [shots.{shot}] holdout = "MATTE.mov"'
        ) from error
