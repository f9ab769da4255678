"""How right the time left is: the tasks of recorded runs are replayed against the forecaster.

    python -m benchmarks.reel.forecast LOG ... [--quiet] [--jobs N]

LOG is of `benchmarks.reel.recorded`.  As recorded, each task ends when it did, on the machine as
busy as it was.  With --quiet each takes the CPU seconds that it used, handed out anew to N workers
as the queue does: a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.service.tasks.task import Task, TaskResult
from dubsync.service.tasks.task_queue import TaskQueue
from dubsync.service.tasks.time_left import RATE, TimeLeft

#: What follows when dubs are heard by `run`.
THEN = ("look", "learn", "shot", "finish")
#: Moments at which what is told is compared, from a tenth of the work on.
MOMENTS = 200
#: What is told is rounded to 5 s: nobody is misled by less.
ROUNDED_S = 5.0


@dataclass
class Phase:
    """Tasks of one queue: (seconds, what) of each that began and ended."""

    tasks: list[Task]
    jobs: int
    at: float
    moments: list[tuple[float, Task | TaskResult]] = field(default_factory=list)

    @property
    def hears(self) -> bool:
        """Whether it is of dubs, before the reel's tasks are known."""
        return all(task.kind == "hear" for task in self.tasks)


def phases(log: Path) -> tuple[list[Phase], dict[str, float], float]:
    """The phases of a recorded run, CPU seconds by task, and when it was over."""
    found: list[Phase] = []
    cpu: dict[str, float] = {}
    over = 0.0
    for line in log.read_text().splitlines():
        event = json.loads(line)
        at, over = event["at"], event["at"]
        if event["event"] == "listed":
            tasks = [Task(**{**one, "waits_for": tuple(one["waits_for"])})
                     for one in event["tasks"]]  # fmt: skip
            found.append(Phase(tasks, event["jobs"], at))
        elif event["event"] == "cpu":
            cpu[event["task"]] = event["cpu"]
        elif event["event"] in ("began", "ended"):
            known = {task.id: task for task in found[-1].tasks}
            found[-1].moments.append((at, _told(event, known[event["task"]])))
    return _completed(found), cpu, over


def _told(event: dict[str, Any], task: Task) -> Task | TaskResult:
    others = ("at", "event", "task", "own")
    facts = {key: value for key, value in event.items() if key not in others}
    return TaskResult(task, **facts) if event["event"] == "ended" else task


def _completed(found: list[Phase]) -> list[Phase]:
    """With the speech of each dub and its length, where an older record has none: by the shots."""
    shots = [task for phase in found for task in phase.tasks if task.kind in ("shot", "sync")]
    length = 20 * 60 * RATE if len(shots) > 50 else 3 * 60 * RATE
    for phase in (one for one in found if one.hears):
        for n, (at, what) in enumerate(phase.moments):
            if isinstance(what, TaskResult) and not what.spoken_s:
                who = what.task.name
                spoken = sum(shot.spoken for shot in shots if who in shot.characters) / RATE
                phase.moments[n] = at, replace(what, spoken_s=spoken)
        phase.tasks = [replace(task, frames=task.frames or length) for task in phase.tasks]
    return found


def quiet(found: Sequence[Phase], cpu: dict[str, float], ends_s: float, jobs: int) -> float:
    """Lay the phases out anew by CPU seconds; returns when all is over."""
    now = 0.0
    for phase in found:
        results = {what.task.id: what for _, what in phase.moments if isinstance(what, TaskResult)}
        queue, running = TaskQueue([t for t in phase.tasks if t.id in results]), []
        phase.at, phase.moments, phase.jobs, number = now, [], jobs, 0
        while queue.left:
            while len(running) < jobs and (task := queue.next()):
                phase.moments.append((now, task))
                number += 1
                heappush(running, (now + cpu[task.id], number, task))
            now, _, task = heappop(running)
            result = replace(results[task.id], seconds=cpu[task.id])
            queue.ended(result)
            phase.moments.append((now, result))
    return now + ends_s


def said(found: Sequence[Phase], over: float) -> Iterator[tuple[float, float]]:
    """(seconds, what is said of the time left) at many moments, as a user sees it."""
    every = np.linspace(over / 10, over, MOMENTS, endpoint=False)
    now, last = [0.0], float("nan")
    events = [(at, phase, what) for phase in found for at, what in phase.moments]
    left: dict[int, TimeLeft] = {}
    current: TimeLeft | None = None
    done = 0
    for moment in every.tolist():
        while done < len(events) and events[done][0] <= moment:
            now[0], phase, what = events[done]
            if id(phase) not in left:
                then = THEN if phase.hears else ()
                left[id(phase)] = TimeLeft(phase.tasks, phase.jobs, then, lambda: now[0])
            current = left[id(phase)]
            if isinstance(what, TaskResult):
                current.ended(what)
            else:
                current.began(what)
            done += 1
        if done == len(events):
            for task in found[-1].tasks:
                if task.kind == "finish" and current is not None:
                    current.began(task)
        now[0] = moment
        ended = done and done < len(events) and events[done][1] is not events[done - 1][1]
        if current is not None and not ended:  # between phases nothing new is said
            last = current.seconds()
        yield moment, last


def main() -> None:
    """Replay each record, and print how far off what is told is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("logs", type=Path, nargs="+")
    parser.add_argument("--quiet", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--all", action="store_true")
    asked = parser.parse_args()
    for log in asked.logs:
        found, cpu, over = phases(log)
        if asked.quiet:
            ends = [json.loads(line) for line in log.read_text().splitlines()[-1:]]
            over = quiet(found, cpu, _ends_s(log, ends[0]), asked.jobs)
        off, far = [], 0
        for at, seconds in said(found, over):
            true = over - at
            off.append(seconds / true - 1)
            far += abs(seconds - true) > max(0.2 * true, ROUNDED_S)
            if asked.all:
                print(f"  {at / over:.2f} {seconds:6.0f} {true:6.0f} {off[-1]:+.0%}")
        tenths = " ".join(f"{one:+.0%}" for one in off[:: MOMENTS // 9])
        print(
            f"{log.stem}: {over:.0f} s; off at each tenth {tenths}; from {min(off):+.0%} to "
            f"{max(off):+.0%}; more than 20 % and 5 s off: {far / len(off):.0%} of the time"
        )


def _ends_s(log: Path, over: dict[str, Any]) -> float:
    """CPU seconds of report and delivery: of the parent, after the last task."""
    last = [json.loads(line) for line in log.read_text().splitlines() if '"ended"' in line][-1]
    return float(over["cpu"] - last.get("own", 2.5))


if __name__ == "__main__":
    main()
