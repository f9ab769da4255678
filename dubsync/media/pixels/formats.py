"""Convert FFmpeg's pixel formats and colour tags to PictureFormats and back."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import av

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat, Plane
from dubsync.media.pixels.layouts import layout_of, picked, put

_STORAGE = re.compile(r"(?P<model>yuv|gbr|gray|ya)a?(?P<sub>4\d\d)?p?(?P<bits>\d*)(le)?")
_MODEL = {"yuv": "yuv", "gbr": "rgb", "gray": "gray", "ya": "gray"}
_CHROMA = {"410": (2, 2), "411": (2, 0), "420": (1, 1), "422": (1, 0), "440": (0, 1), "444": (0, 0)}
# ITU-T H.273 code points, as FFmpeg numbers them.  4 (FCC) differs from BT.601 by less than 0.001.
_MATRIX = {1: "bt709", 4: "bt601", 5: "bt601", 6: "bt601", 9: "bt2020"}
_UNKNOWN = (0, 2, 3)
_PAL = 5  #: BT.601 has two code points for one matrix; 625-line primaries go with this one
_FULL_RANGE = 2
#: Tallest picture that players treat as standard definition when it has no tags.
SD_LINES = 576


def picture_format(stream: Any, pixel: str = "") -> PictureFormat:
    """The picture format of a video stream.

    Args:
        pixel: name of the decoder's pixel format, if it is known.

    Raises:
        MediaError: a pixel format or matrix that cannot be preserved bit for bit.
    """
    context = stream.codec_context
    name = pixel or context.pix_fmt or ""
    layout = layout_of(name)
    if layout is None:
        raise MediaError(
            f"pixel format {name or 'unknown'} cannot be preserved bit for bit",
            hint="convert it: ffmpeg -i IN -c:v ffv1 -pix_fmt yuv422p10le -c:a copy OUT.mkv",
        )
    result = _STORAGE.fullmatch(layout.storage)
    assert result  # layouts name nothing else
    model: Any = _MODEL[result["model"]]
    matrix, tagged = _matrix(context, model)
    return PictureFormat(
        width=context.width,
        height=context.height,
        model=model,
        bits=int(result["bits"] or 8),
        chroma=_CHROMA[result["sub"]] if model == "yuv" else (0, 0),
        matrix=matrix,
        full_range="yuvj" in name or model == "rgb" or _code(context.color_range) == _FULL_RANGE,
        primaries=_tag(context.color_primaries),
        transfer=_tag(context.color_trc),
        matrix_tagged=tagged,
        pixel_aspect=Fraction(stream.sample_aspect_ratio or 1),
        storage=layout.storage,
    )


def _matrix(context: Any, model: str) -> tuple[str, bool]:
    if model == "rgb":
        return "rgb", True
    code = _code(context.colorspace)
    if code in _MATRIX:
        return _MATRIX[code], True
    if code not in _UNKNOWN:
        raise MediaError(
            f"its colour matrix (H.273 code {code}) is not supported",
            hint="convert it: ffmpeg -i IN -vf scale=out_color_matrix=bt709 -c:v ffv1 OUT.mkv",
        )
    return ("bt601" if context.height <= SD_LINES else "bt709"), False


def _code(tag: Any) -> int:
    return int(getattr(tag, "value", tag) or 0)


def _tag(tag: Any) -> str:
    code = _code(tag)
    return "" if code in _UNKNOWN else str(code)


def planes_of(frame: av.VideoFrame, form: PictureFormat) -> tuple[Plane, ...]:
    """The decoded frame's samples as 2-D planes: Y Cb Cr [A], R G B [A], or Y [A].

    Raises:
        MediaError: the size or sample type differs from `form`: it changes within the movie.
    """
    if (frame.width, frame.height) != (form.width, form.height):
        raise MediaError(
            f"the picture changes from {form.width}x{form.height} to {frame.width}x{frame.height}"
            " within the movie",
            hint="a plate must have one size; export it again",
        )
    return picked(frame, form)


def frame_of(planes: tuple[Plane, ...], form: PictureFormat, pixel: str = "") -> av.VideoFrame:
    """The reverse of `planes_of`, in `form.storage` or another arrangement of the same samples."""
    return put(planes, form, pixel or form.storage)


def tag_colour(target: Any, form: PictureFormat) -> None:
    """Put the format's colour tags on an av frame or codec context."""
    target.color_range = _FULL_RANGE if form.full_range else 1
    if form.model == "rgb":
        target.colorspace = 0
    elif form.matrix_tagged:
        pal = _PAL if form.primaries == str(_PAL) else 6
        target.colorspace = {"bt709": 1, "bt601": pal, "bt2020": 9}[form.matrix]
    if form.primaries:
        target.color_primaries = int(form.primaries)
    if form.transfer:
        target.color_trc = int(form.transfer)


def as_frame(number: int, decoded: av.VideoFrame, form: PictureFormat) -> Frame:
    """A decoded frame as a core Frame numbered `number`."""
    return Frame(number, planes_of(decoded, form), form)
