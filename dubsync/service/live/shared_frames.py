"""A ring of pictures in shared memory between two processes: one writes, one reads the newest.

The writer never waits: where the reader is slower, the frames between are passed over, and the
reader counts them.  A slot is marked before and after it is written (a sequence lock), so a reader
that was overtaken while it copied sees that, and takes the next.  One byte through a pipe wakes the
reader; its other end closes with the writer's process, so that a reader learns of its end at once.
Nothing is pickled: a slot is a plain record of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Any

import numpy as np

from dubsync.core.driven.live import LIVE_HEIGHT, DriverSeen, Hold, Rgb8
from dubsync.core.errors import ShapeError
from dubsync.core.face import BLENDSHAPES, LANDMARKS

SLOTS = 4
#: The widest picture that is held: 21:9 at LIVE_HEIGHT.
WIDEST = LIVE_HEIGHT * 64 // 27
CAPACITY = WIDEST * LIVE_HEIGHT * 3
#: Wakings that may lie in the pipe unread, so that the writer never waits on it.
MOST_WAKINGS = 4

_FACTS: Any = np.dtype([
    ("number", "<i8"), ("captured_ns", "<i8"), ("followed_ns", "<i8"), ("drawn_ns", "<i8"),
    ("follow_ns", "<i8"), ("draw_ns", "<i8"),
    ("height", "<i4"), ("width", "<i4"), ("hold", "<i4"), ("others", "<i4"), ("same", "<i4"),
    ("presence", "<f4"),
    ("landmarks", "<f4", (LANDMARKS, 3)), ("blendshapes", "<f4", (BLENDSHAPES,)),
])  # fmt: skip
_SLOT: Any = np.dtype([("begun", "<u8"), ("ended", "<u8"), ("facts", _FACTS),
                       ("rgb", "u1", (CAPACITY,))])  # fmt: skip
_RING: Any = np.dtype([("newest", "<u8"), ("woken", "<u8"), ("heard", "<u8"),
                       ("slots", _SLOT, (SLOTS,))])  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class LiveFrame:
    """One picture on its way, and its times on the monotonic clock, nanoseconds.

    number       of the captured frame, from 0
    rgb          (h, w, 3) uint8: as captured, and later as drawn
    captured_ns  when it was captured; of a file, when it was due
    followed_ns, drawn_ns   when these parts were done with it; 0: not yet
    follow_ns, draw_ns      how long they took
    hold         why it does not follow the driver
    seen         the driver in it; None: not followed yet
    """

    number: int
    rgb: Rgb8
    captured_ns: int
    followed_ns: int = 0
    drawn_ns: int = 0
    follow_ns: int = 0
    draw_ns: int = 0
    hold: Hold = Hold.FOLLOWS
    seen: DriverSeen | None = None


class SharedFrames:
    """The memory of one ring, made by the process that joins the parts; a context manager."""

    def __init__(self) -> None:
        self._memory = SharedMemory(create=True, size=_RING.itemsize)
        self.name = self._memory.name

    def __enter__(self) -> SharedFrames:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._memory.close()
        self._memory.unlink()


class _End:
    """One process's view of a ring."""

    def __init__(self, name: str, pipe: Connection) -> None:
        self._memory = SharedMemory(name)
        self._pipe = pipe
        self._ring: Any = np.ndarray((), _RING, self._memory.buf)

    def close(self) -> None:
        """Let the memory and the pipe go."""
        self._ring = None
        self._memory.close()
        self._pipe.close()


class FrameWriter(_End):
    """The writing end of a ring.  Not to be shared between threads."""

    def put(self, frame: LiveFrame) -> None:
        """Write `frame` as the newest.

        Raises:
            ShapeError: it is larger than a slot.
            BrokenPipeError: the reader has gone.
        """
        height, width = frame.rgb.shape[:2]
        if height * width * 3 > CAPACITY:
            raise ShapeError(f"a live picture of {width}x{height} is larger than a slot")
        turn = int(self._ring["newest"]) + 1
        slot = self._ring["slots"][turn % SLOTS]
        slot["begun"] = turn
        _lay_facts(slot["facts"], frame)
        slot["rgb"][: height * width * 3] = frame.rgb.reshape(-1)
        slot["ended"] = turn
        self._ring["newest"] = turn
        if int(self._ring["woken"]) - int(self._ring["heard"]) < MOST_WAKINGS:
            self._ring["woken"] = int(self._ring["woken"]) + 1
            self._pipe.send_bytes(b"\1")


class FrameReader(_End):
    """The reading end of a ring.  Not to be shared between threads."""

    def __init__(self, name: str, pipe: Connection) -> None:
        super().__init__(name, pipe)
        self._read = 0

    def fileno(self) -> int:
        """What becomes readable when there is a new frame, or when the writer has gone."""
        return self._pipe.fileno()

    def newest(self, timeout: float | None = 0.0) -> LiveFrame | None:
        """The newest frame not read yet; None if none comes within `timeout` seconds.

        Raises:
            EOFError: the writer has gone, and every frame of it was read or passed over.
        """
        gone = False
        try:
            if self._pipe.poll(timeout):
                while self._pipe.poll(0):
                    self._pipe.recv_bytes(1)
                    self._ring["heard"] = int(self._ring["heard"]) + 1
        except (EOFError, OSError):
            gone = True
        while (turn := int(self._ring["newest"])) > self._read:
            frame = self._copied(turn)
            if frame is not None:
                self._read = turn
                return frame
        if gone:
            raise EOFError("the part that writes has ended")
        return None

    def _copied(self, turn: int) -> LiveFrame | None:
        """The frame of that turn; None if it was overwritten while it was copied."""
        slot = self._ring["slots"][turn % SLOTS]
        facts = slot["facts"].copy()
        size = int(facts["height"]) * int(facts["width"]) * 3
        if not 0 < size <= CAPACITY:
            raise ShapeError(f"a live picture of {size} bytes")
        flat = slot["rgb"][:size].copy()
        if int(slot["begun"]) != turn or int(slot["ended"]) != turn:
            return None
        return _frame_of(facts, flat.reshape(int(facts["height"]), int(facts["width"]), 3))


_SAME: dict[bool | None, int] = {None: -1, False: 0, True: 1}


def _lay_facts(facts: Any, frame: LiveFrame) -> None:
    for name in ("number", "captured_ns", "followed_ns", "drawn_ns", "follow_ns", "draw_ns",
                 "hold"):  # fmt: skip
        facts[name] = int(getattr(frame, name))
    facts["height"], facts["width"] = frame.rgb.shape[:2]
    seen = frame.seen
    facts["presence"] = -1.0 if seen is None else seen.presence
    if seen is not None:
        facts["landmarks"], facts["blendshapes"] = seen.landmarks, seen.blendshapes
        facts["others"], facts["same"] = seen.others, _SAME[seen.same]


def _frame_of(facts: Any, rgb: Rgb8) -> LiveFrame:
    number: Callable[[str], int] = lambda name: int(facts[name])  # noqa: E731
    seen = None
    if facts["presence"] >= 0:
        same = {v: k for k, v in _SAME.items()}[number("same")]
        seen = DriverSeen(facts["landmarks"], facts["blendshapes"], float(facts["presence"]),
                          number("others"), same)  # fmt: skip
    return LiveFrame(
        number("number"), rgb, number("captured_ns"), number("followed_ns"), number("drawn_ns"),
        number("follow_ns"), number("draw_ns"), Hold(number("hold")), seen,
    )  # fmt: skip
