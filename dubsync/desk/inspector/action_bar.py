"""The bar below the tabs: what can be done with what the tab shows, and the one primary button."""

from __future__ import annotations

from PyQt5.QtCore import QPoint
from PyQt5.QtWidgets import QHBoxLayout, QMenu, QStackedWidget, QWidget

from dubsync.core.plural import counted
from dubsync.desk.inspector.carrying import Carrying
from dubsync.desk.inspector.controls.change_at_frame import changed_controls
from dubsync.desk.inspector.controls.control_values import form_of
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.session.session import Session

TALL = 44


class ActionBar(QStackedWidget):
    """One row of buttons for each kind of tab: shaping, QC, notes."""

    def __init__(
        self, session: Session, actions: Actions, carrying: Carrying, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._actions, self._carrying = session, actions, carrying
        self.setFixedHeight(TALL)
        self.setObjectName("actions")
        self.apply = text_button("Apply to selection...")
        self.apply.clicked.connect(self.choose_what)
        self.render_button = text_button("Render", "film-strip", primary=True)
        self.next_finding = text_button("Next finding", tip=actions.tip("next finding"))
        self.to_note = text_button("Make it a note", "note-pencil")
        self.next_note = text_button("Next note", tip=actions.tip("next note"))
        self.take_note = text_button("Note here", "note-pencil", tip=actions.tip("note"))
        self._row(self.apply, None, self.render_button)
        self._row(self.next_finding, None, self.to_note)
        self._row(self.next_note, None, self.take_note)
        self.render_button.clicked.connect(actions["render"].trigger)
        self.next_finding.clicked.connect(actions["next finding"].trigger)
        self.next_note.clicked.connect(actions["next note"].trigger)
        self.take_note.clicked.connect(actions["note"].trigger)
        actions.on("render", self.render_shot)
        session.shot_changed.connect(self.show_render)
        session.rows_changed.connect(self.show_render)
        session.about.changed.connect(self.show_render)
        session.jobs.changed.connect(self.show_render)
        for signal in (session.selection_changed, session.shot_changed, session.edits.changed):
            signal.connect(self.show_apply)
        self.show_render()
        self.show_apply()

    def _row(self, *buttons: QWidget | None) -> None:
        page = QWidget(self)
        row = QHBoxLayout(page)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(8)
        for button in buttons:
            if button is None:
                row.addStretch(1)
            else:
                button.setFixedHeight(28)
                row.addWidget(button)
        self.addWidget(page)

    def show_render(self) -> None:
        """Name the version that the next render is, or say why none can be made."""
        row, about = self._session.current, self._session.about.now
        version = about.next_version if about is not None else ""
        job = self._session.jobs.of(row.name) if row is not None else None
        busy = job is not None and job.open and job.kind != "check"
        self.render_button.setText(f"{job.words}" if job is not None and busy else
                                   f"Render {version}".strip())  # fmt: skip
        self.render_button.setAccessibleName(self.render_button.text())
        why = ""
        if row is None or row.shot is None:
            why = "there is no shot"
        elif row.state in ("blocked", "offline"):
            why = "; ".join(row.reasons) or f"the shot is {row.state}"
        elif about is not None:
            why = about.withheld[0]
        self._actions.allow("render", not why, why)
        self.render_button.setEnabled(not why)
        self.render_button.setToolTip(self._actions["render"].toolTip())

    def show_apply(self) -> None:
        """Offer to carry the tweak where there is one, and shots to carry it to."""
        session, targets = self._session, self._carrying.targets
        why = ""
        if session.edits.tweak(session.character).neutral:
            why = "nothing is changed here"
        elif not targets:
            why = "select other shots first, in the reel or the strip"
        self.apply.setEnabled(not why)
        shots = counted(len(targets), "other shot")
        self.apply.setToolTip(f"Apply to selection: {why}" if why else f"Apply to {shots}")

    def what_menu(self) -> QMenu:
        """What of the tweak can be applied to the selection."""
        tweak = self._session.edits.tweak(self._session.character)
        menu = QMenu(self)
        shots = counted(len(self._carrying.targets), "shot")
        whole = menu.addAction(f"What holds throughout, to {shots}")
        whole.triggered.connect(lambda: self._carrying.apply_to_selection())
        keyed = menu.addAction("With keys and spans, from each cut's first frame")
        keyed.triggered.connect(lambda: self._carrying.apply_to_selection(with_keys=True))
        menu.addSeparator()
        for name in changed_controls(tweak):
            one = menu.addAction(f"Only {form_of(name).called}")
            one.triggered.connect(lambda _on, only=name: self._carrying.apply_to_selection((only,)))
        return menu

    def choose_what(self) -> None:
        """Open the menu over the button."""
        menu = self.what_menu()
        menu.popup(self.apply.mapToGlobal(QPoint(0, -menu.sizeHint().height() - 4)))

    def render_shot(self) -> None:
        """Queue a render of the current shot, or of every one that is selected with it."""
        row, session = self._session.current, self._session
        if row is None or row.shot is None:
            return
        several = len(session.selected) > 1 and row.name in session.selected
        names = session.selected if several else (row.name,)
        rows = (session.row(name) for name in names)
        session.queue([r.name for r in rows if r is not None and r.shot is not None
                       and r.state not in ("blocked", "offline")])  # fmt: skip
