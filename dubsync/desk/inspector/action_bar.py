"""The bar below the tabs: what can be done with what the tab shows, and the one primary button."""

from __future__ import annotations

from PyQt5.QtWidgets import QHBoxLayout, QStackedWidget, QWidget

from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.session.session import Session

TALL = 44


class ActionBar(QStackedWidget):
    """One row of buttons for each kind of tab: shaping, QC, notes."""

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self.setFixedHeight(TALL)
        self.setObjectName("actions")
        self.apply = text_button("Apply to selection...", tip=actions.tip("paste to selection"))
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
        self.show_render()

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
        self._actions.allow("render", not why, why)
        self.render_button.setEnabled(not why)
        self.render_button.setToolTip(self._actions["render"].toolTip())

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
