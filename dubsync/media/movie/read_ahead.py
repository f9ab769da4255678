"""Frames decoded on a thread of their own, a few ahead of whoever draws on them."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from dubsync.core.picture import Frame

#: Frames that wait at most, and the bytes after which no more are decoded: one always may wait.
WAITING, WAITING_BYTES = 8, 48 << 20


class ReadAhead:
    """An iterator over `frames` that reads them on its own thread; a context manager.

    An error of `frames` is raised where its frame would have come.  When the block is left, the
    thread has ended and `frames` may be closed: until then nobody else may use their reader.
    Order, numbers and samples are those of `frames`.
    """

    def __init__(
        self, frames: Iterator[Frame], waiting: int = WAITING, most_bytes: int = WAITING_BYTES
    ) -> None:
        """At most `waiting` frames are held, and no more once they take `most_bytes`."""
        self._frames, self._most, self._most_bytes = frames, waiting, most_bytes
        self._held: deque[Frame] = deque()
        self._bytes = 0
        self._changed = threading.Condition()
        self._ended = self._left = False
        self._thread = ThreadPoolExecutor(1, "read ahead")
        self._done: Future[None] | None = None

    def __enter__(self) -> ReadAhead:
        self._done = self._thread.submit(self._read)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._left = True
            self._changed.notify_all()
        self._thread.shutdown()  # it is in the middle of one frame at most
        self._held.clear()

    def __iter__(self) -> Iterator[Frame]:
        return self

    def __next__(self) -> Frame:
        with self._changed:
            self._changed.wait_for(lambda: self._held or self._ended)
            if self._held:
                frame = self._held.popleft()
                self._bytes -= _size(frame)
                self._changed.notify_all()
                return frame
        if self._done is not None:
            self._done.result()  # raises what `frames` raised
        raise StopIteration

    def _read(self) -> None:
        try:
            for frame in self._frames:
                if not self._kept(frame):
                    return
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _kept(self, frame: Frame) -> bool:
        """Hold `frame`, once there is room for it; False where nobody wants it any more."""
        with self._changed:
            self._held.append(frame)
            self._bytes += _size(frame)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._left or self._room())
            return not self._left

    def _room(self) -> bool:
        """Whether another frame may be decoded."""
        return len(self._held) < self._most and (not self._held or self._bytes < self._most_bytes)


def _size(frame: Frame) -> int:
    return sum(plane.nbytes for plane in frame.planes)
