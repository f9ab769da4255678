"""The page of a first start: drop a cut, open a reel, open the sample, or go on with an old one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from dubsync.desk.intake.drop_zone import DropZone
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import pixmap
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.elided_label import ElidedLabel
from dubsync.desk.session.recent_reels import RecentReel, recent_reels

WIDTH = 760
#: The sample reel, where dubsync runs from a clone of its repository.
SAMPLE = Path(__file__).parents[3] / "sample_projects" / "two_hander"


class FirstStart(QWidget):
    """`reel_chosen` tells a project's folder."""

    reel_chosen = pyqtSignal(object)

    def __init__(self, kinds: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        inside = QWidget(self)
        inside.setFixedWidth(WIDTH)
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 56, 0, 16)
        self._column.setSpacing(12)
        head = QLabel("A new reel", self)
        head.setFont(font(tokens.STEP_HEAD))
        self.zone = DropZone(kinds, self)
        self.trouble = _Trouble(self)
        self._column.addWidget(head)
        self._column.addWidget(self.trouble)
        self._column.addWidget(self.zone)
        if SAMPLE.is_dir():
            self._column.addSpacing(16)
            self._column.addWidget(_caption("No cut at hand? The sample reel shows it all"))
            self._column.addWidget(self._sample())
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._column.addSpacing(16)
        self._column.addLayout(self._recent)
        self._column.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(inside, 0, Qt.AlignHCenter)
        self.show_recent()

    def show_recent(self) -> None:
        """List the reels that were open before; one whose drive is away says so."""
        while (item := self._recent.takeAt(0)) is not None:
            if item.widget() is not None:
                item.widget().deleteLater()
        reels = recent_reels()[:5]
        if reels:
            self._recent.addWidget(_caption("Lately opened"))
        for reel in reels:
            row = _RecentRow(reel)
            row.clicked.connect(lambda _=False, to=reel: self.reel_chosen.emit(Path(to.folder)))
            self._recent.addWidget(row)

    def _sample(self) -> QFrame:
        card = QFrame(self)
        card.setObjectName("card")
        card.setStyleSheet(
            f"#card {{ background: {tokens.BG2}; border: 1px solid {tokens.LINE};"
            f" border-radius: {tokens.RADIUS_CARD}px; }}"
        )
        row = QHBoxLayout(card)
        row.setContentsMargins(16, 12, 16, 12)
        words = QVBoxLayout()
        words.setSpacing(4)
        name = QLabel("two_hander, 26 s, English into Italian and Spanish")
        name.setFont(font(tokens.LARGER, medium=True))
        said = QLabel("8 events, 2 characters, takes of one. Every face and voice is synthetic.")
        said.setProperty("tone", "second")
        words.addWidget(name)
        words.addWidget(said)
        button = text_button("Open the sample", tip=str(SAMPLE))
        button.setFixedHeight(28)
        button.clicked.connect(lambda: self.reel_chosen.emit(SAMPLE))
        row.addLayout(words, 1)
        row.addWidget(button)
        return card


class _Trouble(QFrame):
    """What was wrong with the last thing that was opened, and what to try; hidden without."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("trouble")
        self.setStyleSheet(
            f"#trouble {{ background: {tokens.BG2}; border: 1px solid {tokens.EDGE};"
            f" border-radius: {tokens.RADIUS_CARD}px; }}"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 12, 8)
        mark = QLabel(self)
        mark.setPixmap(pixmap("warning-octagon-fill", 16, tokens.REJECTED))
        self._words = QLabel(self)
        self._words.setWordWrap(True)
        self._words.setTextInteractionFlags(Qt.TextSelectableByMouse)
        row.addWidget(mark, 0, Qt.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    def say(self, message: str, hint: str = "") -> None:
        """Show what went wrong; "" hides it."""
        hint = hint[:1].upper() + hint[1:]
        sentences = [f"{words.rstrip('.')}." for words in (message, hint) if words]
        self._words.setText("\n".join(sentences))
        self.setVisible(bool(message))


class _RecentRow(QPushButton):
    def __init__(self, reel: RecentReel) -> None:
        super().__init__()
        self.setFixedHeight(44)
        self.setAccessibleName(f"Open {reel.name}")
        self.setToolTip(reel.folder)
        self.setStyleSheet(
            f"QPushButton {{ background: transparent; border: none; border-radius: 0;"
            f" border-top: 1px solid {tokens.LINE}; }}"
            f"QPushButton:hover {{ background: {tokens.ROW_HOVER}; }}"
            f"QPushButton:focus {{ border: 1px solid {tokens.ACCENT}; }}"
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        name = ElidedLabel(reel.name)
        name.setFont(font(medium=True))
        row.addWidget(name, 2)
        texts = [", ".join(reel.languages), _day(reel.opened)]
        if not reel.there:
            texts.insert(1, "its folder is not there")
        for text in texts:
            label = ElidedLabel(text)
            label.setProperty("tone", "second")
            row.addWidget(label, 2)
        self.setEnabled(reel.there)


def _day(opened: str) -> str:
    """ "today 18:40", or a date."""
    try:
        at = datetime.fromisoformat(opened).astimezone()
    except ValueError:
        return ""
    if at.date() == datetime.now().date():
        return f"today {at:%H:%M}"
    return f"{at.day} {at:%B}"


def _caption(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(font(tokens.LARGER, medium=True))
    label.setFixedHeight(24)
    return label
