"""Asks `dubsync faces` for the faces of the reel, in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QProcess, pyqtSignal

SCHEMA = "dubsync.faces/1"


@dataclass(frozen=True, slots=True)
class ShownFace:
    """One face of one shot, as `service.seen_faces.SeenFace` tells it."""

    shot: str
    number: int
    character: str
    frames: int
    at: tuple[float, float, float]
    box: tuple[float, float, float, float]
    likeness: Mapping[str, float]
    picture: str
    frame_picture: str


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A character whose face in a shot is not decided; `candidates`: numbers of faces."""

    shot: str
    character: str
    message: str
    hint: str
    candidates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShownFaces:
    """Every face of the reel, and the questions."""

    faces: tuple[ShownFace, ...] = ()
    questions: tuple[ShownQuestion, ...] = ()

    def face(self, shot: str, number: int) -> ShownFace | None:
        """The face of that number in a shot."""
        return next((f for f in self.faces if (f.shot, f.number) == (shot, number)), None)

    def of(self, character: str) -> tuple[ShownFace, ...]:
        """A character's faces, one a shot."""
        return tuple(face for face in self.faces if face.character == character)


class FacesReader(QObject):
    """`read` gives ShownFaces; `progress` a line on a long analysis; `failed` (message, hint)."""

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
            self.read.emit(_shown(body))
        except (ValueError, KeyError, TypeError, AttributeError):
            self.failed.emit("the faces cannot be read", "run dubsync faces REEL to see why")


def _shown(body: Mapping[str, Any]) -> ShownFaces:
    faces = tuple(
        ShownFace(
            one["shot"], int(one["number"]), one["character"], int(one["frames"]),
            _three(one["at"]), _four(one["box"]), dict(one["likeness"]),
            one["picture"], one["frame_picture"],
        )
        for one in body["faces"]
    )  # fmt: skip
    questions = tuple(
        ShownQuestion(one["shot"], one["character"], one["message"], one["hint"],
                      tuple(map(int, one["candidates"])))
        for one in body["questions"]
    )  # fmt: skip
    return ShownFaces(faces, questions)


def _three(values: Any) -> tuple[float, float, float]:
    x, y, frame = map(float, values)
    return x, y, frame


def _four(values: Any) -> tuple[float, float, float, float]:
    left, top, right, bottom = map(float, values)
    return left, top, right, bottom
