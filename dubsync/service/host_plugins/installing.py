"""Copies a plugin into its host, and keeps a manifest of what was copied.

FOLDER/dubsync_HOST.manifest.json    version, and path -> SHA-256 of each file that was copied
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DeliveryError, SettingsError
from dubsync.service.host_plugins.catalogue import HostPlugin, is_inside
from dubsync.service.store.atomic_write import unwritable, write_whole

SCHEMA = "dubsync.host_plugin/1"
#: In a file of `fill`: the host's folder.
FOLDER_OF_DUBSYNC = b"FOLDER_OF_DUBSYNC"


@dataclass(frozen=True, slots=True)
class Installed:
    """A plugin in one folder of its host; also what installing or removing it did there.

    folder   of the host
    version  of the plugin there
    written, removed  paths in the folder
    kept     paths of files that somebody changed: they are left as they are
    current  whether it is the plugin of this dubsync
    """

    host: str
    folder: Path
    version: str
    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    current: bool = True


def dubsync_command() -> dict[str, Any]:
    """What starts this dubsync: the full path of its Python, and its modules' folder if needed."""
    command: dict[str, Any] = {"command": [sys.executable, "-m", "dubsync"], "env": {}}
    if path := os.environ.get("PYTHONPATH"):
        command["env"]["PYTHONPATH"] = path
    return command


def install(plugin: HostPlugin, folder: Path, *, dry_run: bool = False) -> Installed:
    """Copy a plugin into `folder`; a plugin of dubsync that is there already is replaced.

    Everything is checked before anything is written.  The command file stays as it is where the
    user changed it.

    Raises:
        SettingsError: a file in its place is not dubsync's, or was changed.
        DeliveryError: the folder cannot be written.
    """
    folder = folder.expanduser().absolute()
    before = read_manifest(plugin.name, folder)
    wanted = _wanted(plugin, folder)
    kept = [name for name in (plugin.command,) if name and _changed(folder, name, before)]
    for name in kept:
        wanted.pop(name, None)
    foreign = [name for name in wanted if _foreign(folder / name, name, before)]
    if foreign:
        raise SettingsError(
            f"{folder / foreign[0]} is not dubsync's, or was changed since it was installed",
            hint="move it away, and install again",
        )
    old = [name for name in before if name not in wanted and name not in kept
           and not _changed(folder, name, before)]  # fmt: skip
    made = Installed(plugin.name, folder, plugin.version, tuple(wanted), tuple(old), tuple(kept))
    if dry_run:
        return made
    digests = {name: before[name] for name in kept if name in before}
    digests |= {name: sha256(content).hexdigest() for name, content in wanted.items()}
    # First of all, so that whatever is written can be removed again.
    _write_manifest(plugin, folder, {**before, **digests})
    for name, content in wanted.items():
        write_whole(folder / name, content)
    for name in old:
        _delete(folder, name)
    _write_manifest(plugin, folder, digests)
    return made


def remove(name: str, folder: Path, *, dry_run: bool = False) -> Installed:
    """Take a plugin out of `folder`: what was copied there and is unchanged.

    Raises:
        SettingsError: no plugin of dubsync is there.
        DeliveryError: a file cannot be deleted.
    """
    folder = folder.expanduser().absolute()
    told = _manifest(name, folder)
    if told is None:
        raise SettingsError(f"no dubsync plugin for {name} is in {folder}",
                            hint="dubsync plugins list")  # fmt: skip
    files: Mapping[str, str] = told["files"]
    kept = [path for path in files if _changed(folder, path, files)]
    gone = [path for path in files if path not in kept and (folder / path).is_file()]
    if not dry_run:
        for path in gone:
            _delete(folder, path)
        try:
            (folder / manifest_name(name)).unlink()
        except OSError as error:
            raise unwritable(folder / manifest_name(name), error) from error
    return Installed(name, folder, told["version"], (), tuple(gone), tuple(kept))


def installed(plugin: HostPlugin, folders: Sequence[Path]) -> tuple[Installed, ...]:
    """Where a plugin is, among these folders of its host."""
    result = []
    for folder in folders:
        told = _manifest(plugin.name, folder)
        if told is not None:
            wanted = _wanted(plugin, folder)
            wanted.pop(plugin.command, None)
            now = {name: sha256(content).hexdigest() for name, content in wanted.items()}
            same = now.items() <= told["files"].items()
            changed = tuple(n for n in told["files"] if _changed(folder, n, told["files"]))
            result.append(Installed(plugin.name, folder, told["version"], kept=changed,
                                    current=same))  # fmt: skip
    return tuple(result)


def manifest_name(host: str) -> str:
    """The manifest's file name in the host's folder."""
    return f"dubsync_{host}.manifest.json"


def read_manifest(host: str, folder: Path) -> Mapping[str, str]:
    """Path -> digest of every file that was copied to `folder`; {} where none was."""
    told = _manifest(host, folder)
    return told["files"] if told else {}


# -- files -----------------------------------------------------------------------------------------


def _wanted(plugin: HostPlugin, folder: Path) -> dict[str, bytes]:
    """Path in the host's folder -> content."""
    result: dict[str, bytes] = {}
    for name, path in plugin.files().items():
        content = path.read_bytes()
        if name in plugin.fill:
            content = content.replace(FOLDER_OF_DUBSYNC, folder.as_posix().encode())
        result[name] = content
    if plugin.command:
        result[plugin.command] = json.dumps(dubsync_command(), indent=1).encode() + b"\n"
    return result


def _manifest(host: str, folder: Path) -> dict[str, Any] | None:
    path = folder / manifest_name(host)
    try:
        told = read_json(path)
    except FileNotFoundError:
        return None
    except (OSError, DamagedDocument) as error:
        raise SettingsError(f"{path} cannot be read: {error}", hint="delete it") from error
    files = told.get("files") if isinstance(told, dict) else None
    good = (
        isinstance(files, dict)
        and told.get("schema") == SCHEMA
        and isinstance(told.get("version"), str)
        and all(isinstance(digest, str) and is_inside(name) for name, digest in files.items())
    )
    if not good:
        raise SettingsError(f"{path} is no manifest of dubsync", hint="delete it")
    return dict(told)


def _write_manifest(plugin: HostPlugin, folder: Path, files: Mapping[str, str]) -> None:
    body = {"schema": SCHEMA, "version": plugin.version, "files": dict(sorted(files.items()))}
    write_whole(folder / manifest_name(plugin.name), json.dumps(body, indent=1) + "\n")


def _changed(folder: Path, name: str, digests: Mapping[str, str]) -> bool:
    """Whether a file that was copied is another one now; one that is gone is not."""
    path = folder / name
    if name not in digests or not (path.exists() or path.is_symlink()):
        return False
    return path.is_symlink() or not path.is_file() or _digest(path) != digests[name]


def _foreign(path: Path, name: str, digests: Mapping[str, str]) -> bool:
    """Whether something is in a file's place that dubsync did not put there as it is."""
    if not (path.exists() or path.is_symlink()):
        return False
    return path.is_symlink() or not path.is_file() or digests.get(name) != _digest(path)


def _digest(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise DeliveryError(
            f"{path} cannot be read: {error}", hint="check its permissions"
        ) from error


def _delete(folder: Path, name: str) -> None:
    """Delete a file, what Python compiled of it, and the folders that are empty then."""
    path = folder / name
    try:
        path.unlink(missing_ok=True)
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.cpython-*.pyc"):
            compiled.unlink()
        for parent in (path.parent / "__pycache__", *path.parents):
            if parent == folder or not parent.is_dir() or any(parent.iterdir()):
                if parent.name == "__pycache__":
                    continue
                break
            parent.rmdir()
    except OSError as error:
        raise unwritable(path, error) from error
