"""The first start, and a new reel step by step."""

from __future__ import annotations

from PyQt5.QtWidgets import QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session


class IntakePage(QWidget):
    """Led from a dropped cut through media, dub, takes and characters to consent."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
