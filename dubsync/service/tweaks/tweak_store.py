"""The tweaks of each shot, stored as versions: tweaks/SHOT/v001.json, never overwritten.

Undo and redo write versions too: each file names its parent state and the states that were undone.
In a project of several languages each has its own: tweaks/fr-FR/SHOT/v001.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dubsync.core.documents import read_json
from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain, plain
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Layout
from dubsync.service.store.one_writer import OneWriter

FOLDER = "tweaks"  #: in the project's folder
SCHEMA = "dubsync.tweaks/2"
#: Files of these schemas are read; the first had no regions, looks and expressions.
READ = ("dubsync.tweaks/1", SCHEMA)
_VERSION = re.compile(r"v(\d{3,})\.json")

#: character -> Tweak
Tweaks = Mapping[str, Tweak]


@dataclass(frozen=True, slots=True)
class TweakVersion:
    """One version of a shot's tweaks.

    number    of the file; 0 where there is none yet
    state     the version that first held these tweaks
    parent    the state before it
    undone    states that redo brings back, the next one first
    request   the settings that made it, as the user typed them
    language  the language it belongs to; "" in files written when the project had only one
    made      when it was written, ISO 8601 in UTC; "" where the file does not say
    """

    number: int = 0
    state: int = 0
    parent: int = 0
    undone: tuple[int, ...] = ()
    request: tuple[str, ...] = ()
    tweaks: Tweaks = field(default_factory=dict)
    path: str = ""
    language: str = ""
    made: str = ""


class TweakStore:
    """The versions of one project's tweaks, in the language of `layout`."""

    def __init__(self, folder: Path, layout: Layout | None = None) -> None:
        self._layout = layout or Layout()
        self._homes = self._layout.homes(folder, FOLDER)

    def all(self) -> dict[str, Tweaks]:
        """Shot name -> its current tweaks.  Raises SettingsError for a damaged file."""
        homes = [home for home in self._homes if home.is_dir()]
        shots = sorted({path.name for home in homes for path in home.iterdir() if path.is_dir()})
        return {shot: self.latest(shot).tweaks for shot in shots if self._numbers(shot)}

    def latest(self, shot: str) -> TweakVersion:
        """The newest version; version 0 where there is none."""
        for number in sorted(self._numbers(shot), reverse=True):
            version = self._read(shot, number)
            if not self._layout.language or version.language in ("", self._layout.language):
                return version
        return TweakVersion()

    def versions(self, shot: str) -> tuple[TweakVersion, ...]:
        """Every version of a shot's tweaks that can be read, the newest first."""
        result = []
        for number in sorted(self._numbers(shot), reverse=True):
            try:
                version = self._read(shot, number)
            except SettingsError:  # a damaged file of old: the others can still be gone back to
                continue
            if not self._layout.language or version.language in ("", self._layout.language):
                result.append(version)
        return tuple(result)

    def change(self, shot: str, tweaks: Tweaks, request: Sequence[str]) -> TweakVersion:
        """Write a new version that holds `tweaks`; returns the latest when nothing changes."""
        return self.amend(shot, lambda _: tweaks, request)

    def amend(
        self, shot: str, amended: Callable[[Tweaks], Tweaks], request: Sequence[str]
    ) -> TweakVersion:
        """Write a new version that holds `amended(current tweaks)`.

        The current tweaks are read and the new ones written under one lock: of two processes that
        amend at once, the second sees the first one's change.

        Args:
            request: the settings as the user typed them.

        Returns:
            The new version; the latest one when nothing changes.
        """
        with self._locked(shot):
            now = self.latest(shot)
            tweaks = {c: tweak for c, tweak in amended(now.tweaks).items() if not tweak.neutral}
            if tweaks == dict(now.tweaks):
                return now
            number = self._next(shot)
            return self._write(
                shot, TweakVersion(number, number, now.state, (), tuple(request), tweaks)
            )

    def undo(self, shot: str) -> TweakVersion:
        """Write a new version with the tweaks from before the last change.

        Raises:
            SettingsError: there is no change to undo.
        """
        with self._locked(shot):
            now = self.latest(shot)
            if now.state == 0:
                raise SettingsError(
                    f"{shot} has no tweak to undo",
                    hint="set one, as in: dubsync tweak REEL SHOT --set jaw=1.2",
                )
            before = self._state(shot, now.parent)
            undone = (now.state, *now.undone)
            return self._again(shot, before, undone, "undo")

    def redo(self, shot: str) -> TweakVersion:
        """Write a new version with the tweaks that the last undo removed.

        Raises:
            SettingsError: nothing was undone since the last change.
        """
        with self._locked(shot):
            now = self.latest(shot)
            if not now.undone:
                raise SettingsError(
                    f"{shot} has nothing to redo", hint="redo is possible right after an undo"
                )
            return self._again(shot, self._state(shot, now.undone[0]), now.undone[1:], "redo")

    def _again(
        self, shot: str, before: TweakVersion, undone: tuple[int, ...], request: str
    ) -> TweakVersion:
        number = self._next(shot)
        version = TweakVersion(
            number, before.state, before.parent, undone, (request,), before.tweaks
        )  # fmt: skip
        return self._write(shot, version)

    def _state(self, shot: str, state: int) -> TweakVersion:
        return self._read(shot, state) if state else TweakVersion()

    def _next(self, shot: str) -> int:
        return max(self._numbers(shot), default=0) + 1

    def _numbers(self, shot: str) -> set[int]:
        homes = [home / shot for home in self._homes if (home / shot).is_dir()]
        result = (_VERSION.fullmatch(path.name) for home in homes for path in home.iterdir())
        return {int(match.group(1)) for match in result if match}

    def _path(self, shot: str, number: int) -> Path:
        """The version's file; for a new version, the file to write."""
        paths = [home / shot / f"v{number:03d}.json" for home in self._homes]
        return next((path for path in paths if path.exists()), paths[0])

    def _read(self, shot: str, number: int) -> TweakVersion:
        path = self._path(shot, number)
        try:
            file = read_json(path)
            if file["schema"] not in READ:
                raise ValueError(file["schema"])
            tweaks = {c: from_plain(tweak) for c, tweak in file["characters"].items()}
            return TweakVersion(
                number, int(file["state"]), int(file["parent"]), tuple(map(int, file["undone"])),
                tuple(file.get("request", ())), tweaks, str(path), str(file.get("language", "")),
                str(file.get("made", "")),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError, DubsyncError) as error:
            raise SettingsError(
                f"{path} is not a dubsync tweak file: {error}",
                hint="delete that file; the version before it is used then",
            ) from error

    def _write(self, shot: str, version: TweakVersion) -> TweakVersion:
        file = {
            "schema": SCHEMA,
            "shot": shot,
            "language": self._layout.language,
            "state": version.state,
            "parent": version.parent,
            "undone": list(version.undone),
            "request": list(version.request),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "characters": tweaks_plain(version.tweaks),
        }
        write_whole(self._path(shot, version.number), json.dumps(file, indent=2) + "\n")
        return self._read(shot, version.number)

    def _locked(self, shot: str) -> OneWriter:
        return OneWriter(self._homes[0] / shot)


def tweaks_plain(tweaks: Tweaks) -> dict[str, Any]:
    """Character -> their Tweak as JSON values; neutral tweaks are left out."""
    return {c: plain(tweak) for c, tweak in sorted(tweaks.items()) if not tweak.neutral}
