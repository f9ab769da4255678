"""The list of shots at the left of the Shot page."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session


class Strip(QWidget):
    """One item a row of the reel; choosing one makes it the current shot."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
