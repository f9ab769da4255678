"""Watches how long the Qt thread is busy with one event: more than 50 ms and the window sticks.

What counts is the thread's own processor time: on a shared machine the clock on the wall also
counts what others do.  Both are kept.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QObject
from PyQt5.QtWidgets import QApplication

LIMIT_MS = 50.0


@dataclass(frozen=True, slots=True)
class LongCall:
    """One event that took long: milliseconds of the thread's own time, and on the wall."""

    own_ms: float
    wall_ms: float
    receiver: str
    event: int

    def __str__(self) -> str:
        return (
            f"{self.own_ms:.0f} ms ({self.wall_ms:.0f} on the wall): {self.receiver}, {self.event}"
        )


class WatchedApplication(QApplication):
    """Keeps every event that took more than `limit_ms` of the Qt thread's own time."""

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.long: list[LongCall] = []
        self.limit_ms = LIMIT_MS
        self._depth = 0

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        """Deliver an event; the outermost one is timed."""
        if self._depth:
            return bool(super().notify(receiver, event))
        self._depth += 1
        own, wall, kind = time.thread_time(), time.monotonic(), int(event.type())
        name = type(receiver).__name__
        try:
            return bool(super().notify(receiver, event))
        finally:
            self._depth -= 1
            took = 1000 * (time.thread_time() - own)
            if took > self.limit_ms:
                self.long.append(LongCall(took, 1000 * (time.monotonic() - wall), name, kind))
