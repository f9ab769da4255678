"""The queue of background jobs: renders, repairs and checks, each a process of its own.

One job runs at a time.  The queue is kept in the project's .dubsync, so that quitting or a crash
loses nothing: what was waiting or running goes on next time, and a render goes on where it was.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, QProcess, QTimer, pyqtSignal

from dubsync.core.documents import read_json
from dubsync.core.errors import DubsyncError
from dubsync.desk.session.background import Background
from dubsync.desk.session.job import Job, JobKind, after_exit, after_line, arguments_of
from dubsync.service.project import Project
from dubsync.service.store.atomic_write import write_whole

KEPT = "desk_jobs.json"  #: in the project's .dubsync
SCHEMA = "desk jobs, 1"
STOPS_MS = 15_000  #: a process that was asked to stop is ended after this
QUIT_MS = 4_000  #: when the desk closes, it waits so long
KINDS: tuple[JobKind, ...] = ("render", "repair", "check")
#: Characters of output that are kept of a process.
_MOST_OUTPUT = 4_000_000


class Jobs(QObject):
    """Jobs in the order in which they are done; failed ones stay until seen or tried again.

    changed   the list, or the progress of one
    ended     a Job that is done, failed or cancelled
    refused   the queue could not be kept
    """

    changed = pyqtSignal()
    ended = pyqtSignal(object)
    refused = pyqtSignal(object)

    def __init__(self, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = background
        self._reel: Path | None = None
        self._kept: Path | None = None
        self._jobs: list[Job] = []
        self._process: QProcess | None = None
        self._out, self._err, self._line = b"", b"", b""
        self._stopping = ""  #: "" or why the process is asked to stop: "cancel", "again", "quit"
        self._kill = QTimer(self, singleShot=True, interval=STOPS_MS)
        self._kill.timeout.connect(self._end_process)
        self.program = [sys.executable]  #: what runs a job; tests put another there

    # -- what is shown -----------------------------------------------------------------------

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The running one first, then those that wait, then those that failed."""
        order = {"running": 0, "waiting": 1}
        return tuple(sorted(self._jobs, key=lambda job: order.get(job.state, 2)))

    @property
    def open(self) -> tuple[Job, ...]:
        """Those that run or wait."""
        return tuple(job for job in self.jobs if job.open)

    @property
    def running(self) -> Job | None:
        return next((job for job in self._jobs if job.state == "running"), None)

    def of(self, shot: str) -> Job | None:
        """The job of a shot that matters most: it runs, waits, or failed; None without one."""
        return next((job for job in self.jobs if job.shot == shot), None)

    # -- what is asked for -------------------------------------------------------------------

    def open_reel(self, project: Project) -> None:
        """Work for this project; what an earlier sitting left goes on."""
        if self._reel == project.file.folder:  # another language of it: the queue is the same
            return
        self.stop()
        self._reel = project.file.folder
        kept = self._kept = project.store.derived / KEPT
        self._jobs = []
        self.changed.emit()
        self._background.run(lambda: _read(kept), self._go_on, self.refused.emit)

    def ask(self, shot: str, language: str, kind: JobKind = "render") -> None:
        """Queue a job; a newer one about the same replaces one that waits, runs or failed."""
        job = Job(kind, shot, language)
        running = self.running
        self._jobs = [j for j in self._jobs if j is running or j.subject != job.subject]
        self._jobs.append(job)
        if running is not None and running.subject == job.subject:
            self._stop_process("again")
        self._changed()
        self._start_next()

    def try_again(self, job: Job) -> None:
        """Queue a failed job once more."""
        self.ask(job.shot, job.language, job.kind)

    def cancel(self, job: Job) -> None:
        """Take a job out of the queue; a running one stops between two frames, which are kept."""
        running = self.running
        if running is not None and job.subject == running.subject and job.state == "running":
            self._stop_process("cancel")
            return
        found = next((j for j in self._jobs if j.subject == job.subject and j is not running), None)
        if found is not None:
            self._jobs.remove(found)
            self._changed()
            if found.open:
                self.ended.emit(replace(found, state="cancelled"))

    def cancel_newest(self, shot: str = "") -> None:
        """Cancel the job of `shot`, else the running one."""
        job = (self.of(shot) if shot else None) or self.running
        if job is not None and job.open:
            self.cancel(job)

    def stop(self) -> None:
        """Stop the running job and keep the queue, so that it goes on next time."""
        process = self._process
        if process is not None:
            self._stop_process("quit")
            if not process.waitForFinished(QUIT_MS):
                process.kill()
                process.waitForFinished(1_000)
        self._reel = self._kept = None

    # -- the process -------------------------------------------------------------------------

    def _go_on(self, kept: tuple[Job, ...]) -> None:
        asked = {job.subject for job in self._jobs}
        self._jobs = [job for job in kept if job.subject not in asked] + self._jobs
        self.changed.emit()
        self._start_next()

    def _start_next(self) -> None:
        waiting = next((job for job in self._jobs if job.state == "waiting"), None)
        if self._process is not None or self._reel is None or waiting is None:
            return
        self._put(waiting, replace(waiting, state="running", message="", hint=""))
        self._out = self._err = self._line = b""
        self._stopping = ""
        process = self._process = QProcess(self)
        process.readyReadStandardError.connect(self._read_lines)
        process.readyReadStandardOutput.connect(self._read_answer)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._not_started)
        process.started.connect(self._give_way)
        program, *first = self.program
        process.start(program, [*first, *arguments_of(waiting, str(self._reel))])
        process.closeWriteChannel()
        self._changed()

    def _give_way(self) -> None:
        """The desk comes first: a job takes what is left of the processors."""
        process = self._process
        if process is not None and hasattr(os, "setpriority"):
            try:
                os.setpriority(os.PRIO_PROCESS, int(process.processId()), 5)
            except OSError:  # it has ended already
                return

    def _read_lines(self) -> None:
        process, running = self._process, self.running
        if process is None or running is None:
            return
        text = bytes(process.readAllStandardError())
        self._err = (self._err + text)[-20_000:]
        *lines, self._line = (self._line + text).split(b"\n")
        job = running
        for line in lines:
            job = after_line(job, line.decode("utf-8", "replace"))
        if job != running:
            self._put(running, job)
            self.changed.emit()

    def _read_answer(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardOutput())
            self._out = (self._out + text)[-_MOST_OUTPUT:]

    def _not_started(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.FailedToStart:
            self._finished(127, QProcess.NormalExit)

    def _finished(self, code: int, how: QProcess.ExitStatus) -> None:
        process, running, stopping = self._process, self.running, self._stopping
        if process is None or running is None:
            return
        self._read_lines()
        self._read_answer()
        running = self.running or running
        self._process, self._stopping = None, ""
        self._kill.stop()
        process.deleteLater()
        out, err = (text.decode("utf-8", "replace") for text in (self._out, self._err))
        job = after_exit(running, code, how == QProcess.CrashExit, out, err)
        if stopping == "quit":
            self._put(running, replace(running, state="waiting", stage="", done=0, total=0))
            return
        if stopping and job.state != "done":
            job = replace(job, state="cancelled", message="", hint="")
        if job.state == "failed":
            self._put(running, job)
        else:
            self._jobs.remove(running)
        self._changed()
        if stopping != "again":
            self.ended.emit(job)
        self._start_next()

    def _stop_process(self, why: str) -> None:
        """Ask the process to stop between two frames, as Ctrl-C does."""
        process = self._process
        if process is None:
            return
        self._stopping = why
        pid = int(process.processId())
        try:
            if os.name == "posix" and pid:
                os.kill(pid, signal.SIGINT)
            else:
                process.terminate()
        except ProcessLookupError:  # it has ended; Qt is about to say so
            return
        self._kill.start()

    def _end_process(self) -> None:
        if self._process is not None:
            self._process.kill()

    # -- keeping -----------------------------------------------------------------------------

    def _put(self, old: Job, new: Job) -> None:
        self._jobs[next(n for n, job in enumerate(self._jobs) if job is old)] = new

    def _changed(self) -> None:
        kept = self._kept
        if kept is not None:
            text = _written(self._jobs)
            self._background.run(lambda: write_whole(kept, text), None, self.refused.emit)
        self.changed.emit()


def _written(jobs: list[Job]) -> str:
    """The queue as it is kept: what is open, and what failed with its reason."""
    rows = [
        {"kind": job.kind, "shot": job.shot, "language": job.language,
         "failed": job.state == "failed", "message": job.message, "hint": job.hint}
        for job in jobs
    ]  # fmt: skip
    return json.dumps({"schema": SCHEMA, "jobs": rows}, indent=1) + "\n"


def _read(kept: Path) -> tuple[Job, ...]:
    """The queue that an earlier sitting left; none where the file is damaged or of another form."""
    if not kept.is_file():
        return ()
    try:
        document: Any = read_json(kept)
        if document["schema"] != SCHEMA:
            return ()
        return tuple(_job(row) for row in document["jobs"] if row["kind"] in KINDS)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, DubsyncError):
        return ()


def _job(row: Any) -> Job:
    failed = row["failed"] is True
    return Job(row["kind"], str(row["shot"]), str(row["language"]),
               "failed" if failed else "waiting",
               message=str(row["message"]) if failed else "",
               hint=str(row["hint"]) if failed else "")  # fmt: skip
