"""The steps of a job: tasks of a reel that wait for the same, so that a farm can start each early.

A scheduler waits for whole steps, never for single tasks of them.  So every actor has a step of
their own, and the shots of each set of actors have one: they start when their own actors are ready.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dubsync.service.farm.step_names import step_name
from dubsync.service.tasks.task import Kind, Task

#: Most steps of actors, and most of shots; the smallest share one where there would be more.
MOST = 90
_KINDS: tuple[Kind, ...] = ("look", "learn", "shot", "finish")
_FIRST_WORD: dict[Kind, str] = {
    "look": "Look", "learn": "Learn", "shot": "Shots", "finish": "Finish"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FarmStep:
    """Some tasks of a job that wait for the same steps.

    name       unique in the job
    first      number of its first task among the tasks of the job
    tasks      in the order of the reel
    waits_for  names of the steps that must have ended before
    """

    name: str
    kind: Kind
    first: int
    tasks: tuple[Task, ...]
    waits_for: tuple[str, ...]

    @property
    def range(self) -> str:
        """The numbers of its tasks as an IntRangeExpr: "0-41", "3"."""
        last = self.first + len(self.tasks) - 1
        return f"{self.first}-{last}" if last > self.first else str(self.first)


@dataclass(frozen=True, slots=True)
class _Group:
    kind: Kind
    names: tuple[str, ...]
    tasks: tuple[Task, ...]


def farm_steps(tasks: Sequence[Task], most: int = MOST) -> tuple[FarmStep, ...]:
    """The steps of a job that does `tasks`, each after those that it waits for.

    Args:
        tasks: of one reel in one language, without gaps: what a task waits for is among them.
        most: steps of actors, and of shots, at most.
    """
    steps: list[FarmStep] = []
    step_of: dict[str, str] = {}
    first = 0
    for group in _groups(tasks, most):
        word = _FIRST_WORD[group.kind]
        name = step_name(word, group.names, [step.name for step in steps])
        waits = [step_of[one] for task in group.tasks for one in task.waits_for]
        others = tuple(one for one in dict.fromkeys(waits) if one != name)
        steps.append(FarmStep(name, group.kind, first, group.tasks, others))
        step_of |= {task.id: name for task in group.tasks}
        first += len(group.tasks)
    return tuple(steps)


def _groups(tasks: Sequence[Task], most: int) -> list[_Group]:
    """The tasks of each step, kind after kind: a task waits for tasks of earlier kinds only."""
    return [group for kind in _KINDS for group in _of_kind(kind, tasks, most)]


def _of_kind(kind: Kind, tasks: Sequence[Task], most: int) -> list[_Group]:
    by_names: dict[tuple[str, ...], list[Task]] = {}
    for task in tasks:
        if task.kind == kind:
            by_names.setdefault(_names(task), []).append(task)
    groups = [_Group(kind, names, tuple(mine)) for names, mine in by_names.items()]
    return _few(groups, most)


def _names(task: Task) -> tuple[str, ...]:
    """What the name of its step says, besides its kind; tasks that share it share a step."""
    if task.kind == "learn":
        return (task.name,)
    if task.kind == "shot":
        actors = [one.partition(":")[2] for one in task.waits_for if one.startswith("learn:")]
        return tuple(sorted(actors)) or ("no actor",)
    return ()


def _few(groups: list[_Group], most: int) -> list[_Group]:
    """The same groups, the smallest as one where there are more than `most`."""
    if len(groups) <= most:
        return groups
    large = sorted(groups, key=lambda group: len(group.tasks), reverse=True)[: most - 1]
    kept = [group for group in groups if group in large]
    rest = [group for group in groups if group not in large]
    tasks = tuple(task for group in rest for task in group.tasks)
    return [*kept, _Group(rest[0].kind, ("others",), tasks)]
