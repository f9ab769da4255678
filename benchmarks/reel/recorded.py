"""Runs a reel as `dubsync run` does, and writes down when each of its tasks began and ended.

    python -m benchmarks.reel.recorded REEL LOG [--jobs N]

LOG gets a line of JSON for every moment: the tasks that are listed, each that begins or ends, what
is said of the time left, and the end.  `benchmarks.reel.forecast` replays it.
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
        def __init__(self, tasks: Sequence[Task], jobs: int) -> None:
            super().__init__(tasks, jobs)
            record.write("listed", tasks=[asdict(task) for task in tasks], jobs=jobs)
            self._running: set[str] = set()

        def began(self, task: Task) -> None:
            if task.id not in self._running:
                self._running.add(task.id)
                record.write("began", task=task.id)
            super().began(task)

        def ended(self, result: TaskResult) -> None:
            facts = {key: value for key, value in asdict(result).items() if key != "task"}
            record.write("ended", task=result.task.id, **facts)
            super().ended(result)

        def seconds(self) -> float:
            left = super().seconds()
            record.said(left)
            return left

    return Recorded


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
        try:
            dubsync(["run", str(asked.reel), "--jobs", asked.jobs], standalone_mode=False)
        finally:
            record.write("over")


if __name__ == "__main__":
    main()
