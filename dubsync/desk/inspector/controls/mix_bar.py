"""The mix of the three mouths as one bar: take, sound and original, with borders to drag."""

from __future__ import annotations

from PyQt5.QtCore import QEvent, QPointF, QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

from dubsync.desk.look import tokens

Shares = tuple[float, float, float]
#: Name, fill and line of each part.
PARTS = (
    ("take", tokens.FILL_TAKE, tokens.CURVE_TAKE),
    ("sound", tokens.FILL_SOUND, tokens.CURVE_SOUND),
    ("original", tokens.BG3, tokens.CURVE_PLATE),
)
BAR, HEIGHT, SIDE = 12, 40, 12
_EITHER = -1  #: a hand holds two borders in one place: its direction decides
_KEYS = {Qt.Key_Left: -0.01, Qt.Key_Right: 0.01, Qt.Key_PageDown: -0.1, Qt.Key_PageUp: 0.1}


class MixBar(QWidget):
    """Left and right of a border share what the two parts had together.

    asked  (take, sound, original) that sum to 1
    reset  the usual mix is asked for
    key    a key on this frame is asked for
    """

    asked = pyqtSignal(tuple)
    reset = pyqtSignal()
    key = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: Shares = (1.0, 0.0, 0.0)
        self._grip: int | None = None
        self.border = 0  #: the border that the arrow keys move
        self._take = True  #: whether there is a take to mix in
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("Mix of the three mouths")

    @property
    def shares(self) -> Shares:
        return self._shares

    def show_shares(self, shares: Shares) -> None:
        """Show the shares of take, sound and original, which sum to 1."""
        if shares == self._shares:
            return
        self._shares = shares
        self.setAccessibleDescription(", ".join(percents(shares)))
        self.update()

    def allow_take(self, there: bool) -> None:
        """Whether there is a take; without one, sound and original are mixed."""
        if there != self._take:
            self._take, self.border = there, 0 if there else 1
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(316, HEIGHT)

    def border_x(self, border: int) -> float:
        """x of the border between take and sound (0), or sound and original (1)."""
        take, sound, _ = self._shares
        share = take if border == 0 else take + sound
        return SIDE + share * (self.width() - 2 * SIDE)

    # -- painting ----------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        on = self.isEnabled()
        edges = [float(SIDE), self.border_x(0), self.border_x(1), float(self.width() - SIDE)]
        for (_, fill, line), left, right in zip(PARTS, edges, edges[1:], strict=False):
            if right - left < 0.5:
                continue
            painter.fillRect(QRectF(left, 2, right - left, BAR), QColor(fill))
            painter.fillRect(QRectF(left, BAR, right - left, 2), QColor(line if on else tokens.TX4))
        painter.setRenderHint(QPainter.Antialiasing)
        for border in (1, 0) if self._take else (1,):
            self._paint_border(painter, border, on)
        self._paint_legend(painter, on)

    def _paint_border(self, painter: QPainter, border: int, on: bool) -> None:
        x = self.border_x(border)
        painter.setPen(Qt.NoPen)
        painter.setBrush(QColor(tokens.KNOB_CHANGED if on else tokens.TX4))
        painter.drawRoundedRect(QRectF(x - 1.5, 0, 3, BAR + 4), 1, 1)
        if self.hasFocus() and self.border == border:
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.setBrush(Qt.NoBrush)
            painter.drawRoundedRect(QRectF(x - 4.5, -0.5, 9, BAR + 5), 2, 2)

    def _paint_legend(self, painter: QPainter, on: bool) -> None:
        third = (self.width() - 2 * SIDE) / 3
        measure = painter.fontMetrics()
        texts = percents(self._shares)
        texts = texts if self._take else ("no take", *texts[1:])
        for n, ((_, _, line), text) in enumerate(zip(PARTS, texts, strict=True)):
            wide = 12 + measure.horizontalAdvance(text)
            left = SIDE + n * third + (0 if n == 0 else third - wide if n == 2 else
                                       (third - wide) / 2)  # fmt: skip
            painter.fillRect(QRectF(left, 25, 8, 8), QColor(line if on else tokens.TX4))
            tone = tokens.TX1 if self._shares[n] > 0 else tokens.TX2
            painter.setPen(QColor(tone if on else tokens.TX4))
            painter.drawText(QPointF(left + 12, 33), text)

    # -- the hand ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() == Qt.LeftButton:
            self._grip = _EITHER if self._take else 1
            self._pull(event.localPos().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        x = event.localPos().x()
        if self._grip is not None:
            self._pull(x)
        near = min(abs(x - self.border_x(n)) for n in (0, 1)) < 6 and event.pos().y() < BAR + 6
        self.setCursor(Qt.SplitHCursor if near else Qt.ArrowCursor)

    def _pull(self, x: float) -> None:
        """Take the border that is meant to x; of two in one place, the one that can go there."""
        first, second = self.border_x(0), self.border_x(1)
        if self._grip == _EITHER:
            if abs(first - second) >= 1:
                self._grip = 0 if abs(x - first) <= abs(x - second) else 1
            elif abs(x - first) < 2:
                return
            else:
                self._grip = 0 if x < first else 1
        self.border = self._grip or 0
        self._to(x)
        self.update()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._grip = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:  # noqa: N802
        self._grip = None
        self.reset.emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.ShortcutOverride and self._takes(event):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        key = event.key()
        if not self._takes(event):
            event.ignore()
        elif key in (Qt.Key_Up, Qt.Key_Down):
            self.border = 1 - self.border if self._take else 1
            self.update()
        elif key in _KEYS:
            take, sound, _ = self._shares
            share = take if self.border == 0 else take + sound
            self._border_to(share + _KEYS[key])
        elif key == Qt.Key_K:
            self.key.emit()
        elif key == Qt.Key_Escape:
            self.clearFocus()
        else:
            self.reset.emit()

    @staticmethod
    def _takes(event: QKeyEvent) -> bool:
        key, held = event.key(), int(event.modifiers() & ~Qt.KeypadModifier)
        if key == Qt.Key_K:
            return held == int(Qt.ShiftModifier)
        others = (Qt.Key_Up, Qt.Key_Down, Qt.Key_Backspace, Qt.Key_Escape)
        return held == 0 and (key in _KEYS or key in others)

    def _to(self, x: float) -> None:
        self._border_to((x - SIDE) / max(self.width() - 2 * SIDE, 1))

    def _border_to(self, share: float) -> None:
        """Move the border to where the parts left of it have `share` of the whole."""
        take, sound, original = self._shares
        if self.border == 0:
            take, both = min(max(share, 0.0), take + sound), take + sound
            take = round(take, 2)
            shares = (take, round(both - take, 6), original)
        else:
            upto = round(min(max(share, take), 1.0), 2)
            shares = (take, round(max(upto - take, 0.0), 6), round(1 - max(upto, take), 6))
        if shares != self._shares:
            self.asked.emit(shares)


def percents(shares: Shares) -> tuple[str, ...]:
    """("take 70 %", "sound 30 %", "original 0 %"); they sum to 100."""
    numbers = [round(share * 100) for share in shares]
    most = max(range(3), key=lambda n: shares[n])
    numbers[most] += 100 - sum(numbers)
    return tuple(f"{part[0]} {n} %" for part, n in zip(PARTS, numbers, strict=True))
