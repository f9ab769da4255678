"""The open reel: which rows there are, which shot and frame are looked at, and what was changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.session.background import Background, Refusal
from dubsync.desk.session.desk_lock import DeskLock
from dubsync.desk.session.disk_watch import DiskWatch
from dubsync.desk.session.edits import Edits
from dubsync.desk.session.job import Job, JobKind
from dubsync.desk.session.jobs import Jobs
from dubsync.desk.session.landmark_hand import LandmarkHand
from dubsync.desk.session.look_hand import LookHand
from dubsync.desk.session.matte_hand import MatteHand
from dubsync.desk.session.preview_link import PreviewLink
from dubsync.desk.session.reach import Reach
from dubsync.desk.session.shot_about import ShotAbout
from dubsync.desk.session.state_worker import StateWorker
from dubsync.desk.session.thumbs import Thumbs
from dubsync.service.overview import Overviews, ReelOverview, ShotRow
from dubsync.service.project import Project
from dubsync.service.tweaks.commands import record_text


class Session(QObject):
    """One reel in one language; every view shows it and asks it for changes.

    reel_opened        another reel or language: everything is new
    rows_changed       `rows` were read again
    shot_changed       `current` is another row
    frame_changed      `frame` is another plate frame of the current shot
    selection_changed  `selected` is another set of rows
    character_changed  `character` is another: controls and curves show theirs
    control_changed    `control` is another: the one that keys and the control lane work on
    message            (text, stays): for the status bar; stays until read when True
    opened_elsewhere   a sentence that says who has the reel open in another desk
    opening_failed     a Refusal: the reel cannot be opened
    """

    reel_opened = pyqtSignal()
    rows_changed = pyqtSignal()
    shot_changed = pyqtSignal()
    frame_changed = pyqtSignal(int)
    selection_changed = pyqtSignal()
    character_changed = pyqtSignal()
    control_changed = pyqtSignal()
    message = pyqtSignal(str, bool)
    opened_elsewhere = pyqtSignal(str)
    opening_failed = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.background = Background("service", self)
        self.edits = Edits(self.background, self)
        self.jobs = Jobs(self.background, self)
        self.preview = PreviewLink(self)
        self.thumbs = Thumbs(self)
        self.disk = DiskWatch(self)
        self.states = StateWorker(self)
        self._lock: DeskLock | None = None
        self.project: Project | None = None
        self.overview: ReelOverview | None = None
        self._overviews: Overviews | None = None
        self.current: ShotRow | None = None
        self.frame = 0
        self.character = ""
        self.control = "jaw"
        self.selected: tuple[str, ...] = ()
        self.about = ShotAbout(self)
        self.matte = MatteHand(self)
        self.landmarks = LandmarkHand(self)
        self.look = LookHand(self)
        self.reach = Reach(self)
        self.edits.refused.connect(self._refused)
        self.disk.changed.connect(self._changed_on_disk)
        self.states.done.connect(self.reread)
        self.jobs.refused.connect(self._refused)
        self.jobs.ended.connect(self._job_ended)

    # -- the reel ----------------------------------------------------------------------------

    def open(self, folder: Path, language: str = "") -> None:
        """Read a project in the background; `reel_opened` or `opening_failed` follows."""

        def work() -> tuple[Project, Overviews, ReelOverview]:
            project = Project.open(folder)
            project = project.into(language) if language else project
            rows = Overviews(project)
            return project, rows, rows.now()

        self.background.run(work, self._opened, self.opening_failed.emit)

    def reread(self) -> None:
        """Read the rows again: something changed on disk."""
        if (rows := self._overviews) is not None:
            self.background.run(rows.now, lambda found: self._reread(rows, found), self._refused)

    @property
    def rows(self) -> tuple[ShotRow, ...]:
        return self.overview.rows if self.overview else ()

    def row(self, name: str) -> ShotRow | None:
        return next((row for row in self.rows if row.name == name), None)

    # -- where the eye is --------------------------------------------------------------------

    def show_shot(self, name: str) -> None:
        """Make a row the current one and stand on the first frame that the cut shows of it."""
        row = self.row(name)
        if row is None or (self.current is not None and row.name == self.current.name):
            return
        self.current = row
        self.edits.show(row.name if row.shot else "")
        self.character = row.characters[0] if row.characters else ""
        self.frame = row.shot.source.start if row.shot else 0
        self.shot_changed.emit()
        self.character_changed.emit()
        self.frame_changed.emit(self.frame)

    def step_shot(self, by: int) -> None:
        """The next (1) or the previous (-1) row; the ends hold."""
        names = [row.name for row in self.rows]
        if not names:
            return
        at = names.index(self.current.name) if self.current else 0
        self.show_shot(names[min(max(at + by, 0), len(names) - 1)])

    @property
    def frames(self) -> FrameRange | None:
        """The plate frames of the current shot, handles included; None without a shot."""
        return self.current.shot.render if self.current and self.current.shot else None

    def show_frame(self, frame: int) -> None:
        """Stand on a plate frame of the current shot; the ends hold."""
        frames = self.frames
        if frames is None:
            return
        frame = min(max(frame, frames.start), frames.stop - 1)
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit(frame)

    def show_character(self, character: str) -> None:
        if self.current and character in self.current.characters and character != self.character:
            self.character = character
            self.character_changed.emit()

    def show_control(self, name: str) -> None:
        """Make a control of CONTROLS the one that keys and the control lane work on."""
        if name != self.control:
            self.control = name
            self.control_changed.emit()

    def select(self, names: Sequence[str]) -> None:
        if tuple(names) != self.selected:
            self.selected = tuple(names)
            self.selection_changed.emit()

    def record_text(self, frame: int) -> str:
        """Record timecode of a plate frame of the current shot; "" without one."""
        shot = self.current.shot if self.current else None
        return record_text(frame, shot, self.overview.drop) if shot and self.overview else ""

    # -- work --------------------------------------------------------------------------------

    def ask(self, work: Callable[[], Any], done: Callable[[Any], None] | None = None) -> None:
        """Run a call of service in the background; an error becomes a message that stays."""
        self.background.run(work, done, self._refused)

    def queue(self, names: Sequence[str], kind: JobKind = "render") -> None:
        """Save what is unsaved, then queue a job for each of the named shots."""
        self.edits.save()
        language = self.project.language if self.project is not None else ""

        def ask(_saved: object) -> None:
            for name in names:
                self.jobs.ask(name, language, kind)

        self.background.run(lambda: None, ask, self._refused)  # after the saving

    def close(self) -> None:
        """Save what is unsaved and stop every thread and process."""
        self.edits.save()
        self.jobs.stop()
        self.thumbs.close()
        self.disk.close()
        self.states.close()
        if self._lock is not None:
            self._lock.release()
        self.background.finish()
        self.preview.close()

    def _opened(self, answer: tuple[Project, Overviews, ReelOverview]) -> None:
        self.project, self._overviews, self.overview = answer
        self.current, self.selected, self.frame, self.character = None, (), 0, ""
        self.edits.open(self.project)
        self.preview.open(self.project.file.folder, self.project.language)
        self.jobs.open_reel(self.project)
        self.thumbs.open(self.project.file.folder)
        self._watch(self.project)
        self.reel_opened.emit()
        self.rows_changed.emit()
        self._ask_for_states()

    def _reread(self, rows: Overviews, found: ReelOverview) -> None:
        if rows is not self._overviews:
            return  # another reel was opened meanwhile
        self.overview = found
        self.thumbs.look_again()
        if self.current is not None:
            self.current = self.row(self.current.name)
        self.edits.read_again()
        self.rows_changed.emit()
        self._ask_for_states()

    def _job_ended(self, job: Job) -> None:
        row = self.row(job.shot)
        name = row.shown_number if row is not None else job.shot
        if job.state == "failed":
            self.message.emit(f"{name}: {job.message}. {job.hint}".rstrip(" ."), True)
        else:
            self.message.emit(f"{job.words}: {name}" + (f", {job.message}" if job.message else ""),
                              False)  # fmt: skip
        if job.state == "done":
            self.reread()

    def _watch(self, project: Project) -> None:
        """Look for changes by others, and say so where another desk has the reel open."""
        self.disk.open(project, {row.plate.path for row in self.rows if row.plate is not None})
        if self._lock is not None:
            self._lock.release()
        self._lock = DeskLock(project.file.folder)
        if other := self._lock.take():
            self.opened_elsewhere.emit(f"This reel is open in another desk ({other}).")

    def _ask_for_states(self) -> None:
        if self.overview is not None and self.overview.troubles:
            self.message.emit(self.overview.troubles[0], True)
        if self.project is not None and self.overview is not None:
            folder, language = self.project.file.folder, self.project.language
            self.states.ask(folder, language, self.overview.unsure)

    def _changed_on_disk(self) -> None:
        self.states.again()
        self.reread()

    def _refused(self, refusal: Refusal) -> None:
        text = f"{refusal.message}. {refusal.hint}" if refusal.hint else refusal.message
        self.message.emit(text, True)
