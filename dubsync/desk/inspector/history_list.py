"""The versions of a shot's tweaks, the newest first; a click goes back to one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PyQt5.QtCore import QAbstractListModel, QModelIndex, QRect, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QPainter
from PyQt5.QtWidgets import (
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from dubsync.core.tweak.controls import CONTROLS
from dubsync.desk.inspector.controls.control_values import form_of
from dubsync.desk.look import tokens
from dubsync.desk.parts.keyed_list import KeyedList
from dubsync.service.tweaks.tweak_store import TweakVersion

ROW = 20
#: More rows than this are scrolled.
SHOWN = 8


class HistoryList(KeyedList):
    """`chosen`: go to this version, as a new one."""

    chosen = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("History of the tweak", parent)
        self._model = _Versions(self)
        self.setModel(self._model)
        self.setItemDelegate(_Row(self))
        self.setUniformItemSizes(True)
        self.setToolTip("A click, or Enter, goes to that version, as a new one")
        self.clicked.connect(self._picked)
        self.activated.connect(self._picked)
        self._fit()

    def show_versions(self, versions: Sequence[TweakVersion]) -> None:
        """Show versions, the newest first; the first is the one that counts."""
        self._model.show(versions)
        self._fit()

    @property
    def versions(self) -> tuple[TweakVersion, ...]:
        return self._model.versions

    def _fit(self) -> None:
        self.setFixedHeight(ROW * min(max(len(self._model.versions), 1), SHOWN))

    def _picked(self, index: QModelIndex) -> None:
        if index.row() > 0:
            self.chosen.emit(self._model.versions[index.row()])


class _Versions(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.versions: tuple[TweakVersion, ...] = ()

    def show(self, versions: Sequence[TweakVersion]) -> None:
        if tuple(versions) != self.versions:
            self.beginResetModel()
            self.versions = tuple(versions)
            self.endResetModel()

    def rowCount(self, parent: QModelIndex = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self.versions)

    def data(self, index: QModelIndex, role: int = Qt.DisplayRole) -> object:
        if role in (Qt.DisplayRole, Qt.AccessibleTextRole):
            version = self.versions[index.row()]
            return f"v{version.number:03d} {said(version)} {clock(version.made)}"
        return None


class _Row(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex) -> QSize:  # noqa: N802
        return QSize(10, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        view = self.parent()
        version, place = view.versions[index.row()], QRect(option.rect)
        if option.state & QStyle.State_MouseOver:
            painter.fillRect(place, QColor(tokens.BG4))
        if index.row() == 0:
            painter.fillRect(QRect(place.left(), place.top(), 2, ROW), QColor(tokens.ACCENT))
        if option.state & QStyle.State_HasFocus:
            painter.setPen(QColor(tokens.ACCENT))
            painter.drawRect(place.adjusted(2, 0, -3, -1))
        when = clock(version.made)
        measure = painter.fontMetrics()
        right = place.right() - 12
        painter.setPen(QColor(tokens.TX3))
        painter.drawText(QRect(12, place.top(), 40, ROW), int(Qt.AlignVCenter),
                         f"v{version.number:03d}")  # fmt: skip
        painter.drawText(QRect(right - 60, place.top(), 60, ROW),
                         int(Qt.AlignVCenter | Qt.AlignRight), when)  # fmt: skip
        painter.setPen(QColor(tokens.TX1 if index.row() == 0 else tokens.TX2))
        wide = right - 52 - measure.horizontalAdvance(when) - 8
        text = measure.elidedText(said(version), Qt.ElideRight, wide)
        painter.drawText(QRect(52, place.top(), wide, ROW), int(Qt.AlignVCenter), text)


def said(version: TweakVersion) -> str:
    """What made a version, in words: "closure 1.00 at 939124", "slip -20 ms"."""
    return ", ".join(map(_words, version.request)) or "first"


def clock(made: str) -> str:
    """The local time of a version, "14:02"; of another day also the day."""
    try:
        when = datetime.fromisoformat(made).astimezone()
    except ValueError:
        return ""
    today = when.date() == datetime.now().astimezone().date()
    return when.strftime("%H:%M" if today else "%d %b")


def _words(request: str) -> str:
    name, equals, rest = request.partition("=")
    if not equals:
        return request.replace("slip_ms", "slip")
    value, _, where = rest.partition("@")
    place = f" {'on' if '..' in where else 'at'} {where}" if where else ""
    if name in CONTROLS or name == "ease":
        return f"{form_of(name).called} {_figure(name, value)}{place}"
    return f"{name} {value.replace(':', ' ').replace(',', ', ')}{place}"


def _figure(name: str, value: str) -> str:
    """The value as the control's row shows it."""
    try:
        return form_of(name).text(float(value))
    except ValueError:
        return value
