"""What can be done with several shots at once; slides in while some are ticked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QEasingCurve, QPropertyAnimation, QSize, Qt, pyqtSignal
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QPushButton, QWidget

from dubsync.core.plural import counted
from dubsync.desk.look import tokens
from dubsync.desk.look.icons import SMALL
from dubsync.desk.look.motion import fold_ms
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.reel.words_row import WordsRow
from dubsync.service.overview import ShotRow

HEIGHT, BUTTON = 48, 28
RENDERERS = (
    ("auto", "As measured best"), ("actor", "Actor"), ("warp", "Warp"),
    ("plate", "Plate, left alone"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BatchButton:
    """A button of the bar: its name, word, icon, the icon's colour."""

    name: str
    text: str
    icon: str
    colour: str


_JUDGE = (
    BatchButton("approve", "Approve", "check-circle-fill", tokens.APPROVED),
    BatchButton("reject", "Reject", "x-circle-fill", tokens.REJECTED),
    BatchButton("note", "Note...", "note-pencil", tokens.STALE),
)


class BatchBar(QFrame):
    """What to do: `asked` ("render", "approve", "paste", "clear"), `said` ("reject" or "note", and
    the words), `renderer_chosen` for all, `preset_chosen` by name.

    Reject and Note ask for words in the bar itself, in place of its buttons.
    """

    asked = pyqtSignal(str)
    said = pyqtSignal(str, str)
    renderer_chosen = pyqtSignal(str)
    preset_chosen = pyqtSignal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setMaximumHeight(0)
        self.setStyleSheet(
            f"BatchBar {{ background: {tokens.BG2}; border-top: 1px solid {tokens.ACCENT_LINE}; }}"
        )
        self.count, self.facts = QLabel(self), QLabel(self)
        self.count.setProperty("tone", "head")
        self.facts.setProperty("tone", "second")
        self.buttons: dict[str, QPushButton] = {}
        self._asking = ""
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        row.addWidget(self.count)
        row.addWidget(self.facts)
        row.addSpacing(4)
        self._button("render", text_button("Render", "film-strip", primary=True), row)
        for one in _JUDGE:
            self._button(one.name, text_button(one.text, one.icon, colour=one.colour), row)
        rule = QFrame(self)
        rule.setFixedSize(1, 20)
        rule.setStyleSheet(f"background: {tokens.EDGE}")
        self._rule = rule
        row.addSpacing(4)
        row.addWidget(rule)
        row.addSpacing(4)
        self.preset = self._menu_button("Preset", row)
        self._button("paste", text_button("Paste tweak", "clipboard"), row)
        self.renderer = self._menu_button("Renderer", row)
        row.addStretch(1)
        clear = text_button("Clear selection", flat=True, tip="Clear selection (Esc)")
        self._button("clear", clear, row)
        self.words = WordsRow(self)
        self.words.given.connect(self._given)
        self.words.left.connect(lambda: self.ask_words(""))
        row.addWidget(self.words, 8)
        self.words.hide()
        self._slide = QPropertyAnimation(self, b"maximumHeight", self)
        self._slide.setEasingCurve(QEasingCurve.OutCubic)
        self._slide.finished.connect(self._settled)
        self._offer_renderers()
        self.offer_presets(())
        self.setVisible(False)

    @property
    def _plain(self) -> tuple[QWidget, ...]:
        """What stands in the bar while no words are asked for."""
        return (*self.buttons.values(), self._rule, self.preset, self.renderer)

    def show_selection(self, rows: Sequence[ShotRow], seconds_a_frame: float | None) -> None:
        """Slide in for these shots, or away where there are none."""
        if rows:
            self.count.setText(f"{counted(len(rows), 'shot')} selected")
            shots = [row.shot for row in rows if row.shot is not None]
            frames = sum(len(shot.render) for shot in shots)
            text = f"{frames:,} frames"
            if seconds_a_frame and frames:
                text += f", about {clock(frames * seconds_a_frame)} to render"
            self.facts.setText(text)
            self._allow(rows)
        if not rows:
            self.ask_words("")
        self._slide_to(HEIGHT if rows else 0)

    def offer_presets(self, names: Sequence[str]) -> None:
        """The presets that can be given to all."""
        menu = QMenu(self)
        for name in names:
            menu.addAction(name, lambda picked=name: self.preset_chosen.emit(picked))
        self.preset.setMenu(menu)
        self.preset.setEnabled(bool(names))
        self.preset.setToolTip(
            "Give all selected shots a preset" if names else "Preset: none is saved yet"
        )

    def offer_paste(self, what: str) -> None:
        """What Paste tweak would paste ("jaw, closure"); "" where nothing was copied."""
        button = self.buttons["paste"]
        button.setText(f"Paste tweak ({what})" if what else "Paste tweak")
        button.setEnabled(bool(what))
        tip = self._actions.tip("paste to selection")
        button.setToolTip(tip if what else "Paste tweak: copy one first (Ctrl+C on the Shot page)")

    def ask_words(self, what: str) -> None:
        """Show the field for the words of "reject" or "note"; "" brings the buttons back."""
        self._asking = what
        for widget in self._plain:
            widget.setVisible(not what)
        self.words.setVisible(bool(what))
        if what:
            self.words.ask("Why are they rejected?" if what == "reject" else "Note on all of them",
                           what.capitalize())  # fmt: skip

    # -- internal ----------------------------------------------------------------------------

    def _given(self, words: str) -> None:
        what = self._asking
        self.ask_words("")
        self.said.emit(what, words)

    def _press(self, name: str) -> None:
        if name in ("reject", "note"):
            self.ask_words(name)
        else:
            self.asked.emit(name)

    def _allow(self, rows: Sequence[ShotRow]) -> None:
        rendered = any(row.version for row in rows)
        why = "there is no render yet"
        for name in ("approve", "reject"):
            button = self.buttons[name]
            button.setEnabled(rendered)
            word = name.capitalize()
            button.setToolTip(f"{word} the newest renders" if rendered else f"{word}: {why}")
        drawable = any(row.shot is not None and row.state != "blocked" for row in rows)
        self.buttons["render"].setEnabled(drawable)
        self.buttons["render"].setToolTip(
            "Render those that are not up to date" if drawable
            else "Render: none of these can be rendered as things are"
        )  # fmt: skip
        self.renderer.setEnabled(any(row.shot is not None for row in rows))

    def _button(self, name: str, button: QPushButton, row: QHBoxLayout) -> None:
        button.setParent(self)
        button.setFixedHeight(BUTTON)
        button.setIconSize(QSize(SMALL, SMALL))
        button.clicked.connect(lambda _on, asked=name: self._press(asked))
        self.buttons[name] = button
        row.addWidget(button)

    def _menu_button(self, text: str, row: QHBoxLayout) -> QPushButton:
        button = text_button(text, "caret-down", colour=tokens.TX3, parent=self)
        button.setLayoutDirection(Qt.RightToLeft)
        button.setIconSize(QSize(12, 12))
        button.setStyleSheet("QPushButton::menu-indicator { image: none; width: 0; }")
        button.setFixedHeight(BUTTON)
        row.addWidget(button)
        return button

    def _offer_renderers(self) -> None:
        menu = QMenu(self)
        for name, text in RENDERERS:
            menu.addAction(text, lambda picked=name: self.renderer_chosen.emit(picked))
        self.renderer.setMenu(menu)
        self.renderer.setToolTip("What draws all selected shots from the next render on")

    def _slide_to(self, height: int) -> None:
        still = self._actions["less motion"].isChecked()
        self._slide.stop()
        if height:
            self.setVisible(True)
        if still or self.maximumHeight() == height:
            self.setMaximumHeight(height)
            self._settled()
            return
        self._slide.setDuration(fold_ms())
        self._slide.setStartValue(self.maximumHeight())
        self._slide.setEndValue(height)
        self._slide.start()

    def _settled(self) -> None:
        if self.maximumHeight() == 0:
            self.setVisible(False)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(super().sizeHint().width(), HEIGHT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(0, 0)


def clock(seconds: float) -> str:
    """Minutes and seconds; hours where there are some.

    >>> clock(84), clock(4000)
    ('1:24', '1:06:40')
    """
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
