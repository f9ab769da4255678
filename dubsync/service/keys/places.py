"""Where keys are kept: a folder of the user's own, outside every project, closed to others.

using.json                     which of the house's keys signs
own/NAME-FINGERPRINT/          key.json (what it is), chain.pem (certificates), mark.secret, and
                               key.pem where dubsync made the key
trusted/NAME-FINGERPRINT.house.pem
                               public files of other houses
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

from dubsync.core.errors import HouseKeyError

#: The environment variable that names another folder of keys.
FOLDER = "DUBSYNC_KEYS"
_PROJECT = "dubsync.toml"


def keys_folder() -> Path:
    """The folder of keys on this machine; it need not exist.

    DUBSYNC_KEYS where it is set, else the folder in which the system keeps a user's settings.

    Raises:
        HouseKeyError: DUBSYNC_KEYS is not absolute, or is inside a project.
    """
    named = os.environ.get(FOLDER, "")
    if not named:
        return _settings_home() / "dubsync" / "keys"
    folder = Path(named)
    if not folder.is_absolute():
        raise HouseKeyError(
            f"{FOLDER} is not an absolute path: {named}",
            hint=f"set {FOLDER} to the whole path of a folder outside your projects",
        )
    refuse_project(folder)
    return folder


def _settings_home() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def refuse_project(path: Path) -> None:
    """Raises HouseKeyError where `path` is inside a project: projects are copied and handed on."""
    for folder in (path.absolute(), *path.absolute().parents):
        if (folder / _PROJECT).is_file():
            raise HouseKeyError(
                f"a key must not be kept inside a project, and {path} is inside {folder}: whoever "
                "gets a copy of the project would get the key",
                hint="keep keys in a folder outside your projects",
            )


def open_to_others(path: Path) -> str:
    """Why others can get at `path`, in words; "" where they cannot (or the system cannot say)."""
    if sys.platform == "win32":
        return ""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return ""
    if not mode & 0o077:
        return ""
    closed = "700" if path.is_dir() else "600"
    return f"{path} can be opened by other users of this machine (mode {mode:o}): chmod {closed} it"
