"""A worker: a process that does the tasks of one reel that its parent names, one after another.

    python -m dubsync.service.tasks.worker REEL [ENGINE ...]

Each line of its standard input is {"language", "task", "paths"}, the last the rules by which this
machine finds the project's folders; each line of its standard output is a step
of progress, or the result.  It ends when its input is closed, so with its parent, and leaves
everything whole: it may be killed at any moment.
"""

from __future__ import annotations

import ctypes
import json
import os
import queue
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from dubsync.core.errors import Cancelled
from dubsync.core.farm.path_map import PathMap, PathRule
from dubsync.core.progress import Step
from dubsync.media.freed_memory import give_back_freed
from dubsync.service.plugins import allow_engine
from dubsync.service.project import Project
from dubsync.service.settings.project_file import read_project_file
from dubsync.service.tasks import memory
from dubsync.service.tasks.do_task import do_task
from dubsync.service.tasks.task import Task, parse_id

#: Seconds that the task in hand may take to stop between two frames after the input was closed.
STOPS_S = 3.0
#: Least seconds between two steps of one stage that are told.
TOLD_S = 0.2
_PR_SET_PDEATHSIG = 1


class Worker:
    """Does tasks of the reel in `folder`, and writes what happens to `output`."""

    def __init__(self, folder: Path, output: TextIO) -> None:
        self._folder, self._output = folder, output
        self._asked: queue.Queue[str | None] = queue.Queue()
        self._stopping = threading.Event()
        self._stage, self._told = ("", ""), 0.0

    def read(self, source: TextIO) -> None:
        """Take tasks from `source` until it is closed; runs in its own thread."""
        for line in source:
            self._asked.put(line)
        self._stopping.set()
        self._asked.put(None)
        timer = threading.Timer(STOPS_S, os._exit, (0,))
        timer.daemon = True
        timer.start()

    def run(self) -> None:
        """Do tasks until the input is closed."""
        project: Project | None = None
        while (line := self._asked.get()) is not None:
            asked = json.loads(line)
            kind, name = parse_id(asked["task"])
            project = project or self._opened(asked.get("paths", {}))
            try:
                result = do_task(project, Task(kind, name, asked["language"]), self._progress)
            except Cancelled:
                return
            give_back_freed()
            self._send({"result": asdict(result), "memory": memory.taken()})

    def _opened(self, paths: dict[str, list[dict[str, Any]]]) -> Project:
        """The project, its absolute paths mapped as in the process that asks."""
        rules = tuple(PathRule(**rule) for rule in paths.get("rules", ()))
        return Project(read_project_file(self._folder, PathMap(rules)))

    def _progress(self, step: Step) -> None:
        if self._stopping.is_set():
            raise Cancelled
        now, stage = time.monotonic(), (step.name, step.shot)
        if stage != self._stage or step.done >= step.total or now - self._told >= TOLD_S:
            self._stage, self._told = stage, now
            self._send({"step": asdict(step)})

    def _send(self, body: dict[str, object]) -> None:
        try:
            self._output.write(json.dumps(body) + "\n")
            self._output.flush()
        except OSError:  # the parent is gone
            os._exit(1)


def dies_with_parent(parent: int) -> None:
    """Have the kernel end this process with its parent, where it can; the closed input does too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the parent, which closes us
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def main() -> None:
    """Serve standard input; what libraries print goes to standard error."""
    folder, parent, *engines = sys.argv[1:]
    dies_with_parent(int(parent))
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for name in engines:
        allow_engine(name)
    worker = Worker(Path(folder), output)
    threading.Thread(target=worker.read, args=(sys.stdin,), daemon=True).start()
    worker.run()


if __name__ == "__main__":
    main()
