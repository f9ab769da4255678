"""The shot's card, the tabs Tweak, Face, QC, Notes and Provenance, and the bar below them."""

from __future__ import annotations

from PyQt5.QtCore import QSettings, QSize, Qt
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from dubsync.desk.inspector.action_bar import ActionBar
from dubsync.desk.inspector.face_tab import FaceTab
from dubsync.desk.inspector.notes_tab import NotesTab
from dubsync.desk.inspector.provenance_tab import ProvenanceTab
from dubsync.desk.inspector.qc_tab import QCTab
from dubsync.desk.inspector.shot_card import ShotCard
from dubsync.desk.inspector.tweak_tab import TweakTab
from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.tab_order import tab_as_laid_out
from dubsync.desk.session.session import Session

TABS = 32
TWEAK, FACE, QC, NOTES, PROVENANCE = range(5)
NAMES = ("Tweak", "Face", "QC", "Notes", "Provenance")
#: Which row of the action bar goes with which tab.
_BARS = {TWEAK: 0, FACE: 0, QC: 1, NOTES: 2, PROVENANCE: 0}
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
        self.face = FaceTab(session, self)
        self.qc = QCTab(session, self)
        self.notes = NotesTab(session, self)
        self.provenance = ProvenanceTab(session, self)
        self.bar = ActionBar(session, actions, self.tweak.carrying, self)
        self.tabs = QTabBar(self)
        self.tabs.setFixedHeight(TABS)
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        self.tabs.setUsesScrollButtons(False)
        self.pages = QStackedWidget(self)
        self.pages.setObjectName("pages")
        self.pages.setStyleSheet(f"#pages {{ background: {tokens.BG2}; }}")
        self.bar.setStyleSheet(f"#actions {{ background: {tokens.BG2}; }}")
        for name, page in zip(NAMES, (self.tweak, self.face, self.qc, self.notes,
                                      self.provenance), strict=True):  # fmt: skip
            self.tabs.addTab(name)
            self.pages.addWidget(page)
        self._lay_out()
        tab_as_laid_out(self)
        self._connect()
        self.tabs.setCurrentIndex(QSettings().value(_TAB, TWEAK, type=int))
        self.show_tab(self.tabs.currentIndex())

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
        column.addWidget(_seam(self))
        column.addWidget(self.bar)

    def _connect(self) -> None:
        actions = self._actions
        self.tabs.currentChanged.connect(self.show_tab)
        self._session.about.changed.connect(self._show_counts)
        actions.on("next finding", self.next_finding)
        actions.on("next note", self.next_note)
        self.qc.repair.clicked.connect(self.repair)
        self.bar.to_note.clicked.connect(self.note_of_finding)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(tokens.INSPECTOR, 700)

    def show_tab(self, index: int) -> None:
        """Show one of the tabs; it is remembered."""
        self.pages.setCurrentIndex(index)
        self.bar.setCurrentIndex(_BARS[index])
        QSettings().setValue(_TAB, index)
        self._session.matte.show(index == FACE)

    def next_finding(self) -> None:
        """Show the findings, and go to the next one that has a frame."""
        self.tabs.setCurrentIndex(QC)
        if self.qc.next_finding() is None:
            self._session.message.emit("QC found nothing with a frame in this shot", False)

    def next_note(self) -> None:
        """Show the notes, and go to the next one."""
        self.tabs.setCurrentIndex(NOTES)
        self.notes.next_note()

    def repair(self) -> None:
        """Queue the repair of the contacts that the newest check found open."""
        row = self._session.current
        if row is not None:
            self._session.queue([row.name], "repair")

    def note_of_finding(self) -> None:
        """Take a note in the words of the finding that is picked."""
        told = self.qc.picked
        if told is not None and told.frame is not None:
            self._session.show_frame(told.frame)
        words = f"{told.head}: {told.value}" if told is not None else ""
        self.card.ask_note(words)

    def _show_counts(self) -> None:
        """How much there is to look at stands beside the tabs' names."""
        about = self._session.about.now
        notes = len(about.notes) if about is not None else 0
        for tab, count in ((QC, self.qc.open_findings), (NOTES, notes)):
            self.tabs.setTabText(tab, f"{NAMES[tab]}  {count}" if count else NAMES[tab])


def _seam(parent: QWidget) -> QFrame:
    seam = QFrame(parent)
    seam.setProperty("seam", True)
    seam.setFixedHeight(1)
    return seam
