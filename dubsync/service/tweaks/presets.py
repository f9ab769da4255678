"""Tweaks kept by name in the project: presets/NAME/v001.json, never overwritten.

Frames are counted from the first frame that the cut shows of the shot they were set in.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dubsync.core.documents import read_json
from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.one_writer import OneWriter

FOLDER = "presets"  #: in the project's folder; every language has the same presets
SCHEMA = "dubsync.preset/2"
#: Files of these schemas are read; the first had no regions, looks and expressions.
READ = ("dubsync.preset/1", SCHEMA)
_NAME = re.compile(r"\w(?:[\w .+-]{0,62}[\w+-])?")
_VERSION = re.compile(r"v(\d{3,})\.json")


@dataclass(frozen=True, slots=True)
class Preset:
    """A tweak with a name.

    version  of its file; saving a preset again writes the next one
    tweak    with frames counted from the first frame of the cut; takes by hand are never in it
    shot, character  where it was saved from
    """

    name: str
    version: int
    tweak: Tweak
    shot: str
    character: str
    path: str


class PresetStore:
    """The presets of the project in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._home = folder / FOLDER

    def all(self) -> tuple[Preset, ...]:
        """Every preset in its newest version, by name.  Raises SettingsError for a damaged one."""
        if not self._home.is_dir():
            return ()
        names = sorted(path.name for path in self._home.iterdir() if path.is_dir())
        return tuple(self.load(n) for n in names if _NAME.fullmatch(n) and self._versions(n))

    def load(self, name: str) -> Preset:
        """The newest version of a preset.  Raises SettingsError where there is none."""
        versions = self._versions(_checked(name))
        if not versions:
            known = ", ".join(preset.name for preset in self.all()) or "none yet"
            raise SettingsError(f"there is no preset {name!r}", hint=f"presets: {known}")
        path = self._home / name / f"v{versions[-1]:03d}.json"
        try:
            file = read_json(path)
            if file["schema"] not in READ:
                raise ValueError(file["schema"])
            return Preset(name, versions[-1], from_plain(file["tweak"]), str(file["shot"]),
                          str(file["character"]), str(path))  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError, DubsyncError) as error:
            raise SettingsError(
                f"{path} is not a dubsync preset: {error}",
                hint="delete that file; the version before it is used then",
            ) from error

    def save(self, name: str, tweak: Tweak, *, shot: str, character: str) -> Preset:
        """Write the next version of a preset.

        Args:
            tweak: with frames counted from the first frame of the cut.

        Raises:
            SettingsError: the name cannot be a file's, or the tweak changes nothing.
        """
        home = self._home / _checked(name)
        if tweak.neutral:
            raise SettingsError(f"there is nothing to save in {name!r}",
                                hint="set a control first, as in --set jaw=1.2")  # fmt: skip
        with OneWriter(home):
            number = max(self._versions(name), default=0) + 1
            file = {
                "schema": SCHEMA,
                "name": name,
                "shot": shot,
                "character": character,
                "made": datetime.now(UTC).isoformat(timespec="seconds"),
                "tweak": plain(tweak),
            }
            write_whole(home / f"v{number:03d}.json", json.dumps(file, indent=2) + "\n")
        return self.load(name)

    def _versions(self, name: str) -> list[int]:
        home = self._home / name
        found = (_VERSION.fullmatch(path.name) for path in home.iterdir()) if home.is_dir() else ()
        return sorted(int(match.group(1)) for match in found if match)


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{name!r} cannot be a preset's name",
            hint="up to 64 letters, digits, spaces, . + - and _, a letter or digit first",
        )
    return name
