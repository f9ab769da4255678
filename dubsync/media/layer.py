"""Video frames of the layer movie: the generated pixels alone, with alpha."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import av
import numpy as np

from dubsync.core.colour import plane_values, stored
from dubsync.core.picture import PictureFormat, Region
from dubsync.core.steps import Composite
from dubsync.media.movie.codecs import Codec
from dubsync.media.movie.prores_part import ProResParts, part_format
from dubsync.media.pixels.formats import frame_of
from dubsync.media.reused_frames import Faded, KeptFrame, Made, faded_layer, layer_planes


class LayerPicture:
    """Makes the layer's frames: straight (unpremultiplied) colour over transparent black.

    `coded` gives them encoded, of a new frame by encoding what is drawn alone; the object itself
    gives the frames that must be encoded whole.
    """

    def __init__(self, form: PictureFormat, codec: Codec) -> None:
        self._form, self._codec = form, codec
        self._parts: ProResParts | None = None
        black, middle = 16 << (form.bits - 8), 1 << (form.bits - 1)
        self._empty = black, middle, middle, 0

    def __call__(self, made: Made) -> av.VideoFrame:
        if isinstance(made, KeptFrame):
            return frame_of(tuple(layer_planes(made.layer)), self._form)
        if isinstance(made, Faded):
            old, new = layer_planes(made.kept.layer), self._planes(self._new(made.new))
            return frame_of(tuple(faded_layer(old, new, made.share)), self._form)
        return self._new(made)

    def _planes(self, frame: av.VideoFrame) -> list[np.ndarray[Any, Any]]:
        rows = [
            np.frombuffer(memoryview(plane), "<u2").reshape(-1, plane.line_size // 2)
            for plane in frame.planes
        ]
        return [plane[: self._form.height, : self._form.width] for plane in rows]

    def coded(self, made: Made) -> bytes | None:
        """The encoded frame; None for a blend, which must be encoded whole."""
        if isinstance(made, KeptFrame):
            return made.layer
        if isinstance(made, Faded):
            return None
        if self._parts is None:
            self._parts = ProResParts(self._codec, self._form, self._transparent(self._form))
        if not made.patches:
            return self._parts.empty
        part = self._parts.part_of(_around([patch.region for patch in made.patches]))
        return self._parts.frame(part, self._drawn(made, part))

    def _transparent(self, form: PictureFormat) -> av.VideoFrame:
        """An empty frame of `form`."""
        size = form.height, form.width
        return frame_of(tuple(np.full(size, value, np.uint16) for value in self._empty), form)

    def _new(self, composite: Composite) -> av.VideoFrame:
        return self._drawn(composite, Region(0, 0, self._form.width, self._form.height))

    def _drawn(self, composite: Composite, part: Region) -> av.VideoFrame:
        """The layer's picture of `part`, which holds all patches."""
        form = part_format(self._form, part)
        frame = self._transparent(form)
        planes = [
            np.frombuffer(memoryview(plane), "<u2").reshape(-1, plane.line_size // 2)
            for plane in frame.planes
        ]
        top = np.float32(((1 << form.bits) - 1) / 255)
        for patch in composite.patches:
            rows, columns = patch.region.rows, patch.region.columns
            where = (
                slice(rows.start - part.top, rows.stop - part.top),
                slice(columns.start - part.left, columns.stop - part.left),
            )
            shown = patch.matte > 0
            for plane, values in zip(planes, plane_values(patch.rgb, form), strict=False):
                np.copyto(plane[where], stored(values, plane, form), where=shown)
            alpha = np.rint(composite.matte[rows, columns] * top).astype(np.uint16)
            planes[3][where] = np.maximum(planes[3][where], alpha)
        return frame


def _around(regions: Sequence[Region]) -> Region:
    """The smallest region that holds all of `regions`."""
    return Region(
        min(one.left for one in regions), min(one.top for one in regions),
        max(one.right for one in regions), max(one.bottom for one in regions),
    )  # fmt: skip
