"""The list of the shots that go into a delivery, and of those that do not, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PyQt5.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QRect,
    QSize,
    Qt,
    pyqtSignal,
)
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from dubsync.core.plural import counted
from dubsync.desk.deliver.delivery_plan import PARTS, PlannedShot
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL
from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.parts.row_painting import FAINT, draw_status, draw_text, draw_thumbnail
from dubsync.desk.session.thumbs import Thumbs

ITEM = Qt.UserRole + 1
ROW_HEIGHT, HEAD_HEIGHT = 40, 36
THUMB = (60, 34)

#: A head in words, or a shot.
Item = str | PlannedShot


class PlanModel(QAbstractListModel):
    """Heads and shots, one below the other."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: list[Item] = []

    def show(self, plan: Sequence[PlannedShot]) -> None:
        items: list[Item] = []
        for part, head in PARTS:
            shots = [one for one in plan if one.part == part]
            if shots:
                items += [f"{head}: {counted(len(shots), 'shot')}", *shots]
        if items != self.items:
            self.beginResetModel()
            self.items = items
            self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.items)

    def flags(self, index: QModelIndex) -> Qt.ItemFlags:
        shot = index.isValid() and not isinstance(self.items[index.row()], str)
        return Qt.ItemIsEnabled | Qt.ItemIsSelectable if shot else Qt.ItemIsEnabled

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> Any:
        item = self.items[index.row()]
        if role == ITEM:
            return item
        if role == Qt.DisplayRole:
            return item if isinstance(item, str) else f"{item.row.name} {item.version} {item.why}"
        if role == Qt.ToolTipRole and isinstance(item, PlannedShot):
            return "\n".join(filter(None, (item.row.name, item.why, item.row.hint)))
        return None


class PlanDelegate(QStyledItemDelegate):
    """Paints heads and shots in the columns of the reel's table."""

    def __init__(self, thumbs: Thumbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbs = thumbs

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        return QSize(200, HEAD_HEIGHT if isinstance(index.data(ITEM), str) else ROW_HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        item, where = index.data(ITEM), QRect(option.rect)
        if isinstance(item, str):
            painter.fillRect(where, QColor(tokens.BG1))
            draw_text(painter, where.adjusted(12, 8, -12, 0), item, tokens.TX2, medium=True)
            return
        over = option.state & QStyle.State_MouseOver
        painter.fillRect(where, QColor(tokens.ROW_HOVER if over else tokens.BG1))
        line = QRect(where.left(), where.bottom(), where.width(), 1)
        painter.fillRect(line, QColor(tokens.ROW_LINE))
        self._shot(painter, where, item)
        if option.state & QStyle.State_HasFocus:
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRect(where.adjusted(0, 0, -1, -1))

    def _shot(self, painter: QPainter, where: QRect, item: PlannedShot) -> None:
        row, top, height = item.row, where.top(), where.height()
        box = QRect(where.left() + 12, top + 3, *THUMB)
        draw_thumbnail(painter, box, self._thumbs.picture(row), missing=self._thumbs.missing(row),
                       faint=row.state in FAINT)  # fmt: skip
        left = where.left() + 84
        draw_text(painter, QRect(left, top, 36, height), row.shown_number, tokens.TX2)
        draw_text(painter, QRect(left + 40, top, 200, height), row.name, middle=True)
        draw_text(painter, QRect(left + 256, top, 44, height), item.version or "\N{EM DASH}",
                  tokens.TX1 if item.version else tokens.TX3)  # fmt: skip
        draw_status(painter, left + 312, top + (height + 1 - SMALL) // 2, row.state)
        draw_text(painter, QRect(left + 332, top, 108, height), STATUSES[row.state].word)
        room = max(where.right() - left - 448 - 12, 0)
        draw_text(painter, QRect(left + 448, top, room, height), item.why, tokens.TX2)


class PlanList(QListView):
    """`opened` tells a shot that was double-clicked, or chosen by Enter."""

    opened = pyqtSignal(str)

    def __init__(self, thumbs: Thumbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = PlanModel(self)
        self.setModel(self.plan)
        self.setItemDelegate(PlanDelegate(thumbs, self))
        self.setMouseTracking(True)
        self.setAccessibleName("Shots of the delivery")
        self.setSelectionMode(QAbstractItemView.NoSelection)
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        thumbs.ready.connect(lambda _names: self.viewport().update())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._open(self.indexAt(event.pos()))

    def event(self, event: QEvent) -> bool:
        own = (Qt.Key_Up, Qt.Key_Down, Qt.Key_Return, Qt.Key_Enter)
        if event.type() == QEvent.ShortcutOverride and event.key() in own:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key_Return, Qt.Key_Enter):
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _open(self, index: QModelIndex) -> None:
        item = index.data(ITEM) if index.isValid() else None
        if isinstance(item, PlannedShot):
            self.opened.emit(item.row.name)
