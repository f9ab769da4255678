"""Runs dubsync on the long reel as a user does; watches time and memory of its processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PART = re.compile(r"([\d.]+) (h|min|s)\b")
_SECONDS = {"h": 3600.0, "min": 60.0, "s": 1.0}
#: Seconds between two looks at the memory.
LOOK_S = 2.0


@dataclass
class Watched:
    """One run of dubsync: its process group, and what was seen of it.

    steps    (seconds since the start, step) of the whole reel
    memory   (seconds since the start, {pid: (VmRSS, VmHWM) in MB})
    lanes    process, from 1 -> (what it works on, seconds since the start at which it began)
    """

    process: subprocess.Popen[str]
    began: float = field(default_factory=time.monotonic)
    steps: list[tuple[float, dict[str, Any]]] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    memory: list[tuple[float, dict[int, tuple[int, int]]]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    lanes: dict[int, tuple[str, float]] = field(default_factory=dict)

    def follow(self) -> None:
        """Read its events, and look at its memory, in threads of their own."""
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._look, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            try:
                step = json.loads(line)
            except ValueError:
                self.log.append(line.rstrip())
                continue
            now = time.monotonic() - self.began
            self.stages.setdefault(step["name"], now)
            if self.lanes.get(step["lane"], ("", 0.0))[0] != step["shot"]:
                self.lanes[step["lane"]] = (step["shot"], now)
            if step["name"] == "reel":
                self.steps.append((now, step))

    def _look(self) -> None:
        while self.process.poll() is None:
            seen = {pid: held(pid) for pid in descendants(self.process.pid)}
            self.memory.append((time.monotonic() - self.began, seen))
            time.sleep(LOOK_S)


def start(*arguments: str, nice: int = 8) -> Watched:
    """`dubsync ARGUMENTS` in a process group of its own."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        ["nice", "-n", str(nice), sys.executable, "-m", "dubsync", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env=environment,
    )  # fmt: skip
    watched = Watched(process)
    watched.follow()
    return watched


def descendants(pid: int) -> list[int]:
    """The process and all that it started, directly or not."""
    found = [pid]
    for one in found:
        found += list(_children(one))
    return found


def seconds_in(note: str) -> float | None:
    """The seconds that "about 6 min 40 s left" says."""
    parts = _PART.findall(note)
    return sum(float(n) * _SECONDS[unit] for n, unit in parts) if parts else None


def _children(pid: int) -> Iterator[int]:
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (task / "children").read_text().split())
    except OSError:
        return


def held(pid: int) -> tuple[int, int]:
    """(VmRSS, VmHWM) in MB; zeros of a process that has ended."""
    try:
        text = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0, 0
    found = dict(re.findall(r"(VmRSS|VmHWM):\s+(\d+) kB", text))
    return int(found.get("VmRSS", 0)) // 1024, int(found.get("VmHWM", 0)) // 1024
