"""Tab Provenance: who consented, what went into the newest render, and what was counted in it."""

from __future__ import annotations

from datetime import date

from PyQt5.QtCore import Qt, QUrl
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from dubsync.desk.inspector.section import Section
from dubsync.desk.inspector.told.provenance_words import (
    consent_rows,
    input_rows,
    mouth_rows,
    render_rows,
)
from dubsync.desk.inspector.told.told_list import ToldList, ToldRow
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.session.session import Session

_PARTS = ("Consent", "Render", "What drove the mouth", "Inputs")


class ProvenanceTab(QWidget):
    """A click on a stretch goes to its first frame."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.blocked = _Blocked(self)
        self.sections = {name: Section(name, self) for name in _PARTS}
        self.lists = {name: ToldList(name, self, grows=True) for name in _PARTS}
        self.folder = icon_button("folder-open", "Open the folder of the render", hit=20)
        self.folder.clicked.connect(self.open_folder)
        self.sections["Render"].on_head(self.folder)
        inside = QWidget(self)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.blocked)
        for name in _PARTS:
            self.lists[name].go_to.connect(session.show_frame)
            self.sections[name].add(self.lists[name])
            column.addWidget(self.sections[name])
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.NoFrame)
        scroll.setFocusPolicy(Qt.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        scroll.setStyleSheet(f"QScrollArea {{ background: {tokens.BG2}; }}")
        inside.setAutoFillBackground(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.addWidget(scroll)
        session.about.changed.connect(self.show_record)
        session.rows_changed.connect(self.show_record)
        self.show_record()

    def show_record(self) -> None:
        """Show the consent and the newest render of the current shot."""
        about, row = self._session.about.now, self._session.current
        blocked = row is not None and row.state in ("blocked", "offline", "skipped")
        self.blocked.setVisible(blocked)
        if row is not None and blocked:
            self.blocked.show_why("; ".join(row.reasons) or row.state, row.hint)
        rows: dict[str, tuple[ToldRow, ...]] = dict.fromkeys(_PARTS, ())
        if about is not None:
            rows = {
                "Consent": consent_rows(about, date.today()),
                "Render": render_rows(about),
                "What drove the mouth": mouth_rows(about.record),
                "Inputs": input_rows(about.record),
            }
        for name, told in self.lists.items():
            told.show_rows(rows[name])
            self.sections[name].setVisible(bool(rows[name]))
        version = about.versions[0] if about is not None and about.versions else ""
        self.sections["Render"].call(f"Render {version}".strip())
        self.folder.setEnabled(about is not None and about.folder is not None)

    def open_folder(self) -> None:
        """Show the render's files in the system's file browser."""
        about = self._session.about.now
        if about is not None and about.folder is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(about.folder)))


class _Blocked(QWidget):
    """Why a shot cannot be rendered, and what would help."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        mark = QLabel(self)
        mark.setPixmap(pixmap("prohibit-fill", SMALL, tokens.BLOCKED, self.devicePixelRatioF()))
        mark.move(12, 10)
        self.why, self.hint = QLabel(self), QLabel(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(34, 8, 12, 8)
        column.setSpacing(4)
        for label in (self.why, self.hint):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextSelectableByMouse)
            column.addWidget(label)
        self.hint.setProperty("tone", "second")

    def show_why(self, why: str, hint: str) -> None:
        self.why.setText(why)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
