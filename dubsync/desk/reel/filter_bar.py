"""The row above the table: search, states with their counts, characters, the next bad shot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PyQt5.QtCore import QEvent, QRect, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import (
    QAction,
    QButtonGroup,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import SMALL, icon
from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.parts.row_painting import draw_icon, draw_text
from dubsync.desk.reel.columns import COLUMNS, FIXED
from dubsync.service.overview import ShotRow

HEIGHT = 40
#: States whose word is left away where there is little room, in this order.
LEAST_FIRST = ("skipped", "offline", "todo", "blocked", "rendered", "stale", "failed", "rendering",
               "approved", "rejected", "pending review")  # fmt: skip
EVERYBODY = "All characters"


class StateChip(QToolButton):
    """One state: mark, word, count.  Where there is little room, its mark and count alone."""

    def __init__(self, state: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state, self.count, self.short, self.place = state, 0, False, "middle"
        self.setCheckable(True)
        self.setFocusPolicy(Qt.TabFocus)
        self.setFixedHeight(tokens.HIT)

    def tell(self, count: int) -> None:
        self.count = count
        word = self._word()
        self.setAccessibleName(f"{word}, {count}")
        self.setToolTip(f"{word}: {count}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        metrics = QFontMetrics(font())
        width = 16 + metrics.width(str(self.count)) + (0 if not self.state else SMALL + 5)
        if not self.short or not self.state:
            width += metrics.width(self._word()) + 5
        return QSize(width, tokens.HIT)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter, on = QPainter(self), self.isChecked()
        back = tokens.ACCENT_BACK if on else tokens.BG4 if self.underMouse() else tokens.BG2
        painter.fillRect(self.rect(), QColor(back))
        painter.setPen(QPen(QColor(tokens.ACCENT if self.hasFocus() else tokens.EDGE), 1))
        edge = self.rect().adjusted(
            0 if self.place == "first" or self.hasFocus() else -1, 0, -1, -1
        )
        painter.drawRect(edge)
        left = 8
        if self.state:
            look = STATUSES[self.state]
            draw_icon(painter, left, (tokens.HIT - SMALL) // 2, look.icon, look.colour)
            left += SMALL + 5
        colour = tokens.ACCENT if on else tokens.TX2
        if not self.short or not self.state:
            width = QFontMetrics(font()).width(self._word())
            draw_text(painter, QRect(left, 0, width + 2, tokens.HIT), self._word(), colour)
            left += width + 5
        draw_text(painter, QRect(left, 0, self.width() - left, tokens.HIT), str(self.count),
                  colour if on else tokens.TX3)  # fmt: skip

    def _word(self) -> str:
        return STATUSES[self.state].word if self.state else "All"


class StateChips(QWidget):
    """`chosen` tells the state that is picked, "" for all; states without a shot are left out."""

    chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        self.chips: dict[str, StateChip] = {}
        for state in ("", *STATUSES):
            chip = StateChip(state, self)
            chip.clicked.connect(lambda _on, picked=state: self.chosen.emit(picked))
            self._group.addButton(chip)
            self.chips[state] = chip
            row.addWidget(chip)
        self.chips[""].setChecked(True)
        self.chips[""].place = "first"

    def show_counts(self, rows: Sequence[ShotRow]) -> None:
        counts = Counter(str(row.state) for row in rows)
        counts[""] = len(rows)
        for state, chip in self.chips.items():
            chip.tell(counts[state])
            chip.setVisible(not state or counts[state] > 0 or chip.isChecked())

    def choose(self, state: str) -> None:
        """Show a state as picked, without the signal."""
        self.chips[state].setChecked(True)

    def fit(self, room: int) -> None:
        """Leave words away, those that matter least first, until the chips fit into `room`."""
        shown = [chip for chip in self.chips.values() if not chip.isHidden()]
        widths = {chip.state: self._wide(chip) for chip in shown}
        short: set[str] = set()
        for state in LEAST_FIRST:
            if sum(widths.values()) <= room:
                break
            if state in widths:
                short.add(state)
                widths[state] -= QFontMetrics(font()).width(STATUSES[state].word) + 5
        for chip in shown:
            if chip.short != (chip.state in short):
                chip.short = chip.state in short
                chip.updateGeometry()

    def _wide(self, chip: StateChip) -> int:
        was, chip.short = chip.short, False
        width = chip.sizeHint().width()
        chip.short = was
        return int(width)


class FilterBar(QWidget):
    """`typed`, `state_chosen`, `character_chosen`, and `column_shown` (name, shown)."""

    typed = pyqtSignal(str)
    state_chosen = pyqtSignal(str)
    character_chosen = pyqtSignal(str)
    column_shown = pyqtSignal(str, bool)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setProperty("dock", True)
        self.setAttribute(Qt.WA_StyledBackground)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Shot, character, line")
        self.search.setAccessibleName("Find shots")
        self.search.setToolTip(actions.tip("find"))
        self.search.setFixedWidth(184)
        self.search.addAction(icon("magnifying-glass", tokens.TX3), QLineEdit.LeadingPosition)
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self.typed)
        self.search.installEventFilter(self)
        self.chips = StateChips(self)
        self.chips.chosen.connect(self.state_chosen)
        self.characters = ChoiceField("Character", "", self)
        self.characters.setFixedWidth(112)
        self.characters.activated.connect(self._character)
        self.worst = text_button("Next worst", tip=actions.tip("next worst"), flat=True)
        self.worst.clicked.connect(actions["next worst"].trigger)
        self.rejected = text_button("Next rejected", tip=actions.tip("next rejected"), flat=True)
        self.rejected.clicked.connect(actions["next rejected"].trigger)
        self.columns = icon_button("columns", "Columns")
        self.columns.setPopupMode(QToolButton.InstantPopup)
        self.columns.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(8)
        for widget in (self.search, self.chips, self.characters):
            row.addWidget(widget)
        row.addStretch(1)
        for widget in (self.worst, self.rejected, self.columns):
            row.addWidget(widget)

    def show_rows(self, rows: Sequence[ShotRow]) -> None:
        """Count the states, and offer the characters there are."""
        self.chips.show_counts(rows)
        names = sorted({name for row in rows for name in row.characters})
        if [self.characters.itemText(n) for n in range(1, self.characters.count())] != names:
            held = self.characters.currentText()
            self.characters.clear()
            self.characters.addItems([EVERYBODY, *names])
            self.characters.setCurrentText(held if held in names else EVERYBODY)
        self._fit()

    def offer_columns(self, shown: dict[str, bool]) -> None:
        """The menu of columns; `shown` by name."""
        menu = QMenu(self)
        for column in COLUMNS:
            if column.name in FIXED:
                continue
            action = QAction(column.title or "Picture", menu, checkable=True)
            action.setChecked(shown[column.name])
            action.toggled.connect(lambda on, name=column.name: self.column_shown.emit(name, on))
            menu.addAction(action)
        self.columns.setMenu(menu)

    def eventFilter(self, field: QWidget, event: QEvent) -> bool:  # noqa: N802
        """Esc empties the search."""
        if event.type() == QEvent.KeyPress and event.key() == Qt.Key_Escape and field.text():
            field.clear()
            return True
        return bool(super().eventFilter(field, event))

    def resizeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        others = sum(one.sizeHint().width() for one in (self.worst, self.rejected, self.columns))
        self.chips.fit(self.width() - others - 184 - 112 - 24 - 6 * 8)

    def _character(self, at: int) -> None:
        self.character_chosen.emit(self.characters.itemText(at) if at else "")
