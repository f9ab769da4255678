"""In which order shots are done: what an editor waits for comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dubsync.core.errors import SettingsError
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.judging.note_store import NoteStore
from dubsync.service.project import Project
from dubsync.service.tasks.task import Kind, Task

#: Tasks of an earlier kind come first: the later ones wait for them anyway.
_KINDS: dict[Kind, int] = {
    "hear": 0,
    "look": 0,
    "learn": 1,
    "sync": 2,
    "shot": 2,
    "check": 3,
    "finish": 4,
}


@dataclass(frozen=True, slots=True)
class Waited:
    """Shots that somebody waits for: rejected ones, and those with open notes."""

    rejected: frozenset[str] = frozenset()
    noted: frozenset[str] = frozenset()

    def rank(self, shot: str) -> int:
        """0 for what is waited for most."""
        return 0 if shot in self.rejected else 1 if shot in self.noted else 2


def waited_for(project: Project, shots: Sequence[str]) -> Waited:
    """The shots whose newest judgement rejects them, and those with notes that are open."""
    folder, layout = project.store.folder, project.store.layout
    judgements, rejected = JudgementStore(folder, layout), set[str]()
    for name in shots:
        try:
            given = judgements.of(name)
        except SettingsError:
            continue  # the shot's own task says so
        if given and given[-1].judgement.judged == "rejected":
            rejected.add(name)
    try:
        notes = NoteStore(folder, layout).all()
    except SettingsError:
        notes = ()
    noted = {note.shot for note in notes if note.answer == "open"}
    return Waited(frozenset(rejected), frozenset(noted & set(shots)))


def in_order(tasks: Sequence[Task], waited: Waited) -> tuple[Task, ...]:
    """`tasks` as they are begun, as far as what they wait for allows.

    Looks first, in record order; actors by how many frames wait for them, the most first; shots
    that were rejected, then those with open notes, then the others, each in record order.
    """
    frames: Mapping[str, int] = {task.name: task.frames for task in tasks if task.kind == "learn"}
    number = {task.id: n for n, task in enumerate(tasks)}

    def key(task: Task) -> tuple[int, int, int]:
        first = -frames[task.name] if task.kind == "learn" else 0
        if task.kind in ("sync", "shot", "check"):
            first = waited.rank(task.name)
        return _KINDS[task.kind], first, number[task.id]

    return tuple(sorted(tasks, key=key))
