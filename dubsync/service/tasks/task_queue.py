"""The queue of a reel's tasks: which may begin now, and which are done again."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.service.tasks.task import Task, TaskResult

#: Times that a task is done again after its process died over it.
AGAIN = 1


class TaskQueue:
    """Tasks in the order in which they are begun; each waits for others to end.

    A task that this queue does not hold has ended before.
    """

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._waiting = {task.id: task for task in tasks}
        self._begun: dict[str, Task] = {}
        self._deaths: dict[str, int] = {}
        self.results: dict[str, TaskResult] = {}

    def next(self) -> Task | None:
        """Begin the next task that waits for none; None: there is none now.

        A task over which a process died waits for all that run, and is then done alone.
        """
        if any(self.alone(task) for task in self._begun.values()):
            return None
        for task in self._waiting.values():
            if not any(one in self._waiting or one in self._begun for one in task.waits_for):
                if self.alone(task) and self._begun:
                    return None
                self._begun[task.id] = self._waiting.pop(task.id)
                return task
        return None

    def ended(self, result: TaskResult) -> None:
        """A task that was begun has ended."""
        self._begun.pop(result.task.id, None)
        self.results[result.task.id] = result

    def died(self, task: Task, why: str) -> TaskResult | None:
        """The process of a task died: it is done again, or has failed, which is its result."""
        self._begun.pop(task.id, None)
        self._deaths[task.id] = self._deaths.get(task.id, 0) + 1
        if self._deaths[task.id] <= AGAIN:
            self._waiting = {task.id: task, **self._waiting}
            return None
        hint = "if the machine has little memory, run with fewer --jobs; else send us its log"
        result = TaskResult(task, "failed", f"its process died twice: {why}", hint)
        self.results[task.id] = result
        return result

    def alone(self, task: Task) -> bool:
        """Whether a process died over the task: it is then done while no other is."""
        return task.id in self._deaths

    @property
    def running(self) -> tuple[Task, ...]:
        """The tasks that were begun and have not ended."""
        return tuple(self._begun.values())

    @property
    def left(self) -> tuple[Task, ...]:
        """The tasks that have not ended."""
        return (*self._begun.values(), *self._waiting.values())
