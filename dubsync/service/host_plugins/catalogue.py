"""The plugins that come with dubsync: plugins/HOST/plugin.json says where each goes.

    {
      "label": "DaVinci Resolve", "version": "1.0",
      "folders": {"linux": [{"find": "~/.local/share/DaVinciResolve", "into": "Fusion"}], ...},
      "copy": {"dubsync.py": "Scripts/Utility/dubsync.py", "package": "dubsync/package"},
      "link": "dubsync/dubsync_link",
      "command": "dubsync/dubsync_command.json",
      "fill": ["Scripts/Utility/dubsync.py"],
      "then": "restart Resolve, then Workspace > Scripts > dubsync"
    }

`find` is a folder that the host has made; it may hold * where the host's version stands.  `copy`
maps files and folders of the plugin to paths in the host's folder, `link` is where the part goes
that all plugins share, `command` the file that says how dubsync is started.  In the files of
`fill` FOLDER_OF_DUBSYNC becomes the host's folder.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import msgspec

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import MissingMedia, SettingsError

DESCRIPTION = "plugin.json"
LINK = "link/dubsync_link"
#: In the package of an installed dubsync, and beside the package of a checkout.
_HOMES = (Path(__file__).parents[2] / "hosts", Path(__file__).parents[3] / "plugins")
#: What is not part of a plugin.
_LEFT_OUT = ("__pycache__", DESCRIPTION)


@dataclass(frozen=True, slots=True)
class Place:
    """A folder of the host, and the folder in it into which plugins go."""

    find: str
    into: str = ""


@dataclass(frozen=True, slots=True)
class HostPlugin:
    """One plugin, as its plugin.json describes it; see the module.

    home  the plugin's own folder
    """

    name: str
    home: Path
    label: str
    version: str
    folders: Mapping[str, tuple[Place, ...]] = field(default_factory=dict)
    copy: Mapping[str, str] = field(default_factory=dict)
    link: str = ""
    command: str = ""
    fill: tuple[str, ...] = ()
    then: str = ""

    def files(self) -> dict[str, Path]:
        """Path in the host's folder -> the file that is copied there, in order of the paths."""
        wanted = {to: self.home / name for name, to in self.copy.items()}
        if self.link:
            wanted[self.link] = self.home.parent / LINK
        found: dict[str, Path] = {}
        for to, path in wanted.items():
            if path.is_dir():
                found |= {f"{to}/{one.relative_to(path).as_posix()}": one for one in _files(path)}
            else:
                found[to] = path
        return dict(sorted(found.items()))

    def host_folders(self) -> tuple[Path, ...]:
        """The folders of this machine's host; several where several versions are installed.

        Raises:
            MissingMedia: there is none.
        """
        places = self.folders.get(_system(), ())
        for place in places:
            found = sorted(path for path in _glob(place.find) if path.is_dir())
            if found:
                return tuple(path / place.into for path in found)
        looked = ", ".join(place.find for place in places) or "no known place"
        raise MissingMedia(
            f"{self.label} was not found on this machine (looked for {looked})",
            hint="start it once, or name its folder: --into FOLDER",
        )


def known_plugins() -> dict[str, HostPlugin]:
    """Host -> its plugin, by name.

    Raises:
        SettingsError: a description is damaged.
    """
    home = plugins_home()
    found = sorted(home.glob(f"*/{DESCRIPTION}"))
    return {path.parent.name: _read(path) for path in found}


def plugin(name: str) -> HostPlugin:
    """The plugin of a host.  Raises SettingsError: there is none."""
    known = known_plugins()
    if name not in known:
        raise SettingsError(f"there is no plugin for {name!r}",
                            hint="plugins: " + ", ".join(known))  # fmt: skip
    return known[name]


def plugins_home() -> Path:
    """The folder of all plugins.  Raises MissingMedia: this dubsync has none."""
    for home in _HOMES:
        if (home / LINK).is_dir():
            return home
    raise MissingMedia("the plugins are missing from this dubsync", hint="install dubsync again")


class _Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    label: str
    version: str
    folders: dict[str, list[Place]] = {}
    copy: dict[str, str] = {}
    link: str = ""
    command: str = ""
    fill: list[str] = []
    then: str = ""


def _read(path: Path) -> HostPlugin:
    try:
        told = msgspec.convert(read_json(path), _Description)
    except (OSError, DamagedDocument, msgspec.ValidationError) as error:
        raise SettingsError(f"{path} is no description of a plugin: {error}",
                            hint="install dubsync again") from error  # fmt: skip
    paths = [*told.copy.values(), told.link, told.command, *told.fill]
    for one in paths:
        if not is_inside(one):
            raise SettingsError(f"{path}: {one!r} leads out of the host's folder",
                                hint="install dubsync again")  # fmt: skip
    folders = {system: tuple(places) for system, places in told.folders.items()}
    return HostPlugin(path.parent.name, path.parent, told.label, told.version, folders, told.copy,
                      told.link, told.command, tuple(told.fill), told.then)  # fmt: skip


def is_inside(path: str) -> bool:
    """Whether a relative path stays in the folder that it counts from."""
    parts = PurePosixPath(path).parts
    return not PurePosixPath(path).is_absolute() and ".." not in parts and "\\" not in path


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not set(path.relative_to(folder).parts) & set(_LEFT_OUT)
    )


def _glob(pattern: str) -> list[Path]:
    """The paths that a pattern names, after ~ and %NAME% are filled in."""
    whole = Path(os.path.expandvars(os.path.expanduser(pattern)))
    stars = [n for n, part in enumerate(whole.parts) if "*" in part]
    if not stars:
        return [whole]
    fixed = Path(*whole.parts[: stars[0]])
    return list(fixed.glob(str(Path(*whole.parts[stars[0] :])))) if fixed.is_dir() else []


def _system() -> str:
    return "linux" if sys.platform.startswith("linux") else sys.platform
