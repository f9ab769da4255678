"""Pictures as a display wants them, 8 bits a colour, fast enough to be played."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.colour import working_rgb
from dubsync.core.picture import Frame, PictureFormat, Plane
from dubsync.media.pixels.tone_map import is_hdr, tone_mapped


def shown_rgb(rgb: Array, form: PictureFormat) -> Array:
    """Working colour (H, W, 3) of plates of `form` as people see it: R'G'B', 0..1.

    Log, linear and HDR pictures go through the view of the project's colour config; HDR without
    one is tone-mapped.
    """
    if form.colour is not None and form.colour.view is not None:
        from dubsync.media.colour.view import seen  # brings OpenColorIO

        return seen(rgb, form.colour)
    if is_hdr(form):
        return tone_mapped(rgb, form)
    return np.asarray(np.clip(rgb, 0, 1), np.float32)


def display_rgb(frame: Frame) -> NDArray[np.uint8]:
    """The frame as 8-bit R'G'B' (H, W, 3), as people see it (`shown_rgb`).

    Video goes there at once, to two levels of it, in a tenth of the time.  Chroma between its sites
    is linear.
    """
    form = frame.format
    seen_by_view = form.colour is not None and form.colour.view is not None
    if form.floating or form.model == "gray" or seen_by_view or is_hdr(form):
        return np.asarray(np.rint(shown_rgb(working_rgb(frame), form) * 255), np.uint8)
    planes = [_at_luma(plane, n, form) for n, plane in enumerate(frame.planes[:3])]
    samples = cv2.merge(planes)
    whole = replace(form, chroma=(0, 0), width=4, height=1)
    if samples.dtype == np.uint8:
        return np.asarray(cv2.transform(samples, _to_display(whole)), np.uint8)
    wide = cv2.transform(samples, _to_display(whole) * 256)
    return np.asarray(cv2.convertScaleAbs(wide, alpha=1 / 256), np.uint8)


def _at_luma(plane: Plane, n: int, form: PictureFormat) -> Plane:
    """Plane `n` at every luma site: chroma is left-sited across (BT.709), centred down."""
    if plane.shape == (form.height, form.width):
        return plane
    across, down = 1 << form.chroma[0], 1 << form.chroma[1]
    place = np.array([[1 / across, 0, 0], [0, 1 / down, (1 / down - 1) / 2]], np.float32)
    return np.asarray(
        cv2.warpAffine(
            plane, place, (form.width, form.height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
        )
    )  # fmt: skip


@lru_cache(maxsize=32)
def _to_display(form: PictureFormat) -> Array:
    """(3, 4) from samples of `form`, 4 x 1 pixels without subsampling, to 0..255.

    It is read off `working_rgb`, which is affine in integer samples, so that there is one truth.
    """
    top = (1 << form.bits) - 1
    kind = np.uint8 if form.bits <= 8 else np.uint16
    planes = [np.zeros((1, 4), kind) for _ in range(3)]
    for n, plane in enumerate(planes):
        plane[0, n + 1] = top
    shown = (
        working_rgb(Frame(0, tuple(planes), replace(form, colour=None)))[0].astype(np.float64) * 255
    )
    columns = [(shown[n + 1] - shown[0]) / top for n in range(3)]
    return np.asarray(np.stack([*columns, shown[0]], axis=1))
