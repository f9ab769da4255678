"""Write movies: lossless, ProRes and grey mattes, with timecode, colour tags and sound."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Plate
from dubsync.core.sound.tracks import SoundTrack
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.media.files.atomic_output import land, refuse_existing, sync_folder
from dubsync.media.files.cannot_write import cannot_write
from dubsync.media.files.container import opened
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.field_flags import FieldFlags, flagged_codec, flags_of
from dubsync.media.movie.matroska import RESERVED, add_video_facts
from dubsync.media.movie.quicktime import add_picture_facts
from dubsync.media.pixels.formats import tag_colour
from dubsync.media.pixels.hdr import states_hdr
from dubsync.media.sound.gapless import Samples, native_runs, pcm_for
from dubsync.media.sound.tracks import opened_track, streams_of

_THREADS = min(4, os.cpu_count() or 1)
#: The mark of a dub's pictures, in each movie's own comment.
MADE = "synthetic: mouth re-animated to a dub by dubsync"


class MovieWriter:
    """One movie being written to `path`; the caller moves it into place when it is complete."""

    def __init__(
        self,
        path: Path,
        codec: Codec,
        form: PictureFormat,
        span: FrameRange,
        plate: Plate,
        *,
        sound: Path | None = None,
        coded: bool = False,
        made: str = MADE,
    ) -> None:
        """Open `path` (its suffix selects the container) for the frames `span` of `plate`.

        Args:
            form: size and colour of the frames.
            coded: whether `add_coded` will be used.
            sound: file whose sound over `span` is included; None for a silent movie.
            made: the mark: what is synthetic in the pictures, and by what.

        Raises:
            MediaError: `sound` has none, or cannot be read.
        """
        options = {"write_tmcd": "1"} if path.suffix == ".mov" else {}
        codec = flagged_codec(codec, flags_of(plate), path.suffix)
        self._flags = FieldFlags(flags_of(plate))
        self._container: Any = av.open(str(path), "w", options=options)
        self._sound: _SoundThrough | None = None
        self._path = path
        self._span, self._codec, self._form, self._coded = span, codec, form, coded
        self._written = self._muxed = 0
        self._waiting: dict[int, Any] = {}
        stream = self._container.add_stream(codec.name, rate=span.rate, options=codec.options)
        stream.width, stream.height, stream.pix_fmt = form.width, form.height, codec.pixel
        stream.codec_context.time_base = stream.time_base = 1 / span.rate
        stream.codec_context.thread_count = _THREADS
        stream.codec_context.sample_aspect_ratio = form.pixel_aspect
        if codec.name == "libx265":
            stream.codec_context.codec_tag = "hvc1"  # QuickTime opens no other
        if form.turned:
            stream.set_display_matrix(form.turned.matrix(form.width, form.height))
        tag_colour(stream.codec_context, form)
        self._stream = stream
        self._slate(plate, made)
        if sound is not None:
            with ExitStack() as undo:
                undo.callback(self.abandon)
                self._sound = _SoundThrough(self._container, sound, plate, span)
                undo.pop_all()

    def _slate(self, plate: Plate, made: str) -> None:
        """Write source timecode and reel, where the plate has them, and the mark."""
        rate, start = self._span.rate, self._span.start
        if plate.has_timecode and rate in TIMECODE_RATES:
            printed = str(Timecode(start, rate, plate.drop))
            self._stream.metadata["timecode"] = printed
            self._container.metadata["timecode"] = printed
        if plate.reel:
            self._stream.metadata["reel_name"] = plate.reel
        self._container.metadata["comment"] = made
        if self._path.suffix == ".mkv":
            self._stream.metadata["title"] = RESERVED

    def add(self, frame: av.VideoFrame) -> None:
        """Append one frame, rearranged without loss for the codec, and its sound."""
        if frame.format.name != self._codec.pixel:
            frame = frame.reformat(format=self._codec.pixel)
        frame = self._flags(frame)
        tag_colour(frame, self._form)
        frame.time_base = 1 / self._span.rate
        frame.pts = self._written
        self._written += 1
        self._lay(self._stream.encode(frame))
        if self._sound:
            self._sound.up_to(self._written)

    def add_coded(self, data: bytes) -> None:
        """Append one encoded frame of an earlier movie of the same codec, and its sound.

        Only for intra-only codecs.
        """
        packet = av.Packet(data)
        packet.time_base = 1 / self._span.rate
        packet.pts = packet.dts = self._written
        packet.duration, packet.is_keyframe = 1, True
        packet.stream = self._stream
        self._written += 1
        self._lay([packet])
        if self._sound:
            self._sound.up_to(self._written)

    def _lay(self, packets: Sequence[Any]) -> None:
        """Mux packets in order: multi-threaded encoders lag behind frames added as encoded."""
        if not self._coded:
            self._container.mux(packets)
            return
        self._waiting |= {packet.pts: packet for packet in packets}
        while self._muxed in self._waiting:
            self._container.mux(self._waiting.pop(self._muxed))
            self._muxed += 1

    def close(self, *, short: bool = False) -> None:
        """Flush, finish the sound and the file.

        Args:
            short: the movie may end before its span does, and its sound with it.

        Raises:
            MediaError: another number of frames was added than `span` has.
        """
        try:
            self._lay(self._stream.encode(None))
            if self._sound:
                self._sound.finish(self._written if short else len(self._span))
        finally:
            self._let_go()
        if self._path.suffix == ".mkv":
            add_video_facts(self._path, self._form)
        elif self._path.suffix == ".mov" and states_hdr(self._form):
            add_picture_facts(self._path, self._form, quicktime=False)
        if self._written != len(self._span) and not (short and self._written < len(self._span)):
            raise MediaError(f"{self._written} of {len(self._span)} frames were written")

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


class PcmTrack:
    """A PCM stream in a movie being written; takes runs of samples (n, channels)."""

    def __init__(self, container: Any, source: Any, track: SoundTrack) -> None:
        """`track` of the open file `source` gives rate, channels, their layout and bit depth."""
        streams = streams_of(source, track)
        name, self.kind = pcm_for(streams[0])
        self.rate, self.channels = track.sample_rate, track.channels
        self._layout = (
            streams[0].codec_context.layout if len(streams) == 1 else _layout(track.channels)
        )
        self._container = container
        self._stream = container.add_stream(name, rate=self.rate)
        self._stream.codec_context.layout = self._layout
        self.place = 0

    def add(self, samples: Samples) -> None:
        """Append `samples` (n, channels)."""
        if not samples.size:
            return
        packed = np.ascontiguousarray(samples).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format=self.kind, layout=self._layout)
        frame.sample_rate, frame.time_base = self.rate, Fraction(1, self.rate)
        frame.pts = self.place
        self.place += len(samples)
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Flush the encoder."""
        self._container.mux(self._stream.encode(None))


def _layout(channels: int) -> str:
    """The layout of mono streams joined: named only for one and two channels."""
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")


class _SoundThrough:
    """The sound of `source` over `span`, written as PCM beside the frames it belongs to."""

    def __init__(self, container: Any, source: Path, plate: Plate, span: FrameRange) -> None:
        with ExitStack() as held:
            sound = held.enter_context(opened(source))
            own = opened_track(source, sound)
            self._track = PcmTrack(container, sound, own)
            self._held = held.pop_all()
        offset = span.start - plate.frames.start
        whole = FrameRange(offset, offset + len(span), span.rate).samples(self._track.rate)
        self._samples, self._span = whole, FrameRange(offset, offset + len(span), span.rate)
        self._runs = native_runs(source, sound, own, self._track.kind, whole.start, whole.stop)

    def up_to(self, n_frames: int) -> None:
        """Write the sound of the first `n_frames` frames, and the rest of its last decoded run."""
        frames = FrameRange(self._span.start, self._span.start + n_frames, self._span.rate)
        wanted = frames.samples(self._track.rate).stop - self._samples.start
        while self._track.place < wanted:
            run = next(self._runs, None)
            if run is None:
                return
            self._track.add(run)

    def finish(self, n_frames: int) -> None:
        """Write the rest of the sound of the first `n_frames` frames."""
        self.up_to(n_frames)
        self._track.finish()

    def close(self) -> None:
        """Close the source."""
        self._held.close()


@contextmanager
def writing(path: Path, *, wanted: int | None = None) -> Iterator[None]:
    """Turn errors of av or the disk inside the block into a DeliveryError for `path`.

    Args:
        wanted: bytes that `path` will take, if known, for the message of a full disk.

    Raises:
        DeliveryError: in place of av's own errors and OSError.
    """
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        raise cannot_write(path, error, wanted=wanted) from error


@contextmanager
def landed(out: Path) -> Iterator[Path]:
    """A temporary path beside `out` for a movie; it is renamed to `out` when the block succeeds.

    Raises:
        DeliveryError: `out` exists, or cannot be written.
    """
    refuse_existing(out)
    aside = out.with_name(f".{out.name}.part{out.suffix}")
    try:
        yield aside
        with writing(out):
            land(aside, out)
            sync_folder(out.parent)
    finally:
        with writing(out):
            aside.unlink(missing_ok=True)
