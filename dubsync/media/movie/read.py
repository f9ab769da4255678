"""Read a movie's frames by number, frame-accurately."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.waiting.answering import answered
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.movie.frame_index import DAMAGED, MovieIndex
from dubsync.media.pixels.formats import as_frame

#: Up to this many frames are decoded rather than skipped by a seek.
RUN_UP = 12


class MovieReader:
    """Frames of one movie, by place from 0.  Decoding runs on several threads."""

    def __init__(self, path: Path, index: MovieIndex, form: PictureFormat, first: int) -> None:
        """`first` is the number of the movie's first frame."""
        self._path, self._index, self._format, self._first = path, index, form, first
        self._decoded: Iterator[tuple[int, av.VideoFrame]] | None = None
        self._at = -1
        self._begun = -1  # place at which decoding last began
        self._open()

    def _open(self) -> None:
        self._source = opened(self._path)
        self._container = self._source.__enter__()
        try:
            self._stream = picture_stream(self._path, self._container)
        except MediaError:
            self.close()
            raise
        self._stream.thread_type = "AUTO"

    def close(self) -> None:
        """Close the file."""
        self._decoded = None
        self._source.__exit__(None, None, None)

    def read(self, places: Sequence[int]) -> Iterator[Frame]:
        """The frames at rising `places`.

        Raises:
            MediaError: a frame cannot be decoded; the message has its number.
        """
        for place in places:
            decoded = self._decode(place)
            try:
                yield as_frame(self._first + place, decoded, self._format)
            except MediaError as error:
                raise self._lost(place, str(error)) from error

    def _decode(self, place: int) -> av.VideoFrame:
        key = self._key_before(place)
        try:
            if self._decoded is None or place <= self._at or key - self._at > RUN_UP:
                self._seek(key)
            frame = self._run_to(place)
            if frame is None and self._begun > 0:  # not a real key frame: start at the beginning
                self._restart()
                frame = self._run_to(place)
        except (av.error.FFmpegError, OSError) as error:
            raise self._lost(place, getattr(error, "strerror", None) or str(error)) from error
        if frame is None:
            raise self._lost(place, "it does not decode completely")
        return frame

    def _key_before(self, place: int) -> int:
        keys = self._index.keys
        at = bisect_right(keys, place) - 1
        return keys[at] if at >= 0 else 0

    def _run_to(self, place: int) -> av.VideoFrame | None:
        """Decode up to `place`; None if the frame does not come, or is damaged."""
        assert self._decoded is not None
        for result, frame in self._decoded:
            self._at = result
            if result == place and not frame.is_corrupt:
                return frame
            if result >= place:
                break
        self._decoded = None
        return None

    def _seek(self, key: int) -> None:
        """Begin decoding with the key frame at place `key`, or one before it."""
        if key > 0 and not self._index.counted:
            time = self._index.pts[key]
            self._container.seek(time, stream=self._stream, backward=True)
            packets = self._packets()
            first = next(packets, None)
            # Some containers seek past it; later frames would then lack their references.
            if first is not None and first.pts is not None and first.pts <= time:
                self._begin(_chained(first, packets), key)
                return
        self._restart()

    def _restart(self) -> None:
        self.close()
        self._open()
        self._begin(self._packets(), 0)

    def _packets(self) -> Iterator[Any]:
        return answered(self._container.demux(self._stream), self._path, "reading pictures")

    def _begin(self, packets: Iterator[Any], place: int) -> None:
        self._begun, self._at = place, place - 1
        self._decoded = self._run(packets)

    def _run(self, packets: Iterator[Any]) -> Iterator[tuple[int, av.VideoFrame]]:
        """Frames with their places, in decoding order."""
        counted = 0
        for packet in packets:
            for frame in packet.decode():
                place = self._place(frame, counted)
                counted += 1
                if place is not None:
                    yield place, frame

    def _place(self, frame: av.VideoFrame, counted: int) -> int | None:
        """The place of a frame; None if it is not shown (before the start of an edit list)."""
        if self._index.counted:
            return counted
        if frame.pts is None:
            return None
        place = bisect_left(self._index.pts, frame.pts)
        shown = place < len(self._index.pts) and self._index.pts[place] == frame.pts
        return place if shown else None

    def _lost(self, place: int, why: str) -> MediaError:
        return MediaError(
            f"frame {self._first + place} of {self._path} cannot be read: {why}",
            hint=DAMAGED,
        )


def _chained(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from rest
