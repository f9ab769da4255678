"""Paints a row of the reel's table; each column has its own small picture."""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QModelIndex, QObject, QRect
from PyQt5.QtGui import QPainter, QPen
from PyQt5.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL
from dubsync.desk.look.statuses import STATUSES, VERDICTS
from dubsync.desk.parts.row_painting import (
    FAINT,
    colour_of,
    draw_check,
    draw_icon,
    draw_status,
    draw_text,
    draw_thumbnail,
)
from dubsync.desk.reel.columns import COLUMNS
from dubsync.desk.reel.reel_model import CHECKED, ROW, ReelModel
from dubsync.desk.session.thumbs import Thumbs
from dubsync.service.overview import ShotRow

PAD = 8
THUMB = (60, 34)
METER = 44


class RowDelegate(QStyledItemDelegate):
    """`hovered` and `current` are names of shots; the table sets them."""

    def __init__(self, model: ReelModel, thumbs: Thumbs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model, self._thumbs = model, thumbs
        self.hovered = ""
        self.current = ""
        self.focused = False
        self.turn = 0.0  #: of the mark of rendering
        self.last_column = 0  #: rightmost column that is shown
        self._cells: dict[str, Callable[[QPainter, QRect, ShotRow, bool], None]] = {
            "check": self._check, "thumb": self._thumb, "driver": self._driver,
            "status": self._status, "triage": self._triage, "findings": self._findings,
            "notes": self._notes,
        }  # fmt: skip

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        row: ShotRow = index.data(ROW)
        column, on, where = COLUMNS[index.column()], bool(index.data(CHECKED)), option.rect
        here = row.name == self.current
        self._ground(painter, where, row, on)
        cell = self._cells.get(column.name)
        if cell is not None:
            cell(painter, where, row, on)
        else:
            self._plain(painter, where, row, column.name, column.right)
        if here:
            self._ring(painter, where, index.column())

    # -- the row -----------------------------------------------------------------------------

    def _ground(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        back = tokens.ACCENT_BACK if on else tokens.BG1
        if row.name == self.hovered and not on:
            back = tokens.ROW_HOVER
        painter.fillRect(where, colour_of(back))
        line = QRect(where.left(), where.bottom(), where.width(), 1)
        painter.fillRect(line, colour_of(tokens.ROW_LINE_ON if on else tokens.ROW_LINE))

    def _ring(self, painter: QPainter, where: QRect, column: int) -> None:
        """One accent line all round the row that has the focus; a fainter one without it."""
        painter.setPen(QPen(colour_of(tokens.ACCENT if self.focused else tokens.ACCENT_LINE), 1))
        box = where.adjusted(0, 0, -1, -1)
        painter.drawLine(where.left(), box.top(), where.right(), box.top())
        painter.drawLine(where.left(), where.bottom(), where.right(), where.bottom())
        if column == 0:
            painter.drawLine(where.topLeft(), where.bottomLeft())
        if column == self.last_column:
            painter.drawLine(where.topRight(), where.bottomRight())

    # -- its cells ---------------------------------------------------------------------------

    def _plain(
        self, painter: QPainter, where: QRect, row: ShotRow, column: str, right: bool
    ) -> None:
        first = column in ("shot", "line", "record")
        text = self._model.text(row, column)
        draw_text(
            painter, where.adjusted(PAD, 0, -PAD, 0), text,
            tokens.TX1 if first else tokens.TX2, right=right, middle=column in ("shot", "plate"),
        )  # fmt: skip

    def _check(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        draw_check(painter, where, on)

    def _thumb(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        box = QRect(where.left(), where.top() + 3, *THUMB)
        draw_thumbnail(painter, box, self._thumbs.picture(row), missing=self._thumbs.missing(row),
                       faint=row.state in FAINT)  # fmt: skip

    def _driver(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        text = self._model.text(row, "driver")
        if row.driver:
            colour = tokens.CURVE_TAKE if row.driver.startswith("take") else tokens.CURVE_SOUND
            painter.fillRect(QRect(where.left() + PAD, _middle(where, 8), 8, 8), colour_of(colour))
        draw_text(painter, where.adjusted(PAD + (14 if row.driver else 0), 0, -PAD, 0), text,
                  tokens.TX2)  # fmt: skip

    def _status(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        draw_status(painter, where.left() + PAD, _middle(where, SMALL), row.state, self.turn)
        draw_text(painter, where.adjusted(PAD + 20, 0, -PAD, 0), STATUSES[row.state].word)

    def _triage(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        if row.triage is None:
            draw_text(painter, where.adjusted(PAD, 0, -PAD, 0), "\N{EM DASH}", tokens.TX3)
            return
        number = QRect(where.left() + PAD - 4, where.top(), 24, where.height())
        draw_text(painter, number, f"{row.triage:.0f}", right=True)
        bar = QRect(number.right() + 9, _middle(where, 4), METER, 4)
        painter.fillRect(bar, colour_of(tokens.GROOVE))
        bar.setWidth(round(METER * min(max(row.triage, 0), 100) / 100))
        painter.fillRect(bar, colour_of(tokens.KNOB))

    def _findings(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        if not row.fails and not row.looks:
            good = bool(row.findings) and row.state not in ("blocked", "offline")
            text = _why_none(row) or ("none" if good else "")
            if good:
                draw_icon(painter, where.left() + PAD, _middle(where, SMALL), "check",
                          tokens.APPROVED)  # fmt: skip
            draw_text(
                painter, where.adjusted(PAD + (18 if good else 0), 0, -4, 0), text, tokens.TX2
            )
            return
        for n, (count, verdict) in enumerate(((row.fails, "fail"), (row.looks, "review"))):
            if count:
                left, look = where.left() + PAD + n * 36, VERDICTS[verdict]
                draw_icon(painter, left, _middle(where, SMALL), look.icon, look.colour)
                draw_text(painter, QRect(left + 18, where.top(), 18, where.height()), str(count))

    def _notes(self, painter: QPainter, where: QRect, row: ShotRow, on: bool) -> None:
        if row.notes:
            draw_icon(painter, where.left() + PAD, _middle(where, SMALL), "chat-text", tokens.TX2)
            draw_text(painter, where.adjusted(PAD + 18, 0, 0, 0), str(row.notes), tokens.TX2)


def _why_none(row: ShotRow) -> str:
    """Why there is nothing to find in a shot; "" where that is not so, or not said so shortly."""
    if row.state == "offline":
        return "no plate"
    consent = any("consent" in reason for reason in row.reasons)
    return "no consent" if row.state == "blocked" and consent else ""


def _middle(where: QRect, height: int) -> int:
    """The top of something `height` high that stands in the middle of a row."""
    return int(where.top() + (where.height() + 1 - height) // 2)
