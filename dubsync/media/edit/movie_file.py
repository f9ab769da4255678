"""One movie of edit media being written: picture, timecode, reel, colour tags, and sound."""

from __future__ import annotations

import os
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from dubsync.core.picture import PictureFormat, Plane
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.edit.job import EditJob
from dubsync.media.files.container import opened
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.write import MADE, PcmTrack
from dubsync.media.pixels.formats import frame_of, tag_colour
from dubsync.media.sound.gapless import native_runs
from dubsync.media.sound.tracks import opened_track

_THREADS = min(4, os.cpu_count() or 1)
_MUXER_OPTIONS = {
    "mov": {"write_tmcd": "1", "movflags": "+write_colr"},
    "mp4": {"movflags": "+faststart+write_colr"},
}


class EditMovie:
    """A movie being written to `path`; the caller moves it into place."""

    def __init__(self, path: Path, job: EditJob, codec: Codec, form: PictureFormat) -> None:
        """Open `path`.

        Args:
            codec: the encoder of pictures of `form`.

        Raises:
            MediaError: the job's sound cannot be read.
        """
        self._form, self._rate, self._written = form, job.span.rate, 0
        options = _MUXER_OPTIONS.get(job.container, {})
        self._container: Any = av.open(str(path), "w", format=job.container, options=options)
        self._sound: _Sound | None = None
        stream = self._container.add_stream(codec.name, rate=self._rate, options=codec.options)
        stream.width, stream.height, stream.pix_fmt = form.width, form.height, codec.pixel
        stream.codec_context.time_base = stream.time_base = 1 / self._rate
        stream.codec_context.thread_count = _THREADS
        stream.codec_context.sample_aspect_ratio = form.pixel_aspect
        tag_colour(stream.codec_context, form)
        self._stream = stream
        self._slate(job)
        if job.sound is not None:
            with ExitStack() as undo:
                undo.callback(self.abandon)
                self._sound = _Sound(self._container, job.sound, self._rate)
                undo.pop_all()

    def _slate(self, job: EditJob) -> None:
        if job.timecode:
            self._stream.metadata["timecode"] = job.timecode
            self._container.metadata["timecode"] = job.timecode
        if job.plate.reel:
            self._stream.metadata["reel_name"] = job.plate.reel
        self._stream.metadata["encoder"] = job.codec.label
        self._container.metadata["comment"] = MADE

    def add(self, planes: tuple[Plane, ...]) -> None:
        """Append one picture, and its sound."""
        frame = frame_of(planes, self._form)
        tag_colour(frame, self._form)
        frame.time_base, frame.pts = 1 / self._rate, self._written
        self._written += 1
        self._container.mux(self._stream.encode(frame))
        if self._sound:
            self._sound.up_to(self._written)

    def close(self) -> None:
        """Flush, and finish the file."""
        try:
            self._container.mux(self._stream.encode(None))
            if self._sound:
                self._sound.finish(self._written)
        finally:
            self._let_go()

    def abandon(self) -> None:
        """Close the file, whatever state it is in."""
        try:
            self._let_go()
        except (av.error.FFmpegError, OSError):
            return

    def _let_go(self) -> None:
        try:
            if self._sound:
                self._sound.close()
        finally:
            self._container.close()


class _Sound:
    """The sound of a file from its first frame on, as PCM beside the pictures."""

    def __init__(self, container: Any, source: Path, rate: Fraction) -> None:
        with ExitStack() as held:
            sound = held.enter_context(opened(source))
            track = opened_track(source, sound)
            self._pcm = PcmTrack(container, sound, track)
            self._runs = native_runs(source, sound, track, self._pcm.kind, 0, None)
            self._held = held.pop_all()
        self._rate = rate
        self._rest: Any = None

    def up_to(self, n_frames: int) -> None:
        """Write the sound of the first `n_frames` frames, to the sample."""
        wanted = FrameRange(0, n_frames, self._rate).samples(self._pcm.rate).stop
        while self._pcm.place < wanted:
            run = self._rest if self._rest is not None else next(self._runs, None)
            self._rest = None
            if run is None:
                return
            room = wanted - self._pcm.place
            self._pcm.add(run[:room])
            if len(run) > room:
                self._rest = run[room:]

    def finish(self, n_frames: int) -> None:
        """Write the rest of the sound of the first `n_frames` frames."""
        self.up_to(n_frames)
        self._pcm.finish()

    def close(self) -> None:
        """Close the source."""
        self._held.close()
