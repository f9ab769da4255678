"""The whole cut as a strip: each shot as wide as it is long, its status below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from PyQt5.QtCore import QEvent, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PyQt5.QtWidgets import QToolTip, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.parts.row_painting import FAINT
from dubsync.desk.session.thumbs import Thumbs
from dubsync.service.overview import ShotRow

HEIGHT, EDGE = 60, 12
PICTURE, STATUS = QRectF(0, 8, 0, 36), QRectF(0, 46, 0, 4)
NARROWEST = 12  #: pixels of a slot in which its own picture is drawn
GROUP = 44  #: pixels that narrower slots share for the picture of their middle one
FAINTNESS = 0.62  #: of pictures that are neither selected nor current


class CutStrip(QWidget):
    """`chosen` tells the shot that was clicked; (name, with Ctrl)."""

    chosen = pyqtSignal(str, bool)

    def __init__(self, thumbs: Thumbs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.TabFocus)
        self.setAccessibleName("The cut")
        self._thumbs = thumbs
        self._rows: tuple[ShotRow, ...] = ()
        self._slots: list[tuple[float, float]] = []
        self._places: dict[str, tuple[float, float]] = {}
        self._ground: QPixmap | None = None
        self.selected: frozenset[str] = frozenset()
        self.current = ""
        thumbs.ready.connect(self._arrived)

    def show_rows(self, rows: Sequence[ShotRow]) -> None:
        """The shots in record order."""
        self._rows = tuple(rows)
        self._lay_out()

    def mark(self, selected: Iterable[str], current: str) -> None:
        """Frame these shots."""
        self.selected, self.current = frozenset(selected), current
        self.update()

    def slot_of(self, name: str) -> QRectF:
        """Where a shot is drawn."""
        left, width = self._places.get(name, (0.0, 0.0))
        return QRectF(left, PICTURE.top(), width, PICTURE.height())

    # -- Qt ----------------------------------------------------------------------------------

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        if self._ground is None:
            self._ground = self._drawn()
        painter.drawPixmap(0, 0, self._ground)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        for row, (left, width) in zip(self._rows, self._slots, strict=True):
            if row.name in self.selected or row.name == self.current:
                if width >= NARROWEST:
                    self._picture(painter, row, left, width, whole=True)
                bright = row.name in self.selected
                painter.setPen(QPen(QColor(tokens.ACCENT if bright else tokens.TX2), 2))
                painter.drawRect(QRectF(left, 7, max(width, 3), 44))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.ACCENT), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        row = self._under(event.x())
        if row is not None and event.button() == Qt.LeftButton:
            self.chosen.emit(row.name, bool(event.modifiers() & Qt.ControlModifier))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.ToolTip and isinstance(event, QHelpEvent):
            row = self._under(event.x())
            text = f"{row.number.zfill(3)}  {row.name}\n{STATUSES[row.state].word}" if row else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        if event.type() == QEvent.ShortcutOverride and event.key() in (Qt.Key_Left, Qt.Key_Right):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        by = {Qt.Key_Left: -1, Qt.Key_Right: 1}.get(event.key())
        names = [row.name for row in self._rows]
        if by is None or not names:
            event.ignore()
            return
        at = names.index(self.current) if self.current in names else 0
        self.chosen.emit(names[min(max(at + by, 0), len(names) - 1)], False)

    # -- drawing -----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """A slot of at least 1 pixel for each shot, 1 pixel between them where there is room."""
        lengths = [max(len(row.record), 1) for row in self._rows]
        room, total = self.width() - 2 * EDGE, sum(lengths)
        gap = 1.0 if room > 4 * len(lengths) else 0.0
        scale = (room - gap * max(len(lengths) - 1, 0)) / total if total else 0.0
        self._slots, left = [], float(EDGE)
        for length in lengths:
            self._slots.append((left, length * scale))
            left += length * scale + gap
        self._places = {row.name: slot for row, slot in zip(self._rows, self._slots, strict=True)}
        self._ground = None
        self.update()

    def _drawn(self) -> QPixmap:
        """All of the cut, without selection."""
        ratio = self.devicePixelRatioF()
        ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        ground.setDevicePixelRatio(ratio)
        ground.fill(QColor(tokens.BG1))
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        for rows, left, width in self._pictures():
            self._picture(painter, rows[len(rows) // 2], left, width, whole=False)
            self._statuses(painter, rows)
        painter.end()
        return ground

    def _pictures(self) -> Iterator[tuple[list[ShotRow], float, float]]:
        """(shots, left, width) of each picture: a wide slot has its own, narrow ones share one."""
        group: list[ShotRow] = []
        begin = end = 0.0
        for row, (left, width) in zip(self._rows, self._slots, strict=True):
            if group and (width >= NARROWEST or end - begin >= GROUP):
                yield group, begin, end - begin
                group = []
            if not group:
                begin = left
            group.append(row)
            end = left + width
            if width >= NARROWEST:
                yield group, begin, end - begin
                group = []
        if group:
            yield group, begin, end - begin

    def _statuses(self, painter: QPainter, rows: Sequence[ShotRow]) -> None:
        for row in rows:
            left, width = self._places[row.name]
            quiet = row.state in ("todo", "skipped")
            colour = tokens.EDGE if quiet else STATUSES[row.state].colour
            bar = QRectF(left, STATUS.top(), max(width, 1), STATUS.height())
            painter.fillRect(bar, QColor(colour))

    def _picture(
        self, painter: QPainter, row: ShotRow, left: float, width: float, *, whole: bool
    ) -> None:
        box = QRectF(left, PICTURE.top(), width, PICTURE.height())
        painter.fillRect(box, QColor(tokens.BG3))
        picture = self._thumbs.picture(row)
        if picture is not None:
            painter.setOpacity(0.28 if row.state in FAINT else 1.0 if whole else FAINTNESS)
            _tile(painter, box, picture)
            painter.setOpacity(1.0)

    def _arrived(self, names: tuple[str, ...]) -> None:
        """Draw the pictures that came into what is there, not all of it again."""
        if self._ground is None:
            return
        painter = QPainter(self._ground)
        painter.setRenderHint(QPainter.SmoothPixmapTransform)
        for rows, left, width in self._pictures():
            row = rows[len(rows) // 2]
            if row.name in names:
                self._picture(painter, row, left, width, whole=False)
        painter.end()
        self.update()

    def _under(self, x: int) -> ShotRow | None:
        for row, (left, width) in zip(self._rows, self._slots, strict=True):
            if left <= x <= left + max(width, 1):
                return row
        return None


def _tile(painter: QPainter, box: QRectF, picture: QPixmap) -> None:
    """The picture at the full height of a slot: cut at its sides, or set again and again."""
    wide = box.height() * picture.width() / max(picture.height(), 1)
    if box.width() <= wide:
        part = picture.height() * box.width() / box.height()
        source = QRectF((picture.width() - part) / 2, 0, part, picture.height())
        painter.drawPixmap(box, picture, source)
        return
    painter.save()
    painter.setClipRect(box)
    left = box.left()
    while left < box.right():
        painter.drawPixmap(QRectF(left, box.top(), wide, box.height()), picture,
                           QRectF(picture.rect()))  # fmt: skip
        left += wide
    painter.restore()
