"""Edit media as stills: EXR in scene-linear light, DPX with the master's code values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import OpenEXR

from dubsync.core.colour import plane_values, working_rgb
from dubsync.core.picture import Frame, PictureFormat
from dubsync.core.timeline.timecode import TIMECODE_RATES, Timecode
from dubsync.media.edit.dpx_header import dpx_header
from dubsync.media.edit.job import EditJob
from dubsync.media.edit.landing import Landing
from dubsync.media.edit.losses import MOST_COUNTED
from dubsync.media.edit.samples import conversion, edit_format, full_chroma, keeps_alpha
from dubsync.media.files.exr import open_exr, write_exr
from dubsync.media.movie.write import MADE
from dubsync.media.pixels.formats import frame_of, tag_colour
from dubsync.media.stills.sequence import still_path

#: FFmpeg's DPX encoder takes these for R, G and B of each depth: big-endian, packed as hosts read.
_DPX_PIXELS = {8: "rgb24", 10: "gbrp10be", 12: "gbrp12be", 16: "rgb48be"}
#: Log spaces whose light has the primaries of SMPTE ST 2065 AP1 (S-2014-004): that of ACEScg.
_AP1_LOG = ("ACEScct", "ACEScc", "ACES - ACEScct", "ACES - ACEScc")
_AP1 = (0.713, 0.293, 0.165, 0.830, 0.128, 0.044, 0.32168, 0.33767)
#: (x, y) of red, green, blue and white by H.273 code: BT.709, BT.601 in 625 and 525 lines, BT.2020,
#: P3 with a D65 white (SMPTE EG 432-1).
_CHROMATICITIES = {
    "1": (0.640, 0.330, 0.300, 0.600, 0.150, 0.060, 0.3127, 0.3290),
    "5": (0.640, 0.330, 0.290, 0.600, 0.150, 0.060, 0.3127, 0.3290),
    "6": (0.630, 0.340, 0.310, 0.595, 0.155, 0.070, 0.3127, 0.3290),
    "9": (0.708, 0.292, 0.170, 0.797, 0.131, 0.046, 0.3127, 0.3290),
    "12": (0.680, 0.320, 0.265, 0.690, 0.150, 0.060, 0.3127, 0.3290),
}
_COLOURS = ("R", "G", "B", "A")
_WriteStill = Callable[[Path, Frame, int], None]


def numbered(job: EditJob) -> Path:
    """The printf pattern of the job's files, numbered by source frame."""
    printed = job.name.replace("%", "%%")
    return job.folder / f"{printed}.%07d.{job.codec.name}"


def write_stills(job: EditJob, files: Landing) -> Path:
    """Write a still for each frame, each under its hidden name.  Returns the pattern.

    Raises:
        DeliveryError: a file of that name exists.
        OSError: a file cannot be written.
    """
    pattern = numbered(job)
    write = _exr_writer(job) if job.codec.name == "exr" else _dpx_writer(job)
    for number, frame in enumerate(job.frames(), start=job.span.start):
        write(files.aside(still_path(pattern, number)), frame, number)
    return pattern


# -- DPX -----------------------------------------------------------------------------------------


def _dpx_writer(job: EditJob) -> _WriteStill:
    target = edit_format(job.form, job.codec)
    convert, pixel = conversion(job.form, target), _DPX_PIXELS[target.bits]

    def write(path: Path, frame: Frame, number: int) -> None:
        coded = frame_of(convert(frame)[:3], target).reformat(format=pixel)
        data = _encoded(coded, pixel, target)
        head = dpx_header(
            data, name=path.name, reel=job.plate.reel, rate=job.span.rate, transfer=target.transfer,
            made=job.made, timecode=_timecode(job, number),
            place=number - job.span.start, length=len(job.span),
        )  # fmt: skip
        with path.open("wb") as file:
            file.write(head)
            file.write(data[int.from_bytes(data[4:8], "big") :])

    return write


def _encoded(frame: av.VideoFrame, pixel: str, form: PictureFormat) -> bytes:
    context: Any = av.CodecContext.create("dpx", "w")
    context.width, context.height, context.pix_fmt = frame.width, frame.height, pixel
    context.time_base = Fraction(1, 25)  # a still has no rate, but the encoder requires one
    context.sample_aspect_ratio = form.pixel_aspect
    tag_colour(frame, form)
    frame.pts, frame.time_base = 0, context.time_base
    return b"".join(bytes(packet) for packet in (*context.encode(frame), *context.encode(None)))


def _timecode(job: EditJob, number: int) -> Timecode | None:
    if not (job.plate.has_timecode and job.span.rate in TIMECODE_RATES):
        return None
    return Timecode(number, job.span.rate, job.plate.drop)


# -- EXR -----------------------------------------------------------------------------------------


def _exr_writer(job: EditJob) -> _WriteStill:
    master = job.source.first_number if job.form.floating else None

    def write(path: Path, frame: Frame, number: int) -> None:
        header = _slate(job, number)
        if master is not None:  # an EXR as well: its own header and every channel
            like = still_path(Path(job.source.path), master + number - job.span.start)
            header = {**_header_of(like), **header}
        write_exr(path, header, _channels(frame, job.form))

    return write


def _header_of(like: Path) -> dict[str, Any]:
    header = dict(open_exr(like, header_only=True).header())
    header.pop("channels", None)
    return header


def _channels(frame: Frame, form: PictureFormat) -> dict[str, Any]:
    if form.floating:
        planes = dict(zip(_COLOURS, frame.planes, strict=False)) | dict(frame.extra)
        return {name: np.ascontiguousarray(plane) for name, plane in planes.items()}
    light = None if form.colour is None else form.colour.as_light()
    linear = PictureFormat(form.width, form.height, "rgb", 16, floating=True, matrix="rgb",
                           full_range=True, storage="exr-half", colour=light)  # fmt: skip
    if light is None:  # a picture for a display: by the sRGB curve, as without a colour config
        form = replace(form, colour=None)
        frame = Frame(frame.number, frame.planes, form, frame.extra)
    values = list(plane_values(working_rgb(full_chroma(frame, form)), linear))
    if keeps_alpha(form):
        top = np.float32((1 << form.bits) - 1)
        values.append(np.asarray(frame.planes[-1] / top, np.float32))
    return {
        name: np.ascontiguousarray(plane, np.float16)
        for name, plane in zip(_COLOURS, values, strict=False)
    }


def _slate(job: EditJob, number: int) -> dict[str, Any]:
    """The standard attributes of OpenEXR that say where a frame is from."""
    rate = Fraction(job.span.rate)
    header: dict[str, Any] = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "framesPerSecond": rate,
        "comments": MADE,
        "pixelAspectRatio": float(job.form.pixel_aspect),
    }
    if job.plate.reel:
        header["reelName"] = job.plate.reel
    light = None if job.form.colour is None else job.form.colour.as_light()
    if light is not None and not job.form.floating:
        if light.working in _AP1_LOG:
            header |= {"chromaticities": _AP1, "colorInteropID": "lin_ap1_scene"}
    elif job.form.primaries in _CHROMATICITIES:
        header["chromaticities"] = _CHROMATICITIES[job.form.primaries]
    timecode = _timecode(job, number)
    if timecode is not None and rate <= MOST_COUNTED:
        hours, minutes, seconds, frames = _digits(timecode)
        header["timeCode"] = OpenEXR.TimeCode(
            hours, minutes, seconds, frames, int(timecode.drop), *[0] * 13
        )
    return header


def _digits(timecode: Timecode) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds and frames as printed."""
    text = str(timecode).replace(";", ":").replace(",", ":")
    hours, minutes, seconds, frames = (int(part) for part in text.split(":"))
    return hours % 24, minutes, seconds, frames
