"""Tells that a disk or a network share does not answer, while a call into it waits.

Such a call cannot be interrupted: it goes on when the share is back, and so does the work.  Until
then nobody would know what waits.  One thread looks every second, and only while a call is
under way, for one that has taken `PATIENCE_S`; the message is a warning in the log, which the
command line prints.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

_log = logging.getLogger(__name__)
#: Seconds that one call may take before it is told, and between two looks.
PATIENCE_S, LOOK_S = 6.0, 1.0
T = TypeVar("T")


@dataclass(slots=True)
class _Call:
    """A call that has not returned: since when, into what, and what for."""

    began: float
    path: str
    doing: str
    told: bool = False


@dataclass
class _Watch:
    """The calls under way, and the thread that looks at them."""

    calls: dict[int, _Call] = field(default_factory=dict)
    wanted: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    begun_in: int = 0

    def begin(self, call: _Call) -> int:
        name = id(call)
        self.calls[name] = call
        if self.begun_in != os.getpid():  # the first call, or a process that was forked
            self.begun_in = os.getpid()
            self.wanted, self.ended = threading.Event(), threading.Event()
            self.thread = threading.Thread(target=self._look, name="answering", daemon=True)
            self.thread.start()
            atexit.register(self.end_looking)
        if not self.wanted.is_set():
            self.wanted.set()
        return name

    def end(self, name: int) -> None:
        call = self.calls.pop(name, None)
        if call is not None and call.told:
            seconds = time.monotonic() - call.began
            _log.warning("%s answers again, after %.0f s", call.path, seconds)

    def end_looking(self) -> None:
        """No thread of this module's runs while Python takes itself apart."""
        if self.begun_in == os.getpid() and self.thread is not None:
            self.ended.set()
            self.wanted.set()
            self.thread.join(LOOK_S)

    def _look(self) -> None:
        quiet = False
        while True:
            self.wanted.wait()
            if self.ended.wait(LOOK_S):
                return
            now = time.monotonic()
            for call in list(self.calls.values()):
                if not call.told and now - call.began >= PATIENCE_S:
                    call.told = True
                    _log.warning(
                        "%s has not answered for %.0f s (%s): is its disk or network share there? "
                        "The work goes on when it answers; Ctrl-C stops it then",
                        call.path, now - call.began, call.doing,
                    )  # fmt: skip
            if self.calls:
                quiet = False
            elif quiet:
                self.wanted.clear()
                quiet = False
                if self.calls:  # one began between these two lines
                    self.wanted.set()
            else:
                quiet = True


_WATCH = _Watch()


class _Answering:
    """A call that is watched while the block runs."""

    __slots__ = ("_doing", "_name", "_path")

    def __init__(self, path: Path | str, doing: str) -> None:
        self._path, self._doing = path, doing

    def __enter__(self) -> None:
        call = _Call(time.monotonic(), os.fspath(self._path), self._doing)
        self._name = _WATCH.begin(call)

    def __exit__(self, *raised: object) -> None:
        _WATCH.end(self._name)


def answering(path: Path | str, doing: str) -> AbstractContextManager[None]:
    """Around one call into a file or folder: where it does not return, that is told.

    Args:
        doing: what waits, such as "opening a plate".
    """
    return _Answering(path, doing)


def answered(items: Iterable[T], path: Path | str, doing: str) -> Iterator[T]:
    """`items`, each of which is one call into the file at `path`."""
    rest = iter(items)
    while True:
        with answering(path, doing):
            try:
                item = next(rest)
            except StopIteration:
                return
        yield item
