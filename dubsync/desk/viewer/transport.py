"""Under the scrub bar: timecodes, the buttons of play, loop and handles, what is heard."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
    QWidgetAction,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import LARGE, icon
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.segments import Segments

PLAY = (("first frame", "skip-back-fill"), ("key before", "diamond"),
        ("back a frame", "caret-left-fill"), ("play", "play-fill"),
        ("on a frame", "caret-right-fill"), ("key after", "diamond"),
        ("last frame", "skip-forward-fill"))  # fmt: skip
HEARD = (("dub", "Dub", "hear dub"), ("original", "Original", "hear original"),
         ("mix", "Mix", "hear mix"))  # fmt: skip


class Transport(QWidget):
    """Shows where play stands; its buttons are the actions of the menu.

    heard_chosen    dub, original or mix
    volume_changed  0..1
    """

    heard_chosen = pyqtSignal(str)
    volume_changed = pyqtSignal(float)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(tokens.TRANSPORT)
        self.setProperty("dock", True)
        self.setAttribute(Qt.WA_StyledBackground)
        self.record = QLabel("--:--:--:--", self)
        self.record.setFont(font(tokens.TIMECODE))
        self.record.setStyleSheet(f"font-size: {tokens.TIMECODE}px")
        self.record.setAccessibleName("Record timecode")
        self.source, self.frame = QLabel(self), QLabel(self)
        for label in (self.source, self.frame):
            label.setTextFormat(Qt.RichText)
            label.setProperty("tone", "caption")
        self.heard = Segments([(n, text, actions.tip(a)) for n, text, a in HEARD], self)
        self.heard.choose("dub")
        self.heard.chosen.connect(self.heard_chosen)
        self._buttons = {name: self._button(actions, name, pic) for name, pic in PLAY}
        self._lay_out(actions)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(620, tokens.TRANSPORT)

    def show_place(self, record: str, source: str, frame: int, place: str) -> None:
        """Record timecode, source timecode, plate frame number, "54 of 108"."""
        self.record.setText(record or "--:--:--:--")
        strong = f'<span style="color:{tokens.TX1}">'
        self.source.setText(f"Source {strong}{source}</span>" if source else "")
        self.frame.setText(f"Frame {strong}{frame}</span>&nbsp; {place}" if place else "")

    def show_playing(self, playing: bool) -> None:
        self._buttons["play"].setIcon(icon("pause-fill" if playing else "play-fill", tokens.TX1))

    def show_silent(self, why: str) -> None:
        """There is no sound to be heard, and why; "": there is."""
        self.speaker.setIcon(icon("speaker-slash" if why else "speaker-high"))
        self.speaker.setToolTip(why or "Volume")

    def _button(self, actions: Actions, name: str, picture: str) -> QToolButton:
        action = actions[name]
        size = 20 if name == "play" else LARGE
        button = icon_button(picture, actions.tip(name), size=size, hit=tokens.HIT_TRANSPORT,
                             parent=self)  # fmt: skip
        if picture.endswith("-fill"):
            button.setIcon(icon(picture, tokens.TX1))
        button.setIconSize(QSize(size, size))
        button.setAutoRepeat(action.autoRepeat())
        button.clicked.connect(lambda _checked: action.trigger())
        return button

    def _switch(self, actions: Actions, name: str, picture: str) -> QToolButton:
        action = actions[name]
        button = icon_button(picture, actions.tip(name), checkable=True, parent=self)
        button.setChecked(action.isChecked())
        button.clicked.connect(lambda on: action.setChecked(on))
        action.toggled.connect(button.setChecked)
        return button

    def _lay_out(self, actions: Actions) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(8)
        self.record.setFixedWidth(104)
        row.addWidget(self.record)
        words = QVBoxLayout()
        words.setContentsMargins(0, 4, 0, 4)
        words.setSpacing(0)
        words.addWidget(self.source)
        words.addWidget(self.frame)
        left = QWidget(self)
        left.setLayout(words)
        left.setMinimumWidth(168)
        row.addWidget(left)
        row.addStretch(1)
        play = QHBoxLayout()
        play.setSpacing(4)
        for button in self._buttons.values():
            play.addWidget(button)
        row.addLayout(play)
        row.addStretch(1)
        row.addWidget(self._switch(actions, "loop", "repeat"))
        row.addWidget(self._switch(actions, "with handles", "arrows-in-line-horizontal"))
        row.addSpacing(8)
        row.addWidget(self.heard)
        self.speaker = icon_button("speaker-high", "Volume", parent=self)
        self.speaker.clicked.connect(lambda _checked: self._open_volume())
        row.addWidget(self.speaker)
        self._volume = self._volume_menu()

    def _volume_menu(self) -> QMenu:
        menu = QMenu(self)
        slider = QSlider(Qt.Horizontal)
        slider.setRange(0, 100)
        slider.setValue(100)
        slider.setFixedWidth(140)
        slider.setAccessibleName("Volume, per cent")
        slider.valueChanged.connect(lambda value: self.volume_changed.emit((value / 100) ** 2))
        holder = QWidget(menu)
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 4, 12, 4)
        row.addWidget(slider)
        action = QWidgetAction(menu)
        action.setDefaultWidget(holder)
        menu.addAction(action)
        return menu

    def _open_volume(self) -> None:
        size = self._volume.sizeHint()
        at = QPoint(self.speaker.width() - size.width(), -size.height() - 4)
        self._volume.popup(self.speaker.mapToGlobal(at))
