"""Starts the parts of the pipeline, joins them, and ends them, whatever becomes of one of them."""

from __future__ import annotations

import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from types import TracebackType
from typing import Any

from dubsync.core.driven.live import LiveSubject
from dubsync.core.errors import DubsyncError, EngineError
from dubsync.core.settings import EngineSettings
from dubsync.service.live.figures import FigureBook, LiveFigures
from dubsync.service.live.parts import (
    FORGET,
    GO,
    NEUTRAL,
    STOP,
    Driver,
    EngineName,
    RingEnd,
    capture_part,
    draw_part,
    follow_part,
)
from dubsync.service.live.shared_frames import FrameReader, LiveFrame, SharedFrames
from dubsync.service.plugins import allowed_engines

#: Seconds that the parts have to end after they are told to, and then again after each signal.
END_S = 1.5
#: Seconds in which every part has said that it is done, once the last frame has come.
LAST_S = 10.0
_PIPES: Any = get_context("spawn")  # no fork: threads of cv2 and torch do not survive one


class LiveRefused(EngineError):
    """A part of the pipeline could not do its work; the message is the part's own."""


@dataclass(slots=True)
class _Part:
    name: str
    process: Any
    line: Connection
    ready: bool = False
    done: bool = False
    refused: tuple[str, str] | None = None


class LiveSession:
    """A running pipeline; a context manager.  Use it in the thread that made it.

    with LiveSession(driver, subject, settings) as live:
        while not live.ended:
            frame = live.newest(0.1)
            if frame is not None:
                show(frame.rgb)
                live.shown(frame)
    """

    def __init__(self, driver: Driver, subject: LiveSubject, settings: EngineSettings) -> None:
        self._driver, self._subject = driver, subject
        self._engine = EngineName(settings, allowed_engines())
        self._parts: list[_Part] = []
        self._book = FigureBook()
        self._went = False
        self.ended = False

    def __enter__(self) -> LiveSession:
        """Start the parts; they load for some seconds before the first frame."""
        with ExitStack() as undo:
            rings = [undo.enter_context(SharedFrames()) for _ in range(3)]
            ends = [_PIPES.Pipe(duplex=False) for _ in rings]
            (heard1, sent1), (heard2, sent2), (heard3, sent3) = ends
            one, two, three = (ring.name for ring in rings)
            undo.callback(self._end)
            with _deaf_to_interrupts():
                self._start("capture", capture_part, self._driver, RingEnd(one, sent1))
                self._start("follow", follow_part, self._engine, RingEnd(one, heard1),
                            RingEnd(two, sent2))  # fmt: skip
                self._start("draw", draw_part, self._engine, self._subject, RingEnd(two, heard2),
                            RingEnd(three, sent3))  # fmt: skip
            # A part learns that another has ended only if nobody else holds that end open.
            for end in (sent1, heard1, sent2, heard2, sent3):
                end.close()
            self._reader = FrameReader(three, heard3)
            undo.callback(self._reader.close)
            self._undo = undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def fileno(self) -> int:
        """What becomes readable when there may be a new frame."""
        return self._reader.fileno()

    @property
    def running(self) -> bool:
        """Whether every part is loaded and the driver's pictures are being taken."""
        return self._went

    def newest(self, timeout: float = 0.0) -> LiveFrame | None:
        """The newest drawn frame; None if none comes within `timeout` seconds, or all is over.

        Raises:
            DubsyncError: a part could not do its work, or died.
        """
        until = time.monotonic() + timeout
        while not self.ended:
            self._listen()
            try:
                frame = self._reader.newest(0.0)
            except EOFError:
                self._over()
                return None
            left = until - time.monotonic()
            if frame is not None or left <= 0:
                return frame
            wait([self._reader.fileno(), *(part.line for part in self._parts)], left)
        return None

    def shown(self, frame: LiveFrame) -> None:
        """Note that `frame` has just been shown."""
        self._book.add(frame, time.monotonic_ns())

    def take_neutral(self) -> None:
        """Take the driver's neutral face anew."""
        self._tell("draw", NEUTRAL)

    def another_driver(self) -> None:
        """Let whoever is seen drive, the largest face first, from a new neutral."""
        self._tell("follow", FORGET)
        self._tell("draw", NEUTRAL)

    def figures(self) -> LiveFigures | None:
        """What was measured so far; None before two frames were shown."""
        return self._book.figures()

    def processes(self) -> dict[str, int]:
        """Name of each part -> its process id."""
        return {part.name: int(part.process.pid) for part in self._parts}

    def _start(self, name: str, work: Callable[..., None], *arguments: object) -> None:
        ours, theirs = _PIPES.Pipe()
        process = _PIPES.Process(target=work, args=(*arguments, theirs), name=f"dubsync-{name}",
                                 daemon=True)  # fmt: skip
        process.start()
        theirs.close()
        self._parts.append(_Part(name, process, ours))

    def _tell(self, name: str, word: bytes) -> None:
        for part in self._parts:
            if part.name == name:
                with suppress(OSError):  # it has ended; `newest` says so
                    part.line.send_bytes(word)

    def _listen(self) -> None:
        """Hear what the parts have to say; start them together when all are ready."""
        for part in self._parts:
            with suppress(EOFError, OSError):
                while part.line.poll(0):
                    _hear(part, part.line.recv_bytes())
            if part.refused is not None:
                message, hint = part.refused
                raise LiveRefused(message, hint=hint)
            if not part.ready and part.process.exitcode is not None:
                raise _died(part)
        if not self._went and all(part.ready for part in self._parts):
            self._went = True
            for part in self._parts:
                self._tell(part.name, GO)

    def _over(self) -> None:
        """The last frame was read: because the driver's movie ended, or because a part died?"""
        until = time.monotonic() + LAST_S
        while not all(part.done for part in self._parts):
            self._listen()
            left = [part for part in self._parts if not part.done]
            for part in left:
                if part.process.exitcode is not None or time.monotonic() >= until:
                    self._listen()  # its last words may have come meanwhile
                    if not part.done:
                        raise _died(part)
            wait([line for part in left for line in (part.line, part.process.sentinel)], 0.1)
        self.ended = True

    def _end(self) -> None:
        """End every process: told to, then asked by the system, then without asking."""
        for part in self._parts:
            self._tell(part.name, STOP)
        until = time.monotonic() + END_S
        for part in self._parts:
            part.process.join(max(0.0, until - time.monotonic()))
        for end in ("terminate", "kill"):
            left = [part.process for part in self._parts if part.process.exitcode is None]
            for process in left:
                getattr(process, end)()
            for process in left:
                process.join(END_S)
        for part in self._parts:
            part.line.close()
        self.ended = True


def _hear(part: _Part, said: bytes) -> None:
    told = json.loads(said)
    if told["kind"] == "ready":
        part.ready = True
    elif told["kind"] == "ended":
        part.done = True
    elif told["kind"] == "refused":
        part.refused = told["error"], told["hint"]


def _died(part: _Part) -> DubsyncError:
    code = part.process.exitcode
    how = "it does not end" if code is None else f"exit code {code}"
    if code is not None and code < 0:
        how = f"by signal {-code} ({signal.strsignal(-code)})"
    return LiveRefused(
        f"the part that has to {part.name} ended unexpectedly, {how}",
        hint="start again; if it happens again, close other programs: memory may be short",
    )


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Let processes started here ignore Ctrl-C from their first moment: they inherit it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
