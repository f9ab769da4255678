"""What a job reads and writes: asset_references.json of a Deadline Cloud job bundle."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dubsync.core.shot import Turnover
from dubsync.service.project import Project
from dubsync.service.settings.project_file import ProjectFile
from dubsync.service.settings.toml_fields import FILE_NAME

#: Folders of a project that tasks write to; derived data are among them, so that a task finds what
#: an earlier one made.
_WRITTEN = (".dubsync", "renders", "reports", "delivery")
#: Files and folders of a project that people write, where they are there.
_READ = (FILE_NAME, "faces.toml", "renderers.toml", "ledger.jsonl", "consent", "tweaks", "notes",
         "judgements")  # fmt: skip


def asset_references(project: Project, turnover: Turnover) -> dict[str, Any]:
    """The table `assetReferences`: inputs, outputs and other paths, absolute, sorted.

    Where a farm sees the same share, they say which paths are mapped; where it does not, they are
    what Deadline Cloud's job attachments upload.  No key is among them.
    """
    folder = project.file.folder
    plates = [shot.plate for shot in turnover.shots]
    plates += [take.plate for shot in turnover.shots for take in shot.takes]
    read = {folder / name for name in _READ} | _named(project.file)
    read |= {Path(plate.path) for plate in plates if plate.first_number is None}
    read |= {Path(plate.path).parent for plate in plates if plate.first_number is not None}
    written = {folder / name for name in _WRITTEN}
    others = {folder, *project.file.media, *project.file.takes}
    return {
        "assetReferences": {
            "inputs": {
                "filenames": _sorted(path for path in read if path.is_file()),
                "directories": _sorted(path for path in read if path.is_dir()),
            },
            "outputs": {"directories": _sorted(written)},
            "referencedPaths": _sorted(others),
        }
    }


def _named(file: ProjectFile) -> set[Path]:
    """The files and folders that dubsync.toml names, beside plates and takes."""
    config = file.colour.config if file.colour else None
    maybe = [file.cut, file.dub_cut, file.script.path if file.script else None,
             config if isinstance(config, Path) else None]  # fmt: skip
    maybe += [path for role in file.roles for path in (role.dub, role.voice)]
    maybe += [*file.holdouts.values(), *(path for paths in file.photos.values() for path in paths)]
    return {path for path in maybe if path is not None}


def _sorted(paths: Iterable[Path]) -> list[str]:
    return sorted({os.path.abspath(path) for path in paths})
