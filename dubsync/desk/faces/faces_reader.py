"""Asks `dubsync faces` for the faces of the reel, in a process of its own."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec
from PyQt5.QtCore import QObject, QProcess, pyqtSignal

from dubsync.service.seen_faces import SeenFaces

SCHEMA = "dubsync.faces/1"


class FacesReader(QObject):
    """`read` gives SeenFaces; `progress` a line on a long analysis; `failed` (message, hint)."""

    read = pyqtSignal(object)
    progress = pyqtSignal(str)
    failed = pyqtSignal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._again: tuple[Path, str] | None = None

    @property
    def busy(self) -> bool:
        return self._process is not None

    def ask(self, folder: Path, language: str) -> None:
        """Read the faces; asked while it reads, it reads once more afterwards."""
        if self._process is not None:
            self._again = (folder, language)
            return
        self._process = process = QProcess(self)
        process.readyReadStandardError.connect(self._said)
        process.finished.connect(self._finished)
        process.start(
            sys.executable,
            ["-m", "dubsync", "faces", str(folder), "--language", language, "--json"],
        )

    def close(self) -> None:
        """Stop reading; nothing is answered any more."""
        self._again = None
        if self._process is not None:
            self._process.finished.disconnect()
            self._process.readyReadStandardError.disconnect()
            self._process.kill()
            self._process.waitForFinished(2000)
            self._process = None

    def _said(self) -> None:
        if self._process is not None:
            lines = bytes(self._process.readAllStandardError()).decode(errors="replace")
            last = lines.strip().rsplit("\n", 1)[-1].rsplit("\r", 1)[-1]
            if last:
                self.progress.emit(last)

    def _finished(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        out = bytes(process.readAllStandardOutput()).decode(errors="replace")
        process.deleteLater()
        self._tell(out)
        if self._again is not None:
            again, self._again = self._again, None
            self.ask(*again)

    def _tell(self, out: str) -> None:
        try:
            body: Any = json.loads(out)
            if body.get("schema") != SCHEMA:
                self.failed.emit(str(body.get("error", "the faces cannot be read")),
                                 str(body.get("hint", "")))  # fmt: skip
                return
            self.read.emit(msgspec.convert(body, SeenFaces))
        except (ValueError, TypeError, AttributeError):
            self.failed.emit("the faces cannot be read", "run dubsync faces REEL to see why")
