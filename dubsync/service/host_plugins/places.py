"""The folders into which this user put plugins with --into, so that they are found again."""

from __future__ import annotations

import json
from pathlib import Path

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import MissingMedia
from dubsync.service.host_plugins.catalogue import HostPlugin
from dubsync.service.store.atomic_write import write_derived


def folders_of(plugin: HostPlugin) -> tuple[Path, ...]:
    """The host's folders on this machine, and those of earlier --into, each once."""
    try:
        own = plugin.host_folders()
    except MissingMedia:
        own = ()
    return tuple(dict.fromkeys((*own, *map(Path, _known().get(plugin.name, [])))))


def remember(host: str, folder: Path) -> None:
    """Keep a folder; where the disk refuses, --into names it next time."""
    known = _known()
    folders = known.setdefault(host, [])
    if str(folder) not in folders:
        folders.append(str(folder))
        write_derived(_file(), json.dumps(known, indent=1) + "\n")


def _file() -> Path:
    return Path.home() / ".dubsync" / "plugins.json"


def _known() -> dict[str, list[str]]:
    try:
        found = read_json(_file())
    except (OSError, DamagedDocument):
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        host: [one for one in folders if isinstance(one, str)]
        for host, folders in found.items()
        if isinstance(folders, list)
    }
