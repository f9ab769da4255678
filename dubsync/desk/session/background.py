"""Work away from the Qt thread: one thread for what must go in order, answers on the Qt thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QObject, Qt, pyqtSignal

from dubsync.core.errors import DubsyncError
from dubsync.service.fault import bounded

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why work was not done: what a user reads, and what to try next."""

    message: str
    hint: str = ""


class Background(QObject):
    """Runs functions in a thread of its own, in the order of asking.

    `done` and `refused` of `run` are called on the thread that made this object.
    """

    _answered = pyqtSignal(object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=f"desk-{name}")
        self._open = True
        self._answered.connect(self._deliver, Qt.QueuedConnection)

    def run(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None] | None = None,
        refused: Callable[[Refusal], None] | None = None,
    ) -> Future[Any]:
        """Ask for `work()`; its result goes to `done`, an error of the user's to `refused`."""
        future = self._pool.submit(bounded, work)
        future.add_done_callback(lambda one: self._ended(one, done, refused))
        return future

    def close(self) -> None:
        """Wait for what is running; what has not begun is dropped, and nothing is answered."""
        self._open = False
        self._pool.shutdown(wait=True, cancel_futures=True)

    def finish(self) -> None:
        """Wait until everything asked for is done; nothing is answered."""
        self._open = False
        self._pool.shutdown(wait=True)

    def _ended(
        self,
        future: Future[Any],
        done: Callable[[Any], None] | None,
        refused: Callable[[Refusal], None] | None,
    ) -> None:
        if self._open and not future.cancelled():
            self._answered.emit((future, done, refused))

    def _deliver(self, answer: Any) -> None:
        future, done, refused = answer
        if not self._open:
            return
        error = future.exception()
        if error is None:
            if done is not None:
                done(future.result())
            return
        refusal = _refusal(error)
        if refused is not None:
            refused(refusal)
        else:
            _log.error("%s", refusal.message)


def _refusal(error: BaseException) -> Refusal:
    """`bounded` lets through dubsync's own errors and makes every other one a Fault."""
    hint = error.hint if isinstance(error, DubsyncError) else ""
    return Refusal(str(error), hint)
