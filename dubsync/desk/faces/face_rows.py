"""Lists of faces: a picture, a name, two lines below; and answers with their likeness."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPixmap, QPixmapCache
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import pixmap

PICTURE, HEIGHT = 48, 72


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One row.

    key     what was chosen, for who listens
    mark    (Phosphor name, colour) at the right; None: none
    share   0 to 1, drawn as a bar; None: none
    keycap  the key that chooses it; "" for none
    """

    key: object
    picture: str
    name: str
    first: str = ""
    second: str = ""
    mark: tuple[str, str] | None = None
    share: float | None = None
    keycap: str = ""


class FaceRows(QListWidget):
    """Rows of faces; keyboard and mouse choose one."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setStyleSheet(f"background: {tokens.BG2};")
        self.setItemDelegate(_FacePainter(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.empty = ""  #: said where there is no row

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self.empty and not self.count():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(tokens.TX3))
            painter.drawText(12, 16, self.empty)

    def show_rows(self, rows: list[FaceRow]) -> None:
        """Replace the rows; the chosen one stays chosen where it is still there."""
        chosen = self.chosen()
        self.blockSignals(True)
        self.clear()
        for row in rows:
            item = QListWidgetItem(f"{row.name}, {row.first}")
            item.setData(Qt.UserRole, row)
            self.addItem(item)
            if chosen is not None and row.key == chosen.key:
                self.setCurrentItem(item)
        self.blockSignals(False)

    def chosen(self) -> FaceRow | None:
        item = self.currentItem()
        return item.data(Qt.UserRole) if item is not None else None

    def choose(self, key: object) -> None:
        """Make the row with `key` the chosen one."""
        for n in range(self.count()):
            if self.item(n).data(Qt.UserRole).key == key:
                self.setCurrentRow(n)


class _FacePainter(QStyledItemDelegate):
    def sizeHint(self, _option: Any, _index: Any) -> QSize:  # noqa: N802
        return QSize(200, HEIGHT)

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        row: FaceRow = index.data(Qt.UserRole)
        rect, scale = option.rect, painter.device().devicePixelRatioF()
        painter.save()
        if option.state & QStyle.State_Selected:
            painter.fillRect(rect, QColor(tokens.ACCENT_BACK))
            painter.fillRect(QRect(rect.left(), rect.top(), 2, rect.height()),
                             QColor(tokens.ACCENT))  # fmt: skip
        elif option.state & QStyle.State_MouseOver:
            painter.fillRect(rect, QColor(tokens.ROW_HOVER))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), QColor(tokens.LINE))
        box = QRect(rect.left() + 12, rect.top() + 12, PICTURE, PICTURE)
        face = _picture(row.picture, round(PICTURE * scale))
        if face.isNull():
            painter.fillRect(box, QColor(tokens.BG3))
        else:
            painter.setRenderHint(QPainter.SmoothPixmapTransform)
            painter.drawPixmap(box, face)
        right = 12 + (24 if row.mark or row.keycap else 0)
        text = rect.adjusted(72, 11, -right, 0)
        lines = ((row.name, tokens.TX1, True), (row.first, tokens.TX2, False),
                 (row.second, tokens.TX3, False))  # fmt: skip
        for n, (words, colour, bold) in enumerate(lines):
            painter.setFont(font(medium=bold))
            painter.setPen(QColor(colour))
            cut = painter.fontMetrics().elidedText(words, Qt.ElideRight, text.width())
            painter.drawText(text.adjusted(0, 16 * n, 0, 0), Qt.AlignLeft | Qt.AlignTop, cut)
        if row.mark is not None:
            icon, colour = row.mark
            painter.drawPixmap(rect.right() - 28, rect.top() + 12, pixmap(icon, 16, colour, scale))
        if row.keycap:
            cap = QRectF(rect.right() - 32, rect.top() + 12, 20, 18)
            painter.setPen(QColor(tokens.EDGE))
            painter.drawRoundedRect(cap, 3, 3)
            painter.setPen(QColor(tokens.TX1))
            painter.drawText(cap, Qt.AlignCenter, row.keycap)
        if row.share is not None:
            bar = QRectF(text.left(), rect.bottom() - 12, text.width(), 4)
            painter.fillRect(bar, QColor(tokens.BG4))
            bar.setWidth(bar.width() * row.share)
            painter.fillRect(bar, QColor(tokens.ACCENT))
        painter.restore()


def _picture(path: str, size: int) -> QPixmap:
    """A face's picture, cached at its size."""
    key = f"face {path} {size}"
    found = QPixmapCache.find(key)
    if found is not None and not found.isNull():
        return found
    picture = QPixmap(path) if path else QPixmap()
    if not picture.isNull():
        picture = picture.scaled(size, size, Qt.KeepAspectRatioByExpanding,
                                 Qt.SmoothTransformation)  # fmt: skip
        QPixmapCache.insert(key, picture)
    return picture
