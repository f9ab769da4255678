"""What will be delivered, and what was."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session


class DeliverPage(QWidget):
    """Approved shots, what is left, and the delivered files."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
