"""Write the movie that plays anywhere: H.264 High, 8 bits, 4:2:0, with AAC, in an .mp4."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np

from dubsync.core.colour import working_rgb
from dubsync.core.picture import FieldName, Frame, PictureFormat
from dubsync.media.files.container import opened
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.field_flags import FieldFlags, flagged_codec
from dubsync.media.movie.frame_index import index_movie
from dubsync.media.movie.read import MovieReader
from dubsync.media.movie.write import MADE, landed, writing
from dubsync.media.pixels.fields import by_field, field_format
from dubsync.media.pixels.formats import frame_of, planes_of, tag_colour
from dubsync.media.pixels.tone_map import is_hdr, tone_mapped

#: Visually without loss, at a tenth of the master's size.
_PICTURE = {"crf": "16", "preset": "fast", "profile": "high"}
_AAC_RATES = (32000, 44100, 48000)
_BT709 = PictureFormat(0, 0, "yuv", 8, chroma=(1, 1), primaries="1", transfer="1")


def write_playable(
    master: Path,
    out: Path,
    *,
    done: Callable[[int, int], None] = lambda n, total: None,
    made: str = MADE,
) -> tuple[str, ...]:
    """Write `out` (.mp4) from `master`, and say how it differs from it.

    The picture keeps its size, pixel aspect and rate; an odd width or height loses its last column
    or row.  HDR is tone-mapped to BT.709.  Sound of up to two channels stays as it is; more become
    stereo.

    Args:
        done: called with (frames written, frames in all).
        made: the mark, as `MovieWriter` takes it.

    Returns:
        Sentences on what is not as in the master; () where only the codec differs.

    Raises:
        DeliveryError: `out` exists, or cannot be written.
        MediaError: `master` cannot be read.
    """
    index = index_movie(master)
    form = index.format
    reader = MovieReader(master, index, form, 0)
    with landed(out) as aside, closing(reader), opened(master) as sound:
        with writing(out):
            movie: Any = av.open(str(aside), "w", options={"movflags": "+faststart"})
        with writing(out), closing(movie):
            movie.metadata["comment"] = made
            flagged = index.flagged
            stream = _picture_stream(movie, form, index.rate, flagged)
            flags = FieldFlags(flagged)
            voice = _Voice(movie, sound) if sound.streams.audio else None
            convert = _by_field(form, flagged) if _mixes(form, flagged) else _conversion(form)
            for n, frame in enumerate(reader.read(range(len(index.pts)))):
                picture = flags(convert(frame))
                picture.pts, picture.time_base = n, 1 / index.rate
                movie.mux(stream.encode(picture))
                if voice is not None:
                    voice.up_to((n + 1) / index.rate)
                done(n + 1, len(index.pts))
            movie.mux(stream.encode(None))
            if voice is not None:
                voice.finish()
    return (
        *_picture_notes(form, flagged),
        *((voice.note,) if voice is not None and voice.note else ()),
    )


def _picture_stream(movie: Any, form: PictureFormat, rate: Fraction, flagged: FieldName) -> Any:
    codec = flagged_codec(Codec("libx264", "yuv420p", _PICTURE), flagged, ".mp4")
    stream = movie.add_stream("libx264", rate=rate, options=codec.options)
    stream.width, stream.height, stream.pix_fmt = _even(form.width), _even(form.height), "yuv420p"
    context = stream.codec_context
    context.time_base = 1 / rate
    context.sample_aspect_ratio = form.pixel_aspect
    if form.turned:
        stream.set_display_matrix(form.turned.matrix(form.width, form.height))
    tag_colour(context, _target(form))
    return stream


def _even(side: int) -> int:
    return max(side - side % 2, 2)


def _target(form: PictureFormat) -> PictureFormat:
    """The colour of the movie: the master's in video range, or BT.709 for RGB, grey and HDR."""
    if form.model != "yuv" or is_hdr(form):
        return _BT709
    return replace(form, full_range=False)


def _conversion(form: PictureFormat) -> Callable[[Frame], av.VideoFrame]:
    width, height = _even(form.width), _even(form.height)
    if form.model == "yuv" and not is_hdr(form):
        cropped = replace(form, width=width, height=height)

        def samples(frame: Frame) -> av.VideoFrame:
            planes = []
            for n, plane in enumerate(frame.planes):
                rows, columns = cropped.plane_shape(n)
                planes.append(plane[:rows, :columns])
            stored = frame_of(tuple(planes), cropped)
            tag_colour(stored, form)
            # A matrix stated here would be taken for a wish to convert; chroma and depth alone do.
            made = stored.reformat(format="yuv420p", dst_color_range="MPEG")
            tag_colour(made, _target(form))
            return made

        return samples

    def display(frame: Frame) -> av.VideoFrame:
        rgb = working_rgb(frame)[:height, :width]
        rgb = tone_mapped(rgb, form) if is_hdr(form) else rgb
        pixels = np.asarray(np.rint(np.clip(rgb, 0, 1) * 255), np.uint8)
        made = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        made = made.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
        tag_colour(made, _BT709)
        return made

    return display


def _mixes(form: PictureFormat, flagged: FieldName) -> bool:
    """Whether chroma that is averaged over lines would mix two fields: then each goes alone."""
    return bool(flagged) and not (form.model == "yuv" and form.chroma[1]) and form.height % 4 == 0


def _by_field(form: PictureFormat, flagged: FieldName) -> Callable[[Frame], av.VideoFrame]:
    """The conversion of each field of frames of `form`, woven again."""
    convert = _conversion(field_format(form, "top"))
    whole = replace(
        _target(form), width=_even(form.width), height=form.height, bits=8, chroma=(1, 1),
        floating=False, storage="yuv420p",
    )  # fmt: skip
    half = replace(whole, height=form.height // 2)

    def woven(frame: Frame) -> av.VideoFrame:
        lying = replace(frame, format=replace(frame.format, fields=flagged))
        made = frame_of(by_field(lying, lambda part: planes_of(convert(part), half)), whole)
        tag_colour(made, whole)
        return made

    return woven


def _picture_notes(form: PictureFormat, flagged: FieldName) -> Iterator[str]:
    sides = [name for name, side in (("column", form.width), ("row", form.height)) if side % 2]
    if sides:
        yield f"the last {' and the last '.join(sides)} of the picture left out: sizes must be even"
    if flagged and form.height % 4:
        yield "colours of its two fields mixed: only a multiple of four lines has them apart"
    if is_hdr(form):
        yield "HDR tone-mapped to BT.709"
    if form.bits > 8:
        yield f"{form.bits} bits reduced to 8"


class _Voice:
    """The master's sound as AAC."""

    def __init__(self, movie: Any, master: Any) -> None:
        source = master.streams.audio[0]
        context = source.codec_context
        rate = context.sample_rate if context.sample_rate in _AAC_RATES else 48000
        channels = context.channels
        self._movie = movie
        self._layout = "mono" if channels == 1 else "stereo"
        self.note = f"{channels} channels of sound mixed to stereo" if channels > 2 else ""
        self._stream = movie.add_stream("aac", rate=rate, layout=self._layout)
        self._stream.bit_rate = 96_000 if channels == 1 else 192_000
        self._frames = self._resampled(master, source, rate)
        self._place, self._rate = 0, rate

    def up_to(self, seconds: Fraction) -> None:
        """Write sound up to `seconds`, and the rest of its last decoded run."""
        while Fraction(self._place, self._rate) < seconds:
            frame = next(self._frames, None)
            if frame is None:
                return
            frame.pts, frame.time_base = self._place, Fraction(1, self._rate)
            self._place += frame.samples
            self._movie.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Write the rest."""
        for frame in self._frames:
            frame.pts, frame.time_base = self._place, Fraction(1, self._rate)
            self._place += frame.samples
            self._movie.mux(self._stream.encode(frame))
        self._movie.mux(self._stream.encode(None))

    def _resampled(self, master: Any, source: Any, rate: int) -> Iterator[Any]:
        """Frames of planar floats; channels without a known layout are averaged."""
        channels = source.codec_context.channels
        known = channels <= 2 or source.codec_context.layout.name in ("5.1", "5.1(side)", "7.1")
        # Packed where channels are averaged: PyAV cannot read more than eight planes.
        kind, layout = ("fltp", self._layout) if known else ("flt", None)
        convert = av.AudioResampler(kind, layout, rate)
        for frame in chain(master.decode(source), (None,)):
            if frame is not None:
                frame.pts = None  # PCM lies without gaps
            for made in convert.resample(frame):
                yield made if known else _averaged(made, channels)


def _averaged(frame: Any, channels: int) -> Any:
    """A stereo frame with the mean of all `channels` on both sides."""
    mean = frame.to_ndarray().reshape(-1, channels).mean(axis=1)
    both = np.repeat(mean[None].astype(np.float32), 2, axis=0)
    mixed = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
    mixed.sample_rate = frame.sample_rate
    return mixed
