"""What artists say over a shot, kept as versions: tweaks/SHOT/v001.json, never written over.

Undo and redo write versions too: each file names the state before its own, and what was undone.
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

from filelock import FileLock, Timeout

from dubsync.core.errors import DeliveryError, DubsyncError, SettingsError
from dubsync.core.tweak import Tweak, from_plain, plain
from dubsync.service.store.atomic_write import unwritable, write_whole
from dubsync.service.store.folder import Layout

FOLDER = "tweaks"  #: in the project's folder
SCHEMA = "dubsync.tweaks/1"
_VERSION = re.compile(r"v(\d{3,})\.json")
WAIT_S = 5.0  #: for another dubsync that is writing

#: character -> Tweak
Tweaks = Mapping[str, Tweak]


@dataclass(frozen=True, slots=True)
class TweakVersion:
    """One version of what is said over a shot.

    number   of the file; 0 before anybody said anything
    state    the version that first held these tweaks
    parent   the state before it
    undone   states that a redo brings back, next first
    asked    what made it, in the user's words
    language   that it was said of; "" in files from before there were several
    """

    number: int = 0
    state: int = 0
    parent: int = 0
    undone: tuple[int, ...] = ()
    asked: tuple[str, ...] = ()
    tweaks: Tweaks = field(default_factory=dict)
    path: str = ""
    language: str = ""


class TweakStore:
    """The versions of one project's tweaks, in the language of `layout`."""

    def __init__(self, folder: Path, layout: Layout | None = None) -> None:
        self._layout = layout or Layout()
        self._homes = self._layout.homes(folder, FOLDER)

    def all(self) -> dict[str, Tweaks]:
        """Shot name -> its tweaks today.  Raises SettingsError for a damaged file."""
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

    def change(self, shot: str, tweaks: Tweaks, asked: Sequence[str]) -> TweakVersion:
        """A new version that holds `tweaks`; as it is when nothing changes."""
        return self.amend(shot, lambda _: tweaks, asked)

    def amend(
        self, shot: str, amended: Callable[[Tweaks], Tweaks], asked: Sequence[str]
    ) -> TweakVersion:
        """A new version that holds `amended` of today's tweaks; as it is when nothing changes.

        Today's are read and the new ones written under one lock: of two that amend at once,
        the second sees what the first said.
        """
        with self._locked(shot):
            now = self.latest(shot)
            kept = {who: tweak for who, tweak in amended(now.tweaks).items() if not tweak.neutral}
            if kept == dict(now.tweaks):
                return now
            number = self._next(shot)
            return self._write(
                shot, TweakVersion(number, number, now.state, (), tuple(asked), kept)
            )

    def undo(self, shot: str) -> TweakVersion:
        """A new version with what held before the last change.

        Raises:
            SettingsError: nothing was changed yet.
        """
        with self._locked(shot):
            now = self.latest(shot)
            if now.state == 0:
                raise SettingsError(f"{shot} has no tweak to undo")
            before = self._state(shot, now.parent)
            undone = (now.state, *now.undone)
            return self._again(shot, before, undone, "undo")

    def redo(self, shot: str) -> TweakVersion:
        """A new version with what the last undo took away.

        Raises:
            SettingsError: nothing was undone since the last change.
        """
        with self._locked(shot):
            now = self.latest(shot)
            if not now.undone:
                raise SettingsError(f"{shot} has nothing to redo")
            return self._again(shot, self._state(shot, now.undone[0]), now.undone[1:], "redo")

    def _again(
        self, shot: str, before: TweakVersion, undone: tuple[int, ...], asked: str
    ) -> TweakVersion:
        number = self._next(shot)
        version = TweakVersion(
            number, before.state, before.parent, undone, (asked,), before.tweaks
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
        """Where the version lies; of a new one, where it is written."""
        paths = [home / shot / f"v{number:03d}.json" for home in self._homes]
        return next((path for path in paths if path.exists()), paths[0])

    def _read(self, shot: str, number: int) -> TweakVersion:
        path = self._path(shot, number)
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            if said["schema"] != SCHEMA:
                raise ValueError(said["schema"])
            tweaks = {who: from_plain(tweak) for who, tweak in said["characters"].items()}
            return TweakVersion(
                number, int(said["state"]), int(said["parent"]), tuple(map(int, said["undone"])),
                tuple(said["asked"]), tweaks, str(path), str(said.get("language", "")),
            )  # fmt: skip
        except (OSError, ValueError, KeyError, TypeError, AttributeError, DubsyncError) as error:
            raise SettingsError(
                f"{path} is not a tweak of ours: {error}", hint="delete that file"
            ) from error

    def _write(self, shot: str, version: TweakVersion) -> TweakVersion:
        said = {
            "schema": SCHEMA,
            "shot": shot,
            "language": self._layout.language,
            "state": version.state,
            "parent": version.parent,
            "undone": list(version.undone),
            "asked": list(version.asked),
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "characters": tweaks_plain(version.tweaks),
        }
        write_whole(self._path(shot, version.number), json.dumps(said, indent=2) + "\n")
        return self._read(shot, version.number)

    def _locked(self, shot: str) -> _Lock:
        return _Lock(self._homes[0] / shot)


class _Lock:
    """One writer at a time in a folder."""

    def __init__(self, home: Path) -> None:
        self._home, self._lock = home, FileLock(home / ".lock", timeout=WAIT_S)

    def __enter__(self) -> None:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise DeliveryError(
                f"{self._home} is being written by another dubsync", hint="run this again"
            ) from None
        except OSError as error:
            raise unwritable(self._home, error) from error

    def __exit__(self, *raised: object) -> None:
        self._lock.release()


def tweaks_plain(tweaks: Tweaks) -> dict[str, Any]:
    """Character -> their Tweak as plain JSON values; without those that ask for nothing."""
    return {who: plain(tweak) for who, tweak in sorted(tweaks.items()) if not tweak.neutral}
