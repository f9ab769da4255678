"""A master's samples in the format of a codec, at full depth: no step through 8 bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.edit.codec import EditCodec
from dubsync.core.picture import Frame, PictureFormat, Plane
from dubsync.media.edit.chroma import resampled
from dubsync.media.pixels.fields import by_field, field_format, in_order

Convert = Callable[[Frame], tuple[Plane, ...]]
_RGB_DEPTHS = (8, 10, 12, 16)
_WIDE = "9"  #: H.273 primaries of BT.2020


def edit_format(form: PictureFormat, codec: EditCodec) -> PictureFormat:
    """The format of `codec`'s pictures of a master in `form`: its size and colour tags kept.

    YCbCr keeps its matrix, in video range; R'G'B', grey and scene-linear floats become Y'CbCr of
    BT.709, or BT.2020 with primaries tagged so.  Floats of a known colour space are coded in the
    log curve of the space that faces are drawn in.
    """
    bits = codec.bits
    if form.colour is not None and form.floating:
        form = replace(form, colour=form.colour.as_log())
    if codec.rgb:
        bits = rgb_depth(form, codec)
        return replace(form, model="rgb", bits=bits, floating=False, chroma=(0, 0), matrix="rgb",
                       full_range=True, storage=f"gbrp{bits}le")  # fmt: skip
    alpha = "a" if codec.alpha and keeps_alpha(form) else ""
    sub = {(0, 0): "444", (1, 0): "422", (1, 1): "420"}[codec.chroma]
    storage = f"yuv{alpha}{sub}p" + (f"{bits}le" if bits > 8 else "")
    made = replace(form, model="yuv", bits=bits, floating=False, chroma=codec.chroma,
                   full_range=False, storage=storage)  # fmt: skip
    if form.model == "yuv":
        return made
    matrix = "bt2020" if form.primaries == _WIDE else "bt709"
    return replace(made, matrix=matrix, matrix_tagged=True)


def rgb_depth(form: PictureFormat, codec: EditCodec) -> int:
    """Bits of R'G'B' of a master in `form`; DPX has at least the codec's, and the master's own."""
    if codec.name != "dpx" or form.floating:
        return codec.bits
    return next(bits for bits in _RGB_DEPTHS if bits >= max(form.bits, codec.bits))


def keeps_alpha(form: PictureFormat) -> bool:
    """Whether frames of `form` have transparency."""
    return form.storage.startswith(("yuva", "gbrap", "ya"))


def conversion(form: PictureFormat, target: PictureFormat) -> Convert:
    """A function from frames of `form` to planes of `target`; the same planes where they agree.

    Fields are converted each alone.
    """
    if form.fields:
        of_field: dict[str, Convert] = {
            name: conversion(field_format(form, name), field_format(target, name))
            for name in in_order(form)
        }
        return lambda frame: by_field(
            replace(frame, format=replace(frame.format, fields=form.fields)),
            lambda field: of_field[field.format.field](field),
        )
    same_colour = form.model == target.model == "yuv" and form.matrix == target.matrix
    if same_colour:
        return lambda frame: (*_same_colour(frame, form, target), *_alpha(frame, form, target))
    if form.model == target.model == "rgb" and not form.floating:
        return lambda frame: (*_deeper(frame, form, target), *_alpha(frame, form, target))

    def by_rgb(frame: Frame) -> tuple[Plane, ...]:
        rgb = working_rgb(full_chroma(frame, form))
        return (*_from_working(rgb, target), *_alpha(frame, form, target))

    return by_rgb


def full_chroma(frame: Frame, form: PictureFormat) -> Frame:
    """The frame with chroma at every sample, by our filters, at 16 bits; others as they are."""
    if form.model != "yuv":
        return frame
    full = replace(form, bits=16, chroma=(0, 0), storage="yuv444p16le", full_range=False)
    return Frame(frame.number, _same_colour(frame, form, full), full)


def _same_colour(frame: Frame, form: PictureFormat, target: PictureFormat) -> tuple[Plane, ...]:
    """Y, Cb and Cr at the depth, range and subsampling of `target`."""
    return tuple(_component(frame.planes[n], n, form, target) for n in range(3))


def _component(plane: Plane, n: int, form: PictureFormat, target: PictureFormat) -> Plane:
    """Plane `n` of Y'CbCr of one matrix; by integers where only its depth changes."""
    chroma = n > 0
    moved = chroma and form.chroma != target.chroma
    if not moved and form.full_range == target.full_range and not target.full_range:
        return _at_depth(plane, form.bits, target.bits)
    (zero, one), (new_zero, new_one) = (_levels(f, chroma) for f in (form, target))
    values = (plane.astype(np.float32) - np.float32(zero)) * np.float32(new_one / one)
    if moved:
        values = resampled(values, form.chroma, target.chroma, target.plane_shape(n))
    return _rounded(values + np.float32(new_zero), target)


def _levels(form: PictureFormat, chroma: bool) -> tuple[float, float]:
    """(sample of zero, samples from zero to one): ITU-R BT.709-6 table 4.6, BT.2020-2 table 5."""
    top, unit = float((1 << form.bits) - 1), float(1 << (form.bits - 8))
    if form.full_range:
        return (128 * unit, top) if chroma else (0.0, top)
    return (128 * unit, 224 * unit) if chroma else (16 * unit, 219 * unit)


def _at_depth(plane: Plane, bits: int, wanted: int) -> Plane:
    """Video-range samples of `bits` at `wanted` bits, rounded to the nearest."""
    if wanted == bits:
        return plane
    kind = np.uint16 if wanted > 8 else np.uint8
    if wanted > bits:
        return np.asarray(np.left_shift(plane.astype(kind), wanted - bits))
    less = bits - wanted
    wide = np.right_shift(plane.astype(np.uint32) + (1 << (less - 1)), less)
    return np.asarray(np.minimum(wide, (1 << wanted) - 1).astype(kind))


def _rounded(values: Array, target: PictureFormat) -> Plane:
    like = np.zeros(1, np.uint16 if target.bits > 8 else np.uint8)
    return stored(values, like, target)


def _deeper(frame: Frame, form: PictureFormat, target: PictureFormat) -> tuple[Plane, ...]:
    """R'G'B' of full range at another depth; the same samples at the same one."""
    if form.bits == target.bits:
        return frame.planes[:3]
    share = np.float32(((1 << target.bits) - 1) / ((1 << form.bits) - 1))
    return tuple(_rounded(plane.astype(np.float32) * share, target) for plane in frame.planes[:3])


def _from_working(rgb: Array, target: PictureFormat) -> tuple[Plane, ...]:
    """Working colour as the planes of `target`, chroma by our filters."""
    full = replace(target, chroma=(0, 0))
    planes = []
    for n, values in enumerate(plane_values(rgb, full)):
        if n and target.model == "yuv" and target.chroma != (0, 0):
            values = resampled(values, (0, 0), target.chroma, target.plane_shape(n))
        planes.append(_rounded(values, target))
    return tuple(planes)


def _alpha(frame: Frame, form: PictureFormat, target: PictureFormat) -> tuple[Plane, ...]:
    """The transparency at the depth of `target`, where that keeps it."""
    if not (keeps_alpha(target) and keeps_alpha(form)):
        return ()
    top = (1 << target.bits) - 1
    of = 1.0 if form.floating else float((1 << form.bits) - 1)
    share = np.clip(frame.planes[-1].astype(np.float32) * np.float32(top / of), 0, top)
    return (_rounded(share, target),)
