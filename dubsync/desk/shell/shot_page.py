"""The page of one shot: strip, viewer, curves and inspector, parted by seams."""

from __future__ import annotations

from PyQt5.QtCore import QByteArray, Qt
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QDockWidget, QMainWindow, QWidget

from dubsync.desk.look import tokens


class ShotPage(QMainWindow):
    """The viewer in the middle; three docks whose sizes are remembered."""

    def __init__(
        self, strip: QWidget, viewer: QWidget, curves: QWidget, inspector: QWidget,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent, Qt.Widget)
        self._placed = False
        self.setDockNestingEnabled(True)
        self.setCentralWidget(viewer)
        for corner in (Qt.TopLeftCorner, Qt.BottomLeftCorner):
            self.setCorner(corner, Qt.LeftDockWidgetArea)
        for corner in (Qt.TopRightCorner, Qt.BottomRightCorner):
            self.setCorner(corner, Qt.RightDockWidgetArea)
        self.strip = self._dock("Strip", strip, Qt.LeftDockWidgetArea)
        self.inspector = self._dock("Inspector", inspector, Qt.RightDockWidgetArea)
        self.curves = self._dock("Curves", curves, Qt.BottomDockWidgetArea)
        self.set_sizes()

    def restoreState(self, state: QByteArray, version: int = 0) -> bool:  # noqa: N802
        self._placed = True
        return bool(super().restoreState(state, version))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Docks have their sizes only in a window that is large enough."""
        super().showEvent(event)
        if not self._placed:
            self._placed = True
            self.set_sizes()

    def set_sizes(self) -> None:
        """The sizes of the design."""
        self.resizeDocks([self.strip, self.inspector], [tokens.STRIP, tokens.INSPECTOR],
                         Qt.Horizontal)  # fmt: skip
        self.resizeDocks([self.curves], [tokens.CURVE_BAR + 324], Qt.Vertical)

    def _dock(self, name: str, inside: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(name, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setFeatures(QDockWidget.NoDockWidgetFeatures)
        inside.setProperty("dock", True)
        dock.setWidget(inside)
        self.addDockWidget(area, dock)
        return dock
