"""One live run: pictures from the pipeline into its sinks, watched over by consent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from dubsync.service.consent.live import EVERY_S
from dubsync.service.live.session import LiveSession
from dubsync.service.live.shared_frames import LiveFrame
from dubsync.service.live.told import driver_words

#: Takes each picture as it comes; has shown it when it returns.
Sink = Callable[[LiveFrame], None]


class LiveRun:
    """Gives each newest picture of a session to the sinks, in their order.

    Args:
        check: raises ConsentMissing once somebody shown no longer agrees; asked once a second.
    """

    def __init__(
        self, session: LiveSession, sinks: Sequence[Sink], check: Callable[[], None]
    ) -> None:
        self.session = session
        self._sinks, self._check = list(sinks), check
        self._due = time.monotonic()
        self.told: tuple[str, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether the driver's movie is over, or the pipeline was ended."""
        return self.session.ended

    def add(self, sink: Sink) -> None:
        """Give the pictures to one more sink."""
        self._sinks.append(sink)

    def step(self, timeout: float = 0.0) -> LiveFrame | None:
        """Show the newest picture, if one comes within `timeout` seconds.

        Raises:
            ConsentMissing: consent was withdrawn or has ended.
            DubsyncError: a part of the pipeline or a sink could not do its work.
        """
        if time.monotonic() >= self._due:
            self._check()
            self._due = time.monotonic() + EVERY_S
        frame = self.session.newest(timeout)
        if frame is None:
            return None
        self.told = driver_words(frame.hold, frame.seen.others if frame.seen else 0)
        for sink in self._sinks:
            sink(frame)
        self.session.shown(frame)
        return frame


def run_until(
    run: LiveRun, stop: Callable[[], bool], tell: Callable[[str], None], seconds: float = 0.0
) -> None:
    """Show pictures until the driver's movie ends, or `stop()` says so.

    Args:
        tell: gets what the driver is to be told, a line each, when it changes.
        seconds: end so long after the first picture; 0: do not.

    Raises as `LiveRun.step`.
    """
    told: tuple[str, ...] = ()
    until: float | None = None
    while not run.ended and not stop():
        frame = run.step(0.1)
        if frame is None:
            continue
        if run.told != told:
            told = run.told
            for line in told:
                tell(line)
        until = time.monotonic() + seconds if until is None else until
        if seconds and time.monotonic() >= until:
            return
