"""A list of what is told of a shot: a mark, a head, a value, lines below it, and a frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PyQt5.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import SMALL, pixmap
from dubsync.desk.parts.keyed_list import KeyedList

LINE, PAD, SIDE, TEXT_X = 16, 8, 12, 34
#: A line of a row takes at most so many lines of the screen; all of it is in the tooltip.
MOST_LINES = 6
_WRAP = int(Qt.TextWordWrap | Qt.AlignTop | Qt.AlignLeft)


@dataclass(frozen=True, slots=True)
class ToldRow:
    """One row.

    mark    icon and colour
    lines   (text, colour) below the head; long ones are wrapped
    frame   where a click goes; None: nowhere
    shown   how the frame is written; "": its number
    key     what the row is of, for whoever listens
    told    what the tooltip says; "": all that the row says
    """

    mark: tuple[str, str]
    head: str
    value: str = ""
    lines: tuple[tuple[str, str], ...] = ()
    frame: int | None = None
    shown: str = ""
    key: object = None
    told: str = ""

    @property
    def frame_text(self) -> str:
        return "" if self.frame is None else self.shown or str(self.frame)

    @property
    def words(self) -> str:
        """Everything it says, for screen readers and tooltips."""
        if self.told:
            return self.told
        first = " ".join(filter(None, (self.head, self.value, self.frame_text)))
        return "\n".join((first, *(text for text, _ in self.lines)))


class ToldList(KeyedList):
    """go_to: a plate frame; picked: the row that is current now, or None."""

    go_to = pyqtSignal(int)
    picked = pyqtSignal(object)

    def __init__(self, called: str, parent: QWidget | None = None, *, grows: bool = False) -> None:
        """`grows`: it is as high as its rows, for a page that scrolls as a whole."""
        super().__init__(called, parent)
        self._grows = grows
        if grows:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self._model = _Rows(self)
        self.setModel(self._model)
        self.setItemDelegate(_Painted(self))
        self.setVerticalScrollMode(KeyedList.ScrollPerPixel)
        self.clicked.connect(self._went)
        self.activated.connect(self._went)
        self.selectionModel().currentChanged.connect(lambda *_: self.picked.emit(self.current))

    @property
    def rows(self) -> tuple[ToldRow, ...]:
        return self._model.rows

    @property
    def current(self) -> ToldRow | None:
        """The row on which the keys stand; None where none is."""
        index = self.currentIndex()
        return self._model.rows[index.row()] if index.isValid() else None

    def show_rows(self, rows: Sequence[ToldRow]) -> None:
        """Show other rows; the current one stays current where it is still there."""
        if tuple(rows) == self._model.rows:
            return
        key = self.current.key if self.current is not None else None
        self._model.show(rows)
        kept = next((n for n, row in enumerate(rows) if key is not None and row.key == key), None)
        if kept is not None:
            self.setCurrentIndex(self._model.index(kept))
        self.picked.emit(self.current)
        self._grow()

    def step(self, mark_only: bool = True) -> ToldRow | None:
        """Go to the next row that has a frame, round and round; None where there is none."""
        rows = self._model.rows
        start = self.currentIndex().row() + 1 if self.currentIndex().isValid() else 0
        order = [*range(start, len(rows)), *range(start)]
        found = next((n for n in order if rows[n].frame is not None or not mark_only), None)
        if found is None:
            return None
        index = self._model.index(found)
        self.setCurrentIndex(index)
        self._went(index)
        return rows[found]

    def _grow(self) -> None:
        if self._grows:
            width, metrics = self.viewport().width(), self.fontMetrics()
            self.setFixedHeight(sum(height_of(row, width, metrics) for row in self._model.rows))

    def _went(self, index: QModelIndex) -> None:
        frame = self._model.rows[index.row()].frame
        if frame is not None:
            self.go_to.emit(frame)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()  # lines wrap elsewhere
        self._grow()


class _Rows(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: tuple[ToldRow, ...] = ()

    def show(self, rows: Sequence[ToldRow]) -> None:
        self.beginResetModel()
        self.rows = tuple(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> object:
        if role in (Qt.DisplayRole, Qt.AccessibleTextRole, Qt.ToolTipRole):
            return self.rows[index.row()].words
        return None


class _Painted(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        view = self.parent()
        width = view.viewport().width()
        return QSize(10, height_of(view.rows[index.row()], width, view.fontMetrics()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        view = self.parent()
        row, place = view.rows[index.row()], QRect(option.rect)
        if option.state & QStyle.State_Selected:
            painter.fillRect(place, QColor(tokens.ACCENT_BACK))
        elif option.state & QStyle.State_MouseOver:
            painter.fillRect(place, QColor(tokens.ROW_HOVER))
        painter.fillRect(QRect(place.left(), place.bottom(), place.width(), 1),
                         QColor(tokens.LINE))  # fmt: skip
        if option.state & QStyle.State_HasFocus:
            painter.setPen(QColor(tokens.ACCENT))
            painter.drawRect(place.adjusted(0, 0, -1, -2))
        picture = pixmap(row.mark[0], SMALL, row.mark[1], view.devicePixelRatioF())
        painter.drawPixmap(SIDE, place.top() + PAD + 1, picture)
        _paint_words(painter, row, place, view.fontMetrics())


def _paint_words(painter: QPainter, row: ToldRow, place: QRect, metrics: QFontMetrics) -> None:
    right, top = place.width() - SIDE, place.top() + PAD
    painter.setFont(font())
    painter.setPen(QColor(tokens.TX1))
    value = metrics.elidedText(row.value, Qt.ElideRight, 150)
    wide = metrics.horizontalAdvance(value)
    painter.drawText(QRect(right - wide, top, wide + 1, LINE), int(Qt.AlignVCenter), value)
    room = right - TEXT_X - (wide + 8 if value else 0)
    at_head = not row.value and row.frame is not None  # the frame stands where no value does
    frame_wide = metrics.horizontalAdvance(row.frame_text)
    if row.frame is not None:
        y = top if at_head else top + LINE + 1
        painter.setPen(QColor(tokens.ACCENT))
        painter.drawText(QRect(right - frame_wide, y, frame_wide + 1, LINE),
                         int(Qt.AlignVCenter), row.frame_text)  # fmt: skip
        room -= frame_wide + 8 if at_head else 0
    painter.setPen(QColor(tokens.TX1))
    head = metrics.elidedText(row.head, Qt.ElideMiddle, room)
    painter.drawText(QRect(TEXT_X, top, room, LINE), int(Qt.AlignVCenter), head)
    y = top + LINE + 1
    for n, (text, colour) in enumerate(row.lines):
        width = _line_width(row, n, place.width(), metrics)
        tall = _tall(text, width, metrics)
        painter.setPen(QColor(colour))
        painter.drawText(QRect(TEXT_X, y, width, tall), _WRAP, text)
        y += tall


def height_of(row: ToldRow, width: int, metrics: QFontMetrics) -> int:
    """Pixels that a row takes in a list of this width."""
    lines = sum(_tall(text, _line_width(row, n, width, metrics), metrics)
                for n, (text, _) in enumerate(row.lines))  # fmt: skip
    beside = LINE if row.frame is not None and row.value and not row.lines else 0
    return 2 * PAD + LINE + 1 + max(lines, beside)


def _line_width(row: ToldRow, n: int, width: int, metrics: QFontMetrics) -> int:
    """The first line gives way to the frame's number."""
    beside = n == 0 and row.frame is not None and bool(row.value)
    frame = metrics.horizontalAdvance(row.frame_text) + 8 if beside else 0
    return max(width - TEXT_X - SIDE - frame, 40)


def _tall(text: str, width: int, metrics: QFontMetrics) -> int:
    tall = metrics.boundingRect(QRect(0, 0, width, 1000), _WRAP, text).height()
    return min(max(tall, LINE), MOST_LINES * metrics.lineSpacing())
