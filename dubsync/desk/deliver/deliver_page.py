"""What will be delivered, and what was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PyQt5.QtCore import Qt, QUrl, pyqtSignal
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from dubsync.core.edit.host import HOSTS
from dubsync.desk.deliver.deliver_job import Delivered, DeliverJob, Wish
from dubsync.desk.deliver.delivery_plan import delivery_plan, summary
from dubsync.desk.deliver.plan_list import PlanList
from dubsync.desk.deliver.result_card import ResultCard
from dubsync.desk.look import tokens
from dubsync.desk.parts.actions import Actions
from dubsync.desk.parts.buttons import text_button
from dubsync.desk.parts.check_box import CheckBox
from dubsync.desk.parts.choice_field import ChoiceField
from dubsync.desk.session.session import Session
from dubsync.editorial.formats import DELIVERED, FORMATS
from dubsync.service.project import Project

HEAD, SIDE = 40, tokens.INSPECTOR
#: Always written where the user names no format.
USUAL = ("otio", "edl")


class DeliverPage(QWidget):
    """Approved shots, what is left, and the delivered files.

    `opened` tells a shot to open on the Shot page.
    """

    opened = pyqtSignal(str)

    def __init__(self, session: Session, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions = session, actions
        self._report: Path | None = None
        self.job = DeliverJob(self)
        self.list = PlanList(session.thumbs, self)
        self.summary = QLabel(self)
        self.summary.setProperty("tone", "head")
        self.unapproved = CheckBox("Also newest renders that are not approved", self)
        self.missing = CheckBox("Deliver although shots are missing", self)
        self.formats = {name: CheckBox(label, self) for name, label in _titles().items()}
        self.host = ChoiceField("What the cut is delivered for", parent=self)
        self.host.addItem("As the project says", "")
        for host in HOSTS:
            self.host.addItem(host.label, host.name)
        self.deliver = text_button("Deliver", "file-arrow-down", primary=True,
                                   tip=actions.tip("deliver"))  # fmt: skip
        self.report = text_button("Newest QC report", tip="Open the newest QC report")
        self.stage = QLabel(self)
        self.stage.setProperty("tone", "second")
        self.progress = QProgressBar(self, textVisible=False)
        self.result = ResultCard(self)
        self._lay_out()
        self._connect()
        self._running(False)

    def close_view(self) -> None:
        """End a delivery that runs; it appears whole or not at all."""
        self.job.stop()

    # -- making ------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        head = QWidget(self)
        head.setFixedHeight(HEAD)
        head.setProperty("dock", True)
        head.setAttribute(Qt.WA_StyledBackground)
        top = QHBoxLayout(head)
        top.setContentsMargins(12, 0, 12, 0)
        top.addWidget(self.summary, 1)
        top.addWidget(self.report)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addWidget(head)
        left.addWidget(self.list, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(1)
        whole.addLayout(left, 1)
        whole.addWidget(self._side())
        self.setAttribute(Qt.WA_StyledBackground)
        self.setStyleSheet(f"DeliverPage {{ background: {tokens.BG0}; }}")

    def _side(self) -> QWidget:
        side = QWidget(self)
        side.setFixedWidth(SIDE)
        side.setProperty("dock", True)
        side.setAttribute(Qt.WA_StyledBackground)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 12, 0, 0)
        column.setSpacing(8)
        options = QVBoxLayout()
        options.setContentsMargins(12, 0, 12, 0)
        options.setSpacing(8)
        options.addWidget(_head("Delivered for"))
        options.addWidget(self.host)
        options.addSpacing(4)
        options.addWidget(_head("Formats"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for n, box in enumerate(self.formats.values()):
            grid.addWidget(box, n // 2, n % 2)
        options.addLayout(grid)
        options.addSpacing(4)
        options.addWidget(_head("What goes in"))
        options.addWidget(self.unapproved)
        options.addWidget(self.missing)
        options.addSpacing(4)
        self.deliver.setFixedHeight(28)
        options.addWidget(self.deliver)
        options.addWidget(self.stage)
        options.addWidget(self.progress)
        column.addLayout(options)
        seam = QFrame(side)
        seam.setProperty("seam", True)
        column.addWidget(seam)
        column.addWidget(self.result, 1)
        return side

    def _connect(self) -> None:
        session = self._session
        session.reel_opened.connect(self._new_reel)
        session.rows_changed.connect(self._rows)
        self.unapproved.toggled.connect(self._rows)
        self.host.activated.connect(self._chosen)
        self.list.opened.connect(self._open)
        self.deliver.clicked.connect(self._deliver)
        self.report.clicked.connect(self._open_report)
        self.job.progress.connect(self._at)
        self.job.ended.connect(self._ended)

    # -- what happens ------------------------------------------------------------------------

    def _chosen(self) -> None:
        """Tick the formats of the host that was chosen, and no others but the usual ones."""
        self._tick(HOSTS[self.host.currentIndex() - 1].formats if self.host.currentData() else ())

    def _new_reel(self) -> None:
        self.result.clear()
        self.host.setCurrentIndex(0)
        self._tick(())

    def _tick(self, more: Sequence[str]) -> None:
        project = self._session.project
        for name, box in self.formats.items():
            own = project is not None and _of_cut(name, project.file.cut)
            box.setChecked(name in USUAL or name in more or own)

    def _rows(self) -> None:
        plan = delivery_plan(self._session.rows, unapproved=self.unapproved.isChecked())
        self.list.plan.show(plan)
        self.summary.setText(summary(plan))
        inside = any(one.part == "goes in" for one in plan)
        self.deliver.setEnabled(inside and not self.job.running)
        self.deliver.setToolTip(
            self._actions.tip("deliver") if inside else "Deliver: no shot is rendered yet"
        )
        if (project := self._session.project) is not None:
            self._session.ask(lambda: _newest_report(project), self._found_report)

    def _found_report(self, path: Path | None) -> None:
        self._report = path
        self.report.setEnabled(path is not None)
        self.report.setToolTip(
            f"Open {path.name}" if path else "QC report: nothing is checked yet (dubsync check)"
        )

    def _open_report(self) -> None:
        if self._report is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._report)))

    def _open(self, name: str) -> None:
        self._session.show_shot(name)
        self.opened.emit(name)

    def _deliver(self) -> None:
        project = self._session.project
        if project is None or self.job.running:
            return
        self._session.edits.save()
        wanted = tuple(name for name, box in self.formats.items() if box.isChecked())
        self.result.clear()
        self._running(True)
        self.job.start(Wish(project.file.folder, project.language, wanted,
                            self.unapproved.isChecked(), self.missing.isChecked(),
                            self.host.currentData()))  # fmt: skip

    def _at(self, stage: str, done: int, total: int) -> None:
        self.stage.setText(f"{stage.capitalize()} {done} of {total}")
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def _ended(self, result: Delivered) -> None:
        self._running(False)
        self.result.show_result(result)
        if result.error:
            self._session.message.emit(f"Not delivered: {result.error}", True)
        else:
            self._session.message.emit(f"Delivered to {result.folder}", False)

    def _running(self, on: bool) -> None:
        self.deliver.setEnabled(not on and bool(self._session.rows))
        self.stage.setText("Starting" if on else "")
        self.progress.setRange(0, 1)
        self.progress.setValue(0)
        self.stage.setVisible(on)
        self.progress.setVisible(on)


def _head(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("tone", "head")
    return label


def _titles() -> dict[str, str]:
    """Format -> its label, of those that can be delivered."""
    return {one.name: one.label[:1].upper() + one.label[1:] for one in FORMATS
            if one.name in DELIVERED}  # fmt: skip


def _of_cut(name: str, cut: Path) -> bool:
    """Whether the project's cut is of a format, as far as its suffix tells."""
    return any(one.name == name and cut.suffix.lower() in one.suffixes for one in FORMATS)


def _newest_report(project: Project) -> Path | None:
    """The page of the newest QC report."""
    for folder in project.store.versions("reports"):
        for page in sorted(folder.glob("*.html")):
            return page
    return None
