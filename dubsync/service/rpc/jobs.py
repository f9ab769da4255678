"""Renders for plugins: a queue of jobs, each a process of its own, one at a time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from dubsync.core.errors import SettingsError
from dubsync.service.plugins import allowed_engines

#: Seconds that a job gets to stop between two frames, before it is ended.
STOPS_S = 15.0
Tell = Callable[[str, Mapping[str, Any]], None]


@dataclass(slots=True)
class Work:
    """One job.

    host   that opens the renders; "": none in particular
    told   shot -> what the process said of it
    end    how the process ended: state, message, hint, kind
    """

    number: str
    reel: str
    language: str
    shots: tuple[str, ...]
    host: str = ""
    stop: bool = False
    process: subprocess.Popen[bytes] | None = None
    told: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    end: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """How it ended: "done", "failed" or "cancelled"."""
        if self.stop or self.end.get("state") == "cancelled":
            return "cancelled"
        bad = any(one.get("status") in ("failed", "blocked") for one in self.told.values())
        return "failed" if bad or self.end.get("state") != "done" else "done"


class Jobs:
    """The jobs of one `dubsync rpc`.

    Args:
        tell: sends a notification.
        results: the Results of a job that has ended, for its last notification.
        program: what runs a job; tests put another there.
    """

    def __init__(
        self,
        tell: Tell,
        results: Callable[[Work], list[dict[str, Any]]],
        program: Sequence[str] = (sys.executable, "-m", "dubsync.service.rpc.job"),
    ) -> None:
        self._tell, self._results, self._program = tell, results, program
        self._came = threading.Condition()
        self._waiting: deque[Work] = deque()
        self._all: dict[str, Work] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def add(self, reel: str, language: str, shots: Sequence[str], host: str = "") -> str:
        """Queue a job; its number.  `host` opens what it makes."""
        with self._came:
            work = Work(str(len(self._all) + 1), reel, language, tuple(shots), host)
            self._all[work.number] = work
            self._waiting.append(work)
            self._came.notify()
        return work.number

    def cancel(self, number: str) -> None:
        """Stop a job between two frames; one that has ended stays as it is.

        Raises:
            SettingsError: there is no such job.
        """
        with self._came:
            work = self._all.get(number)
        if work is None:
            raise SettingsError(f"there is no job {number!r}", hint="jobs end with their dubsync")
        self._stop(work)

    def close(self) -> None:
        """Stop everything; returns when the running job has stopped."""
        with self._came:
            self._closing = True
            everything = list(self._all.values())
            self._came.notify()
        for work in everything:
            self._stop(work)
        self._thread.join(STOPS_S + 5)

    # -- internal ----------------------------------------------------------------------------

    def _stop(self, work: Work) -> None:
        with self._came:
            if work.end:
                return
            work.stop, process = True, work.process
        if process is None:
            return
        with suppress(OSError):
            cast(BinaryIO, process.stdin).close()
        timer = threading.Timer(STOPS_S, process.kill)
        timer.daemon = True
        timer.start()

    def _run(self) -> None:
        while True:
            with self._came:
                while not self._waiting and not self._closing:
                    self._came.wait()
                if self._closing and not self._waiting:
                    return
                work = self._waiting.popleft()
            if not work.stop:
                self._work(work)
            last = {"job": work.number, "state": work.state, "message": work.end.get("message", ""),
                    "hint": work.end.get("hint", ""), "shots": self._results(work)}  # fmt: skip
            self._tell("finished", last)

    def _work(self, work: Work) -> None:
        command = [*self._program, work.reel, work.language, work.host, *allowed_engines()]
        try:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            work.end = {"state": "failed", "message": f"the render could not be started: {error}"}
            return
        with self._came:
            work.process = process
        if hasattr(os, "setpriority"):  # the host comes first
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, 5)
        source = cast(BinaryIO, process.stdin)
        with suppress(OSError, ValueError):
            source.write(json.dumps(work.shots).encode() + b"\n")
            source.flush()
        if work.stop:  # cancelled while it started
            self._stop(work)
        for line in cast(BinaryIO, process.stdout):
            self._take(work, line)
        code = process.wait()
        cast(BinaryIO, process.stdout).close()
        with suppress(OSError):
            source.close()
        with self._came:
            if not work.end:
                message = f"the render ended abruptly, with code {code}"
                hint = "sync again: finished shots are kept"
                work.end = {"state": "failed", "message": message, "hint": hint}

    def _take(self, work: Work, line: bytes) -> None:
        try:
            body = json.loads(line)
        except ValueError:
            return
        if "step" in body:
            told = {"job": work.number, **body["step"], "shots_done": len(work.told),
                    "shots": len(work.shots)}  # fmt: skip
            self._tell("progress", told)
        elif "result" in body:
            work.told[body["result"]["name"]] = body["result"]
        elif "end" in body:
            with self._came:
                work.end = body["end"]
