"""Memory layouts of FFmpeg's pixel formats, to move samples without converting them.

swscale rounds some of these rearrangements at odd sizes (av 18.1: p010le, yuyv422 with width 853),
so it is not used.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import av
import numpy as np

from dubsync.core.errors import MediaError
from dubsync.core.picture import PictureFormat, Plane


@dataclass(frozen=True, slots=True)
class Site:
    """Samples of one component: plane, offset of the first, step to the next, low zero bits."""

    plane: int
    offset: int = 0
    step: int = 1
    shift: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """A pixel format: the planar `storage` with the same samples, and where each one is.

    sites  of Y Cb Cr [A], R G B [A] or Y [A], in that order
    """

    storage: str
    sample: np.dtype[Any]
    sites: tuple[Site, ...]


_PLANAR = re.compile(r"(yuva?4\d\dp|gbra?p|gray)(9|10|12|14|16)?(le|be)?")
_SITES = {  # FFmpeg keeps G, B, R; we say R, G, B
    "yuv": (0, 1, 2), "yuva": (0, 1, 2, 3), "gbr": (2, 0, 1), "gbra": (2, 0, 1, 3), "gray": (0,),
}  # fmt: skip
#: luma in one plane, both chroma in another: (storage, sample, low zero bits, Cr comes first)
_TWO_PLANES = {
    "nv12": ("yuv420p", "u1", 0, False), "nv21": ("yuv420p", "u1", 0, True),
    "nv16": ("yuv422p", "u1", 0, False), "nv20le": ("yuv422p10le", "<u2", 0, False),
    "nv24": ("yuv444p", "u1", 0, False), "nv42": ("yuv444p", "u1", 0, True),
    "p010le": ("yuv420p10le", "<u2", 6, False), "p012le": ("yuv420p12le", "<u2", 4, False),
    "p016le": ("yuv420p16le", "<u2", 0, False), "p210le": ("yuv422p10le", "<u2", 6, False),
    "p212le": ("yuv422p12le", "<u2", 4, False), "p216le": ("yuv422p16le", "<u2", 0, False),
    "p410le": ("yuv444p10le", "<u2", 6, False), "p412le": ("yuv444p12le", "<u2", 4, False),
    "p416le": ("yuv444p16le", "<u2", 0, False),
}  # fmt: skip
#: all in one plane: (storage, sample, low zero bits, order; "-" is padding)
_ONE_PLANE = {
    "yuyv422": ("yuv422p", "u1", 0, "YUYV"), "uyvy422": ("yuv422p", "u1", 0, "UYVY"),
    "yvyu422": ("yuv422p", "u1", 0, "YVYU"), "y210le": ("yuv422p10le", "<u2", 6, "YUYV"),
    "y212le": ("yuv422p12le", "<u2", 4, "YUYV"), "vuya": ("yuva444p", "u1", 0, "VUYA"),
    "vuyx": ("yuv444p", "u1", 0, "VUY-"), "ayuv": ("yuva444p", "u1", 0, "AYUV"),
    "ayuv64le": ("yuva444p16le", "<u2", 0, "AYUV"), "xv36le": ("yuv444p12le", "<u2", 4, "UYV-"),
    "rgb24": ("gbrp", "u1", 0, "RGB"), "bgr24": ("gbrp", "u1", 0, "BGR"),
    "rgba": ("gbrap", "u1", 0, "RGBA"), "bgra": ("gbrap", "u1", 0, "BGRA"),
    "argb": ("gbrap", "u1", 0, "ARGB"), "abgr": ("gbrap", "u1", 0, "ABGR"),
    "rgb0": ("gbrp", "u1", 0, "RGB-"), "bgr0": ("gbrp", "u1", 0, "BGR-"),
    "0rgb": ("gbrp", "u1", 0, "-RGB"), "0bgr": ("gbrp", "u1", 0, "-BGR"),
    "rgb48le": ("gbrp16le", "<u2", 0, "RGB"), "rgb48be": ("gbrp16le", ">u2", 0, "RGB"),
    "bgr48le": ("gbrp16le", "<u2", 0, "BGR"), "bgr48be": ("gbrp16le", ">u2", 0, "BGR"),
    "rgba64le": ("gbrap16le", "<u2", 0, "RGBA"), "rgba64be": ("gbrap16le", ">u2", 0, "RGBA"),
    "bgra64le": ("gbrap16le", "<u2", 0, "BGRA"), "bgra64be": ("gbrap16le", ">u2", 0, "BGRA"),
    "ya8": ("ya8", "u1", 0, "YA"), "ya16le": ("ya16le", "<u2", 0, "YA"),
    "ya16be": ("ya16le", ">u2", 0, "YA"),
}  # fmt: skip


@lru_cache
def layout_of(name: str) -> Layout | None:
    """The layout of FFmpeg's pixel format `name`, or None when it is not supported."""
    name = name.replace("yuvj", "yuv")
    planar = _PLANAR.fullmatch(name)
    if planar:
        bits, end = planar[2] or "", ">" if planar[3] == "be" else "<"
        storage = f"{planar[1]}{bits}le" if bits else planar[1]
        planes = _SITES[re.sub(r"(4\d\d)?p$", "", planar[1])]
        sites = tuple(Site(n) for n in planes)
        return Layout(storage, np.dtype(f"{end}u2" if bits else "u1"), sites)
    if name in _TWO_PLANES:
        storage, kind, shift, swapped = _TWO_PLANES[name]
        blue, red = (1, 0) if swapped else (0, 1)
        sites = (Site(0, 0, 1, shift), Site(1, blue, 2, shift), Site(1, red, 2, shift))
        return Layout(storage, np.dtype(kind), sites)
    if name in _ONE_PLANE:
        storage, kind, shift, order = _ONE_PLANE[name]
        step = len(order)
        sites = tuple(
            Site(0, order.index(c), step // order.count(c), shift)
            for c in ("YUVA" if "Y" in order else "RGBA")
            if c in order
        )
        return Layout(storage, np.dtype(kind), sites)
    return None


def picked(frame: av.VideoFrame, form: PictureFormat) -> tuple[Plane, ...]:
    """The samples of a decoded `frame`, whose storage is `form.storage`, as separate planes."""
    if any(plane.line_size < 0 for plane in frame.planes):  # bottom up: let FFmpeg flip it
        frame = frame.reformat(format=form.storage)
    layout = _known(frame.format.name, form)
    native = layout.sample.newbyteorder("=")
    planes = []
    for n, site in enumerate(layout.sites):
        height, width = form.plane_shape(n)
        samples = _rows(frame, site, layout)[:height, site.offset :: site.step][:, :width]
        if site.shift or samples.dtype != native or not samples.flags.c_contiguous:
            samples = samples.astype(native)
        # Else the decoder's own memory, which the view keeps: a frame is not copied.
        planes.append(samples >> site.shift if site.shift else samples)
    return tuple(planes)


def put(planes: tuple[Plane, ...], form: PictureFormat, name: str) -> av.VideoFrame:
    """A frame of pixel format `name` with the samples of `planes`."""
    layout = _known(name, form)
    frame = av.VideoFrame(form.width, form.height, name)
    if "0" in (name[0], name[-1]):
        _rows(frame, layout.sites[0], layout)[:] = 0
    for site, samples in zip(layout.sites, planes, strict=True):
        height, width = samples.shape
        target = _rows(frame, site, layout)[:height, site.offset :: site.step][:, :width]
        target[:] = samples << site.shift if site.shift else samples
    return frame


def _known(name: str, form: PictureFormat) -> Layout:
    layout = layout_of(name)
    if layout is None or layout.storage != form.storage:
        raise MediaError(
            f"the picture changes from {form.storage} to {name} within the movie",
            hint="a plate must have one pixel format; export it again",
        )
    return layout


def _rows(frame: av.VideoFrame, site: Site, layout: Layout) -> Plane:
    """The site's plane with its padding, as FFmpeg holds it."""
    plane: Any = frame.planes[site.plane]
    samples = np.frombuffer(memoryview(plane), layout.sample)
    return samples.reshape(-1, plane.line_size // layout.sample.itemsize)
