"""The bar at the top: menus, pages, the reel's name, its language, the jobs."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QMenuBar, QTabBar, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.choice_field import ChoiceField

PAGES = ("Reel", "Shot", "Faces", "Deliver")


class TopBar(QWidget):
    """`page_chosen` tells the index in PAGES; `language_chosen` a tag of the project."""

    page_chosen = pyqtSignal(int)
    language_chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.TOP_BAR)
        self.setAutoFillBackground(True)
        self.menus = QMenuBar(self)
        self.pages = QTabBar(self)
        self.pages.setFont(font(tokens.LARGER))
        self.pages.setExpanding(False)
        for page in PAGES:
            self.pages.addTab(page)
        self.pages.currentChanged.connect(self.page_chosen)
        self.reel = QLabel(self)
        self.reel.setProperty("tone", "second")
        self.language = ChoiceField("Language of the dub", parent=self)
        self.language.activated[str].connect(self.language_chosen)
        self.jobs = text_button("No jobs", "queue", tip="Background jobs", flat=True)
        self.keys = icon_button("keyboard", "Shortcuts (?)")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self.menus, 1, Qt.AlignLeft)
        row.addWidget(self.pages, 0)
        right = QHBoxLayout()
        right.setSpacing(8)
        right.addStretch(1)
        for widget in (self.reel, self.language, self.jobs, self.keys):
            right.addWidget(widget)
        row.addLayout(right, 1)

    def show_reel(self, name: str, languages: tuple[str, ...], language: str) -> None:
        """Name the open reel; "" while there is none."""
        self.reel.setText(name or "No reel open")
        self.language.clear()
        self.language.addItems(languages)
        self.language.setCurrentText(language)
        self.language.setVisible(bool(languages))
        self.pages.setEnabled(bool(name))
