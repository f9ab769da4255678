"""Words and phones of the dub, as boxes over their frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPen
from PyQt5.QtWidgets import QWidget

from dubsync.desk.curves.axes.time_view import TimeView
from dubsync.desk.curves.lanes.lane import Lane
from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font

#: Fill and text of a phone by its tone.
TONES = {
    "shut": (tokens.REJECTED, tokens.ON_PHONE),
    "teeth": (tokens.STALE, tokens.ON_PHONE),
    "round": (tokens.PHONE_ROUND, tokens.ON_ROUND),
}
#: What service spells in letters, as phoneticians write it.
SIGNS = {
    "sh": "ʃ", "zh": "ʒ", "ch": "ʧ", "dj": "ʤ", "ih": "ɪ", "eh": "ɛ", "ah": "ɑ", "aw": "ɔ",
    "oo": "ʊ", "uh": "ʌ", "@": "ə", "er": "ɜ", "th": "θ", "dh": "ð", "ng": "ŋ",
}  # fmt: skip
NARROW = 6  #: pixels of a box that holds no text
TONE_WORDS = {"shut": "lips closed", "teeth": "lip to teeth", "round": "rounded"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word or a phone over edges `first` to `last`, fractional.

    number   in the track, from 1; 0 for one that cannot be changed
    by_hand  whether a person set it
    """

    text: str
    first: float
    last: float
    tone: str = "plain"
    number: int = 0
    by_hand: bool = False


class SpokenLane(Lane):
    """Boxes in their order; `stood` tells the first frame of the one that is pressed."""

    stood = pyqtSignal(int)

    def __init__(
        self, name: str, view: TimeView, height: int, *, words: bool,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(name, view, height, parent)
        self._words, self._frame, self.chosen = words, -1, 0
        self.spoken: tuple[Spoken, ...] = ()

    def show_spoken(self, spoken: Sequence[Spoken]) -> None:
        self.spoken = tuple(spoken)
        self.renew()

    def show_frame(self, frame: int) -> None:
        """Where the playhead stands: its word is lit."""
        before, self._frame = self.at(self._frame), frame
        if self._words and before != self.at(frame):
            self.renew()

    def at(self, frame: int) -> Spoken | None:
        """What is heard in the middle of a frame."""
        here = frame + 0.5
        return next((one for one in self.spoken if one.first <= here < one.last), None)

    def said(self) -> list[str]:
        return [self.described(one, n) for n, one in enumerate(self.spoken, 1)]

    def described(self, one: Spoken, place: int = 0) -> str:
        """How a screen reader says it: "word 7, promesso, by hand"."""
        kind = "word" if self._words else "phone"
        tone = [TONE_WORDS[one.tone]] if one.tone != "plain" else []
        hand = ["by hand"] if one.by_hand else []
        return ", ".join([f"{kind} {one.number or place}", one.text, *tone, *hand])

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        small, usual = font(tokens.SMALL), font(tokens.TEXT if self._words else tokens.SMALL)
        metrics = QFontMetricsF(usual)
        lit = self.at(self._frame) if self._words else None
        axis = self.view.axis
        for one in self.spoken:
            if one.last < axis.left or one.first > axis.right:
                continue
            left, right = axis.x(one.first), axis.x(one.last) - 1
            fill, text = self._colours(one, one is lit)
            box = QRectF(left, 2, max(right - left, 1), self.height() - 4)
            if right - left < NARROW:
                painter.fillRect(box, QColor(fill))
                continue
            painter.setBrush(QColor(fill))
            painter.setPen(Qt.NoPen)
            painter.drawRoundedRect(box, 2 if self._words else 1, 2 if self._words else 1)
            wide = metrics.horizontalAdvance(one.text)
            painter.setFont(usual if wide + 4 <= box.width() else small)
            words = _fitting(one.text, painter, box.width())
            if words:
                painter.setPen(QColor(text))
                painter.drawText(box, Qt.AlignCenter, words)
            self._mark(painter, one, box)

    def _mark(self, painter: QPainter, one: Spoken, box: QRectF) -> None:
        """A line under what a person set, and a line around what is chosen."""
        if one.by_hand and self._words:
            painter.fillRect(QRectF(box.left() + 1, box.bottom() - 2, box.width() - 2, 2),
                             QColor(tokens.ACCENT))  # fmt: skip
        if one.number and one.number == self.chosen:
            painter.setBrush(Qt.NoBrush)
            painter.setPen(QPen(QColor(tokens.ACCENT), 1.5))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)

    def _colours(self, one: Spoken, lit: bool) -> tuple[str, str]:
        if self._words:
            return (tokens.ACCENT_BACK, tokens.ON_WORD) if lit else (tokens.WORD, tokens.TX1)
        return TONES.get(one.tone, (tokens.PHONE, tokens.TX2))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        edge = self.view.axis.edge(event.x())
        hit = next((one for one in self.spoken if one.first <= edge < one.last), None)
        self.stood.emit(round(hit.first) if hit else self.view.axis.frame(event.x()))


def _fitting(text: str, painter: QPainter, width: float) -> str:
    """The text, elided, or nothing where not even that fits."""
    metrics = painter.fontMetrics()
    if metrics.horizontalAdvance(text) <= width:
        return text
    if width < 16:
        return ""
    elided = metrics.elidedText(text, Qt.ElideRight, int(width))
    return elided if len(elided) > 1 else ""
