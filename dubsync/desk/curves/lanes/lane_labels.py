"""The column at the left of the lanes: names, units, marks of value, the control in hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import QPoint, QRect, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QAction, QMenu, QToolButton, QWidget

from dubsync.core.tweak.controls import CONTROLS
from dubsync.desk.curves.axes.value_axis import unit_text
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

LEFT, MARKS_RIGHT = 12, 86


@dataclass(frozen=True, slots=True)
class Label:
    """The words beside one lane; `tall` lanes have theirs at the top."""

    lane: QWidget
    text: str
    under: str = ""
    tone: str = tokens.TX2
    size: int = tokens.TEXT
    tall: bool = False


class LaneLabels(QWidget):
    """`control_chosen` tells the control that was picked from the menu of the control lane."""

    control_chosen = pyqtSignal(str)
    comp_pressed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedWidth(tokens.LANE_LABELS)
        self._labels: tuple[Label, ...] = ()
        self._control_lane: QWidget | None = None
        self._name = ""
        self.control = QToolButton(self)
        self.control.setObjectName("control in hand")
        self.control.setStyleSheet(
            f"QToolButton {{ color: {tokens.ACCENT}; padding: 0 3px; }}"
            "QToolButton::menu-indicator { image: none; }"
        )
        self.control.setFixedHeight(18)
        self.control.setFocusPolicy(Qt.TabFocus)
        self.control.setPopupMode(QToolButton.InstantPopup)
        self.control.setToolTip("The control of this lane and of the keys")
        self.control.setMenu(self._menu())

    def _menu(self) -> QMenu:
        """The controls: the mouth's, then a menu for each other group."""
        menu = QMenu(self.control)
        menus = {"mouth": menu}
        for name, known in CONTROLS.items():
            under = menus.get(known.group)
            if under is None:
                under = menus[known.group] = menu.addMenu(known.group.capitalize())
            action = QAction(name, under)
            action.setToolTip(known.meaning)
            action.triggered.connect(lambda _on=False, one=name: self.control_chosen.emit(one))
            under.addAction(action)
            under.setToolTipsVisible(True)
        return menu

    def show_labels(self, labels: tuple[Label, ...], control_lane: QWidget) -> None:
        self._labels, self._control_lane = labels, control_lane
        self.place()

    def show_control(self, name: str) -> None:
        self._name = name
        self.control.setText(name)
        self.control.setAccessibleName(f"Control in hand: {name}")
        self.control.setFixedWidth(self.control.fontMetrics().horizontalAdvance(name) + 10)
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        for label in self._labels:
            top = self._top(label.lane)
            if label.text == "Comp" and top <= event.y() < top + label.lane.height():
                self.comp_pressed.emit()

    def place(self) -> None:
        """The lanes were laid out again."""
        if self._control_lane is not None:
            self.control.setVisible(self._control_lane.isVisibleTo(self.window()))
            self.control.move(LEFT - 4, self._top(self._control_lane) + 8)
        self.update()

    def _top(self, lane: QWidget) -> int:
        return int(lane.mapTo(self.window(), QPoint(0, 0)).y()
                   - self.mapTo(self.window(), QPoint(0, 0)).y())  # fmt: skip

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.BG2))
        for label in self._labels:
            if label.lane.isVisible():
                top = self._top(label.lane)
                painter.fillRect(0, top, self.width(), 1, QColor(tokens.BG0))
                self._paint(painter, label, top)

    def _paint(self, painter: QPainter, label: Label, top: int) -> None:
        lane: Any = label.lane
        height = lane.height()
        words = font(label.size)
        painter.setFont(words)
        painter.setPen(QColor(label.tone))
        place = QRect(LEFT, top, MARKS_RIGHT - LEFT, height)
        if label.tall:
            place = QRect(LEFT, top + 8, 62, 16)
        text = QFontMetrics(words).elidedText(label.text, Qt.ElideRight, place.width())
        painter.drawText(place, Qt.AlignLeft | Qt.AlignVCenter, text)
        painter.setFont(font(tokens.SMALL))
        painter.setPen(QColor(tokens.TX3))
        below = unit_text(self._name) if lane is self._control_lane and self._name else label.under
        if below:
            painter.drawText(QRect(LEFT, top + 25, 62, 14), Qt.AlignLeft | Qt.AlignVCenter, below)
        for y, mark in lane.marks() if hasattr(lane, "marks") else ():
            at = QRect(LEFT, top + min(max(round(y) - 7, 1), height - 15), MARKS_RIGHT - LEFT, 14)
            painter.drawText(at, Qt.AlignRight | Qt.AlignVCenter, mark)
