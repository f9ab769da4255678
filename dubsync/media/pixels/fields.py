"""Interlaced frames as their two fields, and two fields as a frame again.

A frame that holds two moments has one in its odd lines and one in its even lines.  Each is a
picture of half the lines: it is tracked, drawn and composited alone, in its own samples, and the
lines are then put back where they were.  The chroma of 4:2:0 alternates line by line as luma does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.picture import FieldName, Frame, PictureFormat, Plane, Region
from dubsync.core.reading.moments import Moments
from dubsync.core.steps import Composite, Patch

_FIRST_LINE = {"top": 0, "bottom": 1}


def in_order(form: PictureFormat) -> tuple[FieldName, FieldName]:
    """The fields of interlaced frames of `form`, the earlier first."""
    return ("bottom", "top") if form.fields == "bottom" else ("top", "bottom")


def field_format(form: PictureFormat, field: FieldName) -> PictureFormat:
    """The format of one field of interlaced frames of `form`."""
    return replace(form, height=form.height // 2, fields="", field=field)


def splits_evenly(form: PictureFormat) -> bool:
    """Whether both fields have the same lines, of luma and of chroma."""
    return form.height % (2 << (form.chroma[1] if form.model == "yuv" else 0)) == 0


def refuse_uneven(form: PictureFormat, path: str) -> None:
    """Raises MediaError for interlaced frames whose fields have unequal lines."""
    if not splits_evenly(form):
        raise MediaError(
            f"{path} is interlaced, and its {form.height} lines do not make two equal fields",
            hint="if it is progressive but flagged wrongly: ffmpeg -i IN -vf setfield=prog OUT",
        )


def field_of(frame: Frame, field: FieldName, number: int | None = None) -> Frame:
    """One field of an interlaced frame, in views of its samples."""
    first = _FIRST_LINE[field]
    planes = tuple(plane[first::2] for plane in frame.planes)
    extra = {name: plane[first::2] for name, plane in frame.extra.items()}
    form = field_format(frame.format, field)
    return Frame(frame.number if number is None else number, planes, form, extra)


def fields_of(frame: Frame) -> tuple[Frame, Frame]:
    """Both fields of an interlaced frame, the earlier first."""
    early, late = in_order(frame.format)
    return field_of(frame, early), field_of(frame, late)


def moment(number: int, moments: Moments, stored: Callable[[int], Frame]) -> Frame:
    """One moment of an interlaced plate: a field, or a film frame woven of two.

    Args:
        number: of the moment.
        stored: gives the plate's frames by number.
    """
    if not moments.film:
        frame = stored(number // 2)
        return field_of(frame, in_order(frame.format)[number % 2], number)
    places = moments.places(number)
    frames = [(stored(frame), late) for frame, late in places[:3]]
    both = [(frame, late) for frame, late in frames if late != frames[0][1]]
    names = in_order(frames[0][0].format)
    early = field_of(frames[0][0], names[frames[0][1]], number)
    if not both:
        return early
    late = field_of(both[0][0], names[both[0][1]], number)
    planes = tuple(np.array(plane) for plane in frames[0][0].planes)
    for field in (early, late):
        for plane, lines in zip(planes, field.planes, strict=True):
            plane[_FIRST_LINE[field.format.field] :: 2] = lines
    return Frame(number, planes, replace(frames[0][0].format, fields=""))


def by_field(frame: Frame, convert: Callable[[Frame], tuple[Plane, ...]]) -> tuple[Plane, ...]:
    """Planes that `convert` makes of a frame; of an interlaced one of each field, woven again.

    Chroma that is filtered over lines would mix two moments otherwise.
    """
    if not frame.format.fields:
        return convert(frame)
    top, bottom = (convert(field_of(frame, field)) for field in ("top", "bottom"))
    return tuple(
        np.stack([above, below], axis=1).reshape(-1, above.shape[1])
        for above, below in zip(top, bottom, strict=True)
    )


def matte_of_field(matte: NDArray[np.uint8], field: FieldName) -> NDArray[np.uint8]:
    """The lines of one field of a matte (H, W)."""
    return matte[_FIRST_LINE[field] :: 2]


def whole_lines(samples: Plane, field: FieldName) -> NDArray[np.float32]:
    """A field's lines (h, W) at all lines of the frame (2 h, W), float32.

    Its own lines stay as they are; those between are interpolated over four lines, by the cubic
    that passes through them.
    """
    own = samples.astype(np.float32)
    edge = np.pad(own, ((2, 2), (0, 0)), mode="edge")
    between = (9 * (edge[1:-2] + edge[2:-1]) - (edge[:-3] + edge[3:])) * np.float32(1 / 16)
    result = np.empty((2 * len(own), own.shape[1]), np.float32)
    first = _FIRST_LINE[field]
    result[first::2] = own
    result[1 - first :: 2] = between[1:] if first == 0 else between[:-1]
    return result


def patch_on_field(patch: Patch, field: FieldName) -> Patch:
    """The lines of one field of a patch on a whole frame's pixels; it lies on no chroma sites."""
    region, first = patch.region, _FIRST_LINE[field]
    top, bottom = -(-(region.top - first) // 2), -(-(region.bottom - first) // 2)
    rows = slice(2 * top + first - region.top, None, 2)
    origin = None
    if patch.origin is not None:
        origin = np.asarray(patch.origin)[rows]
    return replace(
        patch,
        region=Region(region.left, top, region.right, bottom),
        rgb=np.ascontiguousarray(np.asarray(patch.rgb)[rows]),
        matte=np.ascontiguousarray(patch.matte[rows]),
        origin=origin,
    )


def woven(made: tuple[Composite, Composite], frame: Frame) -> Composite:
    """Both composited fields of `frame` as one: the earlier first."""
    if not any(one.changed for one in made):
        matte = np.zeros((frame.format.height, frame.format.width), np.uint8)
        return Composite(frame, matte, ())
    names = in_order(frame.format)
    planes = [np.array(plane) for plane in frame.planes]
    matte = np.zeros((frame.format.height, frame.format.width), np.uint8)
    for one, field in zip(made, names, strict=True):
        first = _FIRST_LINE[field]
        for plane, lines in zip(planes, one.frame.planes, strict=True):
            plane[first::2] = lines
        matte[first::2] = one.matte
    patches = tuple(
        woven_patch(patch, field)
        for one, field in zip(made, names, strict=True)
        for patch in one.patches
    )
    return Composite(Frame(frame.number, tuple(planes), frame.format, frame.extra), matte, patches)


def woven_patch(patch: Patch, field: FieldName) -> Patch:
    """A patch of one field on the lines of the frame; the other field's lines are left free."""
    region, first = patch.region, _FIRST_LINE[field]
    wide = Region(region.left, 2 * region.top, region.right, 2 * region.bottom)
    matte = np.zeros((wide.height, wide.width), np.uint8)
    matte[first::2] = patch.matte
    origin = patch.origin
    if origin is not None:
        origin = np.repeat(np.asarray(origin), 2, axis=0)
    rgb = np.repeat(np.asarray(patch.rgb), 2, axis=0)
    return replace(patch, region=wide, rgb=rgb, matte=matte, origin=origin)
