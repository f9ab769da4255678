"""The list inside the strip: arrows go from shot to shot, a click makes one current."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QAbstractItemView, QListView, QWidget

from dubsync.desk.reel.columns import AT
from dubsync.desk.reel.reel_model import ROW, ReelFilter, ReelModel
from dubsync.desk.reel.strip_delegate import StripDelegate
from dubsync.desk.session.thumbs import Thumbs

OWN_KEYS = frozenset({Qt.Key_Up, Qt.Key_Down, Qt.Key_PageUp, Qt.Key_PageDown})


class ShotList(QListView):
    """`moved` tells the shot that became current by mouse or key; `toggled` one to select."""

    moved = pyqtSignal(str)
    toggled = pyqtSignal(str)

    def __init__(
        self, model: ReelModel, shown: ReelFilter, thumbs: Thumbs, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model, self._shown = model, shown
        self.setModel(shown)
        self.setModelColumn(AT["shot"])
        self.delegate = StripDelegate(model, thumbs, self)
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.NoSelection)
        self.setEditTriggers(QAbstractItemView.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
        self.setAccessibleName("Shots")
        self._moving = QTimer(self, singleShot=True, interval=60)
        self._moving.timeout.connect(lambda: self.moved.emit(self.delegate.current))
        thumbs.ready.connect(model.told)

    def stand_on(self, name: str, *, tell: bool = False) -> None:
        """Show a shot as the current one."""
        old, self.delegate.current = self.delegate.current, name
        self._model.told((old, name))
        if (at := self._shown.place(name)) >= 0:
            index = self._shown.index(at, AT["shot"])
            self.setCurrentIndex(index)
            self.scrollTo(index)
        if tell:
            self._moving.start()

    def narrow(self, narrow: bool) -> None:
        """Items of the narrow form, or the usual ones."""
        if narrow != self.delegate.narrow:
            self.delegate.narrow = narrow
            self.scheduleDelayedItemsLayout()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        index = self.indexAt(event.pos())
        if not index.isValid() or event.button() != Qt.LeftButton:
            event.ignore()
            return
        self.setFocus(Qt.MouseFocusReason)
        name = index.data(ROW).name
        if event.modifiers() & Qt.ControlModifier:
            self.toggled.emit(name)
        else:
            self.stand_on(name, tell=True)

    def event(self, event: QEvent) -> bool:
        if (
            event.type() == QEvent.ShortcutOverride and event.key() in OWN_KEYS
            and not event.modifiers()
        ):  # fmt: skip
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        height = max(self.sizeHintForRow(0), 1) if self._shown.rowCount() else 1
        page = max(self.viewport().height() // height - 1, 1)
        by = {Qt.Key_Up: -1, Qt.Key_Down: 1, Qt.Key_PageUp: -page,
              Qt.Key_PageDown: page}.get(event.key())  # fmt: skip
        count = self._shown.rowCount()
        if by is None or not count:
            event.ignore()
            return
        at = self._shown.place(self.delegate.current)
        at = min(max(at + by if at >= 0 else 0, 0), count - 1)
        self.stand_on(self._shown.index(at, 0).data(ROW).name, tell=True)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.delegate.focused = True
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        self.delegate.focused = False
        super().focusOutEvent(event)
        self.viewport().update()
