"""The list of shots at the left of the Shot page."""

from __future__ import annotations

from collections import Counter

from PyQt5.QtCore import QEvent, QSize, Qt
from PyQt5.QtGui import QResizeEvent, QShowEvent
from PyQt5.QtWidgets import (
    QAction,
    QActionGroup,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.statuses import STATUSES
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import icon_button, text_button
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.reel.columns import AT
from dubsync.desk.reel.reel_model import ReelFilter, ReelModel
from dubsync.desk.reel.rows_with_jobs import rows_with_jobs
from dubsync.desk.reel.shot_list import ShotList
from dubsync.desk.reel.spinner import Spinner
from dubsync.desk.session.session import Session

HEAD, FOOT = 32, 40
#: How the strip is sorted: column, words, from the highest.
SORTS = (
    ("number", "Record order", False), ("triage", "Worst first", True),
    ("status", "Status", False), ("shot", "Name", False),
)  # fmt: skip


class Strip(QWidget):
    """One item a row of the reel; choosing one makes it the current shot."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.model = ReelModel(self)
        self.shown = ReelFilter(self.model, self)
        self.list = ShotList(self.model, self.shown, session.thumbs, self)
        self.states = ChoiceField("Show shots by status", "", self)
        self.states.activated.connect(self._state)
        self.look_for = icon_button("magnifying-glass", actions.tip("find"), checkable=True)
        self.look_for.toggled.connect(self._searching)
        self.order = icon_button("sort-ascending", "Sort the strip")
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Shot, character, line")
        self.search.setAccessibleName("Find shots")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda text: self.shown.ask(text=text))
        self.search.installEventFilter(self)
        self.worst = text_button("Next worst", tip=actions.tip("next worst"), flat=True)
        self.rejected = text_button("Next rejected", tip=actions.tip("next rejected"), flat=True)
        self.worst.clicked.connect(actions["next worst"].trigger)
        self.rejected.clicked.connect(actions["next rejected"].trigger)
        self.spinner = Spinner(self)
        self.spinner.turned.connect(self._turn)
        self._states: list[str] = []
        self._lay_out()
        self._offer_sorts()
        self._connect()

    @property
    def narrow(self) -> bool:
        """Whether the window is too narrow for the usual form."""
        return bool(self.window().width() < tokens.NARROW_BELOW)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(tokens.STRIP_NARROW if self.narrow else tokens.STRIP, 400)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(tokens.STRIP_NARROW, 120)

    # -- making ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QWidget(self)
        head.setFixedHeight(HEAD)
        row = QHBoxLayout(head)
        row.setContentsMargins(12, 0, 8, 0)
        row.setSpacing(4)
        row.addWidget(self.states, 1)
        row.addWidget(self.look_for)
        row.addWidget(self.order)
        foot = QWidget(self)
        foot.setFixedHeight(FOOT)
        below = QHBoxLayout(foot)
        below.setContentsMargins(8, 0, 8, 0)
        below.addWidget(self.worst)
        below.addStretch(1)
        below.addWidget(self.rejected)
        self._head, self._foot = row, foot
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addWidget(foot)
        self.search.hide()
        self.list.setStyleSheet(f"QListView {{ background: {tokens.BG2}; }}")
        foot.setStyleSheet(f".QWidget {{ border-top: 1px solid {tokens.LINE}; }}")

    def _offer_sorts(self) -> None:
        menu, group = QMenu(self), QActionGroup(self)
        for column, words, down in SORTS:
            action = QAction(words, menu, checkable=True)
            action.triggered.connect(
                lambda _on, at=AT[column], down=down: self.shown.sort(
                    at, Qt.DescendingOrder if down else Qt.AscendingOrder
                )
            )
            group.addAction(action)
            menu.addAction(action)
        group.actions()[0].setChecked(True)
        self.order.setMenu(menu)
        self.order.setPopupMode(QToolButton.InstantPopup)
        self.order.setStyleSheet("QToolButton::menu-indicator { image: none; }")

    def _connect(self) -> None:
        session = self._session
        session.rows_changed.connect(self._rows)
        session.jobs.changed.connect(self._jobs)
        session.reel_opened.connect(self._new_reel)
        session.shot_changed.connect(self._stand)
        session.selection_changed.connect(lambda: self.model.check(session.selected))
        self.list.moved.connect(session.show_shot)
        self.list.toggled.connect(self._toggle)
        self._actions.on("find", self._find)

    # -- what happens ------------------------------------------------------------------------

    def _new_reel(self) -> None:
        self.search.clear()
        self.shown.ask(text="", state="", character="")

    def _rows(self) -> None:
        overview = self._session.overview
        if overview is None:
            return
        rows = rows_with_jobs(self._session)
        self._states = [row.state for row in rows]
        self.model.show(rows, overview.drop)
        self.shown.ask()
        counts = Counter(str(row.state) for row in rows)
        held = self.shown.state
        self.states.clear()
        self.states.addItem(f"All {len(rows)}", "")
        for state in STATUSES:
            if counts[state] or state == held:
                self.states.addItem(f"{STATUSES[state].word} {counts[state]}", state)
        self.states.setCurrentIndex(max(self.states.findData(held), 0))
        self._stand()

    def _jobs(self) -> None:
        rows = rows_with_jobs(self._session)
        if [row.state for row in rows] != self._states:
            self._rows()
        self.spinner.run(any(row.state == "rendering" for row in rows))

    def _turn(self, turn: float) -> None:
        self.list.delegate.turn = turn
        self.model.told(row.name for row in self.model.rows if row.state == "rendering")

    def _stand(self) -> None:
        if self._session.current is not None:
            self.list.stand_on(self._session.current.name)

    def _state(self, at: int) -> None:
        self.shown.ask(state=self.states.itemData(at))

    def _toggle(self, name: str) -> None:
        picked = set(self._session.selected) ^ {name}
        self._session.select([row.name for row in self._session.rows if row.name in picked])

    def _find(self) -> None:
        if self.isVisible():
            self.look_for.setChecked(True)
            self.search.setFocus(Qt.ShortcutFocusReason)
            self.search.selectAll()

    def _searching(self, on: bool) -> None:
        self.search.setVisible(on)
        if on:
            self.search.setFocus(Qt.OtherFocusReason)
        else:
            self.search.clear()

    # -- form --------------------------------------------------------------------------------

    def eventFilter(self, watched: QWidget, event: QEvent) -> bool:  # noqa: N802
        if watched is self.search:
            if event.type() == QEvent.KeyPress and event.key() == Qt.Key_Escape:
                self.look_for.setChecked(False)
                self.list.setFocus(Qt.OtherFocusReason)
                return True
        elif event.type() == QEvent.Resize:
            self._form()
        return bool(super().eventFilter(watched, event))

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.window().removeEventFilter(self)
        self.window().installEventFilter(self)
        self._form()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._form()

    def _form(self) -> None:
        """The narrow form below 1360 pixels of window: thumbnails with number and mark alone."""
        narrow = self.narrow
        self.list.narrow(narrow)
        self.states.setVisible(not narrow)
        self._foot.setVisible(not narrow)
        self._head.setContentsMargins(*((4, 0, 4, 0) if narrow else (12, 0, 8, 0)))
        width = tokens.STRIP_NARROW if narrow else tokens.STRIP
        if self.minimumWidth() != width:
            self.setMinimumWidth(width)
            self.setMaximumWidth(width if narrow else 2 * tokens.STRIP)
            self.updateGeometry()
