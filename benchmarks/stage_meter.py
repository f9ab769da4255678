"""Meters of the benchmarks: processor seconds and memory of each stage, and where they went."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

#: Seconds between two looks at what the main thread does.
EVERY_S = 0.004
_PACKAGE = str(Path(__file__).parents[1] / "dubsync") + "/"


@dataclass(frozen=True, slots=True)
class Spent:
    """What one stage took.

    cpu    processor seconds of all threads, codecs' too
    main   those of the thread that asked; the rest is encoders and decoders
    wall   seconds by the clock
    peak_mib  most resident memory during the stage
    """

    cpu: float
    main: float
    wall: float
    peak_mib: float


class StageMeter:
    """Runs the stages of a benchmark one after another and keeps what each `Spent`."""

    def __init__(self) -> None:
        self.spent: dict[str, Spent] = {}

    def run(self, name: str, work: Callable[[], Any]) -> Any:
        """The result of `work`, which is the stage `name`; a stage run twice adds up."""
        forget_peak()
        began = time.process_time(), time.thread_time(), time.perf_counter()
        result = work()
        now = time.process_time(), time.thread_time(), time.perf_counter()
        cpu, main, wall = (b - a for a, b in zip(began, now, strict=True))
        self.add(name, Spent(cpu, main, wall, peak_mib()))
        return result

    def add(self, name: str, more: Spent) -> None:
        """Add `more` to what the stage has taken so far."""
        known = self.spent.get(name, Spent(0, 0, 0, 0))
        self.spent[name] = Spent(
            known.cpu + more.cpu, known.main + more.main, known.wall + more.wall,
            max(known.peak_mib, more.peak_mib),
        )  # fmt: skip

    def total(self, *names: str) -> float:
        """Processor seconds of the named stages."""
        return sum(self.spent[name].cpu for name in names)


def forget_peak() -> None:
    """Let the kernel count this process's peak memory anew from now on."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mib() -> float:
    """Most resident MiB since `forget_peak`, or since the process began."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


class Sampler:
    """Looks at the main thread every few milliseconds, for a table of where its time went.

    with Sampler() as seen:  ...;  seen.table() gives (share, function) pairs, the largest first.
    A function is the innermost one of dubsync's own that was running, with the libraries it calls.
    """

    def __init__(self) -> None:
        self._main = threading.main_thread().ident or 0
        self._counts: Counter[str] = Counter()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._done.set()
        self._thread.join()

    def table(self, most: int = 30) -> list[tuple[float, str]]:
        """(share of all looks, "module.py function"), the largest first."""
        total = sum(self._counts.values())
        return [(count / total, name) for name, count in self._counts.most_common(most)]

    def _look(self) -> None:
        while not self._done.wait(EVERY_S):
            self._counts[_own(sys._current_frames().get(self._main))] += 1


def _own(frame: FrameType | None) -> str:
    """The innermost function of dubsync's own."""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_PACKAGE):
            return f"{code.co_filename.removeprefix(_PACKAGE)} {code.co_qualname}"
        frame = frame.f_back
    return "elsewhere"
