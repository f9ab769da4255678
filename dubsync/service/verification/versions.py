"""The renders and deliveries that lie in a project's folder, found without opening the project.

So a project can be verified whose cut, plates or settings are not there any more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dubsync.core.errors import DubsyncError
from dubsync.service.settings.project_file import read_project_file
from dubsync.service.verification.delivery_form import DELIVERY, PROOF

VERSION = re.compile(r"v\d{3,}")
PROJECT = "dubsync.toml"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a render, in its folder."""

    shot: str
    folder: Path

    @property
    def name(self) -> str:
        """Shot and version: "SH010 v001"."""
        return f"{self.shot} {self.folder.name}"


def renders_in(root: Path) -> tuple[Version, ...]:
    """Every version of every render of the project at `root`, oldest first of each shot."""
    home = root / "renders"
    found: list[Version] = []
    for shot in (*sorted(home.glob("*")), *sorted(home.glob("*/*"))):
        found += versions_of(shot)
    return tuple(found)


def versions_of(shot: Path) -> tuple[Version, ...]:
    """Every version of one render, oldest first, from the folder of its shot."""
    if VERSION.fullmatch(shot.name) or shot.name.startswith(".") or not shot.is_dir():
        return ()
    folders = [path for path in shot.iterdir() if VERSION.fullmatch(path.name) and path.is_dir()]
    return tuple(Version(shot.name, path) for path in sorted(folders, key=_number))


def latest_of_each(versions: Sequence[Version]) -> tuple[Version, ...]:
    """The newest version of each shot in each language."""
    return tuple({one.folder.parent: one for one in versions}.values())


def latest_deliveries(root: Path) -> tuple[Path, ...]:
    """The newest delivery of each language of the project at `root`."""
    home = root / "delivery"
    found: dict[Path, Path] = {}
    folders = [
        path
        for path in (*home.glob("v*"), *home.glob("*/v*"))
        if VERSION.fullmatch(path.name) and path.is_dir()
    ]
    for path in sorted(folders, key=_number):
        found[path.parent] = path
    return tuple(found.values())


def is_delivery(folder: Path) -> bool:
    """Whether the folder is a delivery: by its proof, or by its place in a project."""
    if (folder / PROOF / DELIVERY).exists():
        return True
    placed = "delivery" in (folder.parent.name, folder.parent.parent.name)
    return placed and bool(VERSION.fullmatch(folder.name))


def project_of(path: Path) -> Path | None:
    """The folder of the project in which `path` lies; None: in none."""
    real = path.resolve()
    return next((one for one in (real, *real.parents) if (one / PROJECT).is_file()), None)


def media_of(root: Path) -> tuple[Path, ...]:
    """The folders in which a project's plates, dubs and takes lie, as its file says.

    () where the file cannot be read: what lies elsewhere then is not found, and that is said.
    """
    try:
        file = read_project_file(root)
    except DubsyncError:
        return ()
    roles = [*file.roles, *(role for dubbing in file.further for role in dubbing.roles)]
    takes = [*file.takes, *(path for dubbing in file.further for path in dubbing.takes)]
    folders = [*file.media, *takes, *(role.dub.parent for role in roles)]
    return tuple(dict.fromkeys(path if path.is_dir() else path.parent for path in folders))


def _number(folder: Path) -> int:
    return int(folder.name.removeprefix("v"))
