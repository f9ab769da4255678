"""The frame in question, with a bracket, a number and a name on every face."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PyQt5.QtWidgets import QSizePolicy, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.service.seen_faces import SeenFace

ARM = 18  #: length of a bracket's arms
SIZE, MOST_HIGH = 640, 640  #: usual width, greatest height


class FrameView(QWidget):
    """`picked` tells the number of a face that was clicked."""

    picked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        policy = QSizePolicy(QSizePolicy.Expanding, QSizePolicy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumHeight(240)
        self.setMouseTracking(True)
        self._picture = QPixmap()
        self._asked = False  #: whether a face was shown at all
        self._faces: Sequence[SeenFace] = ()
        self._chosen = 0

    def show_faces(self, picture: QPixmap, faces: Sequence[SeenFace], chosen: int) -> None:
        """The frame with the faces that are seen in it; `chosen` is the number in question."""
        self._picture, self._faces, self._chosen = picture, faces, chosen
        self._asked = True
        self.setAccessibleName(f"{len(faces)} faces; face {chosen} is chosen")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(SIZE, self.heightForWidth(SIZE))

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """As high as the picture is at this width, so that what is below stays near it."""
        if self._picture.isNull():
            return width * 9 // 16
        return min(MOST_HIGH, width * self._picture.height() // max(1, self._picture.width()))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(event.rect(), QColor(tokens.BG1))
        if self._picture.isNull():
            painter.setPen(QColor(tokens.TX3))
            said = "No picture: the plate is not there" if self._asked else ""
            painter.drawText(self.rect(), Qt.AlignCenter, said)
            return
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        painter.drawPixmap(self._place(), self._picture, QRectF(self._picture.rect()))
        for face in self._faces:
            self._bracket(painter, face)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = QPointF(event.pos())
        for face in self._faces:
            if self._on_screen(face).contains(at):
                self.picked.emit(face.number)

    def _place(self) -> QRectF:
        """Where the picture is drawn: as large as fits, at the top."""
        width, height = self._picture.width(), self._picture.height()
        scale = min(self.width() / width, self.height() / height)
        left = (self.width() - width * scale) / 2
        return QRectF(left, 0, width * scale, height * scale)

    def _on_screen(self, face: SeenFace) -> QRectF:
        place = self._place()
        scale = place.width() / max(1, self._picture.width())
        left, top, right, bottom = face.box
        return QRectF(
            place.left() + left * scale, place.top() + top * scale,
            (right - left) * scale, (bottom - top) * scale,
        )  # fmt: skip

    def _bracket(self, painter: QPainter, face: SeenFace) -> None:
        box, chosen = self._on_screen(face), face.number == self._chosen
        colour = QColor(tokens.ACCENT if chosen else tokens.RENDERED)
        painter.setPen(QPen(colour, 2))
        for x, way_x in ((box.left(), 1), (box.right(), -1)):
            for y, way_y in ((box.top(), 1), (box.bottom(), -1)):
                painter.drawLine(QPointF(x, y), QPointF(x + way_x * ARM, y))
                painter.drawLine(QPointF(x, y), QPointF(x, y + way_y * ARM))
        painter.setFont(font(medium=True))
        text = f"{face.number}   {face.character or 'which face is this?'}"
        width = painter.fontMetrics().horizontalAdvance(text) + 16
        label = QRectF(box.left(), max(0.0, box.top() - 26), width, 20)
        painter.fillRect(label, QColor(tokens.ACCENT) if chosen else QColor(14, 14, 14, 200))
        painter.setPen(QColor(tokens.ON_ACCENT if chosen else tokens.TX1))
        painter.drawText(label.adjusted(8, 0, 0, 0), Qt.AlignLeft | Qt.AlignVCenter, text)
