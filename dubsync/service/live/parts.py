"""The parts of the pipeline, each the whole work of one process.

A part reads the newest frame of the ring before it, and writes into the ring after it.  It ends
where the part before it or after it has ended, where it is told to stop, and where the process that
started it has gone: the pipe to that process closes then, however it died.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic_ns

import cv2
from threadpoolctl import threadpool_limits

from dubsync.core.driven.live import LIVE_HEIGHT, LiveSubject
from dubsync.core.errors import DubsyncError
from dubsync.core.settings import EngineSettings
from dubsync.media.live.sources import Camera, MovieAtItsRate
from dubsync.service.fault import bounded
from dubsync.service.live.shared_frames import FrameReader, FrameWriter, LiveFrame
from dubsync.service.plugins import allow_engine, load_live

#: Words to a part.
GO, STOP, NEUTRAL, FORGET = b"go", b"stop", b"neutral", b"forget"
#: Seconds for which a part waits for a frame before it listens again.
LISTEN_S = 0.05


@dataclass(frozen=True, slots=True)
class Driver:
    """What drives: a camera by its number or path, or a movie; exactly one of them."""

    camera: str = ""
    movie: Path | None = None


@dataclass(frozen=True, slots=True)
class EngineName:
    """The engine that a part loads, and the engines that the user allowed."""

    settings: EngineSettings
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RingEnd:
    """One end of a ring of frames, before it is opened in its process."""

    name: str
    pipe: Connection


class Link:
    """A part's line to the process that started it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._heard: list[bytes] = []

    def tell(self, kind: str, **facts: str) -> None:
        """Tell how the part is; a starter that has gone hears nothing."""
        try:
            self._pipe.send_bytes(json.dumps({"kind": kind, **facts}).encode())
        except OSError:
            self._heard.append(STOP)

    def heard(self, word: bytes, wait: float = 0.0) -> bool:
        """Whether `word` came since it was last asked for; STOP stays."""
        try:
            while self._pipe.poll(wait):
                self._heard.append(self._pipe.recv_bytes(64))
                wait = 0.0
        except (EOFError, OSError):
            self._heard.append(STOP)
        if word not in self._heard:
            return False
        if word != STOP:
            self._heard = [other for other in self._heard if other != word]
        return True

    def wait_for_go(self) -> bool:
        """Wait until the other parts are ready too; False: stopped before that."""
        self.tell("ready")
        while not self.heard(GO, LISTEN_S):
            if self.heard(STOP):
                return False
        return True


def capture_part(driver: Driver, out: RingEnd, line: Connection) -> None:
    """Capture the driver's pictures, each into the ring at the moment it is due."""

    def work(link: Link) -> None:
        source = MovieAtItsRate(driver.movie) if driver.movie else Camera(driver.camera)
        with source, closing(FrameWriter(out.name, out.pipe)) as writer:
            if not link.wait_for_go():
                return
            for picture in source.pictures():
                if link.heard(STOP):
                    return
                writer.put(LiveFrame(picture.number, picture.rgb, picture.captured_ns))

    _run(work, line)


def follow_part(engine: EngineName, before: RingEnd, after: RingEnd, line: Connection) -> None:
    """Follow the driver through the newest frames."""

    def work(link: Link) -> None:
        follow = load_live(engine.settings).follow()

        def step(frame: LiveFrame) -> LiveFrame:
            if link.heard(FORGET):
                follow.forget()
            began = monotonic_ns()
            seen = follow(frame.rgb)
            now = monotonic_ns()
            return replace(frame, seen=seen, followed_ns=now, follow_ns=now - began)

        _pass_on(step, before, after, link)

    _run(work, line, engine.allowed)


def draw_part(
    engine: EngineName, subject: LiveSubject, before: RingEnd, after: RingEnd, line: Connection
) -> None:
    """Draw the driven face of the newest frames."""

    def work(link: Link) -> None:
        draw = load_live(engine.settings).draw(subject, LIVE_HEIGHT)

        def step(frame: LiveFrame) -> LiveFrame:
            if link.heard(NEUTRAL):
                draw.take_neutral()
            assert frame.seen is not None  # the part before has followed it
            began = monotonic_ns()
            made = draw(frame.seen, frame.rgb, frame.captured_ns / 1e9)
            now = monotonic_ns()
            return replace(frame, rgb=made.rgb, hold=made.hold, drawn_ns=now, draw_ns=now - began)

        _pass_on(step, before, after, link)

    _run(work, line, engine.allowed)


def _pass_on(
    step: Callable[[LiveFrame], LiveFrame], before: RingEnd, after: RingEnd, link: Link
) -> None:
    """Make each newest frame of one ring a frame of the next, until there is no more."""
    threadpool_limits(1)  # again: of what the engine has loaded since
    with ExitStack() as opened:
        reader = opened.enter_context(closing(FrameReader(before.name, before.pipe)))
        writer = opened.enter_context(closing(FrameWriter(after.name, after.pipe)))
        if not link.wait_for_go():
            return
        while not link.heard(STOP):
            frame = reader.newest(LISTEN_S)
            if frame is not None:
                writer.put(step(frame))


def _run(work: Callable[[Link], None], line: Connection, allowed: tuple[str, ...] = ()) -> None:
    """Do the work of this process, and tell why it could not be done."""
    # Ctrl-C reaches every process of the terminal; the one that started the parts ends them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    threadpool_limits(1)
    for name in allowed:
        allow_engine(name)
    link = Link(line)
    try:
        bounded(lambda: _until_a_neighbour_ends(work, link))
        link.tell("ended")
    except DubsyncError as error:
        link.tell("refused", error=str(error), hint=error.hint, of=type(error).__name__)


def _until_a_neighbour_ends(work: Callable[[Link], None], link: Link) -> None:
    try:
        work(link)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return  # the part before or after it has ended: so does this one
