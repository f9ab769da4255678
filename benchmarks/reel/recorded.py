"""Runs a reel as `dubsync run` does, and writes down when each of its tasks began and ended.

    python -m benchmarks.reel.recorded REEL LOG [--jobs N]

LOG gets a line of JSON for every moment: the tasks that are listed, each that begins or ends (with
the CPU seconds of its process), what is said of the time left, and the end.
`benchmarks.reel.forecast` replays it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from dubsync.cli.main import main as dubsync
from dubsync.service.tasks import run_reel
from dubsync.service.tasks.pool import Pool
from dubsync.service.tasks.task import Task, TaskResult
from dubsync.service.tasks.time_left import TimeLeft

#: Seconds between two moments at which what is said is written down.
SAID_S = 1.0


class Record:
    """Writes moments to a file, seconds since it was opened."""

    def __init__(self, out: TextIO) -> None:
        self._out, self._began, self._said = out, time.monotonic(), -SAID_S

    def write(self, event: str, **facts: Any) -> None:
        """One line."""
        at = round(time.monotonic() - self._began, 3)
        self._out.write(json.dumps({"at": at, "event": event, **facts}) + "\n")
        self._out.flush()

    def said(self, seconds: float) -> None:
        """What was said of the time left, once a second; and how busy the machine was."""
        now = time.monotonic()
        if now - self._said >= SAID_S:
            self._said = now
            self.write("said", seconds=round(seconds, 1), load=os.getloadavg()[0])


def recording(record: Record) -> type[TimeLeft]:
    """A TimeLeft that writes down what it is told, and what it tells."""

    class Recorded(TimeLeft):
        def __init__(self, tasks: Sequence[Task], jobs: int, *rest: Any) -> None:
            super().__init__(tasks, jobs, *rest)
            record.write("listed", tasks=[asdict(task) for task in tasks], jobs=jobs)
            self._running: set[str] = set()

        def began(self, task: Task) -> None:
            if task.id not in self._running:
                self._running.add(task.id)
                record.write("began", task=task.id)
            super().began(task)

        def ended(self, result: TaskResult) -> None:
            self._running.discard(result.task.id)
            facts = {key: value for key, value in asdict(result).items() if key != "task"}
            own = round(time.process_time(), 2)  # of this process, which makes the report
            record.write("ended", task=result.task.id, own=own, **facts)
            super().ended(result)

        def seconds(self) -> float:
            left = super().seconds()
            record.said(left)
            return left

    return Recorded


def cpu_seconds(process: int) -> float:
    """What a process has used so far; 0 of one that is gone."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measuring(record: Record) -> type[Pool]:
    """A Pool that writes down the CPU seconds of each task; a worker's first bears its start."""

    class Measured(Pool):
        def _take(self, worker: Any, said: Any, *others: Any) -> None:
            if said is not None and "result" in said and worker.task is not None:
                used, before = cpu_seconds(worker.process.pid), spent.get(worker.process.pid, 0.0)
                spent[worker.process.pid] = used
                record.write("cpu", task=worker.task.id, cpu=round(used - before, 2))
            super()._take(worker, said, *others)

    spent: dict[int, float] = {}
    return Measured


def main() -> None:
    """Run the reel, and write the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("reel", type=Path)
    parser.add_argument("log", type=Path)
    parser.add_argument("--jobs", default="2")
    asked = parser.parse_args()
    with asked.log.open("w") as out:
        record = Record(out)
        run_reel.TimeLeft = recording(record)  # type: ignore[misc]
        run_reel.Pool = measuring(record)  # type: ignore[misc]
        try:
            dubsync(["run", str(asked.reel), "--jobs", asked.jobs], standalone_mode=False)
        finally:
            record.write("over", cpu=round(time.process_time(), 2))


if __name__ == "__main__":
    main()
