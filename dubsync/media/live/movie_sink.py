"""Writes live pictures into a movie of even rate, with the driver's sound where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from dubsync.core.driven.live import Rgb8
from dubsync.core.errors import DeliveryError, MediaError
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.files.atomic_output import refuse_existing
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.write import MovieWriter, landed, writing
from dubsync.media.probe import probe_plate

SUFFIXES = (".mov", ".mkv")
#: Fast enough to be encoded while the picture is drawn; visually without loss.
_H264 = Codec("libx264", "yuv420p", {"crf": "14", "preset": "superfast", "g": "25"})
#: Frames that a movie from a camera may have at most: a day at 60.
_LONGEST = 24 * 3600 * 60


class MovieSink:
    """An open movie.  Where no new picture came for a frame, the last one is repeated; before the
    first, the first is.

    written   frames in the movie
    repeated  how many of them repeat the picture before
    """

    def __init__(self, path: Path, plate: Plate, *, sound: bool, made: str) -> None:
        self._path, self._plate, self._sound, self._made = path, plate, sound, made
        self._writer: MovieWriter | None = None
        self._last: av.VideoFrame | None = None
        self._size = (0, 0)
        self.written = self.repeated = 0

    def put(self, number: int, rgb: Rgb8) -> None:
        """Show `rgb` (h, w, 3) from frame `number` on.

        Raises:
            DeliveryError: the movie cannot be written.
            MediaError: the picture's size changes.
        """
        rgb = np.ascontiguousarray(rgb[: rgb.shape[0] // 2 * 2, : rgb.shape[1] // 2 * 2])
        if self._writer is None:
            self._size = rgb.shape[1], rgb.shape[0]
            self._open()
        if (rgb.shape[1], rgb.shape[0]) != self._size:
            raise MediaError(f"the live picture changes its size to {rgb.shape[1]}x{rgb.shape[0]}")
        with writing(self._path):
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            picture = picture.reformat(format="yuv420p", dst_colorspace="ITU709")
            last = self._last or picture
            while self.written < min(number, len(self._plate.frames)):
                self._add(last)
                self.repeated += 1
            if self.written == number < len(self._plate.frames):
                self._add(picture)
            self._last = picture

    def close(self) -> None:
        """Finish the movie.

        Raises:
            DeliveryError: no picture came, or it cannot be written.
        """
        if self._writer is None:
            raise DeliveryError(f"{self._path} was not written: no picture came",
                                hint="look at the driver's picture, and try again")  # fmt: skip
        with writing(self._path):
            writer, self._writer = self._writer, None
            writer.close(short=True)

    def abandon(self) -> None:
        """Close the file, in whatever state."""
        if self._writer is not None:
            self._writer.abandon()

    def _open(self) -> None:
        width, height = self._size
        form = PictureFormat(width, height, "yuv", 8, chroma=(1, 1), primaries="1", transfer="1")
        sound = Path(self._plate.path) if self._sound else None
        with writing(self._path):
            self._writer = MovieWriter(
                self._path, _H264, form, self._plate.frames, self._plate, sound=sound,
                made=self._made,
            )  # fmt: skip

    def _add(self, picture: av.VideoFrame) -> None:
        assert self._writer is not None
        self._writer.add(picture)
        self.written += 1


def check_movie(out: Path) -> None:
    """Raises DeliveryError where `out` exists, or is not named as a live movie."""
    if out.suffix.lower() not in SUFFIXES:
        raise DeliveryError(
            f"a live movie cannot be written as {out.suffix or 'a file without suffix'}",
            hint="-o NAME.mov or NAME.mkv",
        )
    refuse_existing(out)


@contextmanager
def open_movie(out: Path, driver: Path | None, rate: Fraction, made: str) -> Iterator[MovieSink]:
    """A sink for `out` (.mov or .mkv), which appears when the block succeeds.

    Args:
        driver: the movie that drives, whose sound is put in; None: a camera, without sound.
        rate: frames per second from a camera.
        made: the mark: what is synthetic, and by what.

    Raises:
        DeliveryError: `out` exists, has another suffix, or cannot be written.
        MediaError: the driver's sound cannot be read.
    """
    check_movie(out)
    plate = probe_plate(driver) if driver else _of_camera(rate)
    with landed(out) as aside:
        sink = MovieSink(aside, plate, sound=driver is not None and plate.has_sound, made=made)
        try:
            yield sink
            sink.close()
        finally:
            sink.abandon()


def _of_camera(rate: Fraction) -> Plate:
    form = PictureFormat(2, 2, "rgb", 8, matrix="rgb", full_range=True)
    return Plate("camera", "", "", FrameRange(0, _LONGEST, rate), form, has_timecode=False)
