"""The page of one shot: strip, viewer, curves and inspector, parted by seams."""

from __future__ import annotations

from PyQt5.QtCore import QByteArray, Qt, QTimer
from PyQt5.QtGui import QResizeEvent, QShowEvent
from PyQt5.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from dubsync.desk.look import tokens

CURVES_HIGH = tokens.CURVE_BAR + 324
TRIES = 4  #: how often the height is shared anew
#: (a window below this height, what its folded lanes leave): the takes, then the control.
FOLDED = ((860, 48), (760, 48))


class ShotPage(QMainWindow):
    """The viewer in the middle; three docks whose sizes are remembered."""

    def __init__(
        self, strip: QWidget, viewer: QWidget, curves: QWidget, inspector: QWidget,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent, Qt.Widget)
        self._placed = False
        self._state: QByteArray | None = None
        self.setDockNestingEnabled(True)
        self.setCentralWidget(viewer)
        for corner in (Qt.TopLeftCorner, Qt.BottomLeftCorner):
            self.setCorner(corner, Qt.LeftDockWidgetArea)
        for corner in (Qt.TopRightCorner, Qt.BottomRightCorner):
            self.setCorner(corner, Qt.RightDockWidgetArea)
        self.strip = self._dock("Strip", strip, Qt.LeftDockWidgetArea)
        self.inspector = self._dock("Inspector", inspector, Qt.RightDockWidgetArea)
        self.curves = self._dock("Curves", curves, Qt.BottomDockWidgetArea)
        self._shape: tuple[bool, int] | None = None
        self._later = QTimer(self, singleShot=True, interval=50)
        self._later.timeout.connect(self._settle)
        self._tries = 0
        self.set_sizes()

    @property
    def docks(self) -> tuple[QDockWidget, ...]:
        return self.strip, self.curves, self.inspector

    def restoreState(self, state: QByteArray, version: int = 0) -> bool:  # noqa: N802
        """Docks have their sizes only in a window that is large enough: it waits for that."""
        if self._placed:
            return bool(super().restoreState(state, version))
        self._state = state
        return True

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if self._placed:
            return
        self._placed = True
        if self._state is None or not super().restoreState(self._state):
            self.set_sizes()

    def set_sizes(self) -> None:
        """The sizes of the design, at the window's width."""
        narrow = self.width() < tokens.NARROW_BELOW
        sides = [
            tokens.STRIP_NARROW if narrow else tokens.STRIP,
            tokens.INSPECTOR_NARROW if narrow else tokens.INSPECTOR,
        ]
        self.resizeDocks([self.strip, self.inspector], sides, Qt.Horizontal)
        self.resizeDocks([self.curves], [CURVES_HIGH - self._folded()], Qt.Vertical)

    def viewer_alone(self, alone: bool) -> None:
        """Hide every dock, or bring them back."""
        for dock in self.docks:
            dock.setVisible(not alone)

    def next_dock(self) -> None:
        """Move the focus to the next dock, the viewer among them."""
        places = [self.strip, self.centralWidget(), self.curves, self.inspector]
        shown = [place for place in places if place.isVisible()]
        focus = QApplication.focusWidget()
        at = next((n for n, p in enumerate(shown) if focus and p.isAncestorOf(focus)), -1)
        for n in range(1, len(shown) + 1):
            place = shown[(at + n) % len(shown)]
            first = _first_focus(place)
            if first is not None:
                first.setFocus(Qt.TabFocusReason)
                return

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        shape = (event.size().width() < tokens.NARROW_BELOW, self._folded())
        before, self._shape = self._shape, shape
        if before is not None and shape != before:
            self.set_sizes()
            # The lanes fold in that resize, and only then need less.
            self._tries = TRIES
            self._later.start()

    def _settle(self) -> None:
        """Share the height again, until the folded lanes have let it go."""
        self.set_sizes()
        self._tries -= 1
        if self._tries and self.curves.height() > CURVES_HIGH - self._folded():
            self._later.start()

    def _folded(self) -> int:
        """How much less the curves need, because lanes fold in a low window; px."""
        high = self.window().height()
        return sum(less for below, less in FOLDED if high < below)

    def _dock(self, name: str, inside: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(name, self)
        dock.setObjectName(name)
        dock.setTitleBarWidget(QWidget(dock))
        dock.setFeatures(QDockWidget.NoDockWidgetFeatures)
        inside.setProperty("dock", True)
        dock.setWidget(inside)
        self.addDockWidget(area, dock)
        return dock


def _first_focus(place: QWidget) -> QWidget | None:
    """The first widget in `place` that the Tab key reaches."""
    inside = place.findChildren(QWidget)
    return next(
        (one for one in inside
         if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.TabFocus), None
    )  # fmt: skip
