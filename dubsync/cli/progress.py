"""Show progress on standard error; Ctrl-C cancels long work between two frames."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from dubsync.core.errors import Cancelled
from dubsync.core.progress import Progress, Step

#: Seconds between two lines if standard error is not a terminal.
QUIET_S = 5.0


@contextmanager
def shown() -> Iterator[Progress]:
    """A Progress that draws a bar (or plain lines in a log) and raises Cancelled after Ctrl-C.

    A second Ctrl-C ends the program at once.
    """
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, interrupt) for number in signals}
    draw = _Bar() if sys.stderr.isatty() else _Lines()

    def progress(step: Step) -> None:
        draw.show(step)
        if interrupted:
            raise Cancelled

    try:
        yield progress
    finally:
        draw.close()
        for number, handler in before.items():
            signal.signal(number, handler)


class _Bar:
    """One line that is redrawn: stage, shot, bar, count, rate, time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            TextColumn("{task.description:<28}"), BarColumn(None), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._clock = _Clock()
        self._task: Any = None
        self._bar.start()

    def show(self, step: Step) -> None:
        if self._clock.is_new(step):
            if self._task is not None:
                self._bar.refresh()  # show the stage as complete before the next one replaces it
                self._bar.remove_task(self._task)
            name = f"{step.name} {step.shot}"
            self._task = self._bar.add_task(name, total=step.total, rate="")
        self._bar.update(self._task, completed=step.done, rate=self._clock.rate(step))

    def close(self) -> None:
        self._bar.stop()


class _Lines:
    """A line when a stage begins and ends, and every few seconds: for logs."""

    def __init__(self) -> None:
        self._clock = _Clock()
        self._printed = 0.0

    def show(self, step: Step) -> None:
        new = self._clock.is_new(step)
        now = time.monotonic()
        if new or step.done >= step.total or now - self._printed >= QUIET_S:
            rate = self._clock.rate(step)
            print(f"{step.name} {step.shot} {step.done}/{step.total} {rate}".rstrip(),
                  file=sys.stderr, flush=True)  # fmt: skip
            self._printed = now

    def close(self) -> None:
        pass


class _Clock:
    """The start of the current stage, and its rate."""

    def __init__(self) -> None:
        self._stage: tuple[str, str] | None = None
        self._began = 0.0
        self._from = 0

    def is_new(self, step: Step) -> bool:
        if self._stage == (step.name, step.shot):
            return False
        self._stage = step.name, step.shot
        self._began, self._from = time.monotonic(), step.done
        return True

    def rate(self, step: Step) -> str:
        if step.note:
            return step.note
        if not step.unit or step.total <= 1:  # a single item, such as the plan of a shot
            return ""
        seconds = time.monotonic() - self._began
        done = step.done - self._from
        return f"{done / seconds:.1f} {step.unit}/s" if done > 0 and seconds > 0.2 else ""
