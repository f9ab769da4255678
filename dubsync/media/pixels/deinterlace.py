"""A field as a whole picture: its own lines, and between them what the fields beside it show there.

A field's own lines stay as they are.  Those between are interpolated over four of them, which
keeps all but the finest vertical detail; that is taken from the field before and the field after,
whose lines lie there, moved with the picture's motion.  Where that does not fit the field's own
lines (a cut, what comes from behind, lips that move too fast) nothing is taken: no line combs.

Sources: ours; the parts are known: Weston 1988 (UK patent GB2202706: fine vertical detail from the
fields beside), Kroeger et al. 2016, "Fast Optical Flow using Dense Inverse Search".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.colour import stored
from dubsync.core.picture import FieldName, Frame, PictureFormat, Plane, Region
from dubsync.media.pixels.fields import whole_lines

Lines = NDArray[np.float32]

_OTHER: dict[FieldName, FieldName] = {"top": "bottom", "bottom": "top"}
#: Lines are compared over so many columns and field lines.
NEAR = (5, 3)
#: Error, of the detail that is taken, up to which it is taken; and as much error as grain makes,
#: of 255.
FITS, GRAIN = 2.0, 2.0
#: Columns and lines over which detail is made as strong as that of the field's own lines; how many
#: times at most; and what counts as none, of 255.
WIDE, MOST, LEAST = (31, 15), 1.5, 0.3
#: Share of the detail that is taken where the error is none, before it is cut to 1.
SURE = 1.5
#: Samples round a part that are looked at, too: no line in it then misses what is beside it.
MARGIN = 24


def deinterlaced(
    field: Frame, before: Frame | None, after: Frame | None, part: Region | None = None
) -> Frame:
    """The whole picture at a field's moment, as stored: of twice its lines, chroma as in frames.

    Args:
        before, after: the fields beside it, of the other lines; None at the plate's ends.
        part: where its fine detail is needed, in the whole picture, and may reach past it; the
            rest has interpolated lines, which cost a tenth.  None: everywhere.
    """
    form, name = field.format, field.format.field
    beside = [one for one in (before, after) if one is not None]
    everywhere = Region(0, 0, form.width, 2 * form.height)
    part = everywhere if part is None else part.within(form.width, 2 * form.height)
    if not part.width or not part.height:
        beside = []
    near = _widened(part, form)
    inner = (
        slice(part.top - 2 * near.top, part.bottom - 2 * near.top),
        slice(part.left - near.left, part.right - near.left),
    )
    detailed = _detailed(field, beside, near) if beside else {}
    planes: list[Plane] = []
    for n, plane in enumerate(field.planes):
        lines = whole_lines(plane, name)
        if n in detailed:
            lines[part.rows, part.columns] = detailed[n][inner]
        planes.append(stored(lines, plane, form))
    return Frame(field.number, tuple(planes), replace(form, height=2 * form.height, field=""))


def _widened(part: Region, form: PictureFormat) -> Region:
    """`part` in the lines of a field, with MARGIN around it."""
    return Region(
        max(part.left - MARGIN, 0), max(part.top // 2 - MARGIN, 0),
        min(part.right + MARGIN, form.width), min(-(-part.bottom // 2) + MARGIN, form.height),
    )  # fmt: skip


def _detailed(field: Frame, beside: Sequence[Frame], part: Region) -> dict[int, Lines]:
    """Number of a plane -> all lines of `part` (in field lines), with the detail of `beside`.

    Planes of less samples than the one whose motion is followed are left out.
    """
    form, name = field.format, field.format.field
    other = _OTHER[name]
    seen = 1 if form.model == "rgb" else 0  # the plane whose motion is followed
    scale = np.float32(255 if form.floating else 255 / ((1 << form.bits) - 1))
    cut = part.rows, part.columns
    own = whole_lines(field.planes[seen][cut], name)
    motion = [_motion(own, whole_lines(one.planes[seen][cut], other), scale) for one in beside]
    made: dict[int, Lines] = {}
    for n, plane in enumerate(field.planes[:3]):
        if plane.shape == field.planes[seen].shape:
            made[n] = whole_lines(plane[cut], name)
            moved = [
                _moved(whole_lines(one.planes[n][cut], other), by)
                for one, by in zip(beside, motion, strict=True)
            ]
            _add_detail(made[n], moved, name, scale)
    return made


def _add_detail(lines: Lines, moved: list[Lines], name: FieldName, scale: np.float32) -> None:
    """Add to the interpolated of `lines` (H, W) the vertical detail of the fields beside it."""
    first = 0 if name == "top" else 1
    own = lines[first::2]
    total, shares = np.zeros_like(own), np.zeros_like(own)
    for one in moved:
        theirs = one[first::2]
        detail = one[1 - first :: 2] - whole_lines(theirs, name)[1 - first :: 2]
        error = cv2.blur(np.abs(theirs - own), NEAR)
        error = np.maximum(error, _next_line(error, first))
        fine = cv2.blur(np.abs(detail), NEAR)
        share = np.clip(SURE - error / (fine * FITS + GRAIN / scale), 0, 1)
        total += share * detail
        shares += share
    detail = total / np.maximum(shares, 1)
    lines[1 - first :: 2] += detail
    # Moved and averaged, it is weaker than that of the field's own lines, which are sharp.
    sharp = own - whole_lines(lines[1 - first :: 2], _OTHER[name])[first::2]
    there, theirs = (cv2.blur(np.square(x), WIDE) for x in (detail, sharp))
    stronger = np.sqrt(theirs / np.maximum(there, np.square(np.float32(LEAST) / scale)))
    sure = np.clip(shares - 1, 0, 1)  # both neighbours show it
    lines[1 - first :: 2] += detail * sure * (np.clip(stronger, 1, MOST) - 1)


def _next_line(values: Lines, first: int) -> Lines:
    """For each line between a field's own, the value of the own line on its other side."""
    if first == 0:
        return np.concatenate([values[1:], values[-1:]])
    return np.concatenate([values[:1], values[:-1]])


def _motion(lines: Lines, beside: Lines, scale: np.float32) -> Lines:
    """(H, W, 2) where in `beside` (H, W) what `lines` (H, W) show is, in pixels from there.

    Found at half the size, where no interpolated line is seen.
    """
    height, width = lines.shape
    size = max(width // 2, 1), max(height // 2, 1)
    if min(size) < 16:
        return np.zeros((height, width, 2), np.float32)
    small = [
        np.clip(cv2.resize(one * scale, size, interpolation=cv2.INTER_AREA), 0, 255)
        for one in (lines, beside)
    ]
    flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
    now, then = (one.astype(np.uint8) for one in small)
    found = np.asarray(flow.calc(now, then, None), np.float32)
    found *= np.array([width / size[0], height / size[1]], np.float32)
    return np.asarray(cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR))


def _moved(picture: Lines, by: Lines) -> Lines:
    """`picture` (H, W) sampled `by` (H, W, 2) pixels away from each pixel."""
    height, width = picture.shape
    x = by[..., 0] + np.arange(width, dtype=np.float32)
    y = by[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return np.asarray(
        cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.float32
    )
