"""The part of the shot that every lane shows."""

from __future__ import annotations

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.shot import Shot
from dubsync.desk.curves.axes.record_ticks import Tick, ticks
from dubsync.desk.curves.axes.time_axis import TimeAxis


class TimeView(QObject):
    """One TimeAxis for all lanes, and its marks of time; `changed` when they are others."""

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.axis = TimeAxis.whole(0, 1, 1)
        self.ticks: tuple[Tick, ...] = ()
        self._shot: Shot | None = None

    def set(self, axis: TimeAxis) -> None:
        if axis != self.axis:
            self.axis = axis
            self._mark()

    def open(self, shot: Shot | None) -> None:
        """Another shot: all of it is seen.  None: no frames at all."""
        self._shot = shot
        start, stop = (shot.render.start, shot.render.stop) if shot else (0, 1)
        self.axis = TimeAxis.whole(start, stop, self.axis.width)
        self._mark()

    def whole(self) -> None:
        self.set(TimeAxis.whole(self.axis.start, self.axis.stop, self.axis.width))

    def resize(self, width: int) -> None:
        self.set(self.axis.resized(width))

    def zoom(self, x: float, factor: float) -> None:
        self.set(self.axis.zoomed(x, factor))

    def pan(self, pixels: float) -> None:
        self.set(self.axis.panned(pixels / self.axis.scale))

    def show(self, first: float, last: float) -> None:
        self.set(self.axis.showing(first, last))

    def follow(self, frame: int) -> None:
        self.set(self.axis.following(frame))

    def _mark(self) -> None:
        axis = self.axis
        found = ticks(self._shot, axis.left, axis.right, axis.scale) if self._shot else []
        self.ticks = tuple(found)
        self.changed.emit()
