"""Landmarks of the current character in the hand: which can be dragged, and where they are put.

The inspector says which and how far neighbours come along; the viewer drags them.
"""

from __future__ import annotations

from typing import Any, Protocol

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.errors import SettingsError
from dubsync.core.tweak.landmark_edit import EYES, LANDMARKS, LIPS, REACH, LandmarkKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.session.edits import Edits

SETS = {"lips": LIPS, "eyes": EYES, "all": tuple(range(LANDMARKS))}


class ShownFace(Protocol):
    """What it asks of the session, which holds it."""

    edits: Edits
    frame: int
    character: str
    message: Any


class LandmarkHand(QObject):
    """Every change goes through `session.edits`.

    changed  other landmarks can be dragged
    which    "lips", "eyes" or "all"
    reach    plate pixels within which neighbours come along
    """

    changed = pyqtSignal()

    def __init__(self, session: ShownFace) -> None:
        super().__init__(session)
        self._session = session
        self.which, self.reach = "lips", REACH

    @property
    def indices(self) -> tuple[int, ...]:
        """The landmarks that can be dragged."""
        return SETS[self.which]

    @property
    def here(self) -> tuple[LandmarkKey, ...]:
        """What is set by hand on this frame."""
        return tuple(key for key in self.keys if key.frame == self._session.frame)

    @property
    def keys(self) -> tuple[LandmarkKey, ...]:
        """Everything that is set by hand for the current character."""
        return self._tweak.landmarks

    @property
    def _tweak(self) -> Tweak:
        return self._session.edits.tweak(self._session.character)

    def choose(self, which: str) -> None:
        """Let other landmarks be dragged."""
        self.which = which
        self.changed.emit()

    def put(self, index: int, x: float, y: float) -> None:
        """A landmark at a place on this frame, plate pixels."""
        session = self._session
        try:
            key = LandmarkKey(session.frame, index, round(x, 2), round(y, 2), self.reach)
            said = f"landmark {session.frame}:{index}={key.x:g},{key.y:g},{key.reach:g}"
            session.edits.change(session.character, self._tweak.mending(key), said)
        except SettingsError as error:
            session.message.emit(f"{error}. {error.hint}" if error.hint else str(error), True)

    def take_back(self) -> None:
        """Nothing by hand on this frame."""
        session = self._session
        if self.here:
            tweak = self._tweak.unmended(session.frame)
            session.edits.change(session.character, tweak, f"clear landmarks {session.frame}")
