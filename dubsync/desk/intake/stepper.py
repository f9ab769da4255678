"""The steps of a new reel at the left: numbered, ticked when they are done."""

from __future__ import annotations

from typing import Any

from PyQt5.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QPainter, QPen
from PyQt5.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QWidget

from dubsync.desk.intake.reel_draft import STEPS, ReelDraft
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import pixmap

HEIGHT, WIDTH = 52, 260


class Stepper(QListWidget):
    """`chosen` tells the index of a step that a user went back to."""

    chosen = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(WIDTH)
        self.setStyleSheet(f"background: {tokens.BG2};")
        self.setItemDelegate(_StepPainter(self))
        self.setAccessibleName("Steps of a new reel")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        for step in STEPS:
            self.addItem(QListWidgetItem(step))
        self.itemClicked.connect(lambda item: self.chosen.emit(self.row(item)))

    def show_draft(self, draft: ReelDraft, at: int) -> None:
        """The captions of `draft`, standing at step `at`; later steps cannot be chosen yet."""
        reachable = True
        for n, step in enumerate(STEPS):
            item = self.item(n)
            item.setData(Qt.UserRole, draft.caption(step))
            item.setData(Qt.UserRole + 1, n < at and not draft.missing(step))
            item.setFlags(Qt.ItemIsEnabled | Qt.ItemIsSelectable if reachable else Qt.NoItemFlags)
            item.setToolTip(draft.missing(step))
            reachable = reachable and not draft.missing(step)
        self.setCurrentRow(at)


class _StepPainter(QStyledItemDelegate):
    def sizeHint(self, _option: object, _index: object) -> QSize:  # noqa: N802
        return QSize(WIDTH, HEIGHT)

    def paint(self, painter: QPainter, option: Any, index: Any) -> None:
        rect, here = option.rect, bool(option.state & QStyle.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.Antialiasing)
        if here:
            painter.fillRect(rect, QColor(tokens.BG3))
        circle = QRectF(rect.left() + 16, rect.top() + 10, 16, 16)
        if index.data(Qt.UserRole + 1):
            mark = pixmap(
                "check-circle-fill", 16, tokens.APPROVED, painter.device().devicePixelRatioF()
            )
            painter.drawPixmap(circle.topLeft(), mark)
        else:
            painter.setPen(QPen(QColor(tokens.ACCENT if here else tokens.EDGE), 1))
            painter.drawEllipse(circle)
            painter.setFont(font(tokens.SMALL))
            painter.setPen(QColor(tokens.ACCENT if here else tokens.TX3))
            painter.drawText(circle, Qt.AlignCenter, str(index.row() + 1))
        text = rect.adjusted(44, 8, -8, 0)
        painter.setFont(font(tokens.LARGER, medium=here))
        painter.setPen(QColor(tokens.TX1 if here else tokens.TX2))
        painter.drawText(text, Qt.AlignLeft | Qt.AlignTop, index.data())
        painter.setFont(font())
        painter.setPen(QColor(tokens.TX2 if here else tokens.TX3))
        caption = painter.fontMetrics().elidedText(
            str(index.data(Qt.UserRole) or ""),
            Qt.ElideMiddle,
            text.width(),
        )
        painter.drawText(text.adjusted(0, 18, 0, 0), Qt.AlignLeft | Qt.AlignTop, caption)
        painter.restore()
