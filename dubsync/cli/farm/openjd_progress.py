"""Progress and messages as a render farm reads them: lines of Open Job Description on stdout.

How Jobs Are Run, "Stdout/Stderr Messages": a line that begins with openjd_progress:, openjd_status:
or openjd_fail:.  SIGTERM (NOTIFY_THEN_TERMINATE) stops the work between two frames.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dubsync.core.errors import Cancelled
from dubsync.core.progress import Step

#: Seconds between two lines about the same stage.
BETWEEN_S = 1.0
#: Longest message; monitors show one line.
LONGEST = 500
#: Stage -> the part of a task, from 0 to 1, that it takes.  Others move nothing.
_STAGES = {
    "look": {"track": (0.0, 0.8), "look": (0.0, 0.9)},
    "learn": {
        "holdout": (0.0, 0.1), "learn": (0.1, 0.4), "training pairs": (0.4, 0.45),
        "train": (0.45, 0.95),
    },
    "shot": {
        "track": (0.0, 0.05), "holdout": (0.05, 0.1), "clean plate": (0.1, 0.2),
        "render": (0.2, 0.85), "check": (0.85, 0.95), "edit media": (0.95, 1.0),
    },
    "finish": {"check": (0.0, 0.7), "edit media": (0.7, 0.95)},
}  # fmt: skip


class OpenJDProgress:
    """Tells how far some tasks are; a Progress.

    stopped  whether the work is to stop at its next report
    """

    def __init__(self) -> None:
        self._tasks, self._ended = 1, 0
        self._kind, self._shots, self._within, self._told = "", 1, 0.0, -1.0
        self._seen: dict[str, set[str]] = {}
        self._stage, self._at = ("", ""), 0.0
        self.stopped = False

    def expect(self, tasks: int) -> None:
        """There are so many tasks."""
        self._tasks = max(tasks, 1)

    def begin(self, kind: str, shots: int = 1) -> None:
        """The next task begins: `kind` says which stages it has, each once for so many shots."""
        self._kind, self._shots, self._within, self._seen = kind, max(shots, 1), 0.0, {}

    def end(self) -> None:
        """It ended, well or not."""
        self._ended, self._within = self._ended + 1, 0.0
        self._tell()

    def __call__(self, step: Step) -> None:
        self._within = max(self._within, self._reached(step))
        stage, now = (step.name, step.shot), time.monotonic()
        if stage != self._stage or now - self._at >= BETWEEN_S:
            self._stage, self._at = stage, now
            note = f" {step.note}" if step.note else ""
            status(f"{step.name} {step.shot} {step.done}/{step.total}{note}")
            self._tell()
        if self.stopped:
            raise Cancelled

    def _reached(self, step: Step) -> float:
        """The part of the task that is done, from 0 to 1, as far as `step` shows."""
        start, stop = _STAGES.get(self._kind, {}).get(step.name, (0.0, 0.0))
        seen = self._seen.setdefault(step.name, set())
        seen.add(step.shot)
        part = min(step.done / step.total, 1.0) if step.total > 0 else 0.0
        return start + (stop - start) * min((len(seen) - 1 + part) / self._shots, 1.0)

    def _tell(self) -> None:
        """Print how far it is, in percent, where that is further than was printed."""
        percent = round(100 * (self._ended + self._within) / self._tasks, 1)
        if percent > self._told:
            self._told = percent
            _line("openjd_progress", f"{percent:.1f}")


def status(message: str) -> None:
    """Say what is being done, or how something ended."""
    _line("openjd_status", message)


def fail(message: str) -> None:
    """Say why the task fails."""
    _line("openjd_fail", message)


@contextmanager
def stoppable(progress: OpenJDProgress) -> Iterator[None]:
    """While the block runs, SIGTERM and Ctrl-C stop the work at its next report."""

    def stop(number: int, frame: FrameType | None) -> None:
        progress.stopped = True

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, stop) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _line(word: str, message: str) -> None:
    """One line: names in files are not trusted to hold no line of their own."""
    plain = "".join(c if c.isprintable() else " " for c in message)[:LONGEST]
    print(f"{word}: {plain}", file=sys.stdout, flush=True)
