"""The reel as a strip of the cut and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QHideEvent, QShowEvent
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.reel.batch_bar import BatchBar
from dubsync.desk.reel.batch_work import BatchWork
from dubsync.desk.reel.columns import AT, COLUMNS
from dubsync.desk.reel.cut_strip import CutStrip
from dubsync.desk.reel.filter_bar import FilterBar
from dubsync.desk.reel.next_shot import next_rejected, next_worst
from dubsync.desk.reel.reel_facts import FACTS, facts_of
from dubsync.desk.reel.reel_model import ReelFilter, ReelModel
from dubsync.desk.reel.reel_table import ReelTable
from dubsync.desk.reel.rows_with_jobs import rows_with_jobs
from dubsync.desk.reel.spinner import Spinner
from dubsync.desk.session.session import Session
from dubsync.service.overview import ShotRow


class ReelPage(QWidget):
    """Find, sort, filter and select shots; act on several at once.

    `opened` tells a shot to open on the Shot page; `fact` what the status bar says of the reel
    while this page is seen: (name, text), "" to take it away.
    """

    opened = pyqtSignal(str)
    fact = pyqtSignal(str, str)

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._came_to = ""  # the shot that "next worst" led to
        self.model = ReelModel(self)
        self.shown = ReelFilter(self.model, self)
        self.cut = CutStrip(session.thumbs, self)
        self.bar = FilterBar(actions, self)
        self.table = ReelTable(self.model, self.shown, session.thumbs, self)
        self.nothing = QLabel(
            "No shot is like that. Esc in the search field shows all again.", self
        )
        self.nothing.setProperty("tone", "caption")
        self.nothing.setAlignment(Qt.AlignCenter)
        self.batch = BatchBar(actions, self)
        self.work = BatchWork(session, self)
        self.setAttribute(Qt.WA_StyledBackground)
        self.setStyleSheet(f"ReelPage {{ background: {tokens.BG0}; }}")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.cut)
        column.addSpacing(1)
        column.addWidget(self.bar)
        column.addWidget(self.table, 1)
        column.addWidget(self.nothing, 1)
        column.addWidget(self.batch)
        self.nothing.hide()
        self.spinner = Spinner(self)
        self.spinner.turned.connect(self._turn)
        self._states: list[str] = []
        self._connect()

    def sort_by(self, column: str, *, down: bool) -> None:
        """Sort the table, as a click on the column's head does."""
        order = Qt.DescendingOrder if down else Qt.AscendingOrder
        self.table.horizontalHeader().sort_by(AT[column], order)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The keyboard goes to the table."""
        super().showEvent(event)
        self.table.setFocus(Qt.OtherFocusReason)
        self._tell_facts()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        for name in FACTS:
            self.fact.emit(name, "")

    def _tell_facts(self) -> None:
        overview = self._session.overview
        if overview is not None and self.isVisible():
            for name, text in zip(FACTS, facts_of(overview), strict=True):
                self.fact.emit(name, text)

    # -- internal ----------------------------------------------------------------------------

    def _connect(self) -> None:
        session, actions = self._session, self._actions
        session.reel_opened.connect(self._new_reel)
        session.rows_changed.connect(self._rows)
        session.jobs.changed.connect(self._jobs)
        session.shot_changed.connect(self._stand)
        session.selection_changed.connect(self._selection)
        self.table.checked.connect(session.select)
        self.table.moved.connect(session.show_shot)
        self.table.opened.connect(self._open)
        self.cut.chosen.connect(self._clicked_in_cut)
        self.bar.typed.connect(lambda text: self._ask(text=text))
        self.bar.state_chosen.connect(lambda state: self._ask(state=state))
        self.bar.character_chosen.connect(lambda name: self._ask(character=name))
        self.bar.column_shown.connect(self.table.show_column)
        self.bar.offer_columns({c.name: self.table.column_shown(c.name) for c in COLUMNS})
        self.batch.asked.connect(self._batch)
        self.batch.said.connect(self._said)
        self.batch.preset_chosen.connect(
            lambda name: self.work.use_preset(self._selected_rows(), name)
        )
        self.batch.renderer_chosen.connect(
            lambda name: self.work.draw_with(self._selected_rows(), name)
        )
        actions.on("find", self._find)
        actions.on("next worst", self._next_worst)
        actions.on(
            "next rejected", lambda: self._next(next_rejected(self._session.rows, self._here()))
        )

    def _here(self) -> ShotRow | None:
        return self._session.current

    def _new_reel(self) -> None:
        self.model.check(())
        self.bar.search.clear()
        self.bar.chips.choose("")
        self._ask(text="", state="", character="")

    def _rows(self) -> None:
        overview = self._session.overview
        if overview is None:
            return
        rows = rows_with_jobs(self._session)
        self.model.show(rows, overview.drop)
        self.cut.show_rows(rows)
        self.bar.show_rows(rows)
        names = {row.name for row in rows}
        if not self.model.checked <= names:
            self.table.tick(self.model.checked & names)
        self._ask()
        self._tell_facts()
        self._selection()
        self._stand()

    def _jobs(self) -> None:
        """The rows whose state a job changed; its progress alone changes none."""
        rows = rows_with_jobs(self._session)
        overview = self._session.overview
        if overview is not None and [r.state for r in rows] != self._states:
            self._states = [row.state for row in rows]
            self.model.show(rows, overview.drop)
            self.cut.show_rows(rows)
            self.bar.show_rows(rows)
        self.spinner.run(any(row.state == "rendering" for row in rows))

    def _turn(self, turn: float) -> None:
        self.table.delegate.turn = turn
        self.model.told(row.name for row in self.model.rows if row.state == "rendering")

    def _ask(self, **conditions: str) -> None:
        self.shown.ask(**conditions)
        empty = bool(self.model.rows) and not self.shown.rowCount()
        self.nothing.setVisible(empty)
        self.table.setVisible(not empty)
        if not empty and self.table.delegate.current:
            self.table.stand_on(self.table.delegate.current)

    def _stand(self) -> None:
        row = self._session.current
        if row is not None:
            self.table.stand_on(row.name)
            self.cut.mark(self._session.selected, row.name)

    def _selection(self) -> None:
        selected = self._session.selected
        self.model.check(selected)
        current = self._session.current
        self.cut.mark(selected, current.name if current else "")
        overview = self._session.overview
        if selected and not self.batch.isVisible():
            self.work.read_presets(self.batch.offer_presets)
        self.batch.show_selection(self._selected_rows(), overview.pace if overview else None)

    def _selected_rows(self) -> Sequence[ShotRow]:
        return [row for row in self._session.rows if row.name in self._session.selected]

    def _clicked_in_cut(self, name: str, more: bool) -> None:
        if more:
            self.table.tick(self.model.checked ^ {name})
        self._session.show_shot(name)
        self.table.stand_on(name)

    def _open(self, name: str) -> None:
        self._session.show_shot(name)
        self.opened.emit(name)

    def _next_worst(self) -> None:
        row = next_worst(self._session.rows, self._here(), self._came_to)
        self._came_to = row.name if row is not None else ""
        self._next(row)

    def _next(self, row: ShotRow | None) -> None:
        if row is None:
            self._session.message.emit("There is no such shot", False)
            return
        self._session.show_shot(row.name)

    def _find(self) -> None:
        if self.isVisible():
            self.bar.search.setFocus(Qt.ShortcutFocusReason)
            self.bar.search.selectAll()

    def _batch(self, asked: str) -> None:
        rows = self._selected_rows()
        if asked == "clear":
            self.table.tick(())
        elif asked == "render":
            self.work.render(rows)
        elif asked == "approve":
            self.work.approve(rows)
        elif asked == "paste":
            self._actions["paste to selection"].trigger()

    def _said(self, what: str, words: str) -> None:
        (self.work.reject if what == "reject" else self.work.note)(self._selected_rows(), words)
