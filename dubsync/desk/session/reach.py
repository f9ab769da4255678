"""How far the controls of the current shot can go, and which go farther, as the footage has it."""

from __future__ import annotations

from typing import Any, Protocol

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.session.edits import Edits
from dubsync.desk.session.preview_link import PreviewLink
from dubsync.service.overview import ShotRow
from dubsync.service.preview.reach import CharacterReach, ShotReach


class ShownReach(Protocol):
    """What it asks of the session, which holds it."""

    edits: Edits
    preview: PreviewLink
    current: ShotRow | None
    character: str
    frame: int
    shot_changed: Any

    @property
    def frames(self) -> FrameRange | None:
        """The plate frames of the current shot."""


class Reach(QObject):
    """Asks after every change: the answer comes before the picture, which may take long.

    changed  `now` is of other tweaks or of another shot
    """

    changed = pyqtSignal()

    def __init__(self, session: ShownReach) -> None:
        super().__init__(session)
        self._session = session
        self.now: ShotReach | None = None
        session.shot_changed.connect(self._leave)
        session.edits.changed.connect(self._ask)
        session.preview.reach.connect(self._arrived)

    @property
    def mine(self) -> CharacterReach | None:
        """Of the current character; None until it is known."""
        return self.now.characters.get(self._session.character) if self.now is not None else None

    def at_frame(self) -> dict[str, tuple[float, float, float]]:
        """Control -> lowest, highest, and room beyond, at the session's frame."""
        mine, frames, frame = self.mine, self._session.frames, self._session.frame
        if mine is None or self.now is None or frames is None or frame not in self.now.frames:
            return {}
        t = frame - self.now.frames.start
        found = ((one.name, (float(one.low[t]), float(one.high[t]), float(one.room[t])))
                 for one in mine.held)  # fmt: skip
        return {name: ends for name, ends in found if ends[0] == ends[0]}  # NaN: no face

    def _ask(self) -> None:
        row = self._session.current
        if row is not None and row.shot is not None and row.characters:
            self._session.preview.ask_reach(row.name, dict(self._session.edits.tweaks))

    def _arrived(self, reach: ShotReach) -> None:
        row = self._session.current
        if row is not None and row.name == reach.shot:
            self.now = reach
            self.changed.emit()

    def _leave(self) -> None:
        if self.now is not None:
            self.now = None
            self.changed.emit()
