"""Tells a second desk on the same reel that there is a first one.  Edits of both are versions."""

from __future__ import annotations

import getpass
import json
import os
import socket
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DubsyncError
from dubsync.service.store.atomic_write import write_derived


class DeskLock:
    """Held while a reel is open; a crash lets go of it by itself."""

    def __init__(self, folder: Path) -> None:
        home = folder / ".dubsync"
        self._who = home / "desk.json"
        self._lock: FileLock | None = None
        try:
            home.mkdir(exist_ok=True)
            self._lock = FileLock(home / "desk.lock", timeout=0)
        except OSError:
            pass  # an archived project on a read-only disk: nobody edits it

    def take(self) -> str:
        """Take it; the words that say who has it, where another desk does, else ""."""
        if self._lock is None:
            return ""
        try:
            self._lock.acquire()
        except Timeout:
            return self._other()
        except OSError:
            return ""
        facts = {"by": _user(), "host": socket.gethostname(), "process": os.getpid(),
                 "since": datetime.now().strftime("%H:%M")}  # fmt: skip
        write_derived(self._who, json.dumps(facts))
        return ""

    def release(self) -> None:
        if self._lock is not None and self._lock.is_locked:
            self._who.unlink(missing_ok=True)
            self._lock.release()

    def _other(self) -> str:
        try:
            facts = read_json(self._who)
            return f"{facts['by']} on {facts['host']}, since {facts['since']}"
        except (OSError, DamagedDocument, DubsyncError, KeyError, TypeError):
            return "somebody"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody"
