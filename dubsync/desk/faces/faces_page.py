"""Who is who: one question at a time, with pictures."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session


class FacesPage(QWidget):
    """Faces that wait for an answer, and those that are known."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
