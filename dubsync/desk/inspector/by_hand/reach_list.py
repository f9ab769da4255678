"""What of the tweak is not seen, not allowed, or beyond the footage: told before rendering."""

from __future__ import annotations

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from dubsync.core.learning.reach import Beyond
from dubsync.core.tweak.needed_region import unshown
from dubsync.desk.inspector.held_shapes import frame_button
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.session.session import Session

#: Icon and colour of a line: not allowed, beyond the footage, good to know.
STOP = ("prohibit-fill", tokens.BLOCKED)
WARN = ("warning-fill", tokens.STALE)
KNOW = ("question", tokens.TX3)


class ReachList(QWidget):
    """A line for each thing a person should know; nothing where all is well.

    go_to  a plate frame
    """

    go_to = pyqtSignal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._shown: object = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 0, 12, 0)
        self._column.setSpacing(4)
        session.reach.changed.connect(self.show_reach)

    @property
    def lines(self) -> tuple[str, ...]:
        """What is told, as a screen reader says it."""
        lines = (self._column.itemAt(n).widget() for n in range(self._column.count()))
        labels = (label for line in lines for label in line.findChildren(QLabel))
        return tuple(label.text() for label in labels if label.text())

    def show_reach(self) -> None:
        """Tell what is known of the current character's tweak."""
        session = self._session
        reach, mine = session.reach.now, session.reach.mine
        hidden = unshown(session.edits.tweak(session.character))
        refused = (reach.refused, reach.hint) if reach is not None and reach.refused else None
        beyond = mine.beyond if mine is not None else ()
        notes = mine.notes if mine is not None else ()
        now = (hidden, refused, beyond, notes)
        if now == self._shown:
            return
        self._shown = now
        while (item := self._column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if refused is not None:
            self._add(STOP, sentence(refused[0]), sentence(refused[1]))
        for words in hidden:
            self._add(WARN, sentence(words.replace("look_at", "look at")), "")
        for one in beyond:
            self._add(WARN, beyond_words(one), sentence(f"{one.why}. {sentence(one.helps)}"), one)
        for words in notes:
            self._add(KNOW, sentence(words), "")
        self.setVisible(self._column.count() > 0)

    def _add(self, look: tuple[str, str], head: str, more: str, one: Beyond | None = None) -> None:
        line = QWidget(self)
        row = QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        mark = QLabel(line)
        mark.setPixmap(pixmap(look[0], SMALL, look[1], self.devicePixelRatioF()))
        row.addWidget(mark, 0, Qt.AlignTop)
        words = QVBoxLayout()
        words.setContentsMargins(0, 0, 0, 0)
        words.setSpacing(0)
        for text, tone in ((head, ""), (more, "caption")):
            if text:
                label = QLabel(text, line)
                label.setWordWrap(True)
                label.setProperty("tone", tone)
                words.addWidget(label)
        if one is not None:
            go = frame_button(one.worst, f"{one.first}..{one.last}, most at {one.worst}")
            go.clicked.connect(lambda: self.go_to.emit(one.worst))
            words.addWidget(go, 0, Qt.AlignLeft)
        row.addLayout(words, 1)
        self._column.addWidget(line)


def beyond_words(one: Beyond) -> str:
    """ "yaw: 14.2 degrees beyond the footage"."""
    what = one.what.replace("_", " ")
    if not one.by:
        return f"{what[0].upper()}{what[1:]}: not in the footage"
    digits = 1 if one.unit == "degrees" else 2
    return f"{what[0].upper()}{what[1:]}: {one.by:.{digits}f} {one.unit} beyond the footage"


def sentence(text: str) -> str:
    """With a capital, and a full stop at its end; commands and names stay as they are typed."""
    text = text.strip()
    if not text or text.startswith("dubsync "):
        return text
    first = text.partition(" ")[0]
    head = text if "_" in first else text[0].upper() + text[1:]
    return head + ("" if head.endswith((".", "!", "?", ":")) else ".")
