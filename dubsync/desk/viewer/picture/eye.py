"""Work on pictures for the eye, away from the Qt thread; the newest request wins."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PyQt5.QtCore import QObject, Qt, pyqtSignal

from dubsync.core.errors import DubsyncError
from dubsync.service.fault import bounded

Job = Callable[[], Any]


class Eye(QObject):
    """One thread; a job that waits is replaced by the next one.

    done  what the job made
    """

    done = pyqtSignal(object)
    _made = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._change = threading.Condition()
        self._job: Job | None = None
        self._open = True
        self._made.connect(self._deliver, Qt.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="pictures for the eye", daemon=True)
        self._thread.start()

    def ask(self, job: Job) -> None:
        """Do `job` next, instead of the one that waits."""
        with self._change:
            self._job = job
            self._change.notify()

    def close(self) -> None:
        """Stop the thread."""
        with self._change:
            self._open = False
            self._change.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._change:
                while self._open and self._job is None:
                    self._change.wait()
                if not self._open:
                    return
                job, self._job = self._job, None
            assert job is not None
            try:
                self._made.emit(bounded(job))
            except DubsyncError:  # kept in a file by `bounded`; the last picture stays
                continue

    def _deliver(self, made: Any) -> None:
        if self._open:
            self.done.emit(made)
