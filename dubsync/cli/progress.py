"""Show progress on standard error; Ctrl-C cancels long work between two frames."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any

from dubsync.core.errors import Cancelled
from dubsync.core.progress import Progress, Step

#: Seconds between two lines if standard error is not a terminal.
QUIET_S = 5.0
#: Seconds between two events of one process.
EVENTS_S = 0.5
#: The step that tells of all tasks of a reel.
WHOLE = "reel"


@contextmanager
def shown(*, events: bool = False) -> Iterator[Progress]:
    """A Progress that draws bars (or plain lines in a log) and raises Cancelled after Ctrl-C.

    A second Ctrl-C ends the program at once.

    Args:
        events: write each step as a JSON object on a line of its own instead.
    """
    interrupted = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True

    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, interrupt) for number in signals}
    draw = _Events() if events else _Bars() if sys.stderr.isatty() else _Lines()

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


class _Bars:
    """A line for each process, that is redrawn: stage, shot, bar, count, rate, time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bars = Progress(
            TextColumn("{task.description:<28}"), BarColumn(None), MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
            console=Console(stderr=True), transient=True,
        )  # fmt: skip
        self._clocks = _Clocks()
        self._tasks: dict[int, Any] = {}
        self._bars.start()

    def show(self, step: Step) -> None:
        clock, lane = self._clocks.of(step), step.lane
        if clock.is_new(step):
            if lane in self._tasks:
                self._bars.refresh()  # show the stage as complete before the next one replaces it
                self._bars.remove_task(self._tasks[lane])
            name = f"{step.name} {step.shot}"
            self._tasks[lane] = self._bars.add_task(name, total=step.total, rate="")
        self._bars.update(self._tasks[lane], completed=step.done, rate=clock.rate(step))

    def close(self) -> None:
        self._bars.stop()


class _Lines:
    """A line when a stage begins and ends, and every few seconds: for logs."""

    def __init__(self) -> None:
        self._clocks = _Clocks()
        self._printed: dict[int, float] = {}

    def show(self, step: Step) -> None:
        clock = self._clocks.of(step)
        new, now = clock.is_new(step), time.monotonic()
        late = now - self._printed.get(step.lane, 0.0) >= QUIET_S
        if new or late or step.done >= step.total:
            rate = clock.rate(step)
            lane = f"[{step.lane}] " if step.lane else ""
            print(f"{lane}{step.name} {step.shot} {step.done}/{step.total} {rate}".rstrip(),
                  file=sys.stderr, flush=True)  # fmt: skip
            self._printed[step.lane] = now

    def close(self) -> None:
        pass


class _Events:
    """Each step as a JSON object on a line of its own, a few a second of each process."""

    def __init__(self) -> None:
        self._clocks = _Clocks()
        self._printed: dict[int, float] = {}

    def show(self, step: Step) -> None:
        new, now = self._clocks.of(step).is_new(step), time.monotonic()
        if new or step.done >= step.total or now - self._printed.get(step.lane, 0.0) >= EVENTS_S:
            body = {"schema": "dubsync.progress/1", **asdict(step)}
            print(json.dumps(body), file=sys.stderr, flush=True)
            self._printed[step.lane] = now

    def close(self) -> None:
        pass


class _Clocks:
    """The clock of each process; that of the whole reel is lane 0, too."""

    def __init__(self) -> None:
        self._clocks: dict[int, _Clock] = {}

    def of(self, step: Step) -> _Clock:
        return self._clocks.setdefault(step.lane, _Clock())


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
