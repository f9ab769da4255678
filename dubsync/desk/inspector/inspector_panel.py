"""The shot's card, and the tabs Tweak, Face, QC, Notes and Provenance."""

from __future__ import annotations

from PyQt5.QtCore import QSettings, Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from dubsync.desk.inspector.shot_card import ShotCard
from dubsync.desk.inspector.tweak_tab import TweakTab
from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.session.session import Session

TABS = 32
_TAB = "inspector/tab"


class InspectorPanel(QWidget):
    """Everything that can be set and read of the current shot."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.setAttribute(Qt.WA_StyledBackground)
        self.setMinimumWidth(tokens.INSPECTOR_NARROW)
        self.card = ShotCard(session, actions, self)
        self.tweak = TweakTab(session, actions, self)
        self.tabs = QTabBar(self)
        self.tabs.setFixedHeight(TABS)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.pages = QStackedWidget(self)
        self.pages.setObjectName("pages")
        self.pages.setStyleSheet(f"#pages {{ background: {tokens.BG2}; }}")
        for name, page in (("Tweak", self.tweak),):
            self.tabs.addTab(name)
            self.pages.addWidget(page)
        self._lay_out()
        self.tabs.currentChanged.connect(self.show_tab)
        self.tabs.setCurrentIndex(QSettings().value(_TAB, 0, type=int))

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.card)
        column.addWidget(_seam(self))
        tabs = QHBoxLayout()
        tabs.setContentsMargins(4, 0, 4, 0)
        tabs.addWidget(self.tabs)
        tabs.addStretch(1)
        column.addLayout(tabs)
        column.addWidget(_seam(self))
        column.addWidget(self.pages, 1)

    def show_tab(self, index: int) -> None:
        """Show one of the tabs; it is remembered."""
        self.pages.setCurrentIndex(index)
        QSettings().setValue(_TAB, index)


def _seam(parent: QWidget) -> QFrame:
    seam = QFrame(parent)
    seam.setProperty("seam", True)
    seam.setFixedHeight(1)
    return seam
