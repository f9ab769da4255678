"""What the batch bar does with the ticked shots, through service; one message at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PyQt5.QtCore import QObject, QSettings

from dubsync.core.errors import DubsyncError
from dubsync.core.plural import counted
from dubsync.desk.session.session import Session
from dubsync.service.judge import Judging
from dubsync.service.overview import ShotRow
from dubsync.service.shape.shots import apply_preset, presets

AUTHOR = "judging/author"  #: setting with the name under which one judges


class BatchWork(QObject):
    """Each call goes over the shots it is given and leaves out those it cannot be done to."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def render(self, rows: Sequence[ShotRow]) -> None:
        """Queue a render of each shot that can be drawn."""
        names = [row.name for row in rows if row.shot is not None and row.state != "blocked"]
        self._session.queue(names)
        self._session.message.emit(f"{counted(len(names), 'shot')} in the queue", False)

    def approve(self, rows: Sequence[ShotRow]) -> None:
        """Approve the newest render of each."""
        by = _author()
        self._each(rows, "approved", lambda judge, name: judge.approve(name, by=by), made=True)

    def reject(self, rows: Sequence[ShotRow], why: str) -> None:
        """Reject the newest render of each, for one reason."""
        by = _author()
        self._each(
            rows, "rejected", lambda judge, name: judge.reject(name, why=why, by=by), made=True
        )

    def note(self, rows: Sequence[ShotRow], text: str) -> None:
        """Take the same note on the first frame that the cut shows of each."""
        by, first = _author(), {row.name: row.shot.source.start for row in rows if row.shot}
        self._each(
            rows, "noted", lambda judge, name: judge.note(name, first[name], text, by=by),
            made=False,
        )  # fmt: skip

    def draw_with(self, rows: Sequence[ShotRow], renderer: str) -> None:
        """Set what draws each from the next render on."""
        project = self._session.project
        names = [row.name for row in rows if row.shot is not None]
        if project is None or not names:
            return

        def work() -> None:
            for name in names:
                project.draw_with(name, renderer)

        def done(_: object) -> None:
            words = "as measured best" if renderer == "auto" else f"by {renderer}"
            self._session.message.emit(f"{counted(len(names), 'shot')} drawn {words}", False)
            self._session.reread()

        self._session.ask(work, done)

    def use_preset(self, rows: Sequence[ShotRow], name: str) -> None:
        """Lay a preset over the tweaks of each; one step of undo a shot."""
        project, names = self._session.project, [row.name for row in rows if row.shot is not None]
        if project is None or not names:
            return
        self._session.edits.save()

        def done(_: object) -> None:
            self._session.message.emit(f"{name} given to {counted(len(names), 'shot')}", False)
            self._session.reread()

        self._session.ask(lambda: apply_preset(project, names, name), done)

    def read_presets(self, done: Callable[[tuple[str, ...]], None]) -> None:
        """Tell `done` the names of the project's presets."""
        if (project := self._session.project) is not None:
            self._session.ask(lambda: tuple(one.name for one in presets(project)), done)

    def _each(
        self, rows: Sequence[ShotRow], done: str, say: Callable[[Judging, str], object], *,
        made: bool,
    ) -> None:  # fmt: skip
        """Say the same of each shot; `made`: of its render, so that it needs one."""
        project = self._session.project
        names = [row.name for row in rows if row.shot is not None and (row.version or not made)]
        if project is None or not names:
            return

        def work() -> tuple[int, list[str]]:
            judging, count, refused = Judging(project, with_engine=False), 0, []
            for name in names:
                try:
                    say(judging, name)
                    count += 1
                except DubsyncError as error:
                    refused.append(f"{name}: {error}")
            return count, refused

        def told(answer: tuple[int, list[str]]) -> None:
            count, refused = answer
            left = len(rows) - len(names)
            text = f"{counted(count, 'shot')} {done}"
            text += f"; {left} without a render left out" if left and made else ""
            text += f". {refused[0]}" if refused else ""
            self._session.message.emit(text, bool(refused))
            self._session.reread()

        self._session.ask(work, told)


def _author() -> str:
    """The name under which the user judges; "": the system's."""
    return str(QSettings().value(AUTHOR, ""))
