"""The window's side of the preview worker: asks, and hands answers to callbacks."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import DubsyncError
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.plugins import allowed_engines
from dubsync.service.preview.curve_values import ShotCurves
from dubsync.service.preview.messages import BrokenMessage, receive, send
from dubsync.service.preview.packed import unpacked, unpacked_curves, unpacked_picture
from dubsync.service.preview.picture import PreviewPicture
from dubsync.service.preview.reach import ShotReach, unpacked_reach
from dubsync.service.preview.requests import Kind, Request, request_json
from dubsync.service.preview.shown_expressions import ShotExpressions, unpacked_expressions

#: Seconds that the worker gets to end by itself before it is killed.
ENDS_S = 0.6
#: Times that a request is asked again of a new worker, when one dies over it.
TRIES = 1
#: Workers that die before they answer anything, after which no other is started.
MOST_DEAD = 3
_STOPPED = "the preview stopped"
_AGAIN = "it starts again by itself; if it stops at this frame again, render the shot instead"

Status = Literal["done", "dropped", "failed"]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A shot that is ready: its plate frames, its dubbed characters, and warnings.

    warnings  (about, message, hint) of each
    """

    frames: FrameRange
    characters: tuple[str, ...]
    warnings: tuple[tuple[str, str, str], ...]


Value = (
    Opened | PreviewPicture | NDArray[np.uint8] | ShotCurves | ShotReach | ShotExpressions | None
)


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """The answer to one request; every request gets one, unless the client is closed first.

    status  "done"; "dropped", because a newer request took its place; or "failed"
    value   of "open" an Opened, of "picture" a PreviewPicture, of "plate" an (H, W, 3) uint8
            picture, of "curves" a ShotCurves, of "reach" a ShotReach, of "expressions" a
            ShotExpressions; None unless done
    message, hint  what went wrong, and what to try
    error   the kind of error, such as "ConsentMissing"; "" if there is none
    seconds  from the request to the answer
    """

    request: Request
    status: Status
    value: Value = None
    message: str = ""
    hint: str = ""
    error: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Working:
    """Progress of a request that takes long: see `core.progress.Step`."""

    step: str
    about: str
    done: int
    total: int


OnAnswer = Callable[[Answer], None]
OnWork = Callable[[Request, Working], None]


@dataclass(slots=True)
class _Pending:
    request: Request
    on_answer: OnAnswer
    tries: int = 0
    sent_to: subprocess.Popen[bytes] | None = None


class PreviewClient:
    """Asks a worker process about one reel, and starts it again when it dies.

    Callbacks are called on a thread of the client, one at a time; they may make requests, and must
    not block.  Methods may be called from any thread.

    Args:
        reel: the project's folder.
        language: one of its languages.
        on_work: told of progress while something long is worked out, such as a first analysis.
        python: interpreter that runs the worker.
    """

    def __init__(
        self,
        reel: Path,
        language: str,
        *,
        on_work: OnWork = lambda request, working: None,
        python: str = sys.executable,
    ) -> None:
        worker = [python, "-m", "dubsync.service.preview.worker"]
        self._command = [*worker, str(reel), language, *allowed_engines()]
        self._on_work = on_work
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._pending: dict[int, _Pending] = {}
        self._next = 1
        self._dead = 0
        self._closing = False
        self._process: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._reader = threading.Thread(target=self._read, name="preview answers", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Of the newest worker; 0 while the first is not there."""
        return self._pid

    def request(
        self,
        kind: Kind,
        shot: str = "",
        *,
        on_answer: OnAnswer,
        frame: int = 0,
        width: int = 0,
        tweaks: Mapping[str, Tweak] | None = None,
        near: bool = False,
    ) -> int:
        """Ask, and return the request's number at once.

        Args:
            tweaks: character -> tweak, all that the shot has: a character without one is shown
                without; None: as saved when the worker read the project.
            kind: "open" a shot; a "picture" of `frame` with `tweaks`; the "plate" alone; "curves"
                or "reach" with `tweaks`; "expressions" that the footage shows, `width` pixels a
                face; "reread" the project, which changed on disk.
            near: a frame beside the one that is looked at: it waits for all others.  Of the others
                only the newest of a kind and shot is answered, of these the newest of each frame.
        """
        with self._lock:
            number, self._next = self._next, self._next + 1
            request = Request(number, kind, shot, frame, width, tweaks, near)
            pending = _Pending(request, on_answer)
            refused = self._closing or self._dead >= MOST_DEAD
            if not refused:
                self._pending[number] = pending
        if refused:
            on_answer(Answer(request, "failed", message=_STOPPED, hint=_AGAIN, error="Stopped"))
        else:
            self._ask(pending)
        return number

    def close(self) -> None:
        """End the worker; what was not answered yet is not answered any more."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
        with self._sending:
            process = self._process
            if process is not None:
                _quietly_close(cast(BinaryIO, process.stdin))
        if process is not None:
            try:
                process.wait(ENDS_S)
            except subprocess.TimeoutExpired:
                process.kill()
        if threading.current_thread() is not self._reader:
            self._reader.join()

    # -- internal --------------------------------------------------------------------------------

    def _ask(self, pending: _Pending) -> None:
        """Send a request once to the worker that runs now; without one the reader sends it."""
        with self._sending:
            process = self._process
            if process is None or pending.sent_to is process:
                return
            pending.sent_to = process
            # Where the worker died the reader starts another, and sends it again.
            with suppress(OSError, ValueError):
                send(cast(BinaryIO, process.stdin), request_json(pending.request))

    def _read(self) -> None:
        """Start a worker and hand out its answers; start another when it dies."""
        while self._dead < MOST_DEAD:
            process = self._begin()
            answered = process is not None and self._serve(process)
            if process is not None:
                self._end(process)
            with self._lock:
                if self._closing:
                    self._pending.clear()
                    return
                self._dead = 0 if answered else self._dead + 1
                lost = self._lost()
            for one in lost:
                self._give(one, "failed", message=_STOPPED, hint=_AGAIN, error="Stopped")

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """A new worker, asked everything that waits; None where it cannot be started.

        On the reader's thread: a window must not wait for a process to start.
        """
        try:
            process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=1 << 20,
            )  # fmt: skip
        except OSError:
            return None
        with self._sending:
            self._process, self._pid = process, process.pid
            if self._closing:  # closed while it started
                process.kill()
        with self._lock:
            waiting = list(self._pending.values())
        for one in waiting:
            self._ask(one)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        """Wait for a worker that ends, and close its pipes."""
        process.wait()
        with self._sending:
            self._process = None
            _quietly_close(cast(BinaryIO, process.stdin))
        _quietly_close(cast(BinaryIO, process.stdout))

    def _lost(self) -> list[_Pending]:
        """Take out the requests that were asked often enough; count a try of the others."""
        most = TRIES if self._dead < MOST_DEAD else -1
        lost = [one for one in self._pending.values() if one.tries >= most]
        for one in lost:
            del self._pending[one.request.number]
        for one in self._pending.values():
            one.tries += 1
        return lost

    def _serve(self, process: subprocess.Popen[bytes]) -> bool:
        """Hand out the answers of one worker until it ends; whether it answered anything."""
        answered = False
        try:
            while (message := receive(cast(BinaryIO, process.stdout))) is not None:
                answered = True
                self._take(*message)
        except (BrokenMessage, OSError, ValueError):
            process.kill()
        return answered

    def _take(self, body: Mapping[str, Any], data: memoryview) -> None:
        with self._lock:
            number, status = body.get("number"), body.get("status")
            pending = self._pending.get(number) if isinstance(number, int) else None
            if pending is None:
                return
            if status != "working":
                del self._pending[pending.request.number]
        if status == "working":
            self._on_work(pending.request, _working(body))
        elif status == "dropped":
            self._give(pending, "dropped")
        elif status == "failed":
            self._give(pending, "failed", message=str(body.get("message", "")),
                       hint=str(body.get("hint", "")), error=str(body.get("kind", "")))  # fmt: skip
        else:
            try:
                value = _value(pending.request.kind, body, data)
            except BrokenMessage:
                self._give(pending, "failed", message=_STOPPED, hint=_AGAIN, error="Stopped")
                raise
            self._give(pending, "done", value)

    def _give(
        self, pending: _Pending, status: Status, value: Value = None, *, message: str = "",
        hint: str = "", error: str = "",
    ) -> None:  # fmt: skip
        asked = pending.request.asked
        pending.on_answer(
            Answer(pending.request, status, value, message, hint, error, time.monotonic() - asked)
        )


def _working(body: Mapping[str, Any]) -> Working:
    with _understood():
        return Working(
            str(body["step"]), str(body["about"]), int(body["done"]), int(body["total"])
        )  # fmt: skip


def _value(kind: Kind, body: Mapping[str, Any], data: memoryview) -> Value:
    with _understood():
        if kind == "picture":
            return unpacked_picture(body, data)
        if kind == "plate":
            return unpacked(body["image"], data)
        if kind == "curves":
            return unpacked_curves(body, data)
        if kind == "reach":
            return unpacked_reach(body, data)
        if kind == "expressions":
            return unpacked_expressions(body, data)
        if kind == "reread":
            return None
        start, stop, rate = body["frames"]
        return Opened(
            FrameRange(int(start), int(stop), Fraction(rate)),
            tuple(str(name) for name in body["characters"]),
            tuple((str(a), str(m), str(h)) for a, m, h in body["warnings"]),
        )


@contextmanager
def _understood() -> Iterator[None]:
    """Raises BrokenMessage for an answer that is none."""
    try:
        yield
    except (KeyError, TypeError, ValueError, DubsyncError) as error:
        raise BrokenMessage(str(error)) from error


def _quietly_close(stream: BinaryIO) -> None:
    with suppress(OSError):  # what was not written yet has nobody to read it
        stream.close()
