"""Codecs of the movies that are written: lossless, ProRes, and the grey matte."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat

#: Pixel formats that an encoder takes only in another arrangement of the same samples.
_PACKED = {"gbrp": "bgr0", "gbrap": "bgra"}
#: Intra-only, in slices with checksums: suitable for archives and exact seeking.
_FFV1 = {"level": "3", "g": "1", "slicecrc": "1", "coder": "1"}  # range coder: 6 % smaller
#: Of a matte: the Golomb coder writes its flat areas as runs.  They are decoded in a quarter of the
#: time, and a fifth smaller.
_FFV1_FLAT = {"coder": "0"}
_H264 = {"qp": "0", "preset": "ultrafast", "g": "12"}  # qp 0 is lossless: ITU-T H.264 A.2.11
_HEVC = {"preset": "ultrafast", "x265-params": "lossless=1:log-level=none:keyint=12:bframes=0"}
#: The reversible wavelet of ISO/IEC 15444-1, annex F.  Slow, but it takes every size.
_JPEG_2000 = {"pred": "dwt53"}
PRORES_HQ = {"profile": "3", "vendor": "apl0"}
#: A fixed quantiser, 2 of 1..224: searching for one by size takes seven times the encoding time.
PRORES_4444 = {"profile": "4", "vendor": "apl0", "alpha_bits": "16", "flags": "+qscale",
               "global_quality": str(2 * 118)}  # fmt: skip
#: Encoder: its option, and the names there, for mastering display and content light level.
_HDR_PARAMETERS = {
    "libx264": ("x264-params", "mastering-display", "cll"),
    "libx265": ("x265-params", "master-display", "max-cll"),
}


@dataclass(frozen=True, slots=True)
class Codec:
    """An encoder, its pixel format, and its options."""

    name: str
    pixel: str
    options: dict[str, str]


def lossless(form: PictureFormat, suffix: str) -> Codec:
    """The lossless codec for `form` in a movie with the given `suffix`.

    FFV1 in .mkv.  PyAV's .mov does not take FFV1, so it uses lossless H.264 (8 and 10 bits) or
    lossless HEVC (12 bits, planar RGB, grey).  Neither has odd sizes where chroma is subsampled,
    alpha, 4:1:1 or 16 bits: these are reversible JPEG 2000.

    Raises:
        MediaError: no codec of that container takes the pixel format at that size; the encoders
            themselves are asked.
    """
    for codec in _choices(form, suffix):
        if codec.pixel in _pixels(codec.name) and _opens(codec, form):
            return _with_hdr(codec, form)
    raise MediaError(
        f"{suffix} cannot hold {form.storage} at {form.width}x{form.height} without loss",
        hint='write .mkv: container = "mkv", or -o NAME.mkv'
        if suffix != ".mkv" else "convert the plate: ffmpeg -i IN -pix_fmt yuv422p10le OUT.mov",
    )  # fmt: skip


def matte_codec(form: PictureFormat, suffix: str) -> Codec:
    """The codec of an 8-bit grey matte: FFV1 in .mkv, lossless H.264 (luma) in .mov."""
    if suffix != ".mkv":
        return Codec("libx264", "gray", _H264)
    codec = lossless(form, suffix)
    return replace(codec, options=codec.options | _FFV1_FLAT)


def _choices(form: PictureFormat, suffix: str) -> list[Codec]:
    """Codecs that keep every sample of `form` in that container, the preferred first."""
    if suffix == ".mkv":
        slices = _slices(form)
        options = _FFV1 | {"slices": str(slices)}
        packed = _PACKED.get(form.storage, form.storage)
        return [Codec("ffv1", packed, options)] if slices else []
    jpeg_2000 = Codec("jpeg2000", form.storage, _JPEG_2000)
    if form.storage == "gbrp":
        return [Codec("libx264rgb", "bgr0", _H264)]
    hevc = Codec("libx265", form.storage, _HEVC)
    if form.model == "rgb":
        return [] if form.storage.startswith("gbrap") else [hevc]
    if form.storage.startswith(("yuva", "ya")):  # x265 encodes alpha with loss
        return [jpeg_2000]
    if form.model == "gray":  # gray H.264 would come back as 4:2:0
        return [hevc, jpeg_2000]
    return [Codec("libx264", form.storage, _H264), hevc, jpeg_2000]


@lru_cache
def _pixels(encoder: str) -> frozenset[str]:
    return frozenset(f.name for f in av.codec.Codec(encoder, "w").video_formats or ())


def _opens(codec: Codec, form: PictureFormat) -> bool:
    """Whether the encoder opens for pictures of that size."""
    return _opens_at(codec.name, codec.pixel, form.width, form.height, (*codec.options.items(),))


@lru_cache
def _opens_at(
    encoder: str, pixel: str, width: int, height: int, options: tuple[tuple[str, str], ...]
) -> bool:
    context: Any = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt = width, height, pixel
    context.time_base, context.options = Fraction(1, 25), dict(options)
    try:
        context.open()
    except (av.error.FFmpegError, ValueError):
        return False
    return True


def _with_hdr(codec: Codec, form: PictureFormat) -> Codec:
    """The codec with the format's HDR10 static metadata among its options, where it takes them."""
    if codec.name not in _HDR_PARAMETERS:
        return codec
    parameters, display, light = _HDR_PARAMETERS[codec.name]
    facts = {display: form.mastering_display, light: form.content_light}
    stated = [f"{name}={value}" for name, value in facts.items() if value]
    if not stated:
        return codec
    given = codec.options.get(parameters)
    options = codec.options | {parameters: ":".join(([given] if given else []) + stated)}
    return replace(codec, options=options)


def _slices(form: PictureFormat) -> int:
    """The fewest slices, at least 4, with which FFmpeg's FFV1 is lossless here; 0: none.

    FFmpeg rejects some counts at odd sizes.  With 4:1:1 and 4:1:0 it accepts others at which the
    slices omit columns of chroma (FFmpeg 8.0, 37 luma columns in 2 slices).
    """
    across, down = form.chroma if form.model == "yuv" else (0, 0)
    for rows in range(2, 17):
        for columns in range(rows, 2 * rows + 1):
            if _cuts(form.height, rows, down) and _cuts(form.width, columns, across):
                return rows * columns
    return 0


def _cuts(length: int, parts: int, chroma: int) -> bool:
    """Whether `parts` slices of `length` luma samples cover every chroma sample of a row."""
    ends = [length * n // parts for n in range(parts + 1)]
    site = 1 << chroma
    if length % site and (length - ends[-2]) % site == 0:
        return False  # FFmpeg requires a newer version of FFV1
    reached = 0
    for start, stop in zip(ends, ends[1:], strict=False):
        if start >> chroma > reached or start == stop:
            return False
        reached = (start >> chroma) + -(-(stop - start) >> chroma)
    return reached >= -(-length >> chroma)
