"""Worker processes that do the tasks of one queue, as many at once as memory allows.

The parent owns the queue.  A worker that dies has its task done again once, alone; then the task
has failed, and the others go on.  Workers end with their parent, whatever ends it.
"""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from os import getpid
from pathlib import Path
from typing import IO, Any

from dubsync.core.errors import DubsyncError
from dubsync.core.farm.path_map import UNMAPPED, PathMap
from dubsync.core.progress import Progress, Step
from dubsync.service.plugins import allowed_engines
from dubsync.service.tasks import memory
from dubsync.service.tasks.task import Task, TaskResult
from dubsync.service.tasks.task_queue import TaskQueue

#: Seconds between two looks at what the user wants and at the memory.
TICK_S = 0.5
#: Seconds that workers get to stop between two frames before they are killed.
STOPS_S = 4.0
#: Bytes that a worker is taken to need before one has been measured.
ASSUMED = 1_200_000_000
#: A worker that holds this many times what it held after its first task is replaced.
GROWN = 2.5
#: Workers that may die one after another without a word before the run ends.
MOST_DEAD = 4


@dataclass(frozen=True, slots=True)
class Held:
    """What the workers of a run held.

    workers  most at the same time
    each     bytes of the one that held most
    bound    whether fewer ran than asked for, because memory is short
    """

    workers: int = 0
    each: int = 0
    bound: bool = False


@dataclass(slots=True, eq=False)
class _Worker:
    lane: int
    process: subprocess.Popen[str]
    log: IO[bytes]
    task: Task | None = None
    first: int = 0
    spoke: bool = False
    reader: threading.Thread | None = None


_Message = tuple[_Worker, dict[str, Any] | None]


class Pool:
    """Does the tasks of a reel in processes of their own, which end with its block.

    Args:
        folder: the project's.
        jobs: how many tasks at once, at most.
        paths: where this machine has the folders that the project names.
    """

    def __init__(
        self, folder: Path, jobs: int, *, paths: PathMap = UNMAPPED, python: str = sys.executable
    ) -> None:
        module = "dubsync.service.tasks.worker"
        self._command = [python, "-m", module, str(folder), str(getpid()), *allowed_engines()]
        self._jobs, self._paths = jobs, paths
        self._workers: list[_Worker] = []
        self._closing: list[_Worker] = []
        self._messages: queue.Queue[_Message] = queue.Queue()
        self._dead = 0
        self.held = Held()

    def run(
        self, tasks: TaskQueue, progress: Progress, ended: Callable[[TaskResult], None]
    ) -> None:
        """Do every task of the queue.

        Args:
            progress: called with the workers' steps, and with one of name "" at least every
                second; it may raise Cancelled, which stops the workers between two frames.
            ended: called with each result.

        Raises:
            DubsyncError: no worker can be started.
        """
        while tasks.left:
            self._begin(tasks)
            with suppress(queue.Empty):
                self._take(*self._messages.get(timeout=TICK_S), tasks, progress, ended)
            progress(Step("", "", 0, 0))

    def _begin(self, tasks: TaskQueue) -> None:
        """Give tasks to idle workers, and start others as long as they fit into memory."""
        while True:
            fits = self._fits()
            busy = [one for one in self._workers if one.task]
            idle = [one for one in self._workers if not one.task]
            if len(busy) >= fits:
                for one in idle:
                    self._close(one)
                return
            task = tasks.next()
            if task is None:
                return
            worker = idle[0] if idle else self._started()
            worker.task = task
            with suppress(OSError):  # it died: the reader tells
                assert worker.process.stdin is not None
                asked = json.dumps({"task": task.id, "language": task.language,
                                    "paths": asdict(self._paths)})  # fmt: skip
                worker.process.stdin.write(asked + "\n")
                worker.process.stdin.flush()

    def _fits(self) -> int:
        running = len(self._workers)
        if running >= self._jobs:
            return self._jobs
        each = self.held.each or ASSUMED
        free, held = memory.free(), 0
        for worker in self._workers:  # those that have just begun hold little of what they need
            held += memory.taken(worker.process.pid)[0]
        known = None if free is None else free + held
        fits = memory.workers_that_fit(self._jobs, each, known)
        if fits < self._jobs and not self.held.bound:
            self.held = replace(self.held, bound=True)
        return fits

    def _started(self) -> _Worker:
        lanes = {one.lane for one in self._workers}
        lane = next(n for n in range(1, len(lanes) + 2) if n not in lanes)
        log = tempfile.TemporaryFile()  # noqa: SIM115  (closed when the worker is gone)
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
                encoding="utf-8",
            )  # fmt: skip
        except OSError as error:
            log.close()
            raise DubsyncError(
                f"no worker process can be started: {error}", hint="run with fewer --jobs"
            ) from error
        worker = _Worker(lane, process, log)
        self._workers.append(worker)
        self.held = replace(self.held, workers=max(self.held.workers, len(self._workers)))
        name = f"worker {lane}"
        worker.reader = threading.Thread(target=self._read, args=(worker,), name=name, daemon=True)
        worker.reader.start()
        return worker

    def _read(self, worker: _Worker) -> None:
        """Hand over what a worker says until it ends; runs in a thread of its own."""
        assert worker.process.stdout is not None
        with worker.process.stdout as lines, suppress(OSError, ValueError):
            for line in lines:  # ValueError: half a line of one that was killed
                self._messages.put((worker, json.loads(line)))
        worker.process.wait()
        self._messages.put((worker, None))

    def _take(
        self, worker: _Worker, said: dict[str, Any] | None, tasks: TaskQueue, progress: Progress,
        ended: Callable[[TaskResult], None],
    ) -> None:  # fmt: skip
        if said is None:
            self._gone(worker, tasks, ended)
            return
        worker.spoke, self._dead = True, 0
        if "step" in said:
            progress(replace(Step(**said["step"]), lane=worker.lane))
            return
        task, worker.task = worker.task, None
        assert task is not None
        result = TaskResult(**{**said["result"], "task": task})
        now, most = said["memory"]
        self.held = replace(self.held, each=max(self.held.each, most))
        worker.first = worker.first or now
        if now > GROWN * worker.first:
            self._close(worker)
        tasks.ended(result)
        ended(result)

    def _gone(self, worker: _Worker, tasks: TaskQueue, ended: Callable[[TaskResult], None]) -> None:
        """A worker has ended: by itself after it was closed, or over its task."""
        if worker in self._closing:  # its log would be open until the reel is done
            self._closing.remove(worker)
            self._end(worker)
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        why = _why(worker)
        self._end(worker)
        if worker.task is None:
            return
        self._dead += 0 if worker.spoke else 1
        if self._dead >= MOST_DEAD:
            raise DubsyncError(f"no worker process can be started: {why}", hint="send us that")
        result = tasks.died(worker.task, why)
        if result is not None:
            ended(result)

    def _close(self, worker: _Worker) -> None:
        """Let a worker end by itself: an idle one at once, else between two frames."""
        self._workers.remove(worker)
        self._closing.append(worker)
        with suppress(OSError):
            assert worker.process.stdin is not None
            worker.process.stdin.close()

    def _end(self, worker: _Worker) -> None:
        """Wait for a worker that ends, kill it if it does not, and close what is open."""
        try:
            worker.process.wait(STOPS_S)
        except subprocess.TimeoutExpired:
            worker.process.kill()
        with suppress(OSError):
            assert worker.process.stdin is not None
            worker.process.stdin.close()
        if worker.reader is not None:
            worker.reader.join()
        worker.log.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *raised: object) -> None:
        """End every worker: between two frames, or soon after."""
        for worker in list(self._workers):
            self._close(worker)
        while self._closing:
            self._end(self._closing.pop())


def _why(worker: _Worker) -> str:
    """How the process ended, and the last line that it wrote."""
    code = worker.process.returncode
    ending = f"signal {-code}" if code < 0 else f"exit code {code}"
    worker.log.seek(0)
    lines = worker.log.read().decode("utf-8", "replace").strip().splitlines()
    return f"{ending}: {lines[-1][:200]}" if lines else ending
