"""Paints an item of the strip: wide with its texts, or narrow with number and mark alone."""

from __future__ import annotations

from PyQt5.QtCore import QModelIndex, QObject, QRect, QSize
from PyQt5.QtGui import QPainter, QPen
from PyQt5.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL
from dubsync.desk.parts.row_painting import FAINT, colour_of, draw_status, draw_text, draw_thumbnail
from dubsync.desk.reel.reel_model import CHECKED, ROW, ReelModel
from dubsync.desk.session.thumbs import Thumbs
from dubsync.service.overview import ShotRow

NARROW_ITEM = 44


class StripDelegate(QStyledItemDelegate):
    """`narrow` items are 44 high; `current` is a shot's name."""

    def __init__(self, model: ReelModel, thumbs: Thumbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model, self._thumbs = model, thumbs
        self.narrow, self.focused, self.current, self.turn = False, False, "", 0.0

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:  # noqa: N802
        return QSize(tokens.STRIP_NARROW, NARROW_ITEM if self.narrow else tokens.STRIP_ITEM)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row: ShotRow = index.data(ROW)
        where, here = QRect(option.rect), row.name == self.current
        back, picked = tokens.BG2, bool(index.data(CHECKED))
        if here:
            back = tokens.ACCENT_BACK
        elif picked or option.state & QStyle.State_MouseOver:
            back = tokens.BG3
        painter.fillRect(where, colour_of(back))
        painter.fillRect(QRect(where.left(), where.top(), where.width(), 1), colour_of(tokens.LINE))
        (self._narrow if self.narrow else self._wide)(painter, where, row)
        if here or picked:
            bar = QRect(where.left(), where.top(), 2, where.height())
            painter.fillRect(bar, colour_of(tokens.ACCENT if here else tokens.ACCENT_LINE))
        if here and self.focused:
            painter.setPen(QPen(colour_of(tokens.ACCENT), 1))
            painter.drawRect(where.adjusted(0, 0, -1, -1))

    def _wide(self, painter: QPainter, where: QRect, row: ShotRow) -> None:
        self._picture(painter, QRect(where.left() + 10, where.top() + 7, *tokens.THUMB), row)
        left, right = where.left() + 102, where.right() - 8
        lines = (
            (self._model.text(row, "number"), tokens.TX1, True),
            (self._model.text(row, "character"), tokens.TX2, False),
            (self._model.record_in(row), tokens.TX2, False),
        )
        for n, (text, colour, medium) in enumerate(lines):
            box = QRect(left, where.top() + 6 + 16 * n, right - left - (20 if n == 0 else -4), 16)
            draw_text(painter, box, text, colour, medium=medium)
        draw_status(painter, right - SMALL + 1, where.top() + 7, row.state, self.turn)

    def _narrow(self, painter: QPainter, where: QRect, row: ShotRow) -> None:
        box = QRect(where.left() + 7, where.top() + 8, *tokens.THUMB_NARROW)
        self._picture(painter, box, row)
        number = self._model.text(row, "number")
        painter.fillRect(QRect(box.left() - 1, box.top() - 1, 25, 15), colour_of(tokens.BG0))
        draw_text(painter, QRect(box.left() + 1, box.top() - 1, 24, 15), number, size=tokens.SMALL)
        painter.fillRect(QRect(box.right() - 15, box.bottom() - 15, 17, 17), colour_of(tokens.BG0))
        draw_status(painter, box.right() - 14, box.bottom() - 14, row.state, self.turn)

    def _picture(self, painter: QPainter, box: QRect, row: ShotRow) -> None:
        draw_thumbnail(painter, box, self._thumbs.picture(row), missing=self._thumbs.missing(row),
                       faint=row.state in FAINT)  # fmt: skip
