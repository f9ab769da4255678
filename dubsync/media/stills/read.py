"""Read and write stills of an image sequence: EXR with OpenEXR, DPX and PNG with av."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenEXR

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat, Plane, frozen
from dubsync.media.files.container import opened, picture_stream
from dubsync.media.files.exr import open_exr, write_exr
from dubsync.media.pixels.formats import as_frame, frame_of, picture_format, tag_colour
from dubsync.media.stills.dpx import with_header_of
from dubsync.media.stills.stated_space import stated_space

STILLS = (".exr", ".dpx", ".png")
#: Demuxers are set by name, or FFmpeg would treat a name like "a%04d.png" as a pattern.
_READER = {".dpx": "dpx_pipe", ".png": "png_pipe"}
_COLOURS = ("R", "G", "B", "A")
#: Pixel format of each encoder for planes of (model, bits).
_PNG = {("rgb", 8): "rgb24", ("rgb", 16): "rgb48be", ("gray", 8): "gray", ("gray", 16): "gray16be"}
_DPX = {("rgb", 8): "rgb24", ("rgb", 10): "gbrp10be", ("rgb", 12): "gbrp12be",
        ("rgb", 16): "rgb48be"}  # fmt: skip
#: EXR compressions that would change samples outside the matte when encoded again.
_LOSSY = (OpenEXR.PXR24_COMPRESSION, OpenEXR.B44_COMPRESSION, OpenEXR.B44A_COMPRESSION,
          OpenEXR.DWAA_COMPRESSION, OpenEXR.DWAB_COMPRESSION)  # fmt: skip


def still_format(path: Path) -> PictureFormat:
    """The picture format of a still.  Raises MediaError if it is unreadable or not supported."""
    if path.suffix.lower() == ".exr":
        return _exr_format(path, open_exr(path))
    with opened(path, reader=_READER[path.suffix.lower()]) as container:
        return picture_format(picture_stream(path, container))


def read_still(path: Path, number: int, form: PictureFormat) -> Frame:
    """The still at `path` as frame `number`.

    Raises:
        MediaError: missing, broken, or of another size or format than the sequence.
    """
    if not path.is_file():
        raise MediaError(f"frame {number} is missing: {path}", hint="copy the sequence again")
    if path.suffix.lower() == ".exr":
        return _read_exr(path, number, form)
    with opened(path, reader=_READER[path.suffix.lower()]) as container:
        stream = picture_stream(path, container)
        result = picture_format(stream)
        if result != form:
            raise _odd_one(path, result, form)
        for decoded in container.decode(stream):
            if decoded.is_corrupt:
                break
            return as_frame(number, decoded, form)
    raise MediaError(f"frame {number} cannot be decoded: {path}", hint="copy the sequence again")


def write_still(path: Path, frame: Frame, like: Path) -> None:
    """Write `frame` in its own format, with the header of the plate's own still `like`.

    EXR keeps every attribute and channel; a lossy compression becomes ZIP, because samples outside
    the matte would change.  DPX keeps its header if its layout matches ours.  PNG keeps its colour
    tags, but not an ICC profile.

    Raises:
        MediaError: the file type cannot hold these samples.
        OSError: the file cannot be written.
    """
    if path.suffix.lower() == ".exr":
        _write_exr(path, frame, like)
        return
    form = frame.format
    kinds, codec = (_PNG, "png") if path.suffix.lower() == ".png" else (_DPX, "dpx")
    kind = kinds.get((form.model, form.bits))
    if len(frame.planes) == 4 and codec == "png":
        kind = {8: "rgba", 16: "rgba64be"}.get(form.bits)
    if kind is None or (len(frame.planes) == 4 and codec == "dpx"):
        raise MediaError(f"{path.suffix} cannot hold {form.storage}", hint="use EXR or PNG plates")
    coded = frame_of(frame.planes, form).reformat(format=kind)
    data = _encoded(coded, codec, kind, form)
    path.write_bytes(with_header_of(like, data) if codec == "dpx" else data)


def write_gray(path: Path, samples: Plane) -> None:
    """Write an 8-bit gray PNG, (H, W)."""
    path.write_bytes(_encoded(av.VideoFrame.from_ndarray(samples, format="gray"), "png", "gray"))


def _encoded(
    frame: av.VideoFrame, codec: str, kind: str, form: PictureFormat | None = None
) -> bytes:
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, kind
    context.time_base = Fraction(1, 25)  # a still has no rate, but the encoder requires one
    frame.pts, frame.time_base = 0, context.time_base
    if form is not None:
        context.sample_aspect_ratio = form.pixel_aspect
        tag_colour(context, form)
        tag_colour(frame, form)
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))


def _exr_format(path: Path, file: Any) -> PictureFormat:
    channels = file.channels()
    if len(file.parts) > 1:
        raise MediaError(f"{path} has several parts", hint="write one part per file")
    if any((c.xSampling, c.ySampling) != (1, 1) for c in channels.values()):
        raise MediaError(f"{path} has subsampled channels", hint="write every channel in full")
    if not {"R", "G", "B"} <= channels.keys():
        raise MediaError(f"{path} has channels {sorted(channels)}, not R, G and B")
    pixels = channels["R"].pixels
    if any(channels[c].pixels.dtype != pixels.dtype for c in _COLOURS if c in channels):
        raise MediaError(f"{path}: R, G, B and A have different sample types")
    header = file.header()
    if tuple(map(tuple, header["dataWindow"])) != tuple(map(tuple, header["displayWindow"])):
        raise MediaError(
            f"{path}: data window and display window differ",
            hint="write the plate with the full frame as data window",
        )
    if pixels.dtype not in (np.float16, np.float32):
        raise MediaError(f"{path} holds {pixels.dtype} samples, not half or float")
    bits = pixels.dtype.itemsize * 8
    return PictureFormat(
        width=pixels.shape[1], height=pixels.shape[0], model="rgb", bits=bits, floating=True,
        matrix="rgb", full_range=True, storage="exr-half" if bits == 16 else "exr-float",
        pixel_aspect=Fraction(float(header.get("pixelAspectRatio", 1))).limit_denominator(1000),
        stated_space=stated_space(header),
    )  # fmt: skip


def _read_exr(path: Path, number: int, form: PictureFormat) -> Frame:
    file = open_exr(path)
    result = _exr_format(path, file)
    if replace(result, stated_space=form.stated_space) != form:
        raise _odd_one(path, result, form)
    channels = {name: channel.pixels for name, channel in file.channels().items()}
    planes = tuple(frozen(channels.pop(name)) for name in _COLOURS if name in channels)
    if not all(np.isfinite(plane).all() for plane in planes[:3]):
        raise MediaError(
            f"frame {number} holds NaN or infinity: {path}",
            hint="fix the frame and export it again",
        )
    return Frame(number, planes, form, {name: frozen(p) for name, p in channels.items()})


def _write_exr(path: Path, frame: Frame, like: Path) -> None:
    header = dict(open_exr(like, header_only=True).header())
    header.pop("channels", None)
    if header.get("compression") in _LOSSY:
        header["compression"] = OpenEXR.ZIP_COMPRESSION
    channels = dict(zip(_COLOURS, frame.planes, strict=False)) | dict(frame.extra)
    write_exr(path, header, channels)


def _odd_one(path: Path, result: PictureFormat, form: PictureFormat) -> MediaError:
    return MediaError(
        f"{path} is {result.width}x{result.height} {result.storage}, "
        f"the sequence {form.width}x{form.height} {form.storage}",
        hint="a sequence must have one size and format",
    )
