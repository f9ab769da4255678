"""How long the rest of a run takes: by the pictures that are left, and what others took so far.

Each kind of task has a cost for each picture.  What it is on this machine, today, is measured from
the first tasks on; a kind of which none has ended yet is taken to be as much slower or faster than
the figures here as the others are.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from dubsync.service.tasks.task import Kind, Task, TaskResult

#: Seconds of one core for a picture of 480x270 with a face of 130 pixels, by `benchmarks.reel`;
#: drawn ones besides, where the dub is heard.
_FRAME: dict[Kind, float] = {"look": 0.05, "learn": 0.02, "shot": 0.06, "sync": 0.03, "check": 0.03}
_DRAWN: dict[Kind, float] = {"shot": 0.05, "sync": 0.05}
#: Seconds of one core for a task whatever its length.
_EACH: dict[Kind, float] = {
    "hear": 25.0, "look": 0.2, "learn": 3.0, "shot": 1.0, "sync": 0.6, "check": 0.4, "finish": 12.0,
}  # fmt: skip
#: The part of a picture's cost that grows with its pixels, and of a drawn one's with the face.
_PIXELS, _FACE = 480 * 270, 130.0
#: Measured seconds count as much as these of the figures above.
_TRUSTED_S = 4.0


class TimeLeft:
    """The time that the rest of some tasks takes, as often as it is asked."""

    def __init__(self, tasks: Sequence[Task], jobs: int) -> None:
        self._left = {task.id: task for task in tasks}
        self._jobs = jobs
        self._faces: dict[str, float] = {}
        self._took: dict[Kind, float] = {}
        self._meant: dict[Kind, float] = {}
        self._begun: dict[str, float] = {}

    def began(self, task: Task) -> None:
        """A worker has begun a task."""
        self._begun.setdefault(task.id, time.monotonic())

    def ended(self, result: TaskResult) -> None:
        """A task has ended; one whose result was there says nothing of the others."""
        task = result.task
        if result.face_px:
            self._faces[task.name] = result.face_px
        self._left.pop(task.id, None)
        self._begun.pop(task.id, None)
        if result.status == "done":
            self._took[task.kind] = self._took.get(task.kind, 0.0) + result.seconds
            self._meant[task.kind] = self._meant.get(task.kind, 0.0) + self.cost(task)

    def cost(self, task: Task) -> float:
        """Seconds of one core for a task, by the figures of this module alone."""
        face = self._face(task)
        pixels = 0.3 + 0.7 * task.pixels / _PIXELS
        drawn = 0.3 + 0.7 * (face / _FACE) ** 2
        return (
            _EACH.get(task.kind, 0.0)
            + _FRAME.get(task.kind, 0.0) * task.frames * pixels
            + _DRAWN.get(task.kind, 0.0) * task.spoken * drawn
        )

    def seconds(self) -> float:
        """Seconds until all is done, with so many tasks at once."""
        by_kind: dict[Kind, list[float]] = {}
        now = time.monotonic()
        for task in self._left.values():
            cost = self.cost(task) * self._factor(task.kind)
            begun = self._begun.get(task.id)
            if begun is not None:
                cost = max(0.1 * cost, cost - (now - begun))
            by_kind.setdefault(task.kind, []).append(cost)
        # Kinds follow one another, because the later ones wait.
        return sum(max(sum(costs) / self._jobs, max(costs)) for costs in by_kind.values())

    def _face(self, task: Task) -> float:
        known = self._faces.get(task.name)
        if known is None:
            known = sum(self._faces.values()) / len(self._faces) if self._faces else _FACE
        return known

    def _factor(self, kind: Kind) -> float:
        """How much slower this machine is at a kind than the figures say."""
        took, meant = sum(self._took.values()), sum(self._meant.values())
        whole = (took + _TRUSTED_S) / (meant + _TRUSTED_S)
        own, figure = self._took.get(kind, 0.0), self._meant.get(kind, 0.0)
        return (own + _TRUSTED_S * whole) / (figure + _TRUSTED_S)


def told(seconds: float) -> str:
    """Seconds left, in words.

    >>> told(42), told(400), told(1700), told(9000)
    ('about 40 s left', 'about 6 min 40 s left', 'about 28 min left', 'about 2.5 h left')
    """
    if seconds < 90:
        return f"about {max(1, round(seconds / 5) * 5)} s left"
    if seconds < 900:
        minutes, rest = divmod(round(seconds / 10) * 10, 60)
        return f"about {minutes} min {rest} s left" if rest else f"about {minutes} min left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"
