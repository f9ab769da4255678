"""The visemes and contacts that are held in the shot, each with its frames and a way to end it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from dubsync.core.contact import ContactKey
from dubsync.core.tweak.tweak import Tweak, VisemeKey
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.elided_label import ElidedLabel


@dataclass(frozen=True, slots=True)
class HeldShape:
    """A mouth shape or a contact over plate frames `first` to `last`, both included."""

    first: int
    last: int
    shape: str
    key: VisemeKey | ContactKey

    @property
    def frames(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}..{self.last}"


def held_shapes(tweak: Tweak) -> tuple[HeldShape, ...]:
    """What is held, by frame."""
    shapes = [HeldShape(k.first, k.last, f"{k.viseme} mouth", k) for k in tweak.visemes]
    shapes += [HeldShape(k.first, k.last, k.kind, k) for k in tweak.contacts]
    return tuple(sorted(shapes, key=lambda one: (one.first, one.last, one.shape)))


def without(tweak: Tweak, shape: HeldShape) -> Tweak:
    """The Tweak that no longer holds `shape`."""
    return replace(
        tweak,
        visemes=tuple(k for k in tweak.visemes if k != shape.key),
        contacts=tuple(k for k in tweak.contacts if k != shape.key),
    )


class HeldShapes(QWidget):
    """go_to: a plate frame; ended: a HeldShape that is to go."""

    go_to = pyqtSignal(int)
    ended = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[HeldShape, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 0, 12, 0)
        self._column.setSpacing(0)

    def show_shapes(self, shapes: tuple[HeldShape, ...]) -> None:
        if shapes == self._shown:
            return
        self._shown = shapes
        while (item := self._column.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        for shape in shapes:
            self._column.addWidget(self._row(shape))
        if not shapes:
            hint = QLabel("C closes the lips at the frame", self)
            hint.setProperty("tone", "caption")
            hint.setFixedHeight(24)
            self._column.addWidget(hint)

    def _row(self, shape: HeldShape) -> QWidget:
        row = QWidget(self)
        row.setFixedHeight(24)
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        frames = frame_button(shape.first, shape.frames)
        frames.clicked.connect(lambda: self.go_to.emit(shape.first))
        end = icon_button("x", f"No longer hold {shape.shape} on {shape.frames}", size=SMALL,
                          hit=20)  # fmt: skip
        end.clicked.connect(lambda: self.ended.emit(shape))
        line.addWidget(ElidedLabel(shape.shape, row), 1)
        line.addWidget(frames)
        line.addWidget(end)
        return row


def frame_button(frame: int, text: str = "") -> QPushButton:
    """A frame's number that goes there at a click."""
    button = QPushButton(text or str(frame))
    button.setStyleSheet(
        f"QPushButton {{ background: transparent; border: 1px solid transparent; padding: 0 2px;"
        f" color: {tokens.ACCENT}; }} QPushButton:hover {{ background: {tokens.BG4}; }}"
        f" QPushButton:focus {{ border-color: {tokens.ACCENT}; }}"
    )
    button.setFixedHeight(20)
    button.setCursor(Qt.PointingHandCursor)
    button.setAccessibleName(f"Go to frame {text or frame}")
    button.setToolTip(f"Go to frame {frame}")
    return button
