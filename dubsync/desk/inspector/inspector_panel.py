"""The shot's card, and the tabs Tweak, Face, QC, Notes and Provenance."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session


class InspectorPanel(QWidget):
    """Everything that can be set and read of the current shot."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
