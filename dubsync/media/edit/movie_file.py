"""One movie of edit media being written: picture, timecode, reel, colour tags, and sound."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av

from dubsync.core.picture import PictureFormat, Plane
from dubsync.media.edit.job import EditJob
from dubsync.media.edit.sound_tracks import SoundBeside
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.field_flags import FieldFlags, flagged_codec, flags_of
from dubsync.media.movie.write import MADE
from dubsync.media.pixels.formats import frame_of, tag_colour

_THREADS = min(4, os.cpu_count() or 1)
#: Byte of a VC-3 frame's header that says its colour volume, and the bit of BT.2020 there (ST
#: 2019-1); FFmpeg's encoder leaves it at BT.709.
_VC3_COLOUR, _VC3_BT2020 = 0x2C, 0x02
_BT2020 = "9"  #: H.273 primaries
_MUXER_OPTIONS = {
    "mov": {"write_tmcd": "1", "movflags": "+write_colr"},
    "mp4": {"movflags": "+write_colr"},
}


def container_metadata(job: EditJob) -> dict[str, str]:
    """What the file says of itself: the mark, and in MXF its packages' names and dates."""
    slate = {"timecode": job.timecode} if job.timecode else {}
    if not job.container.startswith("mxf"):
        return {"comment": MADE, **slate}
    reel = {"reel_name": job.plate.reel} if job.plate.reel else {}
    return {
        "comment": MADE, "material_package_name": job.name, "file_package_name": job.name,
        "company_name": "dubsync", "product_name": "dubsync", "creation_time": job.made, **slate,
        **reel,
    }  # fmt: skip


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
        wide = form.matrix == "bt2020" or form.primaries == _BT2020
        self._wide = codec.name == "dnxhd" and wide
        options = _MUXER_OPTIONS.get(job.container, {})
        codec = flagged_codec(codec, flags_of(job.plate), path.suffix)
        self._flags = FieldFlags(flags_of(job.plate))
        self._container: Any = av.open(str(path), "w", format=job.container, options=options)
        self._sound: SoundBeside | None = None
        stream = self._container.add_stream(codec.name, rate=self._rate, options=codec.options)
        stream.width, stream.height, stream.pix_fmt = form.width, form.height, codec.pixel
        stream.codec_context.time_base = stream.time_base = 1 / self._rate
        stream.codec_context.thread_count = _THREADS
        stream.codec_context.sample_aspect_ratio = form.pixel_aspect
        if form.turned:
            stream.set_display_matrix(form.turned.matrix(form.width, form.height))
        tag_colour(stream.codec_context, form)
        self._stream = stream
        self._slate(job)
        if (
            job.sound is not None and job.container != "mxf_opatom"
        ):  # which has a file for each track
            with ExitStack() as undo:
                undo.callback(self.abandon)
                self._sound = SoundBeside(self._container, job.container, job.sound, self._rate)
                undo.pop_all()

    def _slate(self, job: EditJob) -> None:
        if job.timecode:
            self._stream.metadata["timecode"] = job.timecode
        if job.plate.reel:
            self._stream.metadata["reel_name"] = job.plate.reel
        self._stream.metadata["encoder"] = job.codec.label
        self._container.metadata.update(container_metadata(job))

    def add(self, planes: tuple[Plane, ...]) -> None:
        """Append one picture, and its sound."""
        frame = self._flags(frame_of(planes, self._form))
        tag_colour(frame, self._form)
        frame.time_base, frame.pts = 1 / self._rate, self._written
        self._written += 1
        self._lay(self._stream.encode(frame))
        if self._sound:
            self._sound.up_to(self._written)

    def _lay(self, packets: Sequence[Any]) -> None:
        if self._wide:
            for packet in packets:
                data = bytearray(packet)
                data[_VC3_COLOUR] |= _VC3_BT2020
                packet.update(bytes(data))
        self._container.mux(packets)

    def close(self) -> None:
        """Flush, and finish the file."""
        try:
            self._lay(self._stream.encode(None))
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


class EditSound:
    """One channel of sound in an OP-Atom file of its own."""

    def __init__(self, path: Path, job: EditJob, channel: int) -> None:
        """Raises MediaError when the sound cannot be read, or MXF cannot hold it."""
        assert job.sound is not None
        self._n_frames = len(job.span)
        rate = job.span.rate  # of the timecode; FFmpeg counts at 25 otherwise
        options = {"mxf_audio_edit_rate": f"{rate.numerator}/{rate.denominator}"}
        self._container: Any = av.open(str(path), "w", format=job.container, options=options)
        self._container.metadata.update(container_metadata(job))
        with ExitStack() as undo:
            undo.callback(self._container.close)
            self._sound = SoundBeside(
                self._container, job.container, job.sound, job.span.rate, channel
            )
            undo.pop_all()

    def write(self) -> int:
        """Write the sound of every frame.  Returns its samples."""
        with ExitStack() as held:
            held.callback(self._container.close)
            held.callback(self._sound.close)
            for frame in range(1, self._n_frames + 1):
                self._sound.up_to(frame)
            return self._sound.finish(self._n_frames)
