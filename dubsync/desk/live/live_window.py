"""The window of a face that is driven: the picture, and beneath it what to tell the driver.

Words stand on the window's lower edge alone.  They are painted over the window, never into the
pictures, which go to a movie or a virtual camera as they are.
"""

from __future__ import annotations

from collections.abc import Callable

from PyQt5.QtCore import QRect, QSize, QSocketNotifier, Qt, QTimer
from PyQt5.QtGui import QCloseEvent, QColor, QKeyEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QWidget

from dubsync.core.errors import Cancelled, DubsyncError
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.viewer.picture.qt_pictures import rgb_image
from dubsync.service.live.run import LiveRun
from dubsync.service.live.shared_frames import LiveFrame

EDGE = 56  #: height of the lower edge, pixels
#: Milliseconds between two looks at what sends no picture: an end, a stop, consent withdrawn.
WATCH_MS = 100
#: Milliseconds between two changes of the figures on the edge: faster ones cannot be read.
FIGURES_MS = 1000
KEYS = "N neutral face   D another driver   F full screen   Esc close"


class LiveWindow(QWidget):
    """Shows a run until it ends, somebody closes it, or `stop()` says so.

    failed  the error that ended it; None: it ended as it should
    """

    def __init__(self, run: LiveRun, title: str, stop: Callable[[], bool]) -> None:
        super().__init__()
        self.setWindowTitle(f"{title} - dubsync live")
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.StrongFocus)
        self.resize(self.sizeHint())
        self.failed: DubsyncError | Cancelled | None = None
        self._run, self._stop = run, stop
        self._frame: LiveFrame | None = None
        self._figures = ""
        run.add(self.show_frame)
        self._notifier = QSocketNotifier(run.session.fileno(), QSocketNotifier.Read, self)
        self._notifier.activated.connect(self._take)
        self._watch = QTimer(self)
        self._watch.timeout.connect(self._take)
        self._watch.start(WATCH_MS)
        self._told = QTimer(self)
        self._told.timeout.connect(self._read_figures)
        self._told.start(FIGURES_MS)

    def sizeHint(self) -> QSize:  # noqa: N802
        """The size at the start: a picture of 640 x 480 above its edge."""
        return QSize(640, 480 + EDGE)

    def show_frame(self, frame: LiveFrame) -> None:
        """Paint `frame`; it is on the screen's own buffer when this returns."""
        self._frame = frame
        self.repaint()

    def words(self) -> tuple[str, ...]:
        """What the driver is told now, a line each."""
        if self._frame is None:
            return ("Loading",)
        return self._run.told

    def paintEvent(self, event: QPaintEvent | None) -> None:  # noqa: N802
        """The picture as large as fits above the edge, and the edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.BG0))
        if self._frame is not None:
            image = rgb_image(self._frame.rgb)
            painter.setRenderHint(QPainter.SmoothPixmapTransform)
            painter.drawImage(_fitted(image.size(), self.width(), self.height() - EDGE), image)
        self._paint_edge(painter)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """N: neutral face; D: another driver; F: full screen; Esc or Q: close."""
        key = event.key()
        if key == Qt.Key_N:
            self._run.session.take_neutral()
        elif key == Qt.Key_D:
            self._run.session.another_driver()
        elif key == Qt.Key_F:
            self.setWindowState(self.windowState() ^ Qt.WindowFullScreen)
        elif key in (Qt.Key_Escape, Qt.Key_Q):
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Listen to the pipeline no longer."""
        self._notifier.setEnabled(False)
        self._watch.stop()
        self._told.stop()
        event.accept()

    def _take(self) -> None:
        """Show the newest picture, if there is one; close where all is over."""
        try:
            self._run.step()
        except (DubsyncError, Cancelled) as error:
            self.failed = error
            self.close()
            return
        if self._run.ended or self._stop():
            self.close()

    def _read_figures(self) -> None:
        figures = self._run.session.figures()
        if figures is not None:
            self._figures = (
                f"{figures.rate:.0f} frames a second   {figures.latency.median:.0f} ms   "
                f"{figures.dropped} dropped"
            )
        self.update()

    def _paint_edge(self, painter: QPainter) -> None:
        edge = QRect(0, self.height() - EDGE, self.width(), EDGE)
        painter.fillRect(edge, QColor(tokens.BG2))
        inner = edge.adjusted(12, 8, -12, -8)
        top, bottom = inner.adjusted(0, 0, 0, -20), inner.adjusted(0, 20, 0, 0)
        painter.setFont(font(tokens.LARGER))
        painter.setPen(QColor(tokens.STALE if self.words() else tokens.TX2))
        line = "   ".join(self.words()) or "Driven"
        metrics = painter.fontMetrics()
        painter.drawText(top, Qt.AlignLeft | Qt.AlignVCenter,
                         metrics.elidedText(line, Qt.ElideRight, top.width()))  # fmt: skip
        painter.setFont(font(tokens.SMALL))
        painter.setPen(QColor(tokens.TX3))
        painter.drawText(bottom, Qt.AlignLeft | Qt.AlignVCenter, KEYS)
        painter.drawText(bottom, Qt.AlignRight | Qt.AlignVCenter, self._figures)


def _fitted(size: QSize, width: int, height: int) -> QRect:
    """Where a picture of that size lies in an area from the window's upper left corner."""
    fitted = size.scaled(max(width, 1), max(height, 1), Qt.KeepAspectRatio)
    return QRect((width - fitted.width()) // 2, (height - fitted.height()) // 2,
                 fitted.width(), fitted.height())  # fmt: skip
