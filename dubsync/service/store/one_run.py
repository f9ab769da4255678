"""One run of a project at a time, by name: who runs what, where, and since when.

.dubsync/run.lock   held by the system while the process lives, and let go when it dies
.dubsync/run.json   who holds it

The tasks of one run, in processes or on machines of their own, do not take it: each shot and each
model has a lock of its own.  Where a share does not carry locks between machines, the name that
another machine left there is believed: whether its process lives cannot be known from here.
"""

from __future__ import annotations

import errno
import getpass
import json
import logging
import os
import socket
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DeliveryError
from dubsync.service.store.atomic_write import unwritable, write_whole

_log = logging.getLogger(__name__)
LOCK, FILE = "run.lock", "run.json"
#: Seconds between two looks at a lock that is waited for.
LOOK_S = 2.0
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True, slots=True)
class Runner:
    """Who runs a project.

    since    when it began, ISO 8601 with the offset from UTC
    started  clock ticks since boot when the process began; 0: not known.  A number of a process is
             given to another one after it ended
    folder   the project as that machine calls it; "": not known
    """

    user: str
    host: str
    pid: int
    verb: str
    since: str
    started: int = 0
    folder: str = ""

    def __str__(self) -> str:
        return f"{self.user} on {self.host} (process {self.pid}, dubsync {self.verb})"

    @property
    def lives(self) -> bool | None:
        """Whether its process is there; None: it is another machine's, so that is not known."""
        if self.host != socket.gethostname():
            return None
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        now = _started(self.pid)
        return not (self.started and now and now != self.started)


class OneRun:
    """The lock of a project's run; nested ones of one process are one.

    with OneRun(folder, "sync"): ...

    Raises, when it is entered:
        DeliveryError: another process or machine runs the project, by name.
    """

    def __init__(self, folder: Path, verb: str, *, wait: bool = False) -> None:
        self._home = folder / ".dubsync"
        self._wait = wait
        self._me = Runner(_user(), socket.gethostname(), os.getpid(), verb,
                          datetime.now(UTC).isoformat(timespec="seconds"),
                          _started(os.getpid()), str(folder.resolve()))  # fmt: skip
        self._lock = FileLock(self._home / LOCK, timeout=0, is_singleton=True, thread_local=False)

    def __enter__(self) -> OneRun:
        try:
            self._home.mkdir(exist_ok=True)
            self._acquire()
        except OSError as error:
            if error.errno in _READ_ONLY:  # what can be looked at without writing goes on
                _log.info("no lock on a project that cannot be written: %s", error)
                return self
            raise unwritable(self._home, error) from error
        if self._lock.lock_counter > 1:
            return self
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            self._take_over()
            write_whole(self._home / FILE, json.dumps(asdict(self._me)))
            undo.pop_all()
        return self

    def __exit__(self, *raised: object) -> None:
        if not self._lock.is_locked:
            return
        if self._lock.lock_counter == 1:
            try:
                (self._home / FILE).unlink(missing_ok=True)
            except OSError as error:  # a share that is gone: the next run finds this one dead
                _log.info("%s stays: %s", self._home / FILE, error)
        self._lock.release()

    def _acquire(self) -> None:
        try:
            self._lock.acquire()
            return
        except Timeout:
            held = read_runner(self._home)
            if not self._wait:
                raise _refused(self._home.parent, held) from None
        who = held or "another dubsync process"
        _log.warning("%s runs %s: this waits until it has ended", who, self._home.parent.name)
        self._lock.acquire(timeout=-1, poll_interval=LOOK_S)

    def _take_over(self) -> None:
        """Refuse where somebody else still runs it although the lock is free; tell who died."""
        before = read_runner(self._home)
        if before is None or (before.pid, before.host) == (self._me.pid, self._me.host):
            return
        if before.host == self._me.host and before.folder not in ("", self._me.folder):
            return  # this is a copy of the project that it runs
        if before.lives is False:
            _log.warning(
                "%s began at %s and ended without finishing: this run goes on after it",
                before, _clock(before.since),
            )  # fmt: skip
            return
        raise _refused(self._home.parent, before)


def read_runner(home: Path) -> Runner | None:
    """Who is said to run the project whose .dubsync is `home`; None: nobody, or it is damaged."""
    try:
        return msgspec.convert(read_json(home / FILE), Runner)
    except (OSError, DamagedDocument, msgspec.ValidationError):
        return None


def _refused(folder: Path, held: Runner | None) -> DeliveryError:
    if held is None:
        return DeliveryError(
            f"another dubsync process runs {folder.name}",
            hint="wait for it to finish, or let this run wait for it: --wait",
        )
    hint = "wait for it to finish, or let this run wait for it: --wait"
    if held.lives is None:
        hint += (
            f"; whether it still works cannot be seen from here: if it does not, delete "
            f"{folder / '.dubsync' / FILE}"
        )
    return DeliveryError(f"{held} has run {folder.name} since {_clock(held.since)}", hint=hint)


def _clock(since: str) -> str:
    """Day and time as this machine's clock has them."""
    try:
        return datetime.fromisoformat(since).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return since[:20]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container without a user database
        return "somebody"


def _started(pid: int) -> int:
    """Clock ticks from boot to the start of a process, on Linux; 0: not known here."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
        return int(text.rpartition(")")[2].split()[19])
    except (OSError, ValueError, IndexError):
        return 0
