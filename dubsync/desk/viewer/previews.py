"""Pictures of tweaks that are not rendered yet, of the current shot."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.desk.session.session import Session

MOST = 64  #: pictures kept of the newest tweaks, and as many of older ones


class Previews(QObject):
    """Asks session.preview, and keeps its answers by frame.

    A picture of older tweaks stays until the newer one of its frame is there.

    arrived  (frame) a picture is there
    changed  whether a preview is wanted changed, or the tweaks did
    """

    arrived = pyqtSignal(int)
    changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rendered: Any = None  # tweaks at which the newest render stands
        self._fresh: dict[int, Any] = {}
        self._old: dict[int, Any] = {}
        self._asked: set[int] = set()
        self._looked_at: int | None = None
        self._shot = ""
        self.refused = ""
        self.working = ""  #: what takes long before the picture is there: "learn the head, 3 of 40"
        self.unrendered = False  #: whether there is no render yet of a shot that wants one
        session.shot_changed.connect(self._open)
        session.edits.changed.connect(self._edited)
        session.preview.picture.connect(self._arrived)
        session.preview.working.connect(self._work)
        session.preview.failed.connect(self._failed)

    @property
    def wanted(self) -> bool:
        """Whether the tweaks are others than those of the newest render, or there is none."""
        if self._rendered is None:
            return False
        return self.unrendered or self._session.edits.tweaks != self._rendered

    def get(self, frame: int) -> Any:
        """The PreviewPicture of a frame, if need be of older tweaks; None: there is none."""
        return self._fresh.get(frame) or self._old.get(frame)

    def is_fresh(self, frame: int) -> bool:
        return frame in self._fresh

    def ask(self, frame: int, width: int, near: tuple[int, ...] = ()) -> None:
        """Ask for a frame as it would be rendered now, then for its neighbours."""
        session = self._session
        if not self._shot or self.refused:
            return
        tweaks = session.edits.tweaks
        # Only the newest that is looked at is answered, so an older one is asked again.
        if frame not in self._fresh and frame != self._looked_at:
            self._looked_at = frame
            self._asked.add(frame)
            session.preview.ask_picture(self._shot, frame, tweaks, width)
        for one in near:
            if one not in self._fresh and one not in self._asked:
                self._asked.add(one)
                session.preview.ask_picture(self._shot, one, tweaks, width, near=True)

    def rendered(self) -> None:
        """A newer render is there: it shows the tweaks as they are now."""
        if self._rendered is not None:
            self._rendered = dict(self._session.edits.tweaks)
            self.changed.emit()

    def _open(self) -> None:
        current = self._session.current
        self._shot = current.name if current and current.shot else ""
        self._rendered, self.refused, self.working, self.unrendered = None, "", "", False
        self._fresh, self._old, self._asked, self._looked_at = {}, {}, set(), None

    def _edited(self) -> None:
        edits = self._session.edits
        if self._rendered is None and not edits.unsaved:  # the saved tweaks were read
            self._rendered = dict(edits.tweaks)
        elif self._rendered is None:
            self._rendered = {}
        self._old.update(self._fresh)
        while len(self._old) > MOST:
            del self._old[next(iter(self._old))]
        self._fresh, self._asked, self.refused, self._looked_at = {}, set(), "", None
        self.changed.emit()

    def _arrived(self, picture: Any) -> None:
        frame = int(picture.frame)
        if picture.shot != self._shot:
            return
        if frame not in self._asked:  # asked for before the tweaks changed
            self._old.setdefault(frame, picture)
            return
        self._fresh[frame], self.working = picture, ""
        while len(self._fresh) > MOST:
            del self._fresh[next(iter(self._fresh))]
        self.arrived.emit(frame)

    def _work(self, shot: str, step: str, done: int, total: int) -> None:
        if shot == self._shot and self._asked:
            self.working = f"{step}, {done} of {total}" if total else step
            self.changed.emit()

    def _failed(self, kind: str, shot: str, message: str, hint: str) -> None:
        if kind == "picture" and shot == self._shot:
            self.refused, self.working = f"{message}. {hint}" if hint else message, ""
            self._asked.clear()
            self.changed.emit()
