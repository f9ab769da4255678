"""How long the rest of a run takes: the tasks that are left are laid out on the workers.

What each of them takes follows from its pictures, and from what others of its kind took so far on
this machine, today.  A kind of which none has ended yet is taken to be as much slower or faster
than the figures here as the others are.  Laid out as the queue hands them out, they tell what no
sum tells: which worker has nothing to do at the end of looking, learning and rendering.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from heapq import heappop, heappush

from dubsync.service.tasks.task import Kind, Task, TaskResult

#: CPU seconds for a picture of 480x270 with a face of 130 pixels, by `benchmarks.reel.recorded`;
#: drawn ones besides, where the dub is heard.
_FRAME: dict[Kind, float] = {
    "look": 0.032, "learn": 0.021, "shot": 0.054, "sync": 0.03, "check": 0.024,
}  # fmt: skip
_DRAWN: dict[Kind, float] = {"shot": 0.023, "sync": 0.023}
#: Pictures of an actor from which more of them cost half as much: fewer of them are chosen.
_PLENTY = 400
#: And of which a network is trained: each is drawn once before, and the rest of it goes by the
#: clock.  What a network takes besides for each picture that it draws.
_PAIR, _NETWORK = 0.05, 0.06
#: CPU seconds for a task whatever its length.
_EACH: dict[Kind, float] = {
    "hear": 1.0, "look": 0.2, "learn": 0.2, "shot": 1.2, "sync": 0.7, "check": 0.5, "finish": 3.8,
}  # fmt: skip
#: CPU seconds for each second of a dub and of speech in it (digital silence is heard once), and
#: for each shot of a report and delivery.
_DUB_S, _SPEECH_S, _FINISHED_SHOT = 0.003, 0.018, 0.057
#: CPU seconds until a process has imported what it needs, and opened the reel.
_STARTS_S = 4.3
#: The part of a picture's cost that grows with its pixels, by kind, and of a drawn one's with the
#: face: by 720p and UHD of `benchmarks.pipeline`.
_BY_PIXELS: dict[Kind, float] = {"look": 0.05, "learn": 0.1, "shot": 0.7, "sync": 0.7, "check": 0.7}
_BY_FACE = 0.35
#: The pixels and the face of the figures above.
_PIXELS, _FACE = 480 * 270, 130.0
#: Measured seconds count as much as these of the figures above, for the machine; and for a kind as
#: these of what all kinds say of the machine.
_TRUSTED_S, _TRUSTED_KIND_S = 1.0, 4.0
#: What hearing dubs says of the machine counts at most as much: it is other work than pictures.
_HEARD_COUNTS_S = 3.0
#: A task that takes longer than foretold takes this part of the time it has had so far besides.
_LONGER = 0.15
#: While dubs are heard their cut is not known: shots are taken to be so long, to be so many times
#: as long as the speech in them, and of a dub of which nothing is known so much is speech.
_SHOT_FRAMES, _AROUND, _SPOKEN = 50, 1.3, 0.03
#: Pictures a second of a dub's length in `Task.frames`.
RATE = 25


class TimeLeft:
    """The time that the rest of some tasks takes, as often as it is asked.

    Args:
        tasks: in the order in which they are begun.
        jobs: how many at once.
        then: kinds of the tasks that are listed only when these are done, where they are dubs to
            hear.
        clock: seconds.
    """

    def __init__(
        self, tasks: Sequence[Task], jobs: int, then: Sequence[Kind] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._left = {task.id: task for task in tasks}
        self._jobs, self._then, self._now = max(jobs, 1), tuple(then), clock
        self._faces, self._sides = dict[str, float](), 0.0
        self._took: dict[Kind, float] = {}
        self._meant: dict[Kind, float] = {}
        self._begun: dict[str, float] = {}
        self._starting: set[str] = set()
        self._dubs = [task for task in tasks if task.kind == "hear"]
        self._spoken: dict[str, float] = {}

    def began(self, task: Task) -> None:
        """A worker has begun a task."""
        if len(self._starting) < self._jobs:  # its worker is started, and opens the reel
            self._starting.add(task.id)
        self._begun.setdefault(task.id, self._now())

    def ended(self, result: TaskResult) -> None:
        """A task has ended; one whose result was there says nothing of the others."""
        task = result.task
        if result.face_px:
            self._sides += result.face_px - self._faces.get(task.name, 0.0)
            self._faces[task.name] = result.face_px
        if task.kind == "hear" and result.ended_well:
            self._spoken[task.id] = result.spoken_s
        self._left.pop(task.id, None)
        self._begun.pop(task.id, None)
        if result.status == "done":
            meant = self.cost(task) + (_STARTS_S if task.id in self._starting else 0.0)
            took = max(result.seconds - task.train_s, 0.0)
            self._took[task.kind] = self._took.get(task.kind, 0.0) + took
            self._meant[task.kind] = self._meant.get(task.kind, 0.0) + meant

    def cost(self, task: Task) -> float:
        """Seconds of one core for a task, by the figures of this module alone; no training."""
        face = self._face(task)
        grows = _BY_PIXELS.get(task.kind, 0.0)
        pixels = 1 - grows + grows * task.pixels / _PIXELS
        drawn = 1 - _BY_FACE + _BY_FACE * (face / _FACE) ** 2
        each = _EACH.get(task.kind, 0.0)
        if task.kind == "hear":
            seconds = task.frames / RATE
            speech = self._spoken.get(task.id, self._share() * seconds)
            return each + _DUB_S * seconds + _SPEECH_S * speech
        if task.kind == "finish":
            return each + _FINISHED_SHOT * len(task.waits_for)
        frames: float = task.frames
        if task.kind == "learn":
            each += _PAIR * task.frames if task.train_s else 0.0
            frames -= 0.5 * max(frames - _PLENTY, 0)
        return (
            each
            + _FRAME.get(task.kind, 0.0) * frames * pixels
            + _DRAWN.get(task.kind, 0.0) * task.spoken * drawn
            + (_NETWORK * task.spoken if task.trained and task.kind in _DRAWN else 0.0)
        )

    def seconds(self) -> float:
        """Seconds until all is done, with so many tasks at once."""
        left = [*self._left.values()]
        if self._then and self._dubs:
            left += self._foreseen()
        lasts = {task.id: self._lasts(task) for task in left}
        return _laid_out(left, lasts, self._begun, self._jobs)

    def _lasts(self, task: Task) -> float:
        """Seconds that a task still takes."""
        whole = self.cost(task) * self._factor(task.kind) + task.train_s
        begun = self._begun.get(task.id)
        if begun is None:
            return whole
        had = self._now() - begun
        if task.id in self._starting:
            whole += _STARTS_S * self._factor(task.kind)
        return max(whole - had, _LONGER * min(had, whole))

    def _face(self, task: Task) -> float:
        known = self._faces.get(task.name)
        if known is None:
            known = self._sides / len(self._faces) if self._faces else _FACE
        return known

    def _factor(self, kind: Kind) -> float:
        """How much slower this machine is at a kind than the figures say."""
        took, meant = _TRUSTED_S, _TRUSTED_S
        for one, figure in self._meant.items():
            counts = min(1.0, _HEARD_COUNTS_S / figure) if one == "hear" else 1.0
            took, meant = took + counts * self._took[one], meant + counts * figure
        whole = took / meant
        own, figure = self._took.get(kind, 0.0), self._meant.get(kind, 0.0)
        return (own + _TRUSTED_KIND_S * whole) / (figure + _TRUSTED_KIND_S)

    def _share(self) -> float:
        """What part of the dubs is speech, by those that are heard."""
        length = sum(dub.frames for dub in self._dubs if dub.id in self._spoken) / RATE
        return sum(self._spoken.values()) / length if length else _SPOKEN

    def _foreseen(self) -> list[Task]:
        """About the tasks that the reel will have when its dubs are heard: by the speech in them.

        A dub that is not heard yet is taken to have as large a part of speech as the others.
        """
        share = self._share()
        result: list[Task] = []
        for dub in self._dubs:
            speech = self._spoken.get(dub.id, share * dub.frames / RATE)
            spoken = round(speech * RATE)
            shots = max(1, round(spoken * _AROUND / _SHOT_FRAMES)) if spoken else 0
            one = replace(dub, frames=round(spoken * _AROUND / max(shots, 1)), pixels=_PIXELS,
                          spoken=spoken // max(shots, 1))  # fmt: skip
            who = replace(one, kind="learn", frames=round(spoken * _AROUND), spoken=spoken)
            for kind in self._then:
                if kind == "learn":
                    result += [who] if shots else []
                elif kind != "finish":
                    names = (f"{dub.name} {n}" for n in range(shots))
                    result += [replace(one, kind=kind, name=name) for name in names]
        return _waiting(result, "finish" in self._then, self._dubs[0])


def _waiting(tasks: Sequence[Task], finish: bool, dub: Task) -> list[Task]:
    """`tasks` in the order of their kinds, each waiting for those of the kind before."""
    result: list[Task] = []
    before: tuple[str, ...] = ()
    for kind in ("look", "learn", "sync", "shot", "check"):
        of_kind = [replace(task, waits_for=before) for task in tasks if task.kind == kind]
        result += of_kind
        before = tuple(task.id for task in of_kind) or before
    return [*result, replace(dub, kind="finish", name="", waits_for=before)] if finish else result


def _laid_out(
    tasks: Sequence[Task], lasts: dict[str, float], begun: dict[str, float], jobs: int
) -> float:
    """Seconds until all are done: the queue is played through, as `TaskQueue` hands tasks out."""
    left = {task.id for task in tasks}
    waits = {task.id: {one for one in task.waits_for if one in left} for task in tasks}
    needed_by: dict[str, list[str]] = {}
    for name, others in waits.items():
        for one in others:
            needed_by.setdefault(one, []).append(name)
    number = {task.id: n for n, task in enumerate(tasks)}
    now, running = 0.0, list[tuple[float, str]]()
    for name in begun:
        if name in left:
            heappush(running, (lasts[name], name))
    ready = [(n, name) for name, n in number.items() if not waits[name] and name not in begun]
    while running or ready:
        while ready and len(running) < jobs:
            name = heappop(ready)[1]
            heappush(running, (now + lasts[name], name))
        now, ended = heappop(running)
        for name in needed_by.get(ended, ()):
            waits[name].discard(ended)
            if not waits[name] and name not in begun:
                heappush(ready, (number[name], name))
    return now


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
