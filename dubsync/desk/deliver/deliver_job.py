"""Delivers in a process of its own, and reads what it wrote."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QProcess, pyqtSignal

from dubsync.core.edit.host import HOST_LABELS

#: A line of progress: "verify renders 2/7 0.3 shots/s".
_PROGRESS = re.compile(r"(?P<stage>.+?) (?P<done>\d+)/(?P<total>\d+)(?: .*)?")
_DONE = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a delivery wrote, or why it wrote nothing.

    files       format -> path
    losses      what a format could not hold, in sentences
    left        (shot, why) of every shot that is missing or not approved
    versions    shot -> version in the cut
    opens       format -> labels of the hosts that open it with its media
    error       why nothing was written; "" where it was
    hint        what would help
    """

    files: Mapping[str, str] = field(default_factory=dict)
    losses: tuple[str, ...] = ()
    left: tuple[tuple[str, str], ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    opens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    error: str = ""
    hint: str = ""

    @property
    def folder(self) -> Path | None:
        """Where the files are."""
        return next((Path(path).parent for path in self.files.values()), None)


@dataclass(frozen=True, slots=True)
class Wish:
    """What to deliver: formats (none: those of the project), what is allowed, and for which host
    ("": the project's own)."""

    reel: Path
    language: str
    formats: tuple[str, ...] = ()
    unapproved: bool = False
    allow_missing: bool = False
    host: str = ""

    @property
    def arguments(self) -> list[str]:
        """Of Python, for a process that does it."""
        found = ["-m", "dubsync", "deliver", str(self.reel), "--language", self.language, "--json"]
        found += ["--as", ",".join(self.formats)] if self.formats else []
        found += ["--for", self.host] if self.host else []
        found += ["--unapproved"] if self.unapproved else []
        return found + (["--allow-missing"] if self.allow_missing else [])


class DeliverJob(QObject):
    """`progress` tells (stage, done, total); `ended` a Delivered."""

    progress = pyqtSignal(str, int, int)
    ended = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._out, self._line, self._err = b"", b"", b""
        self.program = sys.executable  #: tests put another there

    @property
    def running(self) -> bool:
        return self._process is not None

    def start(self, wish: Wish) -> None:
        """Deliver; nothing happens while one is running."""
        if self._process is not None:
            return
        self._out = self._line = self._err = b""
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_lines)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._not_started)
        process.start(self.program, wish.arguments)

    def stop(self) -> None:
        """End it; a delivery appears whole or not at all."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect()
            process.kill()
            process.waitForFinished(2000)
            process.deleteLater()

    def _read(self) -> None:
        if self._process is not None:
            self._out += bytes(self._process.readAllStandardOutput())

    def _read_lines(self) -> None:
        if self._process is None:
            return
        text = bytes(self._process.readAllStandardError())
        self._err = (self._err + text)[-8000:]
        *lines, self._line = (self._line + text).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            if found := _PROGRESS.fullmatch(line.decode("utf-8", "replace").strip()):
                self.progress.emit(found["stage"], int(found["done"]), int(found["total"]))

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.FailedToStart:
            self._finished(127, QProcess.NormalExit)

    def _finished(self, code: int, how: QProcess.ExitStatus) -> None:
        self._read()
        process, self._process = self._process, None
        if process is None:
            return
        process.deleteLater()
        out, err = (text.decode("utf-8", "replace") for text in (self._out, self._err))
        self.ended.emit(delivered(out, err, code if how == QProcess.NormalExit else 1))


def delivered(out: str, err: str, code: int) -> Delivered:
    """What `dubsync deliver --json` said, by its output and exit code."""
    try:
        answer: Any = json.loads(out.strip().splitlines()[-1])
    except (ValueError, IndexError):
        answer = None
    if not isinstance(answer, dict):
        words = [line for line in err.strip().splitlines() if line.strip()]
        return Delivered(error=words[-1][:400] if words else f"the process ended with code {code}",
                         hint="try again")  # fmt: skip
    left = (*_pairs(answer.get("missing")), *_pairs(answer.get("unapproved")))
    losses = tuple(str(one) for one in answer.get("losses") or ())
    if "error" in answer or code != _DONE:
        return Delivered(losses=losses, left=left, error=str(answer.get("error", "not delivered")),
                         hint=str(answer.get("hint", "")))  # fmt: skip
    opens = {str(key): tuple(HOST_LABELS.get(host, host) for host in hosts)
             for key, hosts in dict(answer.get("opens") or {}).items()}  # fmt: skip
    return Delivered(dict(answer.get("files") or {}), losses, left,
                     dict(answer.get("versions") or {}), opens)  # fmt: skip


def _pairs(rows: object) -> Sequence[tuple[str, str]]:
    if not isinstance(rows, list):
        return ()
    return [(str(row.get("name")), str(row.get("reason"))) for row in rows
            if isinstance(row, dict)]  # fmt: skip
