"""The point that the current character's eyes look at, picked by a click on the picture."""

from __future__ import annotations

from typing import Any, Protocol

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import looked_at
from dubsync.core.tweak.choices_at import chosen_at
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.session.edits import Edits


class ShownEyes(Protocol):
    """What it asks of the session, which holds it."""

    edits: Edits
    frame: int
    character: str
    shot_changed: Any
    character_changed: Any

    @property
    def frames(self) -> FrameRange | None:
        """The plate frames of the current shot."""


class LookHand(QObject):
    """Every change goes through `session.edits`.

    changed  a point is waited for, or no longer
    picking  whether the next click on the picture is the point
    """

    changed = pyqtSignal()

    def __init__(self, session: ShownEyes) -> None:
        super().__init__(session)
        self._session = session
        self.picking = False
        session.shot_changed.connect(self.leave)
        session.character_changed.connect(self.leave)

    @property
    def point(self) -> tuple[float, float] | None:
        """What the eyes look at on this frame, plate pixels; None for the camera, or nothing."""
        return looked_at(self._tweak.look_at.at_frame(self._session.frame))

    @property
    def _tweak(self) -> Tweak:
        return self._session.edits.tweak(self._session.character)

    def begin(self) -> None:
        """Wait for a click on the picture."""
        if self._session.frames is not None and self._session.character:
            self.picking = True
            self.changed.emit()

    def leave(self) -> None:
        """Wait for nothing."""
        if self.picking:
            self.picking = False
            self.changed.emit()

    def put(self, x: float, y: float) -> None:
        """Let the eyes look at a point of the plate, in the span over this frame or throughout."""
        session = self._session
        self.picking = False
        changed = chosen_at(self._tweak, "look_at", session.frame, f"{round(x)},{round(y)}")
        session.edits.change(session.character, changed.tweak, changed.request)
        self.changed.emit()
