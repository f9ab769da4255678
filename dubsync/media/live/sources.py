"""What a driver is captured from: a camera, or a movie played at its own rate."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

import cv2
import numpy as np

from dubsync.core.driven.live import LIVE_HEIGHT, Rgb8
from dubsync.core.errors import MediaError
from dubsync.core.shot import Plate
from dubsync.media.pixels.display import display_rgb
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate

#: What a camera is asked for; it may give something else.
CAMERA_SIZE, CAMERA_RATE = (640, 480), 30
_APIS = {"linux": "CAP_V4L2", "win32": "CAP_DSHOW", "darwin": "CAP_AVFOUNDATION"}


@dataclass(frozen=True, slots=True, eq=False)
class Captured:
    """One captured picture: its number from 0, (h, w, 3) uint8, and when, nanoseconds.

    captured_ns  on `time.monotonic_ns`; of a movie, when the frame was due
    """

    number: int
    rgb: Rgb8
    captured_ns: int


class Source(Protocol):
    """Something that gives pictures of LIVE_HEIGHT lines, in time."""

    rate: Fraction

    def __enter__(self) -> Source: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None: ...
    def pictures(self) -> Iterator[Captured]: ...


class MovieAtItsRate:
    """A movie whose frames come when they are due.

    A frame that is late by more than another frame's time is left out, as a camera's would be; the
    last one comes however late.  Each has the time at which it was due.
    """

    def __init__(self, path: Path) -> None:
        """Probe the movie.  Raises MediaError where it cannot be read."""
        self._plate = _movie(path)
        self.rate = self._plate.frames.rate

    def __enter__(self) -> MovieAtItsRate:
        self._reader = open_square(self._plate)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._reader.__exit__(kind, error, trace)

    def pictures(self) -> Iterator[Captured]:
        """Each frame at the time it is due.  Raises MediaError where one does not decode."""
        frames = self._reader.frames(self._plate.frames)
        last = len(self._plate.frames) - 1
        start = None
        for number, frame in enumerate(frames):
            now = time.monotonic_ns()
            start = now if start is None else start
            due = start + round(number * 10**9 / self.rate)
            if now - due > 10**9 / self.rate and number < last:
                continue
            rgb = of_live_height(display_rgb(frame))
            left = due - time.monotonic_ns()
            if left > 0:
                time.sleep(left / 1e9)
            yield Captured(number, rgb, due)


class Camera:
    """A camera by its number or device path, through OpenCV."""

    def __init__(self, name: str, opened: Callable[[int | str, int], Any] | None = None) -> None:
        """A camera, not opened yet.  `opened` opens it; a test's own stands in for OpenCV's."""
        self._name, self._opened = name, opened or cv2.VideoCapture
        self.rate = Fraction(CAMERA_RATE)

    def __enter__(self) -> Camera:
        """Open it.

        Raises:
            MediaError: there is no such camera, or it gives no picture.
        """
        api = getattr(cv2, _APIS.get(sys.platform, "CAP_ANY"))
        self._camera = self._opened(int(self._name) if self._name.isdigit() else self._name, api)
        if not self._camera.isOpened():
            raise MediaError(f"camera {self._name} cannot be opened", hint=_other_cameras())
        for key, value in (
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
            (cv2.CAP_PROP_FRAME_WIDTH, CAMERA_SIZE[0]),
            (cv2.CAP_PROP_FRAME_HEIGHT, CAMERA_SIZE[1]),
            (cv2.CAP_PROP_FPS, CAMERA_RATE),
            # One picture waits in the driver: an older one would be latency.
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._camera.set(key, value)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        self._camera.release()

    def pictures(self) -> Iterator[Captured]:
        """The camera's pictures as they come.

        Raises:
            MediaError: the camera stops giving any.
        """
        number = 0
        while self._camera.grab():
            now = time.monotonic_ns()
            read, bgr = self._camera.retrieve()
            if read:
                yield Captured(number, of_live_height(np.ascontiguousarray(bgr[..., ::-1])), now)
                number += 1
        raise MediaError(
            f"camera {self._name} gives no picture",
            hint="plug it in again, and close other programs that use it",
        )


def of_live_height(rgb: Rgb8) -> Rgb8:
    """A picture (h, w, 3) scaled to LIVE_HEIGHT lines; one wider than 21:9 is cropped to that."""
    height, width = rgb.shape[:2]
    if height != LIVE_HEIGHT:
        scaled = max(2, round(width * LIVE_HEIGHT / height / 2) * 2)
        way = cv2.INTER_AREA if height > LIVE_HEIGHT else cv2.INTER_LINEAR
        rgb = np.asarray(cv2.resize(rgb, (scaled, LIVE_HEIGHT), interpolation=way), np.uint8)
    over = rgb.shape[1] - LIVE_HEIGHT * 64 // 27
    return np.ascontiguousarray(rgb[:, over // 2 : over // 2 + LIVE_HEIGHT * 64 // 27]
                                if over > 0 else rgb)  # fmt: skip


def _movie(path: Path) -> Plate:
    plate = probe_plate(path)
    if plate.first_number is not None:
        raise MediaError(f"{path} is an image sequence", hint="give a movie, which has a rate")
    return plate


def _other_cameras() -> str:
    devices = sorted(str(path) for path in Path("/dev").glob("video*")) if _linux() else []
    if _linux() and not devices:
        return "there is no /dev/video*: plug a camera in, or play a movie with --from DRIVER.mp4"
    there = f"devices here: {', '.join(devices)}; " if devices else ""
    return f"{there}close other programs that use it, or play a movie with --from DRIVER.mp4"


def _linux() -> bool:
    return sys.platform == "linux"
