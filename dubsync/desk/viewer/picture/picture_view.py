"""The picture: one opaque widget, painted in one go; zoom, pan and the wipe by mouse and wheel."""

from __future__ import annotations

from dataclasses import replace

from PyQt5.QtCore import QEvent, QPointF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QWheelEvent,
)
from PyQt5.QtWidgets import QSizePolicy, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.viewer.picture import picture_painting as painting
from dubsync.desk.viewer.picture.edit_layer import EditLayer
from dubsync.desk.viewer.picture.picture_state import PictureState
from dubsync.desk.viewer.picture.wipe import GRAB, Wipe
from dubsync.desk.viewer.picture.zoom import FIT, STEP, Zoom

WIPE_STEP = 8.0  #: logical pixels that a key moves the wipe


class PictureView(QWidget):
    """Shows one PictureState.

    zoomed     the zoom changed, or the area did
    """

    zoomed = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)
        self.setMinimumSize(160, 90)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Picture")
        self.state = PictureState()
        self.zoom, self.wipe = FIT, Wipe()
        self.dimmed, self._clicked = False, False
        self._drag = ""
        self._from = QPointF()
        self.layer: EditLayer | None = None  #: what is drawn by hand over the picture

    # -- what is shown -----------------------------------------------------------------------

    def show_state(self, state: PictureState) -> None:
        """Paint another state, in one repaint."""
        resized = state.size != self.state.size or (state.look == "both") != (
            self.state.look == "both"
        )
        self.state = state
        self.update()
        labels = (state.label_a, state.label_b, state.note)
        said = ", ".join(label.text for label in labels if label is not None)
        if said != self.accessibleDescription():
            self.setAccessibleDescription(said)
        if resized:
            self.zoomed.emit()

    def set_zoom(self, zoom: Zoom) -> None:
        if zoom != self.zoom:
            self.zoom = zoom
            self.update()
            self.zoomed.emit()

    def set_wipe(self, wipe: Wipe) -> None:
        if wipe != self.wipe:
            self.wipe = wipe
            self.update()

    def dim(self, dimmed: bool) -> None:
        """Show the picture at 28 %: the shot is blocked."""
        self.dimmed = dimmed
        self.update()

    @property
    def scale(self) -> float:
        """Device pixels to a picture pixel; 0 without a picture."""
        if not self.state.size[0]:
            return 0.0
        area = self._areas()[0]
        return self.zoom.scale_in(area.size(), self.state.size, self.devicePixelRatioF())

    def picture_rect(self) -> QRectF:
        """Where picture A is painted, logical pixels."""
        return self._rects()[0] if self.state.size[0] else QRectF(self.rect())

    def zoom_by(self, by: float, at: QPointF | None = None) -> None:
        """Larger or smaller, round a point of the widget."""
        if self.state.size[0]:
            area = next((a for a in self._areas() if at and a.contains(at)), self._areas()[0])
            at = area.center() if at is None else at
            ratio = self.devicePixelRatioF()
            self.set_zoom(self.zoom.zoomed(by, at, area, self.state.size, ratio))

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(tokens.BG0))
        state = self.state
        if not state.size[0]:
            return
        rects = self._rects()
        if state.missing:
            painting.paint_missing(painter, rects[0])
            for label, corner in ((state.label_a, "top left"), (state.note, "bottom left")):
                if label:
                    painting.paint_label(painter, label, rects[0], corner)
            return
        for area, rect, image in zip(self._areas(), rects, self._images(), strict=False):
            if image is not None:
                painter.save()
                painter.setClipRect(area)
                self._draw(painter, image, rect)
                painter.restore()
        if state.look == "wipe" and state.b is not None:
            painter.save()
            side = QPainterPath()
            side.addPolygon(self.wipe.side_b(rects[0]))
            painter.setClipPath(side)
            self._draw(painter, state.b, rects[0])
            painter.restore()
        self._paint_over(painter, rects)
        self._paint_focus(painter)

    def _paint_focus(self, painter: QPainter) -> None:
        if self.hasFocus() and not self._clicked:
            painter.setPen(painting.hairline(tokens.ACCENT))
            painter.setBrush(Qt.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        """A line shows the focus that keys brought; a picture that is clicked on stays clean."""
        super().focusInEvent(event)
        self._clicked = event.reason() == Qt.MouseFocusReason
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self.update()

    def _paint_over(self, painter: QPainter, rects: list[QRectF]) -> None:
        state = self.state
        if self.dimmed:
            dark = QColor(tokens.BG0)
            dark.setAlphaF(0.72)
            painter.fillRect(self.rect(), dark)
            return
        last = rects[-1]
        if state.matte:
            painting.paint_matte(painter, state.matte, last)
        if state.landmarks:
            painting.paint_landmarks(painter, state.landmarks, last)
        if self.layer is not None:
            for rect in rects:
                self.layer.paint(painter, rect, state.size, state.landmarks)
        if state.safe:
            for rect in rects:
                painting.paint_safe(painter, rect)
        if state.look == "wipe":
            painting.paint_wipe(painter, self.wipe, rects[0], self._drag == "turn")
        areas = self._areas()
        seen = [rect.intersected(area) for rect, area in zip(rects, areas, strict=True)]
        if state.label_a:
            painting.paint_label(painter, state.label_a, seen[0], "top left")
        if state.label_b:
            painting.paint_label(painter, state.label_b, seen[-1], "top right")
        if state.note:
            painting.paint_label(painter, state.note, seen[0], "bottom left")
        if state.take is not None:
            painting.paint_take(painter, state.take, state.take_name, seen[-1])

    def _images(self) -> list[QImage | None]:
        return [self.state.a, self.state.b] if self.state.look == "both" else [self.state.a]

    def _draw(self, painter: QPainter, image: QImage, rect: QRectF) -> None:
        ratio = self.devicePixelRatioF()
        exact = image.width() == round(rect.width() * ratio)
        # Above two device pixels to a picture pixel the pixels themselves are looked at.
        magnified = rect.width() * ratio >= 2 * image.width()
        painter.setRenderHint(QPainter.SmoothPixmapTransform, not exact and not magnified)
        painter.drawImage(rect, image)

    def _areas(self) -> list[QRectF]:
        whole = QRectF(self.rect())
        if self.state.look != "both":
            return [whole]
        half = whole.width() / 2
        left = QRectF(0, 0, int(half), whole.height())
        return [left, QRectF(left.right() + 1, 0, whole.width() - left.right() - 1,
                             whole.height())]  # fmt: skip

    def _rects(self) -> list[QRectF]:
        ratio = self.devicePixelRatioF()
        return [self.zoom.rect(area, self.state.size, ratio) for area in self._areas()]

    def _rect_at(self, at: QPointF) -> QRectF:
        """The picture at a place of the widget."""
        pairs = zip(self._areas(), self._rects(), strict=True)
        return next((rect for area, rect in pairs if area.contains(at)), self._rects()[0])

    # -- hands -------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._from = QPointF(event.localPos())
        if self.layer is not None and self.state.size[0] and self.layer.press(
            event, self._rect_at(self._from), self.state.size, self.state.landmarks
        ):  # fmt: skip
            self.update()
            return
        self._drag = self._grabbed(event)
        self._follow(self._from)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        at = QPointF(event.localPos())
        if self.layer is not None and self.state.size[0] and self.layer.drag(
            event, self._rect_at(self._from), self.state.size
        ):  # fmt: skip
            self.update()
            return
        if not self._drag:
            over = self._wipe_part(at)
            self.setCursor({"move": Qt.SizeHorCursor, "turn": Qt.PointingHandCursor}.get(
                over, Qt.ArrowCursor))  # fmt: skip
            return
        self._follow(at)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._drag = ""
        if self.layer is not None:
            self.layer.release()
        self.setCursor(Qt.ArrowCursor)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Keys for what is drawn by hand go before the window's actions."""
        own = event.type() == QEvent.ShortcutOverride and self.layer is not None
        if own and self.layer.takes(event):  # type: ignore[union-attr]
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Ctrl Shift and an arrow move the wipe, with Alt besides turn it."""
        if self.layer is not None and self.layer.key(event):
            self.update()
            return
        held = event.modifiers()
        way = {Qt.Key_Left: (-1, 0), Qt.Key_Right: (1, 0), Qt.Key_Up: (0, -1),
               Qt.Key_Down: (0, 1)}.get(event.key())  # fmt: skip
        both = Qt.ControlModifier | Qt.ShiftModifier
        if way is None or self.state.look != "wipe" or (held & both) != both:
            super().keyPressEvent(event)
        elif held & Qt.AltModifier:
            self.set_wipe(replace(self.wipe, angle=self.wipe.angle + 5 * (way[0] or -way[1])))
        else:
            rect = self._rects()[0]
            step = QPointF(*way) * WIPE_STEP
            self.set_wipe(self.wipe.dragged(self.wipe.handle(rect) + step, rect))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.layer is not None and self.layer.active:
            self.mousePressEvent(event)
            return
        if self.zoom.scale is None and self.scale:
            self.zoom_by(1 / self.scale, QPointF(event.localPos()))
        else:
            self.set_zoom(FIT)

    def _grabbed(self, event: QMouseEvent) -> str:
        if event.button() == Qt.MiddleButton:
            return "pan"
        if event.button() != Qt.LeftButton:
            return ""
        if self.state.look == "wipe" and event.modifiers() & Qt.AltModifier:
            return "turn"
        return self._wipe_part(self._from) or "pan"

    def _wipe_part(self, at: QPointF) -> str:
        if self.state.look != "wipe" or not self.state.size[0]:
            return ""
        rect = self._rects()[0]
        for part, place in (("move", self.wipe.handle(rect)), ("turn", self.wipe.knob(rect))):
            away = at - place
            if abs(away.x()) <= GRAB and abs(away.y()) <= GRAB:
                return part
        return ""

    def _follow(self, at: QPointF) -> None:
        if not self.state.size[0]:
            return
        rect = self._rects()[0]
        if self._drag == "move":
            self.set_wipe(self.wipe.dragged(at, rect))
        elif self._drag == "turn":
            self.set_wipe(self.wipe.turned(at, rect))
        elif self._drag == "pan":
            ratio = self.devicePixelRatioF()
            by, self._from = at - self._from, at
            self.set_zoom(self.zoom.moved(by, self._areas()[0], self.state.size, ratio))
