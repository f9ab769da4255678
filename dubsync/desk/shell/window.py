"""The window of the desk: a page for each part of the work, one session beneath them all."""

from __future__ import annotations

from pathlib import Path

from PyQt5.QtCore import QSettings, QSize, Qt, QUrl
from PyQt5.QtGui import QCloseEvent, QDesktopServices
from PyQt5.QtWidgets import QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from dubsync.core.version import __version__
from dubsync.desk.curves.curves_panel import CurvesPanel
from dubsync.desk.deliver.deliver_page import DeliverPage
from dubsync.desk.faces.faces_page import FacesPage
from dubsync.desk.inspector.inspector_panel import InspectorPanel
from dubsync.desk.intake.intake_page import IntakePage
from dubsync.desk.look import tokens
from dubsync.desk.look.motion import less_motion, want_less_motion
from dubsync.desk.reel.reel_page import ReelPage
from dubsync.desk.reel.strip import Strip
from dubsync.desk.session.background import Refusal
from dubsync.desk.session.recent_reels import remember_reel
from dubsync.desk.session.session import Session
from dubsync.desk.shell.jobs_panel import JobsPanel
from dubsync.desk.shell.make_actions import fill_menus, make_actions, renew_keys
from dubsync.desk.shell.notice_line import NoticeLine
from dubsync.desk.shell.shortcut_sheet import ShortcutSheet
from dubsync.desk.shell.shot_cards import ShotCards
from dubsync.desk.shell.shot_page import ShotPage
from dubsync.desk.shell.status_bar import StatusBar
from dubsync.desk.shell.top_bar import TopBar
from dubsync.desk.viewer.viewer_panel import ViewerPanel
from dubsync.service.settings.toml_fields import FILE_NAME

#: The manual, where dubsync runs from a clone of its repository.
MANUAL = Path(__file__).parents[3] / "docs" / "guides" / "desk.md"
REEL, SHOT, FACES, DELIVER, INTAKE = range(5)


class DeskWindow(QMainWindow):
    """`session` is what every view shows; `commands` is what keys and menus call."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("dubsync")
        self.setMinimumSize(*tokens.SMALLEST)
        self.session = Session(self)
        self._lost = ""  # the shot whose plate went offline while it was looked at
        self.commands = make_actions(self)
        self.top = TopBar(self)
        fill_menus(self.top.menus, self.commands)
        self.top.show_reel("", (), "")
        self.status = StatusBar(self)
        self.notice = NoticeLine(self)
        self._make_pages()
        self.sheet = ShortcutSheet(self, lambda name: renew_keys(name, self.commands))
        self._connect()
        self.show_page(INTAKE)
        self._restore()

    def open(self, reel: Path, language: str = "") -> None:
        """Open a project folder; what is wrong with it is said on the page of a first start."""
        self.status.say(f"Opening {reel.name}...")
        self.session.open(reel, language)

    def take(self, path: Path, language: str = "") -> None:
        """Open a project folder; make a new reel of anything else, as if it was dropped."""
        if (path / FILE_NAME).is_file():
            self.open(path, language)
        else:
            self.intake_page.take(path)

    def begin_at(self, shot: str) -> None:
        """Show this shot when the reel that is being opened is there; one it lacks is said."""

        def shown() -> None:
            self.session.reel_opened.disconnect(shown)
            if self.session.row(shot) is None:
                self.status.say(f"The reel has no shot {shot}", True)
                return
            self.session.show_shot(shot)
            self.show_page(SHOT)

        self.session.reel_opened.connect(shown)

    def show_page(self, page: int) -> None:
        """Show REEL, SHOT, FACES, DELIVER or INTAKE."""
        self.pages.setCurrentIndex(page)
        if page != INTAKE:
            self.top.pages.setCurrentIndex(page)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        settings = QSettings()
        settings.setValue("window/geometry", self.saveGeometry())
        settings.setValue("window/shot_page", self.shot_page.saveState())
        settings.setValue("window/page", self.pages.currentIndex())
        self.viewer.close_view()
        self.faces_page.close_view()
        self.deliver_page.close_view()
        self.session.close()
        event.accept()

    # -- making ------------------------------------------------------------------------------

    def _make_pages(self) -> None:
        session, actions = self.session, self.commands
        self.viewer = ViewerPanel(session, actions)
        self.curves = CurvesPanel(session, actions)
        self.inspector = InspectorPanel(session, actions)
        self.strip = Strip(session, actions)
        self.shot_page = ShotPage(self.strip, self.viewer, self.curves, self.inspector)
        self.cards = ShotCards(session, self.viewer, self)
        self.reel_page = ReelPage(session, actions)
        self.faces_page = FacesPage(session, actions)
        self.deliver_page = DeliverPage(session, actions)
        self.intake_page = IntakePage(session, actions)
        self.pages = QStackedWidget(self)
        for page in (
            self.reel_page, self.shot_page, self.faces_page, self.deliver_page, self.intake_page,
        ):  # fmt: skip
            self.pages.addWidget(page)
        middle = QWidget(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.notice)
        column.addWidget(self.pages, 1)
        column.addWidget(self.status)
        self.setMenuWidget(self.top)
        self.setCentralWidget(middle)

    def _connect(self) -> None:
        session, actions = self.session, self.commands
        self.top.page_chosen.connect(self.show_page)
        session.opening_failed.connect(self._not_opened)
        self.intake_page.reel_made.connect(self.open)
        actions.on("new reel", self._new_reel)
        actions.on("open reel", self.intake_page.choose_reel)
        actions.on("close reel", self._new_reel)
        self.top.language_chosen.connect(self._into)
        session.reel_opened.connect(self._opened)
        self.reel_page.fact.connect(self.status.fact)
        session.message.connect(self.status.say)
        session.edits.saved.connect(self.status.saved)
        self.viewer.fact.connect(self.status.fact)
        self.viewer.offline.connect(self._plate_offline)
        session.edits.changed.connect(self._edited)
        self.jobs_panel = JobsPanel(session, self.top.jobs, self.status, self)
        actions.on("cancel job", session.jobs.cancel_newest)
        for n, name in enumerate(("page reel", "page shot", "page faces", "page deliver")):
            actions.on(name, lambda page=n: self.show_page(page))
        actions.on("quit", self.close)
        actions.on("shortcuts", self.sheet.open)
        self.top.keys.clicked.connect(self.sheet.open)
        actions.on("undo", session.edits.undo)
        actions.on("redo", session.edits.redo)
        actions.on("shot before", lambda: session.step_shot(-1))
        actions.on("shot after", lambda: session.step_shot(1))
        actions.on("reset layout", self.shot_page.set_sizes)
        actions.on("viewer alone", self.shot_page.viewer_alone)
        actions.on("next dock", self.shot_page.next_dock)
        actions["less motion"].setChecked(less_motion())
        actions.on("less motion", want_less_motion)
        actions.on("about", self._about)
        actions.on("manual", self._manual)
        session.disk.recut.connect(self._changed_outside)
        session.opened_elsewhere.connect(self._opened_elsewhere)
        for page in (self.reel_page, self.deliver_page):
            page.opened.connect(lambda _name: self.show_page(SHOT))
        actions.on("deliver", lambda: self.show_page(DELIVER))

    def _changed_outside(self, what: str) -> None:
        project = self.session.project
        if project is not None:
            folder, language = project.file.folder, project.language
            self.notice.say(
                f"{what} changed on disk. What you did is saved.",
                [("Reload", lambda: self.open(folder, language))],
            )

    def _opened_elsewhere(self, who: str) -> None:
        self.notice.say(
            f"{who} Edits of both are kept as versions; the newest counts.",
            [("Close it here", self._new_reel), ("Go on", lambda: None)],
        )

    def _plate_offline(self, failure: object) -> None:
        row, lost = self.session.current, self._lost
        self._lost = row.name if failure is not None and row is not None else ""
        if failure is None and row is not None and row.name == lost:
            self.status.say("The plate is back")
            if self.curves.curves is None:  # they could not be had without the plate
                self.session.preview.ask_curves(row.name, dict(self.session.edits.tweaks))

    def _edited(self) -> None:
        if self.session.edits.unsaved and self.viewer.stage.looking.look == "plate":
            self.status.say("The plate is shown: R shows the preview of this change")

    def _about(self) -> None:
        self.notice.say(f"dubsync {__version__}, Apache-2.0. The desk uses PyQt5, which is GPL-3.")

    def _manual(self) -> None:
        if MANUAL.is_file():
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(MANUAL)))
        else:
            self.notice.say("The manual is docs/guides/desk.md of dubsync's repository.")

    def _into(self, language: str) -> None:
        if self.session.project is not None and language != self.session.project.language:
            self.open(self.session.project.file.folder, language)

    def _new_reel(self) -> None:
        self.show_page(INTAKE)

    def _not_opened(self, refusal: Refusal) -> None:
        self.show_page(INTAKE)
        self.intake_page.fail(refusal)

    def _opened(self) -> None:
        overview = self.session.overview
        if overview is None:
            return
        self.setWindowTitle(f"{overview.name} - dubsync")
        if self.session.project is not None:
            remember_reel(self.session.project.file.folder, overview.name, overview.languages)
        self.top.show_reel(overview.name, overview.languages, overview.language)
        self.status.fact("rate", f"{float(overview.rate):.3f}".rstrip("0").rstrip(".") + " fps")
        self.show_page(REEL)
        if overview.rows:
            self.session.show_shot(overview.rows[0].name)

    def _restore(self) -> None:
        settings = QSettings()
        if (geometry := settings.value("window/geometry")) is not None:
            self.restoreGeometry(geometry)
        else:
            self.resize(QSize(*tokens.WINDOW).boundedTo(self.screen().availableSize()))
        if (state := settings.value("window/shot_page")) is not None:
            self.shot_page.restoreState(state)
        self.setFocusPolicy(Qt.StrongFocus)
