"""The jobs in the top bar and the status bar, and the panel that lists them."""

from __future__ import annotations

from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dubsync.desk.look import tokens
from dubsync.desk.look.fonts import font
from dubsync.desk.look.icons import SMALL, USUAL, pixmap
from dubsync.desk.parts.buttons import icon_button
from dubsync.desk.parts.elided_label import ElidedLabel
from dubsync.desk.session.job import Job
from dubsync.desk.session.session import Session
from dubsync.desk.shell.status_bar import StatusBar

WIDE = 360
#: Stages of an engine in a supervisor's words.
_STAGES = {
    "track": "finding the face",
    "plan": "planning the mouth",
    "learn": "learning",
    "train": "training",
    "holdout": "measuring the model",
    "verify": "proving the pixels",
}
_MARKS = {
    "running": ("spinner-gap", tokens.ACCENT),
    "waiting": ("queue", tokens.TX3),
    "failed": ("warning-octagon-fill", tokens.REJECTED),
}


class JobsPanel(QFrame):
    """Opens below the top bar's button; Escape, or a click beside it, folds it."""

    def __init__(
        self, session: Session, button: QPushButton, status: StatusBar, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.Popup)
        self._session, self._button, self._status = session, button, status
        self._rows: dict[tuple[str, str, str], JobRow] = {}
        self.setObjectName("jobs")
        self.setStyleSheet(
            f"#jobs {{ background: {tokens.BG2}; border: 1px solid {tokens.EDGE}; }}"
        )
        self.setFixedWidth(WIDE)
        head = QLabel("Jobs", self)
        head.setFont(font(tokens.LARGER, medium=True))
        self._none = QLabel("Nothing is being rendered or checked.", self)
        self._none.setProperty("tone", "caption")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 12)
        self._column.setSpacing(8)
        self._column.addWidget(head)
        self._column.addWidget(self._none)
        button.clicked.connect(self.open)
        session.jobs.changed.connect(self.show_jobs)
        self.show_jobs()

    def open(self) -> None:
        """Show the panel under its button."""
        corner = self._button.mapToGlobal(QPoint(self._button.width() - WIDE,
                                                 self._button.height() + 4))  # fmt: skip
        self.adjustSize()
        self.move(corner)
        self.show()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    # -- what is shown -----------------------------------------------------------------------

    def show_jobs(self) -> None:
        """Show the queue here, on the button and in the status bar."""
        jobs = self._session.jobs.jobs
        self._button.setText(jobs_text(jobs))
        self._button.setAccessibleName(f"Background jobs: {jobs_text(jobs)}")
        self._show_running(self._session.jobs.running)
        self._none.setVisible(not jobs)
        gone = set(self._rows) - {job.subject for job in jobs}
        for subject in gone:
            row = self._rows.pop(subject)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        for n, job in enumerate(jobs):
            row = self._rows.get(job.subject) or self._add(job)
            row.show_job(job, self._called(job))
            if self._column.indexOf(row) != n + 2:
                self._column.removeWidget(row)
                self._column.insertWidget(n + 2, row)
        if self.isVisible():
            self.adjustSize()

    def _add(self, job: Job) -> JobRow:
        row = self._rows[job.subject] = JobRow(self)
        row.cancel.clicked.connect(lambda: self._session.jobs.cancel(row.job))
        row.again.clicked.connect(lambda: self._session.jobs.try_again(row.job))
        self._column.addWidget(row)
        return row

    def _show_running(self, job: Job | None) -> None:
        status = self._status
        status.progress.setVisible(job is not None)
        if job is None:
            status.job.setText("")
            return
        status.job.setText(f"{job.words} {self._called(job)}{_left(job)}")
        status.job.setToolTip(job.shot)
        status.progress.setRange(0, max(job.total, 1))
        status.progress.setValue(job.done)
        status.progress.setAccessibleName(f"{job.words} {job.shot}")

    def _called(self, job: Job) -> str:
        row = self._session.row(job.shot)
        return row.shown_number if row is not None and row.number else job.shot


class JobRow(QWidget):
    """One job: what it does to which shot, how far it is, and the way to stop or repeat it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = Job("render", "", "")
        self._mark = QLabel(self)
        self._mark.setFixedSize(USUAL, USUAL)
        self._words = ElidedLabel("", self, middle=True)
        self._left = QLabel(self)
        self._left.setProperty("tone", "second")
        self.cancel = icon_button("x", "Cancel; what is finished is kept (Ctrl+.)", size=SMALL)
        self.again = icon_button("arrow-counter-clockwise", "Try again", size=SMALL)
        self._bar = QProgressBar(self, textVisible=False)
        self._bar.setFixedHeight(4)
        self._why = QLabel(self)
        self._why.setWordWrap(True)
        self._why.setProperty("tone", "second")
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self._mark)
        line.addWidget(self._words, 1)
        for widget in (self._left, self.again, self.cancel):
            line.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        column.addWidget(self._bar)
        column.addWidget(self._why)

    def show_job(self, job: Job, called: str) -> None:
        self.job = job
        name, colour = _MARKS.get(job.state, _MARKS["waiting"])
        self._mark.setPixmap(pixmap(name, USUAL, colour, self.devicePixelRatioF()))
        self._words.setText(f"{called}  {job.shot}")
        self._words.setToolTip(f"{job.words}: {job.shot}")
        running = job.state == "running"
        self._left.setText(_left(job).lstrip(", ") if running else job.words)
        self._bar.setVisible(running)
        self._bar.setRange(0, max(job.total, 1))
        self._bar.setValue(job.done)
        self.again.setVisible(job.state == "failed")
        self._why.setVisible(job.state == "failed")
        self._why.setText("\n".join(filter(None, (job.message, job.hint))))


def jobs_text(jobs: tuple[Job, ...]) -> str:
    """ "No jobs", "2 jobs, 0:34", "1 failed": for the button in the top bar."""
    still = [job for job in jobs if job.open]
    failed = len(jobs) - len(still)
    if not still:
        return f"{failed} failed" if failed else "No jobs"
    text = f"{len(still)} job{'s' if len(still) > 1 else ''}"
    left = next((job.seconds_left for job in still if job.seconds_left is not None), None)
    return text + (f", {minutes(left)}" if left is not None and len(still) == 1 else "")


def minutes(seconds: float) -> str:
    """ "0:34" """
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _left(job: Job) -> str:
    """ ", 62 %, 0:09 left": of the stage it is in."""
    if not job.total or job.total == 1:
        return f", {_STAGES.get(job.stage, job.stage)}" if job.stage else ""
    left = job.seconds_left
    return f", {round(100 * job.share)} %" + (f", {minutes(left)} left" if left else "")
