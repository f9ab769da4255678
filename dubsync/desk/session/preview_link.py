"""The preview process as the desk sees it: asked from the Qt thread, answered on the Qt thread."""

from __future__ import annotations

import threading
from pathlib import Path

from PyQt5.QtCore import QObject, Qt, pyqtSignal

from dubsync.service.preview.client import Answer, PreviewClient, Working
from dubsync.service.preview.requests import Kind, Request
from dubsync.service.tweaks.tweak_store import Tweaks


class PreviewLink(QObject):
    """Asks for pictures and curves; the newest request of a kind wins.

    The process starts with the first question, and again by itself when it dies.

    picture  a PreviewPicture that was asked for
    plate    (shot, frame, picture): the plate alone, (H, W, 3) uint8
    curves   the ShotCurves of a shot
    reach    the ShotReach of a shot: how far its controls can go, and which go farther
    expressions  the ShotExpressions of a shot's characters
    working  (shot, step, done, total): something that takes long, such as a first analysis
    failed   (kind, shot, message, hint)
    """

    picture = pyqtSignal(object)
    plate = pyqtSignal(str, int, object)
    curves = pyqtSignal(object)
    reach = pyqtSignal(object)
    expressions = pyqtSignal(object)
    working = pyqtSignal(str, str, int, int)
    failed = pyqtSignal(str, str, str, str)
    _answered = pyqtSignal(object)
    _worked = pyqtSignal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reel: tuple[Path, str] | None = None
        self._client: PreviewClient | None = None
        self._ending: list[threading.Thread] = []
        self._answered.connect(self._deliver, Qt.QueuedConnection)
        self._worked.connect(self._tell, Qt.QueuedConnection)

    def open(self, reel: Path, language: str) -> None:
        """Ask about this project from now on."""
        self.close()
        self._reel = reel, language

    def ask_picture(
        self, shot: str, frame: int, tweaks: Tweaks, width: int, *, near: bool = False
    ) -> None:
        """Ask for the corrected frame with unsaved tweaks, at most `width` pixels wide.

        Args:
            tweaks: all that the shot has.
            near: a frame beside the one that is looked at: it waits for all others.
        """
        self._ask("picture", shot, frame=frame, width=width, tweaks=tweaks, near=near)

    def ask_plate(self, shot: str, frame: int, width: int, *, near: bool = False) -> None:
        """Ask for the plate alone; no consent is needed and nothing is analysed."""
        self._ask("plate", shot, frame=frame, width=width, near=near)

    def ask_curves(self, shot: str, tweaks: Tweaks) -> None:
        """Ask for words, phones, waveform and mouth curves of a shot."""
        self._ask("curves", shot, tweaks=tweaks)

    def ask_reach(self, shot: str, tweaks: Tweaks) -> None:
        """Ask how far the controls of a shot can go, and which of `tweaks` go farther."""
        self._ask("reach", shot, tweaks=tweaks)

    def ask_expressions(self, shot: str, width: int) -> None:
        """Ask for the expressions of a shot's characters, each face `width` pixels wide."""
        self._ask("expressions", shot, width=width)

    def reread(self) -> None:
        """The project changed on disk: what is asked from now on is of what is there now."""
        if self._client is not None:
            self._ask("reread", "")

    def close(self) -> None:
        """Stop the process; it ends within a second, and nothing is answered any more."""
        self._reel = None
        if self._client is not None:
            client, self._client = self._client, None
            ending = threading.Thread(target=client.close, name="preview ends")
            ending.start()
            self._ending = [one for one in self._ending if one.is_alive()] + [ending]

    def wait_ended(self) -> None:
        """Wait for processes that were closed, a second or so; from then on nothing is emitted."""
        for one in self._ending:
            one.join()

    def _ask(
        self, kind: Kind, shot: str, *, frame: int = 0, width: int = 0,
        tweaks: Tweaks | None = None, near: bool = False,
    ) -> None:  # fmt: skip
        if self._client is None:
            if self._reel is None:
                return
            self._client = PreviewClient(*self._reel, on_work=self._hand_work)
        self._client.request(
            kind, shot, on_answer=self._hand, frame=frame, width=width,
            tweaks=None if tweaks is None else dict(tweaks), near=near,
        )  # fmt: skip

    def _hand(self, answer: Answer) -> None:
        if self._client is not None:
            self._answered.emit(answer)

    def _hand_work(self, request: Request, step: Working) -> None:
        if self._client is not None:
            self._worked.emit(request, step)

    def _deliver(self, answer: Answer) -> None:
        request = answer.request
        if self._client is None or answer.status == "dropped":
            return
        if answer.status == "failed":
            self.failed.emit(request.kind, request.shot, answer.message, answer.hint)
        elif request.kind == "picture":
            self.picture.emit(answer.value)
        elif request.kind == "plate":
            self.plate.emit(request.shot, request.frame, answer.value)
        elif request.kind == "curves":
            self.curves.emit(answer.value)
        elif request.kind == "reach":
            self.reach.emit(answer.value)
        elif request.kind == "expressions":
            self.expressions.emit(answer.value)

    def _tell(self, request: Request, step: Working) -> None:
        if self._client is not None:
            self.working.emit(request.shot, step.step, step.done, step.total)
