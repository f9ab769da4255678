"""Has `dubsync status` work out the states that may be old, in a process of its own.

The desk loads no engine; which renders are stale is told by one.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

from PyQt5.QtCore import QObject, QProcess, QTimer, pyqtSignal

FIRST_MS = 3_000  #: after a reel was opened: its rows come first
REST_MS = 10_000  #: after a change: the hand and the preview come first
LOW = 10  #: priority of the process


class StateWorker(QObject):
    """`done` tells that the states are to be read again."""

    done = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asked: tuple[Path, str, frozenset[str]] | None = None
        self._tried: tuple[Path, str, frozenset[str]] | None = None
        self._changed = False
        self._process: QProcess | None = None
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._start)

    def ask(self, folder: Path, language: str, unsure: frozenset[str]) -> None:
        """Work out the states of these shots; not again where that has just been tried."""
        wanted = (folder, language, unsure)
        if unsure and wanted != self._tried:
            known = self._tried is not None and self._tried[:2] == wanted[:2]
            self._asked = wanted
            self._rest.start(REST_MS if known or self._changed else FIRST_MS)

    def again(self) -> None:
        """Something changed on disk: what was tried before may come out otherwise."""
        self._tried, self._changed = None, True

    def close(self) -> None:
        self._rest.stop()
        self._asked = None
        if self._process is not None:
            self._process.finished.disconnect()
            self._process.kill()
            self._process.waitForFinished(2000)
            self._process = None

    def _start(self) -> None:
        if self._process is not None or self._asked is None:
            return
        self._tried, self._asked = self._asked, None
        folder, language, _ = self._tried
        self._process = process = QProcess(self)
        process.setStandardOutputFile(QProcess.nullDevice())
        process.setStandardErrorFile(QProcess.nullDevice())
        process.finished.connect(self._finished)
        process.started.connect(self._give_way)
        process.start(
            sys.executable,
            ["-m", "dubsync", "status", str(folder), "--language", language, "--json"],
        )  # fmt: skip

    def _finished(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self.done.emit()
        if self._asked is not None:
            self._rest.start(REST_MS)

    def _give_way(self) -> None:
        """The desk comes first: the process takes what is left of the processors."""
        if self._process is not None and hasattr(os, "setpriority"):
            with suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, int(self._process.processId()), LOW)
