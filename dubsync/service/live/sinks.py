"""Where live pictures go, besides a window: a movie, or a camera that other programs open."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from dubsync.core.driven.live import Rgb8
from dubsync.media.live.movie_sink import MovieSink, check_movie, open_movie
from dubsync.media.live.sources import CAMERA_RATE
from dubsync.media.live.virtual_camera import VirtualCamera
from dubsync.service.live.parts import Driver
from dubsync.service.live.run import Sink
from dubsync.service.live.shared_frames import LiveFrame

#: What is written into the corner of a virtual camera's pictures: a stream has no room for a mark
#: of its own, as a movie's file has.
VISIBLE_MARK = "synthetic"


@dataclass(slots=True)
class _IntoMovie:
    """A movie of even rate: frame numbers of a driver's movie, or times of a camera."""

    sink: MovieSink
    rate: Fraction | None
    first_ns: int = -1

    def __call__(self, frame: LiveFrame) -> None:
        if self.rate is None:
            self.sink.put(frame.number, frame.rgb)
            return
        if self.first_ns < 0:
            self.first_ns = frame.captured_ns
        seconds = Fraction(frame.captured_ns - self.first_ns, 10**9)
        self.sink.put(round(seconds * self.rate), frame.rgb)


@contextmanager
def into_movie(out: Path, driver: Driver, made: str) -> Iterator[Sink]:
    """A sink that writes `out`, with the sound of a driver's movie.

    Raises:
        DeliveryError, MediaError: as `media.live.movie_sink.open_movie`.
    """
    rate = Fraction(CAMERA_RATE)
    with open_movie(out, driver.movie, rate, made) as sink:
        yield _IntoMovie(sink, None if driver.movie else rate)


def check_places(out: Path | None, device: Path | None) -> None:
    """Refuse a movie or a virtual camera that cannot be written, before anything takes long.

    Raises:
        DeliveryError: `out` exists or has no suffix of a live movie; `device` is in use.
        SettingsError: there is no virtual camera `device`.
    """
    if out is not None:
        check_movie(out)
    if device is not None:
        VirtualCamera(device, 640, 480).__exit__(None, None, None)


@contextmanager
def into_virtual_camera(device: Path, *, marked: bool) -> Iterator[Sink]:
    """A sink that shows pictures on a v4l2loopback device, opened with the first picture.

    Args:
        marked: write VISIBLE_MARK into a corner.
    """
    opened: list[VirtualCamera] = []

    def show(frame: LiveFrame) -> None:
        rgb = np.ascontiguousarray(frame.rgb[:, : frame.rgb.shape[1] // 2 * 2])
        if not opened:
            opened.append(VirtualCamera(device, rgb.shape[1], rgb.shape[0]))
        opened[0].put(with_mark(rgb) if marked else rgb)

    try:
        yield show
    finally:
        for camera in opened:
            camera.__exit__(None, None, None)


def with_mark(rgb: Rgb8) -> Rgb8:
    """The picture (h, w, 3) with VISIBLE_MARK in its lower left corner."""
    marked = rgb.copy()
    height = rgb.shape[0]
    scale = height / 480 * 0.5
    place = (round(8 * height / 480), height - round(9 * height / 480))
    for colour, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.putText(marked, VISIBLE_MARK, place, cv2.FONT_HERSHEY_SIMPLEX, scale, colour, thickness,
                    cv2.LINE_AA)  # fmt: skip
    return marked
