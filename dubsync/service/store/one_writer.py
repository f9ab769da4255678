"""One writer at a time in a folder of the project."""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

from dubsync.core.errors import DeliveryError
from dubsync.service.store.atomic_write import unwritable

WAIT_S = 30.0  #: seconds to wait for another dubsync process that is writing: several workers may


class OneWriter:
    """A lock on the folder `home`, which is made if it is not there.

    Raises, when it is entered:
        DeliveryError: another process writes there for more than 30 s, or the disk refuses.
    """

    def __init__(self, home: Path) -> None:
        self._home, self._lock = home, FileLock(home / ".lock", timeout=WAIT_S)

    def __enter__(self) -> None:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise DeliveryError(
                f"another dubsync process is writing to {self._home}",
                hint="wait for it to finish, then run this again",
            ) from None
        except OSError as error:
            raise unwritable(self._home, error) from error

    def __exit__(self, *raised: object) -> None:
        self._lock.release()
